// What the strict reader of the reference says about a document, by the name of its message.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/peers/build.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/schema.hpp"

namespace quickpay::conformance {

/// The outcome of reading one document.
struct ReadOutcome {
  bool known = false;                     ///< there is such a message
  std::optional<codec::ReadError> fault;  ///< why it is refused; nothing: it is valid
  bool breaks_profile = false;            ///< valid, but the declared profile forbids or demands a part
  bool valid() const { return known && !fault; }
};

/// Reads the request or response of `message` ("CheckCommit").
ReadOutcome read_as(std::string_view message, bool response, std::string_view bytes);

}  // namespace quickpay::conformance
