#include "tools/speccompiler/emit/model.hpp"

#include <algorithm>

#include "tools/speccompiler/emit/automaton.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

const Type kNoType{};
const Struct kNoStruct{};
const Family kNoFamily{};

template <class T>
const T& look_up(const std::map<std::string, const T*>& map, const std::string& id, const T& nothing) {
  const auto found = map.find(id);
  return found == map.end() ? nothing : *found->second;
}

Field child(std::string name, std::string type, std::uint32_t min, const std::string& text) {
  Field field;
  field.id = std::move(name);
  field.type = std::move(type);
  field.is_struct = true;
  field.min = min;
  field.text = text;
  return field;
}

bool same_leaf(const Condition& condition, const std::vector<std::string>& path) { return condition.path == path; }

// The result fields of a response depend on its status; the specification may leave that to the envelope.
std::vector<Field> body_of(const Envelope& envelope, const Document& document, bool response) {
  std::vector<Field> fields = document.body;
  if (!response || envelope.status_name.empty() || document.head.empty()) return fields;
  std::vector<std::string> path{envelope.status_name};
  path.insert(path.end(), envelope.ok_path.begin(), envelope.ok_path.end());
  for (Field& field : fields) {
    if (field.id == envelope.status_name || field.id == envelope.extension_name) continue;
    if (!field.condition || same_leaf(*field.condition, path))
      field.condition = Condition{path, envelope.ok_value, false};
  }
  return fields;
}

DocumentView view_of(const Spec& spec, const Message& message, bool response) {
  DocumentView view;
  view.message = &message;
  view.document = response ? &message.response : &message.request;
  view.response = response;
  view.root.id = view.document->root;
  view.root.text = message.text;
  view.root.requirements = message.requirements;
  view.root.protocol = message.protocol;
  view.body = view.root;
  view.body.id = message.protocol + "." + view.root.id + "." + spec.envelope.body;
  view.body.fields = body_of(spec.envelope, *view.document, response);
  if (message.local) {
    view.root.fields = std::move(view.body.fields);
    view.body = {};
    return view;
  }
  view.root.fields.push_back(child(spec.envelope.head, view.document->head, 1, ""));
  view.root.fields.push_back(child(spec.envelope.body, view.body.id, 1, ""));
  if (!spec.envelope.tail_name.empty()) {
    view.root.fields.push_back(child(spec.envelope.tail_name, spec.envelope.tail_type, 0, ""));
  }
  return view;
}

DocumentView inner_view(const Message& message, bool response, const Struct& record) {
  DocumentView view;
  view.message = &message;
  view.document = response ? &message.response : &message.request;
  view.response = response;
  view.inner = true;
  view.root = record;
  return view;
}

}  // namespace

Model::Model(const Spec& spec) : spec_(spec) {
  for (const Type& type : spec.types) {
    types_[type.id] = &type;
    if (type.pattern.empty()) continue;
    const Dfa dfa = dfa_of(type.pattern);
    pattern_bytes_[type.id] = {shortest_length(dfa), longest_length(dfa).value_or(kUnbounded)};
  }
  for (const Struct& record : spec.structs) structs_[record.id] = &record;
  add_documents();
  order_records();
}

void Model::add_documents() {
  for (const Message& message : spec_.messages) {
    if (!message.request.root.empty()) documents_.push_back(view_of(spec_, message, false));
    if (!message.response.root.empty()) documents_.push_back(view_of(spec_, message, true));
    if (!message.request.inner.empty()) documents_.push_back(inner_view(message, false, record(message.request.inner)));
    if (!message.response.inner.empty()) documents_.push_back(inner_view(message, true, record(message.response.inner)));
  }
  for (const DocumentView& view : documents_) {
    if (!view.body.id.empty()) structs_[view.body.id] = &view.body;
  }
}

void Model::order_records() {
  std::map<std::string, int> marks;
  for (const Struct& record : spec_.structs) visit(record, marks);
}

void Model::visit(const Struct& record, std::map<std::string, int>& marks) {
  if (marks[record.id]++ != 0) return;
  if (!record.of.empty()) visit(this->record(record.of), marks);
  for (const Field& field : record.fields) {
    if (field.is_struct && structs_.count(field.type) != 0) visit(this->record(field.type), marks);
  }
  records_.push_back(&record);
}

const Type& Model::type(const std::string& id) const { return look_up(types_, id, kNoType); }
const Struct& Model::record(const std::string& id) const { return look_up(structs_, id, kNoStruct); }

const Struct& Model::base(const Struct& record) const {
  return record.of.empty() ? record : base(this->record(record.of));
}

const Family& Model::family_of(const Message& message) const {
  for (const Protocol& protocol : spec_.protocols) {
    if (protocol.id != message.protocol) continue;
    for (const Family& family : spec_.families) {
      if (family.id == protocol.family) return family;
    }
  }
  return kNoFamily;
}

std::vector<std::size_t> Model::indices(const Struct& from, const std::vector<std::string>& path) const {
  std::vector<std::size_t> out;
  const Struct* at = &from;
  for (const std::string& name : path) {
    const auto field = std::find_if(at->fields.begin(), at->fields.end(), [&](const Field& f) { return f.id == name; });
    if (field == at->fields.end()) return out;
    out.push_back(static_cast<std::size_t>(field - at->fields.begin()));
    if (field->is_struct) at = &record(field->type);
  }
  return out;
}

const Type& Model::leaf(const Struct& from, const std::vector<std::string>& path) const {
  const Struct* at = &from;
  const Type* leaf = &kNoType;
  for (const std::size_t index : indices(from, path)) {
    const Field& field = at->fields[index];
    if (field.is_struct) {
      at = &record(field.type);
    } else {
      leaf = &type(field.type);
    }
  }
  return *leaf;
}

std::uint32_t Model::min_bytes(const Field& field) const {
  const Type& leaf = type(field.type);
  const auto found = pattern_bytes_.find(leaf.id);
  std::uint32_t bytes = std::max(leaf.min_bytes, found == pattern_bytes_.end() ? 1U : found->second.first);
  if (!leaf.values.empty()) {
    bytes = kUnbounded;
    for (const std::string& value : leaf.values) bytes = std::min(bytes, static_cast<std::uint32_t>(value.size()));
  }
  return bytes;
}

std::uint32_t Model::max_bytes(const Field& field) const {
  const Type& leaf = type(field.type);
  const auto found = pattern_bytes_.find(leaf.id);
  std::uint32_t bytes = std::min(leaf.max_bytes.value_or(kUnbounded), field.max_bytes.value_or(kUnbounded));
  if (found != pattern_bytes_.end()) bytes = std::min(bytes, found->second.second);
  if (!leaf.values.empty()) {
    bytes = 0;
    for (const std::string& value : leaf.values) bytes = std::max(bytes, static_cast<std::uint32_t>(value.size()));
  }
  return bytes;
}

bool is_list(const Field& field) { return field.max > 1; }

bool is_optional(const Field& field) {
  return !is_list(field) && (field.min == 0 || field.choice != 0 || field.condition.has_value());
}

std::string machine_word(const Machine& machine) { return identifier(machine.id); }

std::string effect_id(const Effect& effect) {
  std::string id = effect.verb;
  for (const std::string& argument : effect.arguments) id += " " + argument;
  return id;
}

std::vector<Effect> effects_of(const Machine& machine) {
  std::vector<Effect> out;
  const auto add = [&](const std::vector<Effect>& effects) {
    for (const Effect& effect : effects) {
      if (std::find(out.begin(), out.end(), effect) == out.end()) out.push_back(effect);
    }
  };
  for (const Row& row : machine.rows) add(row.effects);
  for (const Default& fallback : machine.defaults) add(fallback.effects);
  return out;
}

std::string spec_folder(const Spec& spec) { return "spec/" + spec.id + "-" + spec.version; }

}  // namespace quickpay::spec
