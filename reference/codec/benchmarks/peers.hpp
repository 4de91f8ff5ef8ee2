// The same work with the usual tools: a tree, then checks and values into the same typed objects.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "reference/codec/schema.hpp"

namespace quickpay::codec::benchmark {

/// pugixml's tree, then the checks of the tables on it: names, order, cardinalities, conditions, values, attributes.
bool read_with_pugixml(std::string_view bytes, const DocumentType& type, void* object);
std::string write_with_pugixml(const DocumentType& type, const void* object);

/// libxml2's tree, validated against the generated schema, then the values.
class LibXml {
 public:
  LibXml();
  ~LibXml();
  bool read(std::string_view bytes, const DocumentType& type, void* object) const;
  std::string write(const DocumentType& type, const void* object) const;

 private:
  struct Schema;
  std::unique_ptr<Schema> schema_;
};

}  // namespace quickpay::codec::benchmark
