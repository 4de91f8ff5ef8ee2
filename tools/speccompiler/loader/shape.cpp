#include "tools/speccompiler/loader/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "tools/speccompiler/ir/suggest.hpp"
#include "tools/speccompiler/loader/words.hpp"

namespace quickpay::spec {
namespace {

bool has_word(std::string_view list, std::string_view word) {
  const auto words = split_words(list);
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool stands_in(const ElementShape& shape, std::string_view parent) {
  return parent.empty() ? shape.parents.empty() : has_word(shape.parents, parent);
}

const ElementShape* find_shape(std::string_view parent, std::string_view name) {
  for (const ElementShape& shape : element_shapes()) {
    if (shape.name == name && stands_in(shape, parent)) return &shape;
  }
  return nullptr;
}

std::vector<std::string> children_of(std::string_view parent) {
  std::vector<std::string> names;
  for (const ElementShape& shape : element_shapes()) {
    if (stands_in(shape, parent)) names.emplace_back(shape.name);
  }
  return names;
}

struct AttributeShape {
  std::string name;
  std::string kind;
  bool optional = false;
};

std::vector<AttributeShape> attributes_of(const ElementShape& shape) {
  std::vector<AttributeShape> list;
  for (std::string& word : split_words(shape.attributes)) {
    AttributeShape attribute;
    attribute.optional = word.back() == '?';
    if (attribute.optional) word.pop_back();
    const std::size_t colon = word.find(':');
    attribute.name = word.substr(0, colon);
    attribute.kind = word.substr(colon + 1);
    list.push_back(std::move(attribute));
  }
  return list;
}

bool digits(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), digit);
}

bool letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name(std::string_view text) {
  const auto allowed = [](char c) {
    return letter_or_digit(c) || std::string_view("._!-").find(c) != std::string_view::npos;
  };
  return !text.empty() && (letter_or_digit(text[0]) || text[0] == '_') &&
         std::all_of(text.begin(), text.end(), allowed);
}

bool is_pair(std::string_view text, std::string_view separator) {
  const std::size_t at = text.find(separator);
  return at != std::string_view::npos && digits(text.substr(0, at)) && digits(text.substr(at + separator.size()));
}

bool are_names(std::string_view text) {
  const auto words = split_words(text);
  return std::all_of(words.begin(), words.end(), is_name);
}

bool is_path(std::string_view text) {
  const auto parts = split_at(text, '.');
  return std::all_of(parts.begin(), parts.end(), is_name);
}

bool is_hex(std::string_view text) {
  const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); };
  return text.size() >= 4 && text.size() <= 6 && std::all_of(text.begin(), text.end(), hex);
}

struct Kind {
  std::string_view name;
  bool (*fits)(std::string_view);
  std::string_view expected;
};

constexpr std::array<Kind, 10> kKinds{{
    {"text", [](std::string_view) { return true; }, ""},
    {"name", is_name, "a name"},
    {"names", [](std::string_view text) { return !folded(text).empty() && are_names(text); }, "one or more names"},
    {"words", are_names, "names"},
    {"path", is_path, "names joined by dots"},
    {"version", [](std::string_view text) { return is_pair(text, "."); }, "a version such as 1.0"},
    {"yesno", [](std::string_view text) { return text == "yes" || text == "no"; }, "yes or no"},
    {"number", digits, "a number of at most nine digits"},
    {"card", [](std::string_view text) { return digits(text) || is_pair(text, ".."); }, "n or n..m"},
    {"hex", is_hex, "a code point of four to six upper-case hexadecimal digits"},
}};

class Checker {
 public:
  Checker(const Source& source, Diagnostics& findings) : source_(source), findings_(findings) {}

  void element(pugi::xml_node node, std::string_view parent) {
    const ElementShape* shape = find_shape(parent, node.name());
    if (shape == nullptr) {
      const std::string where = parent.empty() ? "as the root" : fmt::format("in '{}'", parent);
      add(node, fmt::format("unknown element '{}' {}", node.name(), where),
          did_you_mean(node.name(), children_of(parent)));
      return;
    }
    attributes(node, *shape);
    children(node, *shape);
  }

 private:
  void add(pugi::xml_node node, std::string message, std::string suggestion = {}) {
    const auto offset = static_cast<std::size_t>(node.offset_debug());
    add_at(offset == 0 ? 0 : offset - 1, std::move(message), std::move(suggestion));
  }
  void add_attribute(pugi::xml_node node, std::string_view name, std::string message, std::string suggestion = {}) {
    const auto offset = static_cast<std::size_t>(node.offset_debug());
    add_at(source_.attribute_offset(offset, name), std::move(message), std::move(suggestion));
  }
  void add_at(std::size_t offset, std::string message, std::string suggestion) {
    findings_.push_back({source_.locate(offset), Severity::error, std::move(message), std::move(suggestion)});
  }

  void attributes(pugi::xml_node node, const ElementShape& shape) {
    const auto known = attributes_of(shape);
    std::set<std::string> seen;
    for (const pugi::xml_attribute attribute : node.attributes()) {
      if (std::string_view(attribute.name()) == "xmlns") continue;
      if (!seen.insert(attribute.name()).second) {
        add(node, fmt::format("'{}' has the attribute '{}' twice", node.name(), attribute.name()));
      } else {
        attribute_value(node, attribute, known);
      }
    }
    for (const AttributeShape& wanted : known) {
      if (wanted.optional || seen.count(wanted.name) != 0) continue;
      add(node, fmt::format("'{}' lacks the attribute '{}'", node.name(), wanted.name));
    }
  }

  void attribute_value(pugi::xml_node node, pugi::xml_attribute attribute, const std::vector<AttributeShape>& known) {
    std::vector<std::string> names;
    for (const AttributeShape& shape : known) {
      if (shape.name == attribute.name()) return check_kind(node, attribute, shape);
      names.push_back(shape.name);
    }
    add_attribute(node, attribute.name(), fmt::format("unknown attribute '{}' of '{}'", attribute.name(), node.name()),
                  did_you_mean(attribute.name(), names));
  }

  void check_kind(pugi::xml_node node, pugi::xml_attribute attribute, const AttributeShape& shape) {
    const std::string_view value = attribute.value();
    for (const Kind& kind : kKinds) {
      if (kind.name != shape.kind) continue;
      if (kind.fits(value)) return;
      return add_attribute(
          node, shape.name,
          fmt::format("'{}' of '{}' is '{}', but must be {}", shape.name, node.name(), value, kind.expected));
    }
    const auto choices = split_at(shape.kind, '|');
    if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
    add_attribute(node, shape.name,
                  fmt::format("'{}' of '{}' is '{}', but must be one of {}", shape.name, node.name(), value,
                              fmt::join(choices, ", ")),
                  did_you_mean(value, choices));
  }

  void children(pugi::xml_node node, const ElementShape& shape) {
    std::set<std::string> seen;
    for (const pugi::xml_node child : node.children()) {
      if (child.type() == pugi::node_element) {
        const ElementShape* inner = find_shape(node.name(), child.name());
        if (!seen.insert(child.name()).second && inner != nullptr && inner->once) {
          add(child, fmt::format("'{}' has '{}' twice", node.name(), child.name()));
        }
        element(child, node.name());
      } else if (child.type() == pugi::node_pcdata && !shape.text && !folded(child.value()).empty()) {
        add(node, fmt::format("'{}' must not hold text", node.name()));
      }
    }
  }

  const Source& source_;
  Diagnostics& findings_;
};

}  // namespace

void check_shape(const Source& source, pugi::xml_node node, std::string_view parent, Diagnostics& findings) {
  Checker(source, findings).element(node, parent);
}

}  // namespace quickpay::spec
