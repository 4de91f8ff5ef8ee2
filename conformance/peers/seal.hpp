// Profile H from the outside: which key two players of a session share, and the Auth at the end of their messages,
// computed apart from the reference (docs/protocol.md, section 9).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// Gives every pair of players that needs one a key, unless the plan has it: the Host with everybody, Vendors with
/// Brokers. Test keys, derived from names.
void complete_keys(WorldPlan& plan);

/// Whether this request has to end with an Auth in the profile of the plan.
bool carries_auth(const WorldPlan& plan, const Element& request);
/// The Auth that ends `document` if `one` and `other` vouch for it; players without a common key get a wrong one.
Element auth_of(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other);
/// Ends a request with its Auth if it carries one and has none.
void seal_request(const WorldPlan& plan, Element& request);
/// Ends the answer of `responder` with its Auth, a new one if it has one already, if `request` carries one; and makes its
/// PaycardAnswer fit, if it has one.
void seal_response(const WorldPlan& plan, Element& response, const Element& request, std::string_view responder);
/// The same under the key of one epoch; 0: of the last.
Element auth_of(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other, std::int64_t epoch);
/// Whether `document` ends with an Auth under a key that the two players share, of whatever epoch.
bool auth_right(const WorldPlan& plan, const Element& document, std::string_view one, std::string_view other);

/// The epoch that its Auth names; 0: none.
std::int64_t epoch_of(const Element& document);
/// The key between a Vendor and a Broker, from that of the Broker and the Host: of the same epoch, and as long.
KeyPlan pair_key_of(const KeyPlan& broker_key, const std::string& vendor, const std::string& broker);

/// The Mac of a HostReceipt under the key of Host and Vendor, as it has to be for its epoch; without a Mac for the last.
std::string receipt_mac_of(const WorldPlan& plan, const Element& receipt);

}  // namespace quickpay::conformance
