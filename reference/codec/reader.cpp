#include "reference/codec/reader.hpp"

#include <array>
#include <optional>
#include <string>

#include "reference/codec/leaf.hpp"
#include "reference/codec/lexer.hpp"
#include "reference/codec/reasons.hpp"

namespace quickpay::codec {
namespace {

constexpr std::string_view kEmpty = "an element without content";
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// An open element. `due` is the first field of its struct that the next child may be; `seen` counts that field.
// Without initial values: there is room for many, and few are used.
struct Frame {
  const StructType* type;  // null: a leaf
  const Field* field;      // how the parent knows it; null: the root
  void* object;
  std::size_t offset;      // of its `<`
  std::size_t due;
  std::uint32_t seen;
  bool filled;             // has had a child or a text
};

class Reader {
 public:
  Reader(std::string_view bytes, const Family& family, std::string_view name_space)
      : lexer_(bytes, family.max_elements, family.max_depth, name_space) {}

  tl::expected<void, ReadError> run(std::string_view root, const StructType& type, void* object);

 private:
  using Token = Lexer::Token;
  using Kind = Lexer::Kind;

  Frame& top() { return frames_[depth_ - 1]; }
  void push(const Frame& frame) { frames_[depth_++] = frame; }
  void breach(std::size_t offset, std::string_view reason);
  void take(const Token& token);
  void open(const Token& token);
  void open_root(const Token& token);
  void text(const Token& token);
  void close(const Token& token);
  bool take_leaf();
  void accept(Frame& frame, std::size_t index);
  std::size_t find(const Frame& frame, std::string_view name) const;
  bool applies(const Frame& frame, std::size_t index) const;
  std::size_t leave(const Frame& frame, std::size_t index, std::uint32_t seen) const;
  bool is_complete(const Frame& frame) const;
  void store(const Field& field, void* leaf, const Token& token);
  bool fits_where(const Field& leaf, std::string_view value) const;

  Lexer lexer_;
  std::string_view root_;
  const StructType* root_type_ = nullptr;
  void* root_object_ = nullptr;
  std::size_t depth_ = 0;
  std::array<Frame, kMaxDepth> frames_;  // the first depth_ of them
  std::size_t wheres_ = 0;  // open elements whose field fixes leaves below it
  std::string unescaped_;
  std::optional<ReadError> breach_;
};

tl::expected<void, ReadError> Reader::run(std::string_view root, const StructType& type, void* object) {
  root_ = root;
  root_type_ = &type;
  root_object_ = object;
  for (;;) {
    if (!breach_ && take_leaf()) continue;
    const Token token = lexer_.next();
    if (token.kind == Kind::broken) return tl::unexpected(lexer_.error());
    if (token.kind == Kind::done) break;
    if (!breach_) take(token);
  }
  if (breach_) return tl::unexpected(*breach_);
  return {};
}

void Reader::breach(std::size_t offset, std::string_view reason) {
  if (!breach_) breach_ = ReadError{Fault::schema, offset, reason};
}

void Reader::take(const Token& token) {
  switch (token.kind) {
    case Kind::start:
      return open(token);
    case Kind::text:
      return text(token);
    case Kind::end:
      return close(token);
    case Kind::done:
    case Kind::broken:
      return;
  }
}

void Reader::open_root(const Token& token) {
  if (token.text != root_) return breach(token.offset, "another root element than the path demands");
  push({root_type_, nullptr, root_object_, token.offset, 0, 0, false});
}

void Reader::open(const Token& token) {
  if (depth_ == 0) return open_root(token);
  Frame& parent = top();
  if (parent.type == nullptr) return breach(token.offset, "an element where a value belongs");
  const std::size_t index = find(parent, token.text);
  if (index == kNone) return breach(token.offset, kReasonOrder);
  const Field& field = parent.type->fields[index];
  accept(parent, index);
  push({field.type, &field, field.access.append(parent.object), token.offset, 0, 0, false});
  if (!field.where.empty()) ++wheres_;
}

void Reader::text(const Token& token) {
  Frame& frame = top();
  frame.filled = true;
  if (frame.type == nullptr) return store(*frame.field, frame.object, token);
  const bool blank = token.text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (blank) return breach(frame.offset, kEmpty);
  breach(token.offset, "text where elements belong");
}

void Reader::close(const Token& token) {
  Frame& frame = top();
  if (!frame.filled) return breach(frame.offset, kEmpty);
  if (frame.type != nullptr && !is_complete(frame)) return breach(token.offset, kReasonMissing);
  if (frame.field != nullptr && !frame.field->where.empty()) --wheres_;
  --depth_;
}

// The ordinary case at once: the leaf that is due, or after optional leaves the next one, spelled without extras.
bool Reader::take_leaf() {
  if (depth_ == 0 || top().type == nullptr) return false;
  Frame& frame = top();
  const auto fields = frame.type->fields;
  for (std::size_t index = frame.due; index < fields.size(); ++index) {
    const Field& field = fields[index];
    if (field.leaf == nullptr || field.choice != 0) return false;
    const bool here = applies(frame, index);
    Token token;
    if (here && lexer_.take_leaf(field.name, token)) {
      accept(frame, index);
      store(field, field.access.append(frame.object), token);
      return true;
    }
    const std::uint32_t seen = index == frame.due ? frame.seen : 0;
    if (here && seen < field.min) return false;
  }
  return false;
}

// The child is field `index`: count it, and go on to the next field if there can be no more of this one.
void Reader::accept(Frame& frame, std::size_t index) {
  frame.filled = true;
  frame.seen = index == frame.due ? frame.seen + 1 : 1;
  frame.due = index;
  const Field& field = frame.type->fields[index];
  if (frame.seen < field.max) return;
  frame.due = field.choice == 0 ? index + 1 : leave(frame, index, frame.seen);
  frame.seen = 0;
}

bool Reader::applies(const Frame& frame, std::size_t index) const {
  const Field& field = frame.type->fields[index];
  return field.max > 0 && (field.condition == nullptr || holds(*field.condition, *frame.type, frame.object));
}

// The index after field `index`, of which `seen` occurrences were read, or kNone if more of it must come.
// The alternatives of a choice stand side by side and are left together.
std::size_t Reader::leave(const Frame& frame, std::size_t index, std::uint32_t seen) const {
  const auto fields = frame.type->fields;
  const Field& field = fields[index];
  if (field.choice == 0) return seen >= field.min || !applies(frame, index) ? index + 1 : kNone;
  if (seen > 0 && seen < field.min) return kNone;
  bool open = false;
  std::size_t after = index;
  for (; after < fields.size() && fields[after].choice == field.choice; ++after) open = open || applies(frame, after);
  return seen > 0 || !open ? after : kNone;
}

// The index of the field that child `name` is, or kNone if it has no place here.
std::size_t Reader::find(const Frame& frame, std::string_view name) const {
  const auto fields = frame.type->fields;
  std::size_t index = frame.due;
  std::uint32_t seen = frame.seen;
  while (index < fields.size()) {
    const std::uint16_t choice = fields[index].choice;
    std::size_t i = index;
    do {
      if (fields[i].name == name && applies(frame, i)) return i;
      ++i;
    } while (choice != 0 && seen == 0 && i < fields.size() && fields[i].choice == choice);
    index = leave(frame, index, seen);
    seen = 0;
  }
  return kNone;
}

bool Reader::is_complete(const Frame& frame) const {
  std::size_t index = frame.due;
  std::uint32_t seen = frame.seen;
  while (index < frame.type->fields.size()) {
    index = leave(frame, index, seen);
    seen = 0;
  }
  return index != kNone;
}

void Reader::store(const Field& field, void* leaf, const Token& token) {
  std::string_view value = token.text;
  if (token.references) {
    unescape(token.text, unescaped_);
    value = unescaped_;
  }
  if (const auto fault = take_value(field, value, leaf)) {
    const std::size_t index = token.references ? raw_index(token.text, fault->index) : fault->index;
    return breach(token.offset + index, fault->reason);
  }
  if (wheres_ > 0 && !fits_where(field, value)) breach(token.offset, "another value than the one fixed for this place");
}

// Compares with what the fields of the open elements demand of the leaves below them. The leaf itself may be open
// already (it has a frame) or not (take_leaf).
bool Reader::fits_where(const Field& leaf, std::string_view value) const {
  const std::size_t open = frames_[depth_ - 1].type == nullptr ? depth_ - 1 : depth_;
  for (std::size_t i = 1; i < open; ++i) {
    for (const FixedLeaf& fixed : frames_[i].field->where) {
      if (fixed.path.size() != open - i || fixed.value == value) continue;
      bool same = &frames_[open - 1].type->fields[fixed.path.back()] == &leaf;
      for (std::size_t k = 0; same && k + 1 < fixed.path.size(); ++k) {
        same = &frames_[i + k].type->fields[fixed.path[k]] == frames_[i + k + 1].field;
      }
      if (same) return false;
    }
  }
  return true;
}

}  // namespace

std::string_view code_of(Fault fault) {
  switch (fault) {
    case Fault::xml:
      return protocol::QP_E_XML;
    case Fault::schema:
      return protocol::QP_E_SCHEMA;
  }
  return {};
}

tl::expected<void, ReadError> read_document(std::string_view bytes, const DocumentType& type, void* object) {
  return Reader(bytes, *type.family, kWireNamespace).run(type.root, *type.type, object);
}

tl::expected<void, ReadError> read_fragment(std::string_view bytes, std::string_view name, const StructType& type,
                                            void* object, const Family& family) {
  return Reader(bytes, family, {}).run(name, type, object);
}

}  // namespace quickpay::codec
