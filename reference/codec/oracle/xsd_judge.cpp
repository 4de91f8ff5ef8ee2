#include "reference/codec/oracle/xsd_judge.hpp"

#include <climits>
#include <mutex>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

#include "reference/codec/generated/messages.hpp"

namespace quickpay::codec {
namespace {

// No network, no files by way of entities, no output of the library's own.
constexpr int kParserOptions = XML_PARSE_NONET;

struct Free {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
  void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
  void operator()(xmlSchemaParserCtxt* context) const { xmlSchemaFreeParserCtxt(context); }
  void operator()(xmlSchemaValidCtxt* context) const { xmlSchemaFreeValidCtxt(context); }
  void operator()(xmlChar* text) const { xmlFree(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// libxml2 fills its table of types at the first use and without a lock: two threads that load their first schema at
// the same time ruin its hash chains, and both may search them for ever.
void init_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    xmlInitParser();
    xmlSchemaInitTypes();
  });
}

void keep_first(std::string& first, const xmlError* error) {
  if (!first.empty() || error->level < XML_ERR_ERROR) return;
  first = error->message != nullptr ? error->message : "no reason given";
  while (!first.empty() && first.back() == '\n') first.pop_back();
}

// Called by the schema processor, which hands over what it was given.
void on_schema_error(void* first, xmlErrorPtr error) { keep_first(*static_cast<std::string*>(first), error); }

// Called by the parser, which hands over its context.
void on_parser_error(void* context, xmlErrorPtr error) {
  keep_first(*static_cast<std::string*>(static_cast<xmlParserCtxt*>(context)->_private), error);
}

std::string_view view(const xmlChar* text) { return reinterpret_cast<const char*>(text); }

bool has_element(const xmlNode& parent) {
  for (const xmlNode* child = parent.children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) return true;
  }
  return false;
}

// Walks without recursion; the parser itself limits the depth.
void collect_leaves(xmlNode* root, std::vector<XmlLeaf>& leaves) {
  std::string path;
  for (xmlNode* node = root; node != nullptr;) {
    if (node->type == XML_ELEMENT_NODE) {
      path.append("/").append(view(node->name));
      if (has_element(*node)) {
        node = node->children;
        continue;
      }
      const Owned<xmlChar> text(xmlNodeGetContent(node));
      leaves.push_back({path, std::string(text != nullptr ? view(text.get()) : std::string_view{})});
      path.erase(path.rfind('/'));
    }
    while (node != root && node->next == nullptr) {
      node = node->parent;
      path.erase(path.rfind('/'));
    }
    node = node == root ? nullptr : node->next;
  }
}

Owned<xmlDoc> parse(std::string_view text, bool& well_formed, std::string& message) {
  well_formed = false;
  const Owned<xmlParserCtxt> context(xmlNewParserCtxt());
  if (context == nullptr || text.size() > INT_MAX) return nullptr;
  context->_private = &message;
  context->sax->serror = on_parser_error;
  Owned<xmlDoc> document(xmlCtxtReadMemory(context.get(), text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                           kParserOptions));
  well_formed = document != nullptr && context->wellFormed != 0 && context->nsWellFormed != 0;
  return document;
}

}  // namespace

struct XsdJudge::Schema {
  std::string text;  // the compiled schema refers to it
  Owned<xmlSchema> compiled;
};

XsdJudge::XsdJudge(std::unique_ptr<Schema> schema) : schema_(std::move(schema)) {}
XsdJudge::XsdJudge(XsdJudge&&) noexcept = default;
XsdJudge& XsdJudge::operator=(XsdJudge&&) noexcept = default;
XsdJudge::~XsdJudge() = default;

tl::expected<XsdJudge, std::string> XsdJudge::load(std::string_view xsd) {
  init_library();
  auto schema = std::make_unique<Schema>();
  schema->text = xsd;
  if (xsd.size() > INT_MAX) return tl::unexpected(std::string("the schema is too long"));
  const Owned<xmlSchemaParserCtxt> context(
      xmlSchemaNewMemParserCtxt(schema->text.data(), static_cast<int>(schema->text.size())));
  std::string message;
  if (context != nullptr) {
    xmlSchemaSetParserStructuredErrors(context.get(), on_schema_error, &message);
    schema->compiled.reset(xmlSchemaParse(context.get()));
  }
  if (schema->compiled == nullptr) return tl::unexpected(message.empty() ? "not a schema" : message);
  return XsdJudge(std::move(schema));
}

tl::expected<XsdJudges, std::string> XsdJudges::load() {
  XsdJudges loaded;
  for (const DocumentType* type : msg::documents()) {
    const std::string_view family = type->family->id;
    if (loaded.judges_.count(family) != 0) continue;
    auto judge = XsdJudge::load(xsd_of(family));
    if (!judge) return tl::unexpected(std::string(family) + ".xsd: " + judge.error());
    loaded.judges_.emplace(family, std::move(*judge));
  }
  return loaded;
}

XsdVerdict XsdJudge::judge(std::string_view document) const {
  XsdVerdict verdict;
  const Owned<xmlDoc> tree = parse(document, verdict.well_formed, verdict.message);
  if (!verdict.well_formed) {
    if (verdict.message.empty()) verdict.message = "not well formed";
    return verdict;
  }
  const Owned<xmlSchemaValidCtxt> context(xmlSchemaNewValidCtxt(schema_->compiled.get()));
  if (context == nullptr) return verdict;
  xmlSchemaSetValidStructuredErrors(context.get(), on_schema_error, &verdict.message);
  verdict.schema_valid = xmlSchemaValidateDoc(context.get(), tree.get()) == 0;
  collect_leaves(xmlDocGetRootElement(tree.get()), verdict.leaves);
  return verdict;
}

}  // namespace quickpay::codec
