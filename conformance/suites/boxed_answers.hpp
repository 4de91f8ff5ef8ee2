// Answers in boxes under the ReplyKey of a sealed request of the implementation, changed on their way.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "conformance/peers/script.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// The ReplyKey that the implementation sealed into its last request of that message, raw bytes; empty if it sent none.
std::string reply_key_of(const World& world, std::string_view message);

/// The answer with another document in its box, under the key of the last request `asked`.
Act change_inside(const World& world, std::string asked, std::string label, std::function<void(Element& inner)> change);
/// The answer in a box under a key that the implementation did not choose.
Act box_under_another_key(const World& world, std::string asked, std::string label);
/// The answer with another Box of the same length, which nothing opens.
Act box_changed();

}  // namespace quickpay::conformance
