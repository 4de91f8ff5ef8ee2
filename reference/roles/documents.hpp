// Requests and responses whose type is known at run time only.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/schema.hpp"

namespace quickpay::roles {

/// A request or a response of some message.
class AnyDocument {
 public:
  virtual ~AnyDocument() = default;
  virtual void* object() = 0;
  virtual const void* object() const = 0;
  virtual msg::Head& head() = 0;
  /// What authenticates the document; null if it has nothing of that kind.
  virtual const msg::Auth* auth() const = 0;
  virtual void set_auth(msg::Auth auth) = 0;
  bool has_auth() const { return auth() != nullptr; }
  /// What a sealed request is; null if it is none.
  virtual const msg::Sealed* sealed() const = 0;
  /// The Status of a response; null for a request.
  virtual msg::Status* status() = 0;
};

/// A document of the generated struct T.
template <class T>
class Document final : public AnyDocument {
 public:
  T value{};

  void* object() override { return &value; }
  const void* object() const override { return &value; }
  msg::Head& head() override { return value.head; }
  const msg::Auth* auth() const override { return value.auth ? &*value.auth : nullptr; }
  void set_auth(msg::Auth auth) override { value.auth = std::move(auth); }
  const msg::Sealed* sealed() const override {
    // the sealed text of a message is nobody's to open on the way
    if constexpr (requires { { value.body.sealed } -> std::convertible_to<const msg::Sealed&>; }) {
      return &value.body.sealed;
    } else if constexpr (requires { { *value.body.sealed } -> std::convertible_to<const msg::Sealed&>; }) {
      return value.body.sealed ? &*value.body.sealed : nullptr;
    } else {
      return nullptr;
    }
  }
  msg::Status* status() override {
    if constexpr (requires { value.body.status; }) {
      return &value.body.status;
    } else {
      return nullptr;
    }
  }
};

/// The generated struct inside `document`, or null if there is none or it is of another type.
template <class T>
const T* as(const AnyDocument* document) {
  const auto* typed = dynamic_cast<const Document<T>*>(document);
  return typed ? &typed->value : nullptr;
}
template <class T>
T* as(AnyDocument* document) {
  auto* typed = dynamic_cast<Document<T>*>(document);
  return typed ? &typed->value : nullptr;
}

/// A message of the network with factories of its documents.
struct MessageOps {
  const codec::MessageType* type;
  std::unique_ptr<AnyDocument> (*request)();
  std::unique_ptr<AnyDocument> (*response)();
};

/// The value of a generated enumeration that is written so; nothing if none is.
template <class Enum>
std::optional<Enum> spelled_as(std::string_view text) {
  for (std::uint8_t value = 0;; ++value) {  // a value that there is not has no spelling
    const auto known = static_cast<Enum>(value);
    if (msg::to_string(known).empty()) return std::nullopt;
    if (msg::to_string(known) == text) return known;
  }
}

std::span<const MessageOps> message_ops();
/// The message of `path`, or null.
const MessageOps* ops_of_path(std::string_view path);
/// The message itself: names recur in other families.
const MessageOps* ops_of(const codec::MessageType& type);

}  // namespace quickpay::roles
