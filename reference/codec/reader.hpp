// Reading of documents: bytes in, a typed object or the place of the first breach out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// What kind of rule a document breaks.
enum class Fault : std::uint8_t {
  xml,     ///< not well formed, or outside the XML profile: QP-E-XML
  schema,  ///< outside the message tables: QP-E-SCHEMA
};

/// The breach that decides: the first one against the XML profile, else the first one against the message tables.
struct ReadError {
  Fault fault;
  std::size_t offset;       ///< bytes from the start of the input, at most its size
  std::string_view reason;  ///< static English text; never holds bytes of the input
};

/// The error code of the specification for a fault.
std::string_view code_of(Fault fault);

/// Reads one document of `type` into `object`, a default-constructed object of the struct that `type` describes.
/// One pass, no recursion; memory is the values themselves and one buffer as long as the longest escaped value.
/// After an error `object` is in an unspecified state and must not be used: prefer read<T>.
/// The size of the body (Family::max_body_bytes) is the transport's to limit.
tl::expected<void, ReadError> read_document(std::string_view bytes, const DocumentType& type, void* object);

/// Reads one document as read_document does and returns the object only if it is valid.
template <class T>
tl::expected<T, ReadError> read(std::string_view bytes, const DocumentType& type) {
  tl::expected<T, ReadError> result;
  if (auto done = read_document(bytes, type, &*result); !done) result = tl::unexpected(done.error());
  return result;
}

/// Reads one element `name` without a namespace, as write_fragment makes it for stored records.
/// Limits are those of `family`; after an error `object` must not be used.
tl::expected<void, ReadError> read_fragment(std::string_view bytes, std::string_view name, const StructType& type,
                                            void* object, const Family& family);

}  // namespace quickpay::codec
