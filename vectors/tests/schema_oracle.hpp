// libxml2 with a generated schema, as a second opinion on vectors.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>

#include "vectors/vectors.hpp"

namespace quickpay::test {

inline void say_nothing(void*, const char*, ...) {}

/// libxml2 with the schema of the family.
class SchemaOracle {
 public:
  explicit SchemaOracle(const std::string& file) {
    xmlSetGenericErrorFunc(nullptr, &say_nothing);
    xmlSchemaParserCtxt* parser = xmlSchemaNewParserCtxt(file.c_str());
    schema_.reset(xmlSchemaParse(parser));
    xmlSchemaFreeParserCtxt(parser);
  }
  bool loaded() const { return schema_ != nullptr; }
  bool accepts(const std::string& body, const std::string& root) const {
    const std::unique_ptr<xmlDoc, decltype(&xmlFreeDoc)> document(
        xmlReadMemory(body.data(), static_cast<int>(body.size()), nullptr, nullptr,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
        &xmlFreeDoc);
    if (!document) return false;
    const xmlNode* top = xmlDocGetRootElement(document.get());
    if (root != reinterpret_cast<const char*>(top->name)) return false;
    const std::unique_ptr<xmlSchemaValidCtxt, decltype(&xmlSchemaFreeValidCtxt)> context(
        xmlSchemaNewValidCtxt(schema_.get()), &xmlSchemaFreeValidCtxt);
    return xmlSchemaValidateDoc(context.get(), document.get()) == 0;
  }

 private:
  struct Free {
    void operator()(xmlSchema* schema) const { xmlSchemaFree(schema); }
  };
  std::unique_ptr<xmlSchema, Free> schema_;
};

/// What XSD 1.0 cannot say: that a field is there because of a value, and how many bytes characters take.
inline bool beyond_xsd(const vectors::CodecVector& vector) {
  return std::any_of(vector.flags.begin(), vector.flags.end(), [](const std::string& flag) {
    return flag == "condition-absent" || flag == "condition-present" || flag == "too-long-bytes";
  });
}

/// Where libxml2 sees a vector otherwise. Bodies refused with `xml_code` are left out: the profile of XML is none of
/// the schema.
inline std::vector<std::string> oracle_disagreements(const SchemaOracle& oracle,
                                                     const std::vector<vectors::CodecVector>& vectors,
                                                     const std::string& xml_code) {
  std::vector<std::string> out;
  for (const auto& vector : vectors) {
    if (vector.code == xml_code || beyond_xsd(vector)) continue;
    const bool accepted = oracle.accepts(vector.body, vector.document);
    if (accepted != vector.valid) out.push_back(vector.id + ": libxml2 " + (accepted ? "takes" : "refuses") + " it");
  }
  return out;
}

}  // namespace quickpay::test
