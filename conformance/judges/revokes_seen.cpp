#include "conformance/judges/revokes_seen.hpp"

#include <algorithm>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kSecond = 1000;

}  // namespace

std::string order_name(const Element& ref) {
  return text_at(ref, "Kind") + " " + text_at(ref, "Vendor") + " " + text_at(ref, "OrderId");
}

void RevokesAtBroker::asked(const Element& request) {
  ++revokes_[order_name(*at(request, "Body/Revoke/OrderRef"))].open;
  ++moment_;
}

void RevokesAtBroker::answered(const Element& request, const Element& response) {
  const Element& revoke = *at(request, "Body/Revoke");
  Revoked& known = revokes_[order_name(*child(revoke, "OrderRef"))];
  known.open = std::max(0, known.open - 1);
  if (text_at(response, "Body/Status/Code") != "QP-OK") {
    return;
  }
  known.changed = ++moment_;
  if (known.first.name.empty()) {
    known.first = revoke;
    set_text(known.first, "RevokeId", text_at(response, "Body/RevokeId"));
  }
  if (text_at(response, "Body/State") == "final") {
    known.state = RevokeSeen::final;
  } else if (known.state == RevokeSeen::none) {
    known.state = RevokeSeen::held;
    known.hold_until_ms = time_of(text_at(response, "Body/HoldUntil"));
  }
}

void RevokesAtBroker::judged(const World& world, const Element& notice, const Element& response) {
  const auto found = revokes_.find(order_name(*at(notice, "Body/OrderRef")));
  if (found == revokes_.end() || found->second.state == RevokeSeen::final) {
    return;
  }
  const std::string said = text_at(response, "Body/RevokeState");
  found->second.changed = ++moment_;
  if (said == "void") {
    found->second.state = RevokeSeen::voided;
  } else if (said == "standing" && world.now_ms() + kSecond > found->second.hold_until_ms) {
    found->second.state = RevokeSeen::unsure;
  }
}

void RevokesAtBroker::settled(const std::string& order, std::int64_t commission) { commissions_.try_emplace(order, commission); }

RevokeSeen RevokesAtBroker::of(const std::string& order, std::uint64_t since) const {
  const auto found = revokes_.find(order);
  if (found == revokes_.end()) {
    return RevokeSeen::none;
  }
  return found->second.open != 0 || found->second.changed > since ? RevokeSeen::unsure : found->second.state;
}

std::optional<std::string> RevokesAtBroker::fault_of(const Element& deduction, const Element& settlement, bool whole) {
  const std::string id = text_at(deduction, "OrderId");
  const auto found = revokes_.find("regular " + text_at(settlement, "Vendor") + " " + id);
  if (found == revokes_.end()) {
    return whole ? std::optional("a deduction of order " + id + ", which nobody took back") : std::nullopt;
  }
  Revoked& known = found->second;
  const auto commission = commissions_.find(found->first);
  if (known.open == 0 && known.state != RevokeSeen::final && known.state != RevokeSeen::unsure) {
    return "a deduction of order " + id + ", whose revoke is not final";
  }
  if (known.deducted) return "order " + id + " deducted twice";
  known.deducted = true;
  if (commission == commissions_.end()) {
    return whole ? std::optional("a deduction of order " + id + ", which was not settled") : std::nullopt;
  }
  const bool right = text_at(deduction, "RevokeId") == text_at(known.first, "RevokeId") &&
                     text_at(deduction, "Amount") == text_at(known.first, "OrderRef/Amount") &&
                     number_at(deduction, "CommissionReversed") == commission->second;
  return right ? std::nullopt : std::optional("a deduction of order " + id + " with another RevokeId, Amount or commission");
}

std::optional<std::string> RevokesAtBroker::fault_of_deductions(const Element& settlement, std::uint64_t since, bool whole) {
  for (const Element* deduction : all_of(settlement, "Deduction")) {
    if (auto fault = fault_of(*deduction, settlement, whole)) {
      return fault;
    }
  }
  for (const auto& [order, revoked] : revokes_) {
    const bool here = text_at(revoked.first, "OrderRef/Vendor") == text_at(settlement, "Vendor") &&
                      text_at(revoked.first, "OrderRef/Currency") == text_at(settlement, "Currency");
    if (here && revoked.state == RevokeSeen::final && revoked.changed <= since && !revoked.deducted && commissions_.count(order) != 0) {
      return "no deduction of " + order + ", which was settled and taken back";
    }
  }
  return std::nullopt;
}

}  // namespace quickpay::conformance
