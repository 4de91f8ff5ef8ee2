#include "reference/codec/benchmarks/peers.hpp"

#include <cstring>

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <pugixml.hpp>

#include "reference/codec/leaf.hpp"
#include "reference/codec/limits.hpp"
#include "reference/codec/oracle/xsd_judge.hpp"

namespace quickpay::codec::benchmark {
namespace {

// A tree's element as fill() sees it.
struct PugiNode {
  pugi::xml_node node;
  explicit operator bool() const { return !node.empty(); }
  std::string_view name() const { return node.name(); }
  static PugiNode element(pugi::xml_node from) {
    while (from && from.type() != pugi::node_element) from = from.next_sibling();
    return {from};
  }
  PugiNode first() const { return element(node.first_child()); }
  PugiNode next() const { return element(node.next_sibling()); }
  bool text(std::string_view& value) const {
    const pugi::xml_node only = node.first_child();
    value = only.value();
    return only && only.type() == pugi::node_pcdata && !only.next_sibling() && node.first_attribute().empty();
  }
  bool is_plain() const { return node.first_attribute().empty(); }
};

struct LibXmlNode {
  const xmlNode* node;
  explicit operator bool() const { return node != nullptr; }
  std::string_view name() const { return reinterpret_cast<const char*>(node->name); }
  static LibXmlNode element(const xmlNode* from) {
    while (from != nullptr && from->type != XML_ELEMENT_NODE) from = from->next;
    return {from};
  }
  LibXmlNode first() const { return element(node->children); }
  LibXmlNode next() const { return element(node->next); }
  bool text(std::string_view& value) const {
    if (node->children == nullptr || node->children->content == nullptr) return false;
    value = reinterpret_cast<const char*>(node->children->content);
    return true;
  }
  bool is_plain() const { return true; }  // the schema has seen to it
};

template <class Node>
bool fill_struct(const StructType& type, void* object, Node parent, bool check);

template <class Node>
bool fill_field(const Field& field, void* child, Node node, bool check) {
  if (field.leaf == nullptr) return node.is_plain() && fill_struct(*field.type, child, node, check);
  std::string_view value;
  if (!node.text(value) || (check && check_value(field, value))) return false;
  return store_value(*field.leaf, value, child);
}

bool keeps_where(const Field& field, const void* child) {
  for (const FixedLeaf& fixed : field.where) {
    if (!holds({fixed.path, fixed.value, false}, *field.type, child)) return false;
  }
  return true;
}

template <class Node>
bool fill_struct(const StructType& type, void* object, Node parent, bool check) {
  Node child = parent.first();
  std::uint16_t choice = 0;
  std::uint32_t chosen = 0;
  for (const Field& field : type.fields) {
    if (field.choice != choice) chosen = 0;
    choice = field.choice;
    const bool applies = field.max > 0 && (field.condition == nullptr || holds(*field.condition, type, object));
    std::uint32_t count = 0;
    for (; applies && child && child.name() == field.name && count < field.max; child = child.next(), ++count) {
      void* into = field.access.append(object);
      if (!fill_field(field, into, child, check) || (check && !keeps_where(field, into))) return false;
    }
    if (count > 0) ++chosen;
    const bool last = &field == &type.fields.back() || (&field + 1)->choice != choice;
    const bool enough = choice == 0 ? count >= field.min : !last || chosen == 1;
    if (applies && !enough) return false;
  }
  return !child;
}

void append_pugi(pugi::xml_node parent, const StructType& type, const void* object) {
  for (const Field& field : type.fields) {
    const std::size_t count = field.access.count(object);
    for (std::size_t i = 0; i < count; ++i) {
      pugi::xml_node node = parent.append_child(field.name.data());
      const void* child = field.access.at(object, i);
      if (field.leaf == nullptr) {
        append_pugi(node, *field.type, child);
        continue;
      }
      IntegerBuffer buffer;
      node.text().set(std::string(text_of(*field.leaf, child, buffer)).c_str());
    }
  }
}

struct StringWriter final : pugi::xml_writer {
  std::string out;
  void write(const void* data, std::size_t size) override { out.append(static_cast<const char*>(data), size); }
};

void append_libxml(xmlNode* parent, const StructType& type, const void* object) {
  for (const Field& field : type.fields) {
    const std::size_t count = field.access.count(object);
    for (std::size_t i = 0; i < count; ++i) {
      const auto* name = reinterpret_cast<const xmlChar*>(field.name.data());
      const void* child = field.access.at(object, i);
      if (field.leaf == nullptr) {
        append_libxml(xmlNewChild(parent, nullptr, name, nullptr), *field.type, child);
        continue;
      }
      IntegerBuffer buffer;
      const std::string value(text_of(*field.leaf, child, buffer));
      xmlNewTextChild(parent, nullptr, name, reinterpret_cast<const xmlChar*>(value.c_str()));
    }
  }
}

void ignore(void*, xmlErrorPtr) {}

}  // namespace

bool read_with_pugixml(std::string_view bytes, const DocumentType& type, void* object) {
  pugi::xml_document document;
  if (!document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default | pugi::parse_ws_pcdata_single)) return false;
  const PugiNode root = PugiNode::element(document.first_child());
  const pugi::xml_attribute space = root.node.first_attribute();
  if (!root || root.name() != type.root || root.next()) return false;
  if (std::strcmp(space.name(), "xmlns") != 0 || space.value() != kWireNamespace || space.next_attribute()) return false;
  return fill_struct(*type.type, object, root, true);
}

std::string write_with_pugixml(const DocumentType& type, const void* object) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child(std::string(type.root).c_str());
  root.append_attribute("xmlns").set_value(std::string(kWireNamespace).c_str());
  append_pugi(root, *type.type, object);
  StringWriter writer;
  document.save(writer, "", pugi::format_raw | pugi::format_no_declaration);
  return std::move(writer.out);
}

struct LibXml::Schema {
  std::string text;
  xmlSchemaPtr compiled = nullptr;
};

LibXml::LibXml() : schema_(std::make_unique<Schema>()) {
  schema_->text = xsd_of("micro");
  xmlSchemaParserCtxtPtr context = xmlSchemaNewMemParserCtxt(schema_->text.data(), static_cast<int>(schema_->text.size()));
  schema_->compiled = xmlSchemaParse(context);
  xmlSchemaFreeParserCtxt(context);
}
LibXml::~LibXml() { xmlSchemaFree(schema_->compiled); }

bool LibXml::read(std::string_view bytes, const DocumentType& type, void* object) const {
  xmlDocPtr document = xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  if (document == nullptr) return false;
  xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema_->compiled);
  xmlSchemaSetValidStructuredErrors(context, ignore, nullptr);
  bool good = xmlSchemaValidateDoc(context, document) == 0;
  const LibXmlNode root{xmlDocGetRootElement(document)};
  good = good && root.name() == type.root && fill_struct(*type.type, object, root, false);
  xmlSchemaFreeValidCtxt(context);
  xmlFreeDoc(document);
  return good;
}

std::string LibXml::write(const DocumentType& type, const void* object) const {
  xmlDocPtr document = xmlNewDoc(nullptr);
  const std::string name(type.root);
  xmlNodePtr root = xmlNewNode(nullptr, reinterpret_cast<const xmlChar*>(name.c_str()));
  const std::string space(kWireNamespace);
  xmlNewNs(root, reinterpret_cast<const xmlChar*>(space.c_str()), nullptr);
  xmlDocSetRootElement(document, root);
  append_libxml(root, *type.type, object);
  xmlBufferPtr buffer = xmlBufferCreate();
  xmlNodeDump(buffer, document, root, 0, 0);
  std::string out(reinterpret_cast<const char*>(xmlBufferContent(buffer)), static_cast<std::size_t>(xmlBufferLength(buffer)));
  xmlBufferFree(buffer);
  xmlFreeDoc(document);
  return out;
}

}  // namespace quickpay::codec::benchmark
