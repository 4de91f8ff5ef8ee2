#include "tools/killtables/codec_mutants.hpp"

#include <deque>
#include <utility>

#include "conformance/model/message_names.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::killtables {

using codec::Field;
using codec::LeafType;
using codec::StructType;

/// A document with copies of all structs below it, so that one field can be changed without any other document noticing.
class CopiedDocument {
 public:
  explicit CopiedDocument(const codec::DocumentType& original) : document_(original) { document_.type = copy(*original.type); }
  CopiedDocument(const CopiedDocument&) = delete;
  CopiedDocument& operator=(const CopiedDocument&) = delete;

  const codec::DocumentType& document() const { return document_; }
  std::size_t structs() const { return fields_.size(); }
  std::vector<Field>& fields(std::size_t index) { return fields_[index]; }
  const std::string& path(std::size_t index) const { return paths_[index]; }
  /// A leaf type of this field's own.
  LeafType& own_leaf(Field& field) {
    LeafType& leaf = leaves_.emplace_back(*field.leaf);
    field.leaf = &leaf;
    return leaf;
  }

 private:
  const StructType* copy(const StructType& original, const std::string& path = "") {
    const auto [known, fresh] = copies_.try_emplace(&original, nullptr);
    if (!fresh) return known->second;
    const std::size_t index = fields_.size();
    fields_.emplace_back(original.fields.begin(), original.fields.end());
    paths_.push_back(path);
    for (Field& field : fields_[index])
      if (field.type != nullptr) field.type = copy(*field.type, path + std::string(field.name) + ".");
    known->second = &types_.emplace_back(StructType{original.id, fields_[index]});
    return known->second;
  }

  codec::DocumentType document_;
  std::deque<std::vector<Field>> fields_;
  std::deque<std::string> paths_;
  std::deque<StructType> types_;
  std::deque<LeafType> leaves_;
  std::map<const StructType*, const StructType*> copies_;
};

namespace {

constexpr std::uint32_t kUnbounded = 0xFFFFFFFF;

using Change = void (*)(CopiedDocument&, Field&);
struct Operator {
  std::string_view name;
  bool (*fits)(const Field&);
  Change change;
};

std::uint32_t longest(const Field& field) {
  const std::uint32_t own = field.max_bytes != 0 ? field.max_bytes : kUnbounded;
  const std::uint32_t type = field.leaf->max_bytes != 0 ? field.leaf->max_bytes : kUnbounded;
  return std::min(own, type);
}

// A pattern bounds lengths, too; only where there is none the number of bytes counts by itself.
bool counts_bytes(const Field& field) {
  return field.leaf != nullptr && field.leaf->storage == codec::Storage::text && field.leaf->automaton == nullptr && field.fixed.empty() &&
         longest(field) != kUnbounded;
}

void set_longest(CopiedDocument& document, Field& field, std::uint32_t bytes) {
  document.own_leaf(field).max_bytes = bytes;
  field.max_bytes = bytes;
}

// A text of no bytes is no operator: an element without text is refused before its type is asked.
const Operator kOperators[] = {
    {"optional", [](const Field& f) { return f.min > 0 && f.choice == 0; }, [](CopiedDocument&, Field& f) { --f.min; }},
    {"demanded", [](const Field& f) { return f.min == 0 && f.choice == 0 && f.condition == nullptr; }, [](CopiedDocument&, Field& f) { f.min = 1; }},
    {"twice", [](const Field& f) { return f.max != kUnbounded && f.choice == 0; }, [](CopiedDocument&, Field& f) { ++f.max; }},
    {"fewer", [](const Field& f) { return f.max > 1 && f.max != kUnbounded; }, [](CopiedDocument&, Field& f) { --f.max; }},
    {"any-text", [](const Field& f) { return f.leaf != nullptr && f.leaf->automaton != nullptr && f.fixed.empty(); },
     [](CopiedDocument& d, Field& f) { d.own_leaf(f).automaton = nullptr; }},
    {"longer", &counts_bytes, [](CopiedDocument& d, Field& f) { set_longest(d, f, longest(f) + 1); }},
    {"shorter", &counts_bytes, [](CopiedDocument& d, Field& f) { set_longest(d, f, longest(f) - 1); }},
    {"not-fixed", [](const Field& f) { return !f.fixed.empty(); }, [](CopiedDocument&, Field& f) { f.fixed = {}; }},
    {"unconditional", [](const Field& f) { return f.condition != nullptr; }, [](CopiedDocument&, Field& f) { f.condition = nullptr; }},
    {"any-kind", [](const Field& f) { return !f.where.empty(); }, [](CopiedDocument&, Field& f) { f.where = {}; }},
    {"any-character", [](const Field& f) { return f.leaf != nullptr && !f.leaf->excluded.empty(); },
     [](CopiedDocument& d, Field& f) { d.own_leaf(f).excluded = {}; }},
    {"a-value-less", [](const Field& f) { return f.leaf != nullptr && f.leaf->values.size() > 1 && f.fixed.empty(); },
     [](CopiedDocument& d, Field& f) { LeafType& leaf = d.own_leaf(f); leaf.values = leaf.values.first(leaf.values.size() - 1); }},
};

/// The root, with what stands before the id in its message's name: the protocol, where the id recurs.
std::string name_of(const codec::DocumentType& document) {
  for (const codec::MessageType* message : msg::messages())
    if (message->request == &document || message->response == &document || message->request_inner == &document ||
        message->response_inner == &document) {
      const std::string_view name = conformance::name_of_message(*message);
      return std::string(name.substr(0, name.size() - message->id.size())) + std::string(document.root);
    }
  return std::string(document.root);
}

void add_document(const codec::DocumentType& document, std::vector<CodecMutant>& all) {
  CopiedDocument seen(document);
  for (std::size_t s = 0; s < seen.structs(); ++s)
    for (std::size_t i = 0; i < seen.fields(s).size(); ++i)
      for (const Operator& op : kOperators) {
        const Field& field = seen.fields(s)[i];
        if (!op.fits(field) || (field.max == 0 && !op.name.starts_with("twice"))) continue;  // who may not be there is not read
        all.push_back({name_of(document) + "/" + seen.path(s) + std::string(field.name) + ":" + std::string(op.name),
                       "constraint-" + std::string(op.name), &document,
                       [s, i, change = op.change](CopiedDocument& copy) { change(copy, copy.fields(s)[i]); }});
      }
}

}  // namespace

std::vector<CodecMutant> codec_mutants() {
  std::vector<CodecMutant> all;
  for (const codec::DocumentType* document : msg::documents()) add_document(*document, all);
  return all;
}

const codec::DocumentType* document_of(const vectors::CodecVector& vector) {
  for (const codec::MessageType* message : msg::messages())
    for (const codec::DocumentType* document :
         {message->request, message->response, message->request_inner, message->response_inner})
      if (message->path == vector.path && document != nullptr && document->root == vector.document) return document;
  return nullptr;
}

std::string disagreement(const CodecMutant& mutant, const VectorsByDocument& all) {
  CopiedDocument copy(*mutant.document);
  mutant.apply(copy);
  const auto found = all.find(mutant.document);
  if (found == all.end()) return {};
  for (const vectors::CodecVector& vector : found->second) {
    const auto object = msg::make_document(*mutant.document);
    const auto read = codec::read_document(vector.body, copy.document(), object.get());
    const std::string said = read ? "valid" : std::string(codec::code_of(read.error().fault));
    if (said != (vector.valid ? "valid" : vector.code)) return vector.id + " is " + said;
  }
  return {};
}

}  // namespace quickpay::killtables
