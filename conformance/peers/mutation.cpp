#include "conformance/peers/mutation.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "conformance/peers/byte_mutation.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::string_view kAnd = " & ";

std::string path_below_root(std::string_view dotted) {
  std::string path(dotted);
  std::replace(path.begin(), path.end(), '.', '/');
  return path.rfind("Head", 0) == 0 || path.rfind("Body", 0) == 0 || path.rfind("Auth", 0) == 0 ? path : "Body/" + path;
}

tl::expected<Mutation, std::string> one_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == name.size()) {
    return tl::unexpected("not a mutation: " + std::string(name));
  }
  const std::string_view place = name.substr(0, colon);
  const std::size_t dot = place.find('.');
  Mutation mutation{std::string(name), std::string(place.substr(0, dot)), {}, std::string(name.substr(colon + 1))};
  if (dot != std::string_view::npos) {
    mutation.path = path_below_root(place.substr(dot + 1));
  }
  return mutation;
}

/// Another character of the same class: what was legal by pattern stays legal, the value differs.
char other_character(char c) {
  if (c == '0') {
    return '1';
  }
  if (c >= '1' && c <= '9') {
    return '0';
  }
  if (c == 'a' || c == 'A') {
    return static_cast<char>(c + 1);
  }
  if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
    return std::isupper(static_cast<unsigned char>(c)) != 0 ? 'A' : 'a';
  }
  return c == '=' ? '=' : 'x';
}

bool flip(std::string& text) {
  if (!text.empty() && text.back() == '=') {  // the last letters of padded base64 are not free
    const char other = other_character(text.front());
    return std::exchange(text.front(), other) != other;
  }
  for (std::size_t i = text.size(); i > 0; --i) {
    const char other = other_character(text[i - 1]);
    if (other != text[i - 1] && (i == 1 || text[i - 1] != '=')) {
      text[i - 1] = other;
      return true;
    }
  }
  return false;
}

bool add(std::string& text, std::string_view amount) {
  std::int64_t value = 0;
  std::int64_t change = 0;
  const bool minus = amount.front() == '-';
  amount.remove_prefix(1);
  const auto a = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto b = std::from_chars(amount.data(), amount.data() + amount.size(), change);
  if (a.ec != std::errc() || b.ec != std::errc()) {
    return false;
  }
  text = std::to_string(minus ? value - change : value + change);
  return true;
}

bool upper(std::string& text) {
  std::string changed = text;
  std::transform(changed.begin(), changed.end(), changed.begin(), [](unsigned char c) { return std::toupper(c); });
  return std::exchange(text, changed) != changed;
}

/// Operators that change the text of a leaf.
bool change_text(std::string& text, const std::string& op) {
  if (op.front() == '=') {
    text = op.substr(1);
    return true;
  }
  if ((op.front() == '+' || op.front() == '-') && op.size() > 1) {
    return add(text, op);
  }
  if (op == "flip") return flip(text);
  if (op == "upper") return upper(text);
  if (op == "empty") return !std::exchange(text, {}).empty();
  if (op == "cut") return !text.empty() && (text.pop_back(), true);
  if (op == "blank-before") return (text.insert(0, " "), true);
  if (op == "blank-after") return (text += ' ', true);
  if (op == "line-feed") return (text += '\n', true);
  if (op == "leading-zero") return (text.insert(0, "0"), true);
  if (op == "plus-sign") return (text.insert(0, "+"), true);
  if (op == "fraction") return (text += ".0", true);
  if (op == "extra") return (text += 'x', true);
  if (op == "long") return (text.append(70000 - std::min<std::size_t>(text.size(), 69999), 'a'), true);
  if (op == "invisible") return (text += "\xE2\x80\xAE", true);  // U+202E turns the direction of writing
  return false;
}

bool is_structural(const std::string& op) {
  return op == "remove" || op == "duplicate" || op == "swap" || op == "unknown" || op == "lower-name" || op == "hollow";
}

/// Operators that change which elements there are.
bool change_structure(Element& parent, std::size_t index, const std::string& op) {
  auto& children = parent.children;
  const auto here = children.begin() + static_cast<std::ptrdiff_t>(index);
  if (op == "remove") {
    children.erase(here);
  } else if (op == "duplicate") {
    children.insert(here, Element(*here));
  } else if (op == "swap") {
    if (children.size() < 2) {
      return false;
    }
    std::swap(children[index], children[index + 1 < children.size() ? index + 1 : index - 1]);
  } else if (op == "unknown") {
    children.insert(here + 1, leaf("Unknown", "1"));
  } else if (op == "lower-name") {
    here->name.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(here->name.front())));
  } else {  // hollow
    here->children.clear();
    here->text.clear();
  }
  return true;
}

tl::expected<void, std::string> apply_to_tree(Element& document, const Mutation& mutation) {
  const Place place = place_of(document, mutation.path);
  if (place.parent == nullptr) {
    return tl::unexpected("no such place: " + mutation.id);
  }
  Element& target = place.parent->children[place.index];
  const bool done = is_structural(mutation.op) ? change_structure(*place.parent, place.index, mutation.op)
                                               : target.children.empty() && change_text(target.text, mutation.op);
  if (!done) {
    return tl::unexpected("the operator does not fit: " + mutation.id);
  }
  return {};
}

/// Applies those that work on the tree.
tl::expected<void, std::string> apply_all_to_tree(Element& document, const Mutations& mutations) {
  for (const Mutation& mutation : mutations) {
    if (!mutation.path.empty()) {
      if (auto done = apply_to_tree(document, mutation); !done) {
        return done;
      }
    }
  }
  return {};
}

}  // namespace

tl::expected<Mutations, std::string> mutations_of(std::string_view name) {
  Mutations mutations;
  while (!name.empty()) {
    const std::size_t end = name.find(kAnd);
    auto one = one_of(name.substr(0, end));
    if (!one) {
      return tl::unexpected(one.error());
    }
    mutations.push_back(std::move(*one));
    if (end == std::string_view::npos) {
      break;
    }
    name.remove_prefix(end + kAnd.size());
    if (name.empty()) {
      return tl::unexpected(std::string("nothing after the last &"));
    }
  }
  return mutations;
}

tl::expected<void, std::string> mutate_tree(Element& document, const Mutations& mutations) {
  for (const Mutation& mutation : mutations) {
    if (mutation.path.empty()) {
      return tl::unexpected("works on bytes: " + mutation.id);
    }
    if (auto done = apply_to_tree(document, mutation); !done) {
      return done;
    }
  }
  return {};
}

tl::expected<std::string, std::string> mutated_and_sealed(Element document, const Mutations& mutations,
                                                          const std::function<void(Element&)>& seal) {
  const auto on_seal = [](const Mutation& m) { return m.path.rfind("Auth", 0) == 0 || m.path == "Body/PaycardAnswer"; };
  Mutations before;
  Mutations behind;
  for (const Mutation& mutation : mutations) {
    (on_seal(mutation) ? behind : before).push_back(mutation);
  }
  if (auto done = apply_all_to_tree(document, before); !done) {
    return tl::unexpected(done.error());
  }
  seal(document);
  if (auto done = apply_all_to_tree(document, behind); !done) {
    return tl::unexpected(done.error());
  }
  std::string bytes = to_xml(document);
  for (const Mutation& mutation : mutations) {
    if (mutation.path.empty() && !mutate_bytes(bytes, mutation.op)) {
      return tl::unexpected("the operator does not fit: " + mutation.id);
    }
  }
  return bytes;
}

tl::expected<std::string, std::string> mutated(Element document, const Mutations& mutations) {
  return mutated_and_sealed(std::move(document), mutations, [](Element&) {});
}

const std::vector<std::string>& tree_operators() {
  static const std::vector<std::string> names = {
      "remove",    "duplicate", "swap",  "unknown",      "lower-name",  "hollow",    "flip",
      "upper",     "empty",     "cut",   "blank-before", "blank-after", "line-feed", "leading-zero",
      "plus-sign", "fraction",  "extra", "long",         "invisible"};
  return names;
}

}  // namespace quickpay::conformance
