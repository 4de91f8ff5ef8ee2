// Objects of all documents behind one face: what is done to each of them alike is compiled once, not once a document.
#pragma once

#include <memory>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/codec/reader.hpp"

namespace quickpay::codec {

/// The struct that a document is read into, whose objects are pointers to void.
struct ObjectType {
  std::shared_ptr<void> (*make)();                    ///< a default-constructed object
  bool (*equal)(const void* one, const void* other);  ///< both of this type
};

template <class T>
constexpr ObjectType object_type() {
  return {[]() -> std::shared_ptr<void> { return std::make_shared<T>(); },
          [](const void* one, const void* other) { return *static_cast<const T*>(one) == *static_cast<const T*>(other); }};
}

/// Reads one document as read_document does and returns the object only if it is valid.
inline tl::expected<std::shared_ptr<void>, ReadError> read(std::string_view bytes, const DocumentType& type, const ObjectType& object) {
  std::shared_ptr<void> made = object.make();
  return read_document(bytes, type, made.get()).map([&] { return made; });
}

}  // namespace quickpay::codec
