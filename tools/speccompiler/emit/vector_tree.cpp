#include "tools/speccompiler/emit/vector_tree.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr std::uint32_t kMostShown = 128;   // longest list that a maximal example shows in full
constexpr std::size_t kShownOfLong = 8;     // elements of a longer one: one list may lie in another
constexpr std::size_t kWorthARun = 256;     // equal elements in a row that are written as one, repeated

/// Values that leaves below the element under construction must have, by path.
using Fixed = std::vector<Where>;

class Builder {
 public:
  Builder(const Model& model, const Example& wanted) : model_(model), wanted_(wanted) {}

  Node element(const Field& field, const std::string& path, Fixed fixed) const {
    Node node;
    node.name = field.id;
    node.field = &field;
    if (!field.is_struct) {
      node.text = leaf(field, path, fixed);
      return node;
    }
    for (const Where& where : field.where) fixed.push_back(where);
    node.record = &model_.record(field.type);
    node.children = children(*node.record, path, fixed);
    return node;
  }

  std::vector<Node> children(const Struct& record, const std::string& path, Fixed fixed) const {
    for (const Field& field : record.fields) add_condition_value(record, field, fixed);
    std::vector<Node> out;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
      const Field& field = record.fields[i];
      if (!is_there(record, i, fixed)) continue;
      for (std::size_t n = 0; n < occurrences(field); ++n) {
        out.push_back(element(field, fmt::format("{}.{}{}", path, field.id, n == 0 ? "" : fmt::format("#{}", n)),
                              below(fixed, field.id)));
      }
    }
    return out;
  }

 private:
  LeafText leaf(const Field& field, const std::string& path, const Fixed& fixed) const {
    for (const Where& where : fixed) {
      if (where.path.empty()) return {where.value, "", 0, ""};
    }
    return example_value(model_, field, wanted_.extent, seed_of(path));
  }

  static Fixed below(const Fixed& fixed, const std::string& name) {
    Fixed out;
    for (const Where& where : fixed) {
      if (!where.path.empty() && where.path.front() == name)
        out.push_back({{where.path.begin() + 1, where.path.end()}, where.value});
    }
    return out;
  }

  static const std::string* value_at(const Fixed& fixed, const std::vector<std::string>& path) {
    for (const Where& where : fixed) {
      if (where.path == path) return &where.value;
    }
    return nullptr;
  }

  const Field* leaf_field(const Struct& record, const std::vector<std::string>& path) const {
    const Struct* at = &record;
    const Field* field = nullptr;
    for (const std::size_t index : model_.indices(record, path)) {
      field = &at->fields[index];
      if (field->is_struct) at = &model_.record(field->type);
    }
    return field;
  }

  // Decides once what the leaf that a condition looks at is worth; whoever builds that leaf obeys.
  void add_condition_value(const Struct& record, const Field& field, Fixed& fixed) const {
    if (!field.condition || value_at(fixed, field.condition->path) != nullptr) return;
    const Condition& condition = *field.condition;
    const Field* leaf = leaf_field(record, condition.path);
    if (leaf == nullptr) return;
    const bool held = wanted_.conditions_hold || (wanted_.granted && is_of_status(model_.spec().envelope, condition));
    const std::string value = held ? condition.value : other_value(model_, *leaf, condition.value, wanted_.other_value);
    fixed.push_back({condition.path, value});
  }

  bool is_there(const Struct& record, std::size_t index, const Fixed& fixed) const {
    const Field& field = record.fields[index];
    if (field.max == 0) return false;
    if (field.condition) {
      const std::string* value = value_at(fixed, field.condition->path);
      const bool equal = value != nullptr && *value == field.condition->value;
      if (equal == field.condition->negated) return false;
    }
    if (field.choice != 0)
      return position_in_choice(record, index) == wanted_.alternative % choice_size(record, field.choice);
    return true;
  }

  static std::size_t position_in_choice(const Struct& record, std::size_t index) {
    std::size_t position = 0;
    for (std::size_t i = 0; i < index; ++i) position += record.fields[i].choice == record.fields[index].choice ? 1 : 0;
    return position;
  }

  static std::size_t choice_size(const Struct& record, int choice) {
    return static_cast<std::size_t>(
        std::count_if(record.fields.begin(), record.fields.end(), [&](const Field& f) { return f.choice == choice; }));
  }

  std::size_t occurrences(const Field& field) const {
    switch (wanted_.extent) {
      case Extent::minimal:
        return field.min;
      case Extent::full:
        return std::max<std::size_t>(field.min, 1);
      case Extent::maximal:  // of a list too long to be looked at, some
        return field.max > kMostShown ? std::max<std::size_t>(field.min, kShownOfLong) : field.max;
    }
    return 1;
  }

  const Model& model_;
  const Example& wanted_;
};

void append(Body& body, const std::string& text, std::size_t times = 1) {
  if (times == 1 && !body.empty() && body.back().times == 1) {
    body.back().text += text;
  } else if (!text.empty()) {
    body.push_back({text, times});
  }
}

std::string escaped(const std::string& text, bool every_entity) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"' && every_entity)
      out += "&quot;";
    else if (c == '\'' && every_entity)
      out += "&apos;";
    else
      out += c;
  }
  return out;
}

bool equal(const Node& a, const Node& b) {
  return a.name == b.name && a.text.all() == b.text.all() && a.self_closing == b.self_closing &&
         std::equal(a.children.begin(), a.children.end(), b.children.begin(), b.children.end(), equal);
}

std::size_t run_from(const std::vector<Node>& nodes, std::size_t first) {
  std::size_t last = first + 1;
  while (last < nodes.size() && equal(nodes[first], nodes[last])) ++last;
  return last - first;
}

void write_children(Body& body, const std::vector<Node>& children, bool every_entity);

void write(Body& body, const Node& node, const std::string& attributes, bool every_entity) {
  if (node.self_closing) return append(body, "<" + node.name + attributes + "/>");
  append(body, "<" + node.name + attributes + ">");
  append(body, escaped(node.text.head, every_entity));
  if (node.text.times != 0) append(body, escaped(node.text.unit, every_entity), node.text.times);
  append(body, escaped(node.text.tail, every_entity));
  write_children(body, node.children, every_entity);
  append(body, "</" + node.name + ">");
}

/// A long row of equal elements is one of them and a number, so that a vector of a list too long stays small.
void write_children(Body& body, const std::vector<Node>& children, bool every_entity) {
  for (std::size_t i = 0; i < children.size();) {
    const std::size_t run = run_from(children, i);
    if (run < kWorthARun) {
      write(body, children[i++], "", every_entity);
      continue;
    }
    Body one;
    write(one, children[i], "", every_entity);
    append(body, flat(one), run);
    i += run;
  }
}

}  // namespace

bool is_of_status(const Envelope& envelope, const Condition& condition) {
  std::vector<std::string> path{envelope.status_name};
  path.insert(path.end(), envelope.ok_path.begin(), envelope.ok_path.end());
  return condition.path == path && condition.value == envelope.ok_value && !condition.negated;
}

Node example(const Model& model, const DocumentView& view, const Example& wanted) {
  Node root;
  root.name = view.root.id;
  root.record = &view.root;
  root.children = Builder(model, wanted).children(view.root, view.root.id, {});
  return root;
}

Node example_field(const Model& model, const Field& field, const Example& wanted) {
  return Builder(model, wanted).element(field, field.id, {});
}

Body to_body(const Node& root, const std::string& xml_namespace, bool every_entity) {
  Body body;
  write(body, root, fmt::format(" xmlns=\"{}\"", xml_namespace), every_entity);
  return body;
}

std::string flat(const Body& body) {
  std::string out;
  for (const BodyPart& part : body) {
    for (std::size_t i = 0; i < part.times; ++i) out += part.text;
  }
  return out;
}

std::string canonical_encoding(const Node& node) {
  if (node.record == nullptr) return fmt::format("({}={}:{})", node.name, node.text.size(), node.text.all());
  std::string out = "(" + node.name;
  for (const Node& child : node.children) out += canonical_encoding(child);
  return out + ")";
}

}  // namespace quickpay::spec
