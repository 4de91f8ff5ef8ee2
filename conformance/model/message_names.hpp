// What suites, mutants and reports call a message of the specification: its id. Where a message of an earlier protocol has
// that id, its protocol comes first: "regular/GetOrder".
#pragma once

#include <string_view>
#include <vector>

#include "reference/codec/generated/messages.hpp"

namespace quickpay::conformance {

/// The name of a message. Lives as long as the program.
std::string_view name_of_message(const codec::MessageType& type);
/// The message of that name; null for an unknown one.
const codec::MessageType* message_type(std::string_view name);
/// The message of that path; null for a path that is none.
const codec::MessageType* message_at(std::string_view path);
/// The names of all messages, in the order of the specification.
std::vector<std::string_view> message_names();

}  // namespace quickpay::conformance
