// Vectors of the tables: one change to a valid document for each constraint that it then breaks, and for what they leave free.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vectors.hpp"

namespace quickpay::spec {
namespace {

constexpr const char* kStranger = "Stranger";  // an element that no table has

using Path = std::vector<std::size_t>;  // child by child from the root

Node& at(Node& root, const Path& path) {
  Node* node = &root;
  for (const std::size_t index : path) node = &node->children[index];
  return *node;
}

Path below(Path path, std::size_t index) {
  path.push_back(index);
  return path;
}

Node stranger() {
  Node node;
  node.name = kStranger;
  node.text.head = "1";
  return node;
}

std::size_t elements_in(const Node& node) {
  std::size_t count = 1;
  for (const Node& child : node.children) count += elements_in(child);
  return count;
}

std::string utf8(std::uint32_t c) {
  std::string out;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
  } else if (c < 0x10000) {
    out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
            static_cast<char>(0x80 | (c & 0x3F))};
  } else {
    out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
            static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
  }
  return out;
}

class Changes {
 public:
  Changes(const VectorContext& context, const BaseDocument& base) : context_(context), base_(base) {}

  std::vector<Vector> all() {
    structure(base_.root, {}, {}, {});
    if (base_.conditions_hold) other_root();
    return std::move(out_);
  }

 private:
  using Ids = std::vector<std::string>;

  void add(const std::string& slug, const std::string& flag, const Ids& requirements, const Node& changed) {
    Vector vector;
    vector.slug = slug;
    vector.flags = {flag};
    vector.requirements = requirements.empty() ? context_.schema_requirements : requirements;
    vector.code = context_.schema_code;
    vector.base = base_.slug;
    vector.body = to_body(changed, context_.model.spec().xml_namespace, true);
    out_.push_back(std::move(vector));
  }

  void add_valid(const std::string& slug, const std::string& flag, const Node& changed) {
    Vector vector;
    vector.slug = slug;
    vector.flags = {flag};
    vector.requirements = context_.view.message->requirements;
    vector.base = base_.slug;
    vector.body = to_body(changed, context_.model.spec().xml_namespace, true);
    vector.canonical = canonical_encoding(changed);
    out_.push_back(std::move(vector));
  }

  /// A copy of the document to change at `path`.
  Node copy() const { return base_.root; }

  std::string slug_of(const std::string& prefix, const std::string& name) const {
    if (name == context_.model.spec().envelope.body && prefix.empty()) return {};
    const std::string word = kebab(name);
    return prefix.empty() ? word : prefix + "-" + word;
  }

  static std::string named(const std::string& prefix, const std::string& what) {
    return prefix.empty() ? what : prefix + "-" + what;
  }

  const Ids& requirements_of(const Field& field, const Struct& record) const {
    if (!field.requirements.empty()) return field.requirements;
    const bool shared = &record != &context_.view.root && &record != &context_.view.body;
    return shared ? record.requirements : context_.schema_requirements;
  }

  void structure(const Node& node, const Path& path, const std::string& prefix,
                 const std::vector<const Node*>& ancestors) {
    std::vector<const Node*> chain = ancestors;
    chain.push_back(&node);
    for (const Field& field : node.record->fields) one_field(node, path, prefix, field, chain);
    if (base_.conditions_hold) strangers(path, prefix);
  }

  void one_field(const Node& node, const Path& path, const std::string& prefix, const Field& field,
                 const std::vector<const Node*>& chain) {
    const auto here =
        std::find_if(node.children.begin(), node.children.end(), [&](const Node& c) { return c.field == &field; });
    const std::string slug = slug_of(prefix, field.id);
    if (here == node.children.end()) return absent(node, path, slug, field);
    const auto index = static_cast<std::size_t>(here - node.children.begin());
    // A document in which conditions do not hold differs from the other only there and in the leaf that they look at.
    const bool looked_at = is_looked_at(field, chain);
    if (base_.conditions_hold || (field.condition && field.min > 0)) {
      present(node, path, index, named(slug, ""), field);
    } else if (looked_at && field.min > 0) {
      missing(node, path, named(slug, ""), field);
    }
    if (field.min == 0 && (base_.conditions_hold || field.condition) && !looked_at) left_out(node, path, slug, field);
    if (field.is_struct) {
      structure(*here, below(path, index), slug, chain);
    } else if (base_.conditions_hold || field.condition || looked_at) {
      leaf(*here, below(path, index), slug, field, chain);
    }
  }

  void present(const Node& node, const Path& path, std::size_t index, const std::string& prefix, const Field& field) {
    const Ids& requirements = requirements_of(field, *node.record);
    const std::string slug = prefix.empty() ? kebab(field.id) + "-" : prefix;
    if (field.min > 0) missing(node, path, slug, field);
    if (field.min > 1) too_few(path, slug, field, requirements);
    repeated(path, index, slug, field, requirements);
    if (field.choice != 0) both_alternatives(node, path, index, slug, field);
    out_of_order(node, path, index, slug, requirements);
  }

  Node without(const Path& path, const Field& field) const {
    Node changed = copy();
    std::erase_if(at(changed, path).children, [&](const Node& child) { return child.field == &field; });
    return changed;
  }

  void missing(const Node& node, const Path& path, const std::string& slug, const Field& field) {
    add(slug + "missing",
        field.choice != 0 ? "choice-none"
        : field.condition ? "condition-absent"
                          : "missing",
        requirements_of(field, *node.record), without(path, field));
    if (field.choice != 0 && field.condition) out_.back().flags.push_back("condition-absent");
  }

  void too_few(const Path& path, const std::string& slug, const Field& field, const Ids& requirements) {
    Node changed = copy();
    std::size_t seen = 0;
    std::erase_if(at(changed, path).children,
                  [&](const Node& child) { return child.field == &field && ++seen >= field.min; });
    add(slug + "too-few", "too-few", requirements, changed);
  }

  // An element that would be empty without it is another matter.
  void left_out(const Node& node, const Path& path, const std::string& slug, const Field& field) {
    const auto others = [&](const Node& child) { return child.field != &field; };
    if (field.choice != 0 || std::none_of(node.children.begin(), node.children.end(), others)) return;
    add_valid(slug + "-left-out", "left-out", without(path, field));
  }

  /// The same without what may be left out of it.
  static Node sparse(Node node) {
    std::erase_if(node.children, [](const Node& c) { return c.field->min == 0 && c.field->choice == 0 && !c.field->condition; });
    for (Node& child : node.children) child = sparse(std::move(child));
    return node;
  }

  /// Whether so many more of an element keep the document within the limits of its family.
  bool fits(const Node& more, std::size_t count) const {
    const std::string& space = context_.model.spec().xml_namespace;
    const auto bytes = [&](const Node& node) { return flat(to_body(node, space, true)).size(); };
    return elements_in(base_.root) + elements_in(more) * count <= context_.family.max_elements &&
           bytes(base_.root) + bytes(more) * count <= context_.family.max_body_bytes;
  }

  void repeated(const Path& path, std::size_t index, const std::string& slug, const Field& field,
                const Ids& requirements) {
    Node changed = copy();
    auto& children = at(changed, path).children;
    const auto have = static_cast<std::size_t>(
        std::count_if(children.begin(), children.end(), [&](const Node& child) { return child.field == &field; }));
    Node again = children[index];
    if (!fits(again, field.max + 1 - have)) again = sparse(std::move(again));
    if (!fits(again, field.max + 1 - have)) return;
    const auto insert = [&](std::size_t count) {
      children.insert(children.begin() + static_cast<std::ptrdiff_t>(index), count, again);
    };
    insert(field.max - have);
    if (field.max > 1) add_valid(slug + "as-many-as-allowed", "as-many-as-allowed", changed);
    insert(1);
    add(slug + "repeated", "repeated", requirements, changed);
  }

  void both_alternatives(const Node& node, const Path& path, std::size_t index, const std::string& slug,
                         const Field& field) {
    for (const Field& other : node.record->fields) {
      if (other.choice != field.choice || &other == &field) continue;
      Node changed = copy();
      auto& children = at(changed, path).children;
      const auto offset = static_cast<std::ptrdiff_t>(index + (&other > &field ? 1 : 0));
      children.insert(children.begin() + offset, example_field(context_.model, other, {}));
      add(slug + "and-" + kebab(other.id), "choice-both", requirements_of(field, *node.record), changed);
    }
  }

  void out_of_order(const Node& node, const Path& path, std::size_t index, const std::string& slug,
                    const Ids& requirements) {
    std::size_t next = index + 1;
    while (next < node.children.size() && node.children[next].name == node.children[index].name) ++next;
    if (next == node.children.size()) return;
    Node changed = copy();
    auto& children = at(changed, path).children;
    std::swap(children[next - 1], children[next]);
    add(slug + "after-next", "order", requirements, changed);
  }

  bool holds(const Node& node, const Condition& condition) const {
    const Node* leaf = &node;
    for (const std::string& name : condition.path) {
      const auto child =
          std::find_if(leaf->children.begin(), leaf->children.end(), [&](const Node& c) { return c.name == name; });
      if (child == leaf->children.end()) return false;
      leaf = &*child;
    }
    return (leaf->text.all() == condition.value) != condition.negated;
  }

  // Not there: barred here, or because its condition does not hold. Then it must not come.
  void absent(const Node& node, const Path& path, const std::string& slug, const Field& field) {
    const bool barred = field.max == 0;
    if (!barred && !(field.condition && !holds(node, *field.condition))) return;
    if (barred && !base_.conditions_hold) return;
    Node changed = copy();
    auto& children = at(changed, path).children;
    const auto behind =
        std::find_if(children.begin(), children.end(), [&](const Node& child) { return child.field > &field; });
    Field possible = field;
    possible.max = 1;
    Node extra = example_field(context_.model, possible, {});
    extra.field = &field;
    children.insert(behind, extra);
    add(slug + "-present", barred ? "barred" : "condition-present", requirements_of(field, *node.record), changed);
  }

  void strangers(const Path& path, const std::string& prefix) {
    const Ids& requirements = context_.schema_requirements;
    Node before = copy();
    at(before, path).children.insert(at(before, path).children.begin(), stranger());
    add(named(prefix, path.size() == 1 && prefix.empty() ? "body-stranger-first" : "stranger-first"), "unknown-element",
        requirements, before);
    Node behind = copy();
    at(behind, path).children.push_back(stranger());
    add(named(prefix, path.size() == 1 && prefix.empty() ? "body-stranger-last" : "stranger-last"), "unknown-element",
        requirements, behind);
    const std::string name = prefix.empty() ? (path.empty() ? "root" : "body") : prefix;
    Node empty = copy();
    at(empty, path).children.clear();
    add(name + "-empty", "empty", requirements, empty);
    at(empty, path).text.head = "text";
    add(name + "-text", "text-for-elements", requirements, empty);
    at(empty, path).text.head.clear();
    at(empty, path).self_closing = true;
    if (!path.empty()) add(name + "-empty-tag", "empty", requirements, empty);
  }

  void set(const std::string& slug, const std::string& flag, const Ids& requirements, const Path& path,
           const LeafText& text) {
    Node changed = copy();
    at(changed, path).text = text;
    add(slug, flag, requirements, changed);
  }

  void leaf(const Node& node, const Path& path, const std::string& slug, const Field& field,
            const std::vector<const Node*>& chain) {
    const Ids& requirements = requirements_of(field, *chain.back()->record);
    set(slug + "-empty", "empty", requirements, path, {});
    Node changed = copy();
    at(changed, path).self_closing = true;
    add(slug + "-empty-tag", "empty", requirements, changed);
    changed = copy();
    at(changed, path).text = {};
    at(changed, path).children = {stranger()};
    add(slug + "-element", "element-for-text", requirements, changed);
    wrong_values(node, path, slug, field, requirements);
    fixed_values(node, path, slug, field, chain);
  }

  void wrong_values(const Node& node, const Path& path, const std::string& slug, const Field& field,
                    const Ids& requirements) {
    const Type& type = context_.model.type(field.type);
    const std::string flag = type.values.empty() ? "pattern" : "enumeration";
    if (node.text.times == 0) {
      for (const auto& [what, value] : near_misses(context_.model, field, node.text.all())) {
        set(slug + "-" + what, flag, requirements, path, {value, "", 0, ""});
      }
    }
    const LeafText longer = longer_value(context_.model, field);
    if (longer.size() != 0) set(slug + "-too-long", "too-long", requirements, path, longer);
    if (!type.charset_text) return;
    bytes_not_characters(path, slug, field, requirements);
    for (const CodePointRange& range : type.excluded) excluded(range, path, slug, requirements);
  }

  void bytes_not_characters(const Path& path, const std::string& slug, const Field& field, const Ids& requirements) {
    const std::uint32_t most = context_.model.max_bytes(field);
    if (most == kUnbounded) return;
    set(slug + "-too-many-bytes", "too-long-bytes", requirements, path, {"", "\xC3\xA9", most / 2 + 1, ""});
  }

  void excluded(const CodePointRange& range, const Path& path, const std::string& slug, const Ids& requirements) {
    const bool is_xml = range.first == 0 || (range.first >= 0x20 && range.first < 0xD800) ||
                        (range.first > 0xDFFF && range.first < 0xFFFE);
    if (!is_xml) return;
    const std::uint32_t c = range.first == 0 ? 0x9 : range.first;  // of the controls, XML has the tabulator
    set(fmt::format("{}-character-{:04x}", slug, c), "charset", requirements, path, {"a" + utf8(c) + "b", "", 0, ""});
    if (range.last != range.first && range.last > 0x1F) {
      set(fmt::format("{}-character-{:04x}", slug, range.last), "charset", requirements, path,
          {"a" + utf8(range.last) + "b", "", 0, ""});
    }
  }

  void fixed_values(const Node& node, const Path& path, const std::string& slug, const Field& field,
                    const std::vector<const Node*>& chain) {
    const Ids& requirements = requirements_of(field, *chain.back()->record);
    Field free = field;
    free.fixed.clear();
    const std::string other = other_value(context_.model, free, node.text.all());
    if (other.empty()) return;
    if (!field.fixed.empty()) set(slug + "-other", "fixed", requirements, path, {other, "", 0, ""});
    if (is_fixed_from_above(field, chain)) set(slug + "-other", "where", requirements, path, {other, "", 0, ""});
  }

  /// Whether what else may be there depends on the value of this leaf.
  static bool is_looked_at(const Field& field, const std::vector<const Node*>& chain) {
    std::vector<std::string> path{field.id};
    for (auto node = chain.rbegin(); node != chain.rend(); ++node) {
      const auto& fields = (*node)->record->fields;
      if (std::any_of(fields.begin(), fields.end(), [&](const Field& f) { return f.condition && f.condition->path == path; }))
        return true;
      path.insert(path.begin(), (*node)->name);
    }
    return false;
  }

  static bool is_fixed_from_above(const Field& field, const std::vector<const Node*>& chain) {
    std::vector<std::string> path{field.id};
    for (auto node = chain.rbegin(); node != chain.rend(); ++node) {
      if ((*node)->field == nullptr) return false;
      const auto& where = (*node)->field->where;
      if (std::any_of(where.begin(), where.end(), [&](const Where& each) { return each.path == path; })) return true;
      path.insert(path.begin(), (*node)->name);
    }
    return false;
  }

  void other_root() {
    Node changed = copy();
    changed.name = kStranger;
    add("root-stranger", "root", context_.schema_requirements, changed);
    for (const DocumentView& view : context_.model.documents()) {
      if (view.message != context_.view.message || view.response == context_.view.response) continue;
      changed.name = view.root.id;
      add("root-" + kebab(view.root.id), "root", context_.schema_requirements, changed);
    }
  }

  const VectorContext& context_;
  const BaseDocument& base_;
  std::vector<Vector> out_;
};

}  // namespace

std::vector<Vector> schema_changes(const VectorContext& context, const BaseDocument& base) {
  return Changes(context, base).all();
}

}  // namespace quickpay::spec
