#include "conformance/peers/element.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace quickpay::conformance {

namespace {

constexpr std::string_view kNamespace = "urn:quickpay:1";
constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) {
    return {path, {}};
  }
  return {path.substr(0, slash), path.substr(slash + 1)};
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
}

void append_element(std::string& out, const Element& element, bool root) {
  out += '<' + element.name;
  if (root) {
    out += " xmlns=\"" + std::string(kNamespace) + '"';
  }
  out += '>';
  append_escaped(out, element.text);
  for (const Element& inner : element.children) {
    append_element(out, inner, false);
  }
  out += "</" + element.name + '>';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_name_char(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

/// A cursor over the document; the first complaint stays.
class Parser {
 public:
  explicit Parser(std::string_view bytes) : rest_(bytes) {}

  tl::expected<Element, std::string> document() {
    take(kDeclaration);
    skip_blanks();
    Element root;
    if (!element(root, 1)) {
      return tl::unexpected(complaint_);
    }
    skip_blanks();
    if (!rest_.empty()) {
      return tl::unexpected(std::string("bytes after the root element"));
    }
    return root;
  }

 private:
  bool complain(std::string text) {
    if (complaint_.empty()) {
      complaint_ = std::move(text);
    }
    return false;
  }

  bool take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) {
      return false;
    }
    rest_.remove_prefix(text.size());
    return true;
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    }
  }

  std::string name() {
    std::size_t n = 0;
    while (n < rest_.size() && is_name_char(rest_[n])) {
      ++n;
    }
    const std::string result(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return result.empty() || !is_letter(result.front()) || n > 64 ? std::string() : result;
  }

  bool open_tag(Element& out, bool root) {
    if (++elements_ > kMaxTreeElements) {
      return complain("too many elements");
    }
    out.name = name();
    if (out.name.empty()) {
      return complain("no element name");
    }
    if (root) {
      skip_blanks();
      if (!take("xmlns=\"urn:quickpay:1\"") && !take("xmlns='urn:quickpay:1'")) {
        return complain("the root is not in the name space");
      }
    }
    skip_blanks();
    return true;
  }

  bool element(Element& out, std::size_t depth) {
    if (depth > kMaxTreeDepth) {
      return complain("too deep");
    }
    if (!take("<") || !open_tag(out, depth == 1)) {
      return complain("no element");
    }
    if (take("/>")) {
      return true;
    }
    return (take(">") || complain("attributes")) && content(out, depth) && close_tag(out);
  }

  bool content(Element& out, std::size_t depth) {
    for (;;) {
      std::string text = text_run();
      if (!complaint_.empty()) {
        return false;
      }
      out.text += text;
      if (rest_.substr(0, 2) == "</") {
        break;
      }
      if (rest_.empty()) {
        return complain("ends inside an element");
      }
      out.children.emplace_back();
      if (!element(out.children.back(), depth + 1)) {
        return false;
      }
    }
    if (out.children.empty()) {
      return true;
    }
    const bool mixed = !std::all_of(out.text.begin(), out.text.end(), is_blank);
    out.text.clear();
    return !mixed || complain("text beside elements");
  }

  bool close_tag(const Element& open) {
    take("</");
    if (name() != open.name) {
      return complain("tags do not match");
    }
    skip_blanks();
    return take(">") || complain("unfinished end tag");
  }

  std::string text_run() {
    std::string text;
    while (!rest_.empty() && rest_.front() != '<') {
      if (rest_.front() == '&') {
        const std::optional<char> c = entity();
        if (!c) {
          complain("an entity that is not one of the five");
          return text;
        }
        text += *c;
        continue;
      }
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    return text;
  }

  std::optional<char> entity() {
    constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (const auto& [spelled, c] : kEntities) {
      if (take(spelled)) {
        return c;
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
  std::size_t elements_ = 0;
  std::string complaint_;
};

}  // namespace

Element leaf(std::string name, std::string text) { return {std::move(name), std::move(text), {}}; }
Element branch(std::string name, std::vector<Element> children) { return {std::move(name), {}, std::move(children)}; }

const Element* child(const Element& parent, std::string_view name) {
  const auto found = std::find_if(parent.children.begin(), parent.children.end(),
                                  [&](const Element& candidate) { return candidate.name == name; });
  return found == parent.children.end() ? nullptr : &*found;
}

Element* child(Element& parent, std::string_view name) {
  return const_cast<Element*>(child(std::as_const(parent), name));
}

const Element* at(const Element& root, std::string_view path) {
  const Element* here = &root;
  while (here != nullptr && !path.empty()) {
    const auto [name, rest] = split_path(path);
    here = child(*here, name);
    path = rest;
  }
  return here;
}

Element* at(Element& root, std::string_view path) { return const_cast<Element*>(at(std::as_const(root), path)); }

std::string text_at(const Element& root, std::string_view path) {
  const Element* found = at(root, path);
  return found == nullptr ? std::string() : found->text;
}

bool set_text(Element& root, std::string_view path, std::string text) {
  Element* found = at(root, path);
  if (found == nullptr) {
    return false;
  }
  found->text = std::move(text);
  found->children.clear();
  return true;
}

Place place_of(Element& root, std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view above = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  Element* parent = at(root, above);
  for (std::size_t i = 0; parent != nullptr && i < parent->children.size(); ++i) {
    if (parent->children[i].name == name) {
      return {parent, i};
    }
  }
  return {};
}

std::string to_xml(const Element& root) {
  std::string out;
  append_element(out, root, true);
  return out;
}

tl::expected<Element, std::string> parse_xml(std::string_view bytes) { return Parser(bytes).document(); }

}  // namespace quickpay::conformance
