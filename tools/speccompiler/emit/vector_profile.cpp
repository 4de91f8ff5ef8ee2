// Vectors of the XML profile: what is no XML or uses more of XML than documents may, and the freedom that is left.
#include <fmt/format.h>

#include "tools/speccompiler/emit/vectors.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kNameLimit = 64;  // of the profile, in bytes

/// The places of a flat document at which it is changed.
struct Places {
  std::string all;
  std::string name;            ///< of the root
  std::size_t root_name = 0;   ///< behind `<Root`
  std::size_t inside = 0;      ///< behind the root's start tag
  std::size_t child_name = 0;  ///< behind the name of the first child
  std::size_t text = 0;        ///< where the first text begins
  std::size_t text_end = 0;
  std::size_t end_tag = 0;  ///< where the root's end tag begins
};

Places places_of(const std::string& all, const std::string& name) {
  Places p;
  p.all = all;
  p.name = name;
  p.root_name = 1 + name.size();
  p.inside = all.find('>') + 1;
  p.child_name = all.find('>', p.inside);
  p.text = p.inside;
  while (all[p.text] == '<') p.text = all.find('>', p.text) + 1;
  p.text_end = all.find('<', p.text);
  p.end_tag = all.rfind("</");
  return p;
}

std::string at(const Places& p, std::size_t place, const std::string& what) {
  return p.all.substr(0, place) + what + p.all.substr(place);
}

std::string text_is(const Places& p, const std::string& text) {
  return p.all.substr(0, p.text) + text + p.all.substr(p.text_end);
}

std::string root_is(const Places& p, const std::string& open, const std::string& close) {
  return "<" + open + ">" + p.all.substr(p.inside, p.end_tag - p.inside) + "</" + close + ">";
}

class Collector {
 public:
  Collector(const VectorContext& context, const BaseDocument& base) : context_(context), base_(base) {}

  void add(const std::string& slug, const std::string& flag, Body body) {
    Vector vector;
    vector.slug = slug;
    vector.flags = {flag};
    vector.requirements = context_.xml_requirements;
    vector.code = context_.xml_code;
    vector.base = base_.slug;
    vector.body = std::move(body);
    out.push_back(std::move(vector));
  }
  void add(const std::string& slug, const std::string& flag, const std::string& text) {
    add(slug, flag, Body{{text, 1}});
  }

  std::vector<Vector> out;

 private:
  const VectorContext& context_;
  const BaseDocument& base_;
};

void namespaces(const Places& p, const std::string& space, Collector& out) {
  const std::string declaration = fmt::format(" xmlns=\"{}\"", space);
  out.add("xmlns-missing", "namespace", root_is(p, p.name, p.name));
  out.add("xmlns-other", "namespace", root_is(p, fmt::format("{} xmlns=\"{}0\"", p.name, space), p.name));
  out.add("xmlns-empty", "namespace", root_is(p, p.name + " xmlns=\"\"", p.name));
  out.add("xmlns-twice", "namespace", root_is(p, p.name + declaration + declaration, p.name));
  out.add("xmlns-on-child", "namespace", at(p, p.child_name, declaration));
  out.add("xmlns-empty-on-child", "namespace", at(p, p.child_name, " xmlns=\"\""));
  out.add("prefix-declared", "prefix",
          root_is(p, p.name + declaration + fmt::format(" xmlns:q=\"{}\"", space), p.name));
  out.add("prefix-on-root", "prefix", root_is(p, fmt::format("q:{} xmlns:q=\"{}\"", p.name, space), "q:" + p.name));
  out.add("prefix-on-child", "prefix", at(p, p.inside, "<q:A>1</q:A>"));
}

void markup(const Places& p, Collector& out) {
  out.add("attribute-on-root", "attribute", at(p, p.root_name, " a=\"1\""));
  out.add("attribute-on-child", "attribute", at(p, p.child_name, " a=\"1\""));
  out.add("attribute-xml-space", "attribute", at(p, p.child_name, " xml:space=\"preserve\""));
  out.add("comment-before", "comment", "<!-- c -->" + p.all);
  out.add("comment-inside", "comment", at(p, p.inside, "<!-- c -->"));
  out.add("comment-in-text", "comment", at(p, p.text + 1, "<!-- c -->"));
  out.add("comment-behind", "comment", p.all + "<!-- c -->");
  out.add("cdata", "cdata", text_is(p, "<![CDATA[" + p.all.substr(p.text, p.text_end - p.text) + "]]>"));
  out.add("cdata-end", "cdata", at(p, p.text_end, "]]>"));
  out.add("instruction-before", "instruction", "<?a b?>" + p.all);
  out.add("instruction-inside", "instruction", at(p, p.inside, "<?a b?>"));
  out.add("doctype", "doctype", fmt::format("<!DOCTYPE {}>", p.name) + p.all);
  out.add("doctype-entity", "doctype", fmt::format("<!DOCTYPE {} [<!ENTITY e \"1\">]>", p.name) + text_is(p, "&e;"));
  out.add("doctype-external", "doctype", fmt::format("<!DOCTYPE {} SYSTEM \"a.dtd\">", p.name) + p.all);
}

void references(const Places& p, Collector& out) {
  out.add("reference-decimal", "reference", at(p, p.text, "&#49;"));
  out.add("reference-hexadecimal", "reference", at(p, p.text, "&#x31;"));
  out.add("entity-unknown", "entity", at(p, p.text, "&nbsp;"));
  out.add("entity-other-case", "entity", at(p, p.text, "&AMP;"));
  out.add("entity-open", "entity", at(p, p.text, "&amp "));
  out.add("ampersand-bare", "entity", at(p, p.text, "&"));
  out.add("less-than-bare", "tag", at(p, p.text + 1, "<"));
}

void declarations(const Places& p, Collector& out) {
  const std::string good = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  out.add("declaration-behind-blank", "declaration", " " + good + p.all);
  out.add("declaration-twice", "declaration", good + good + p.all);
  out.add("declaration-version", "declaration", "<?xml version=\"1.1\" encoding=\"UTF-8\"?>" + p.all);
  out.add("declaration-encoding", "declaration", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + p.all);
  out.add("declaration-no-encoding", "declaration", "<?xml version=\"1.0\"?>" + p.all);
  out.add("declaration-standalone", "declaration",
          "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + p.all);
  out.add("declaration-other-case", "declaration", "<?xml version=\"1.0\" encoding=\"utf-8\"?>" + p.all);
  out.add("byte-order-mark", "bom", "\xEF\xBB\xBF" + p.all);
}

void ends(const Places& p, Collector& out) {
  out.add("nothing", "unterminated", std::string());
  out.add("blank", "unterminated", " \r\n");
  out.add("no-end-tag", "unterminated", p.all.substr(0, p.end_tag));
  out.add("half-end-tag", "unterminated", p.all.substr(0, p.all.size() - 1));
  out.add("half-text", "unterminated", p.all.substr(0, p.text + 1));
  out.add("half-start-tag", "unterminated", p.all.substr(0, p.inside - 2));
  out.add("two-roots", "trailing", p.all + p.all);
  out.add("trailing-text", "trailing", p.all + "x");
  out.add("trailing-end-tag", "trailing", p.all + "</" + p.name + ">");
  out.add("trailing-nul", "trailing", p.all + std::string(1, '\0'));
  out.add("leading-text", "trailing", "x" + p.all);
  out.add("mixed-before", "mixed", at(p, p.inside, "x"));
  out.add("mixed-behind", "mixed", at(p, p.end_tag, "x"));
  out.add("mixed-in-leaf", "mixed", at(p, p.text_end, "<A>1</A>"));
  out.add("end-tag-mismatch", "tag", p.all.substr(0, p.end_tag) + "</" + p.name + "x>");
  out.add("end-tag-crossed", "tag", at(p, p.inside, "<A><B>1</A></B>"));
  out.add("end-tag-attribute", "tag", p.all.substr(0, p.all.size() - 1) + " a=\"1\">");
  out.add("blank-before-name", "tag", "< " + p.all.substr(1));
  out.add("stranger-then-unterminated", "unterminated",
          at(p, p.inside, "<Stranger>1</Stranger>").substr(0, p.all.size()));
}

void names(const Places& p, Collector& out) {
  out.add("name-digit", "name", at(p, p.inside, "<1A>1</1A>"));
  out.add("name-underscore", "name", at(p, p.inside, "<A_B>1</A_B>"));
  out.add("name-hyphen", "name", at(p, p.inside, "<A-B>1</A-B>"));
  out.add("name-dot", "name", at(p, p.inside, "<A.B>1</A.B>"));
  out.add("name-not-ascii", "name", at(p, p.inside, "<\xC3\x84>1</\xC3\x84>"));
  const std::string longest(kNameLimit + 1, 'A');
  out.add("name-too-long", "name", at(p, p.inside, "<" + longest + ">1</" + longest + ">"));
}

void bytes(const Places& p, Collector& out) {
  const std::pair<const char*, std::string> cases[] = {
      {"overlong-nul", "\xC0\x80"},           {"overlong-slash", "\xE0\x80\xAF"},
      {"overlong-four", "\xF0\x80\x80\x80"},  {"surrogate", "\xED\xA0\x80"},
      {"beyond-unicode", "\xF4\x90\x80\x80"}, {"continuation-alone", "\x80"},
      {"sequence-cut", "\xE2\x82"},           {"byte-ff", "\xFF"},
  };
  for (const auto& [slug, wrong] : cases) out.add(fmt::format("utf8-{}", slug), "utf8", at(p, p.text, wrong));
  out.add("control-nul", "control", at(p, p.text, std::string(1, '\0')));
  out.add("control-01", "control", at(p, p.text, "\x01"));
  out.add("control-0b", "control", at(p, p.text, "\x0B"));
  out.add("control-1f", "control", at(p, p.text, "\x1F"));
  out.add("noncharacter-fffe", "control", at(p, p.text, "\xEF\xBF\xBE"));
  out.add("noncharacter-ffff", "control", at(p, p.text, "\xEF\xBF\xBF"));
  std::string wide;
  for (const char c : p.all) wide += {c, '\0'};
  out.add("utf16", "utf8", "\xFF\xFE" + wide);
}

void limits(const Places& p, const Family& family, Collector& out) {
  const std::string before = p.all.substr(0, p.inside);
  const std::string behind = p.all.substr(p.inside);
  out.add("too-deep", "depth",
          Body{{before, 1}, {"<A>", family.max_depth}, {"1", 1}, {"</A>", family.max_depth}, {behind, 1}});
  out.add("too-many-elements", "elements", Body{{before, 1}, {"<A>1</A>", family.max_elements}, {behind, 1}});
}

std::string spread(const std::string& all, const std::string& blank) {
  std::string out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    out += all[i];
    if (all[i] == '>' && i + 1 < all.size() && all[i + 1] == '<') out += blank;
  }
  return out;
}

}  // namespace

std::vector<Vector> profile_negatives(const VectorContext& context, const BaseDocument& base) {
  const std::string& space = context.model.spec().xml_namespace;
  const Places p = places_of(flat(to_body(base.root, space, false)), base.root.name);
  Collector out(context, base);
  namespaces(p, space, out);
  markup(p, out);
  references(p, out);
  declarations(p, out);
  ends(p, out);
  names(p, out);
  bytes(p, out);
  limits(p, context.family, out);
  return std::move(out.out);
}

std::vector<Vector> lexical_positives(const VectorContext& context, const BaseDocument& base) {
  const std::string& space = context.model.spec().xml_namespace;
  const std::string all = flat(to_body(base.root, space, false));
  Collector out(context, base);
  out.add("with-declaration", "declaration", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + all);
  out.add("with-blanks", "blanks", "\n" + spread(all, "\r\n\t ") + "\r\n");
  for (Vector& vector : out.out) {
    vector.code.clear();
    vector.canonical = canonical_encoding(base.root);
  }
  return std::move(out.out);
}

}  // namespace quickpay::spec
