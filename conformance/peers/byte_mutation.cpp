#include "conformance/peers/byte_mutation.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "conformance/peers/mutation.hpp"

namespace quickpay::conformance {

namespace {

using namespace std::string_literals;

constexpr std::string_view kBody = "<Body>";
constexpr std::string_view kXmlns = " xmlns=\"urn:quickpay:1\"";

bool insert_after_body(std::string& bytes, std::string_view text) {
  const std::size_t place = bytes.find(kBody);
  if (place == std::string::npos) {
    return false;
  }
  bytes.insert(place + kBody.size(), text);
  return true;
}

/// Before the end tag of the first leaf of Body, that is inside its text.
bool insert_in_leaf(std::string& bytes, std::string_view text) {
  const std::size_t body = bytes.find(kBody);
  const std::size_t place = body == std::string::npos ? body : bytes.find("</", body);
  if (place == std::string::npos) {
    return false;
  }
  bytes.insert(place, text);
  return true;
}

bool replace_once(std::string& bytes, std::string_view from, std::string_view to) {
  const std::size_t place = bytes.find(from);
  if (place == std::string::npos) {
    return false;
  }
  bytes.replace(place, from.size(), to);
  return true;
}

bool in_front(std::string& bytes, std::string_view text) {
  bytes.insert(0, text);
  return true;
}

std::string nested(std::size_t depth) {
  std::string text = "x";
  for (std::size_t i = 0; i < depth; ++i) {
    text = "<Ext>" + text + "</Ext>";
  }
  return text;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

struct Operator {
  std::string name;
  std::function<bool(std::string&)> apply;
};

Operator inside(std::string name, std::string text) {
  return {std::move(name), [text = std::move(text)](std::string& bytes) { return insert_in_leaf(bytes, text); }};
}
Operator between(std::string name, std::string text) {
  return {std::move(name), [text = std::move(text)](std::string& bytes) { return insert_after_body(bytes, text); }};
}
Operator before(std::string name, std::string text) {
  return {std::move(name), [text = std::move(text)](std::string& bytes) { return in_front(bytes, text); }};
}
Operator after(std::string name, std::string text) {
  return {std::move(name), [text = std::move(text)](std::string& bytes) { return (bytes += text, true); }};
}
Operator instead(std::string name, std::string_view from, std::string to) {
  return {std::move(name), [from, to = std::move(to)](std::string& bytes) { return replace_once(bytes, from, to); }};
}
Operator whole(std::string name, std::string text) {
  return {std::move(name), [text = std::move(text)](std::string& bytes) { return (bytes = text, true); }};
}

bool external_entity(std::string& bytes) {
  return insert_in_leaf(bytes, "&x;") && in_front(bytes, "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>");
}

bool entity_bomb(std::string& bytes) {
  std::string type = "<!DOCTYPE a [<!ENTITY e0 \"ha\">";
  for (int i = 1; i < 10; ++i) {
    type += "<!ENTITY e" + std::to_string(i) + " \"" + repeated("&e" + std::to_string(i - 1) + ";", 10) + "\">";
  }
  return insert_in_leaf(bytes, "&e9;") && in_front(bytes, type + "]>");
}

/// What the tables forbid first and the profile later: the profile wins.
bool schema_then_xml(std::string& bytes) {
  bytes += "<";
  return insert_after_body(bytes, "<Unknown>1</Unknown>");
}

const std::vector<Operator>& outside_profile() {
  static const std::vector<Operator> operators = {
      inside("comment", "<!-- x -->"),
      between("comment-between", "<!-- x -->"),
      before("comment-in-front", "<!---->"),
      inside("cdata", "<![CDATA[]]>"),
      between("instruction", "<?x y?>"),
      before("doctype", "<!DOCTYPE a>"),
      {"external-entity", external_entity},
      {"entity-bomb", entity_bomb},
      inside("numeric-reference", "&#49;"),
      inside("hex-reference", "&#x31;"),
      inside("foreign-entity", "&nbsp;"),
      inside("naked-ampersand", "&"),
      instead("attribute", kBody, "<Body a=\"1\">"),
      instead("xml-lang", kBody, "<Body xml:lang=\"en\">"),
      instead("redeclared", kBody, "<Body xmlns=\"urn:quickpay:1\">"),
      instead("no-namespace", kXmlns, ""),
      instead("other-namespace", kXmlns, " xmlns=\"urn:quickpay:2\""),
      instead("blank-in-namespace", kXmlns, " xmlns=\"urn:quickpay:1 \""),
      between("prefix", "<q:Ext>1</q:Ext>"),
      before("byte-order-mark", "\xEF\xBB\xBF"),
      before("other-encoding", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"),
      before("other-version", "<?xml version=\"1.1\" encoding=\"UTF-8\"?>"),
      before("standalone", "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>"),
      before("blank-before-declaration", " <?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
      inside("overlong-utf8", "\xC0\x80"),
      inside("surrogate", "\xED\xA0\x80"),
      inside("lone-continuation", "\x80"),
      inside("nul", "\0"s),
      inside("control", "\x01"),
      between("mixed", "x"),
      between("no-break-space", "\xC2\xA0"),
      after("trailing", "x"),
      after("second-root", "<A>1</A>"),
      before("leading", "x"),
      instead("crossed-tags", "</Body>", "</Head>"),
      instead("blank-in-tag", kBody, "< Body>"),
      {"unclosed", [](std::string& bytes) { return (bytes.resize(bytes.size() - 3), true); }},
      between("too-deep", nested(9)),
      between("too-many-elements", repeated("<Ext>1</Ext>", 257)),
      {"schema-then-xml", schema_then_xml},
      between("long-name", "<" + std::string(65, 'A') + ">1</" + std::string(65, 'A') + ">"),
      between("name-with-dash", "<a-b>1</a-b>"),
      whole("no-bytes", ""),
      whole("blanks-only", " \r\n "),
      whole("json", "{\"OrderRef\":1}")};
  return operators;
}

const std::vector<Operator>& other_spellings() {
  static const std::vector<Operator> operators = {before("declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"),
                                                  between("blanks", " \t\r\n"), after("blank-at-end", "\n"),
                                                  instead("blank-in-end-tag", "</Body>", "</Body >")};
  return operators;
}

std::vector<std::string> names_of(const std::vector<Operator>& operators) {
  std::vector<std::string> names;
  for (const Operator& candidate : operators) {
    names.push_back(candidate.name);
  }
  return names;
}

}  // namespace

bool mutate_bytes(std::string& bytes, std::string_view op) {
  for (const auto* list : {&outside_profile(), &other_spellings()}) {
    for (const Operator& candidate : *list) {
      if (candidate.name == op) {
        return candidate.apply(bytes);
      }
    }
  }
  return false;
}

const std::vector<std::string>& byte_operators() {
  static const std::vector<std::string> names = names_of(outside_profile());
  return names;
}

const std::vector<std::string>& spelling_operators() {
  static const std::vector<std::string> names = names_of(other_spellings());
  return names;
}

}  // namespace quickpay::conformance
