// Ids of scenarios from names of messages and mutations.
#pragma once

#include <string>
#include <string_view>

namespace quickpay::conformance {

/// Lower case with dashes: "GetOrder.Head.MsgId:=X 1" → "get-order.head.msg-id.x-1".
std::string slug_of(std::string_view name);

}  // namespace quickpay::conformance
