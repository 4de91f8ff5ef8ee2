// Where reader and schema processor may differ by design, and the check that they differ nowhere else.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/any_object.hpp"
#include "reference/codec/oracle/xsd_judge.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::codec {

/// What the reader refuses and XML with XSD 1.0, or libxml2, allows. There is nothing in the other direction: what the reader accepts
/// is always well formed and valid, with the same values.
enum class Difference : std::uint8_t {
  encoding,     ///< byte order mark, UTF-16 and other encodings: the profile has one
  declaration,  ///< an XML declaration spelled otherwise
  markup,       ///< comment, CDATA section, processing instruction, document type: they let one document be read in two ways
  reference,    ///< a reference to a number or to an entity of the document's own
  attribute,    ///< xsi:, xml: and namespace declarations besides the one: they say nothing the protocol has
  prefix,       ///< element names with a prefix: a second spelling of the same name
  limits,       ///< depth and number of elements: XSD 1.0 cannot limit them
  trailing_nul, ///< a NUL behind the root: not XML, but libxml2 takes it for the end of its input
  byte_length,  ///< XSD 1.0 counts characters where the protocol counts bytes
  condition,    ///< fields that depend on values of other fields: XSD 1.0 cannot say it
};
inline constexpr std::size_t kDifferences = 10;

std::string_view name_of(Difference difference);

/// The result of one comparison: agreed, or different by design (`difference`), or a defect of one side (`defect`).
struct Comparison {
  std::optional<Difference> difference;
  std::string defect;  ///< English; empty if there is none
};

/// Compares what the reader said about `document` with the judge's verdict. `error`: the reader's, or null if it accepted;
/// then `ours` are the leaves of the object it read.
Comparison compare(std::string_view document, const DocumentType& type, const ReadError* error,
                   const std::vector<XmlLeaf>& ours, const XsdVerdict& theirs);

/// The leaves of an object as the judge would list those of its document.
std::vector<XmlLeaf> leaves_of(const DocumentType& type, const void* object);

/// Whether some field of the struct, at any depth, depends on the value of another one.
bool has_conditions(const StructType& type);

/// Reads `document` into such an object, asks the judge, and compares.
Comparison compare_as(const ObjectType& object, std::string_view document, const DocumentType& type, const XsdJudge& judge);

}  // namespace quickpay::codec
