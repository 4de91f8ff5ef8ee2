// The schema of the spec language: it accepts every specification file of the tree, and says what the loader's table
// says.
#include <gtest/gtest.h>
#include <libxml/xmlschemas.h>

#include <filesystem>
#include <memory>
#include <pugixml.hpp>
#include <set>

#include "tools/speccompiler/loader/shape.hpp"
#include "tools/speccompiler/loader/words.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSchema = "spec/language/spec.xsd";

void silent(void*, const char*, ...) {}

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
template <class T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Deleter<T, Free>>;

/// The schema in libxml2.
class Schema {
 public:
  Schema() {
    xmlSetGenericErrorFunc(nullptr, silent);
    const Owned<xmlSchemaParserCtxt, xmlSchemaFreeParserCtxt> parser(xmlSchemaNewParserCtxt(kSchema));
    schema_.reset(xmlSchemaParse(parser.get()));
  }
  bool good() const { return schema_ != nullptr; }
  bool accepts(const fs::path& file) const {
    const Owned<xmlDoc, xmlFreeDoc> document(xmlReadFile(file.c_str(), nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR));
    if (!document) return false;
    const Owned<xmlSchemaValidCtxt, xmlSchemaFreeValidCtxt> context(xmlSchemaNewValidCtxt(schema_.get()));
    xmlSchemaSetValidErrors(context.get(), silent, silent, nullptr);
    return xmlSchemaValidateDoc(context.get(), document.get()) == 0;
  }

 private:
  Owned<xmlSchema, xmlSchemaFree> schema_;
};

TEST(LanguageSchema, AcceptsEverySpecificationOfTheTree) {
  const Schema schema;
  ASSERT_TRUE(schema.good());
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator("spec")) {
    if (entry.path().extension() != ".xml") continue;
    EXPECT_TRUE(schema.accepts(entry.path())) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 12);
}

TEST(LanguageSchema, RefusesWhatTheLoaderRefusesForItsShape) {
  const Schema schema;
  for (const char* name : {"unknown-element", "unknown-attribute", "missing-attribute", "bad-choice-value"}) {
    EXPECT_FALSE(schema.accepts(fs::path(test::kBadFolder) / (std::string(name) + ".xml"))) << name;
  }
  EXPECT_TRUE(schema.accepts(fs::path(test::kBadFolder) / "unknown-type.xml"));  // not a matter of shape
}

// "name required" or "name optional" of every attribute.
std::set<std::string> attributes_of(const ElementShape& shape) {
  std::set<std::string> set;
  for (const std::string& word : split_words(shape.attributes)) {
    const std::string name = word.substr(0, word.find(':'));
    set.insert(name + (word.back() == '?' ? " optional" : " required"));
  }
  return set;
}

std::set<std::string> attributes_of(pugi::xml_node type) {
  std::set<std::string> set;
  for (const pugi::xml_node attribute : type.children("xs:attribute")) {
    const bool required = std::string(attribute.attribute("use").value()) == "required";
    set.insert(std::string(attribute.attribute("name").value()) + (required ? " required" : " optional"));
  }
  return set;
}

std::string type_name(const ElementShape& shape) {
  std::size_t same = 0;
  for (const ElementShape& other : element_shapes()) same += other.name == shape.name ? 1 : 0;
  if (same == 1) return std::string(shape.name) + "Element";
  std::string parent = split_words(shape.parents).front();
  parent[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(parent[0])));
  return std::string(shape.name) + "Of" + parent;
}

TEST(LanguageSchema, SaysWhatTheLoadersTableSays) {
  pugi::xml_document document;
  ASSERT_TRUE(document.load_file(kSchema));
  const pugi::xml_node root = document.document_element();
  for (const ElementShape& shape : element_shapes()) {
    const std::string name = type_name(shape);
    const pugi::xml_node type = root.find_child_by_attribute("xs:complexType", "name", name.c_str());
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(attributes_of(type), attributes_of(shape)) << name;
    EXPECT_EQ(std::string(type.attribute("mixed").value()) == "true", shape.text) << name;
  }
}

}  // namespace
}  // namespace quickpay::spec
