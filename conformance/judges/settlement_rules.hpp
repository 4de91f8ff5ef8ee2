// What must hold of a signed object of settlement, whoever made it: pure functions over trees. Each gives one English
// phrase about the first thing that is wrong, and nothing if all is right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// The children of that name, in their order.
std::vector<const Element*> all_of(const Element& parent, std::string_view name);
/// The number at `path`; -1 if there is none.
std::int64_t number_at(const Element& element, std::string_view path);

/// `rate_bp` basis points of `amount`, rounded half to even (QP-ADD-24). Both not negative, the rate at most 10000.
std::int64_t commission_of(std::int64_t amount, std::int64_t rate_bp);

/// H("batch-claim", Claim without Sig).
std::string claim_digest(const Element& claim);

/// Whether the directory lists the key of the Sig of `object` for `signer`, for signing and, made at `made_ms`, in time
/// within T_skew. A key that breaks the key policy is none (QP-ADD-18).
bool key_listed(const WorldPlan& plan, std::string_view signer, const Element& object, std::int64_t made_ms,
                std::int64_t now_ms);

/// Count and Total of a Claim are those of its items, which are sorted by OrderId and named once.
bool claim_adds_up(const Element& claim);
/// The items of a Claim or HostCase are sorted by OrderId and named once.
bool items_in_order(const Element& object);

/// A Claim as its Vendor has to make it (QP-BS-007).
std::optional<std::string> fault_of_claim(const WorldPlan& plan, const Element& claim);
/// A Settlement as an answer to `claim` (QP-BS-009, QP-ADD-24): signed, of this claim, every item once, and it adds up.
std::optional<std::string> fault_of_settlement(const WorldPlan& plan, const Element& claim, const Element& settlement);
/// The Verdicts in the Body of an answer to `host_case`, and the Approval that goes with them (QP-BS-010).
std::optional<std::string> fault_of_verdicts(const WorldPlan& plan, const Element& host_case, const Element& body);
/// The entry of the Settlement that refuses an order by OrderId and Digest, or null.
const Element* refusal_of(const Element& settlement, const Element& order_ref);

}  // namespace quickpay::conformance
