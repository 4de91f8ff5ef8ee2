// All networked documents of the specification behind one face, for programs that go through them all.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/any_object.hpp"
#include "reference/codec/oracle/xsd_judge.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::codec {

/// What the reader made of a document. Without an error the other members are set.
struct AnyReading {
  std::optional<ReadError> error;
  std::string written;          ///< the object in canonical form
  std::string canonical;        ///< E(root)
  std::vector<XmlLeaf> leaves;
  bool round_trips = false;     ///< reading `written` gives an equal object
};

/// One document type together with the C++ type it is read into.
struct AnyDocument {
  const DocumentType* type;
  ObjectType object;
  AnyReading read(std::string_view bytes) const;
};

/// Every request and response of every networked message, and what travels inside them.
std::span<const AnyDocument> any_documents();

/// The one with this root element, or null.
const AnyDocument* find_document(std::string_view root);

}  // namespace quickpay::codec
