#include "conformance/judges/settlement_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Fault = std::optional<std::string>;

constexpr std::int64_t kBasisPoints = 10000;
constexpr std::int64_t kSkewMs = protocol::T_skew_default * 1000;

/// Sums that say when they do not fit.
class Sum {
 public:
  void add(std::int64_t more) { whole_ = whole_ && !__builtin_add_overflow(value_, more, &value_); }
  bool is(std::int64_t expected) const { return whole_ && value_ == expected; }
  std::int64_t value() const { return value_; }
  bool whole() const { return whole_; }

 private:
  std::int64_t value_ = 0;
  bool whole_ = true;
};

std::string order_id(const Element& item) { return text_at(item, "OrderRef/OrderId"); }

Fault differs(const char* field, const std::string& expected, const std::string& got) {
  if (expected == got) {
    return std::nullopt;
  }
  return fmt::format("{} {} where it is {}", field, got.empty() ? "absent" : got, expected);
}

/// Accepted and refused items together are those of the claim, each once, in their order.
Fault items_answered(const WorldPlan& plan, const Element& claim, const Element& settlement) {
  const auto accepted = all_of(settlement, "Accepted");
  const auto refused = all_of(settlement, "Refused");
  std::size_t yes = 0, no = 0;
  for (const Element* item : all_of(claim, "Item")) {
    const std::string id = order_id(*item);
    const std::int64_t amount = number_at(*item, "OrderRef/Amount");
    if (yes < accepted.size() && text_at(*accepted[yes], "OrderId") == id) {
      const Element& entry = *accepted[yes++];
      const std::int64_t kept = number_at(entry, "Commission");
      if (number_at(entry, "Amount") != amount) {
        return fmt::format("accepts {} of order {} of {}", number_at(entry, "Amount"), id, amount);
      }
      if (plan.policy.commission_bp && kept != commission_of(amount, *plan.policy.commission_bp)) {
        return fmt::format("a commission of {} on {} at {} basis points", kept, amount, *plan.policy.commission_bp);
      }
    } else if (no < refused.size() && text_at(*refused[no], "OrderId") == id) {
      if (text_at(*refused[no++], "Digest") != text_at(*item, "OrderRef/Digest")) {
        return "refuses another copy of order " + id;
      }
    } else {
      return "no word on order " + id;
    }
  }
  return yes == accepted.size() && no == refused.size() ? Fault() : Fault("entries of orders that were not claimed, or twice");
}

Fault totals(const Element& settlement) {
  Sum accepted, commission, deducted;
  for (const Element* entry : all_of(settlement, "Accepted")) {
    accepted.add(number_at(*entry, "Amount"));
    commission.add(number_at(*entry, "Commission"));
    if (number_at(*entry, "Commission") > number_at(*entry, "Amount")) {
      return "a commission above its amount";
    }
  }
  for (const Element* entry : all_of(settlement, "Deduction")) {
    deducted.add(number_at(*entry, "Amount"));
    deducted.add(-number_at(*entry, "CommissionReversed"));
  }
  const auto said = [&](const char* name) { return number_at(settlement, name); };
  const std::pair<const char*, const Sum*> sums[] = {
      {"AcceptedTotal", &accepted}, {"CommissionTotal", &commission}, {"DeductionTotal", &deducted}};
  for (const auto& [name, sum] : sums) {
    if (!sum->is(said(name))) {
      return fmt::format("{} {} where the list makes {}", name, said(name), sum->value());
    }
  }
  Sum due;
  for (const std::int64_t part : {accepted.value(), -commission.value(), -deducted.value(), -said("PriorDebit")}) {
    due.add(part);
  }
  const bool right = due.whole() && said("NetTotal") == std::max<std::int64_t>(0, due.value()) &&
                     said("CarriedDebit") == std::max<std::int64_t>(0, -due.value());
  return right ? Fault() : Fault(fmt::format("NetTotal {}, CarriedDebit {} where {} is due", said("NetTotal"),
                                             said("CarriedDebit"), due.value()));
}

Fault approval_fault(const WorldPlan& plan, const Element& host_case, const Element& body,
                     const std::vector<Element>& approved) {
  const Element* approval = child(body, "Approval");
  if (approval == nullptr) {
    return approved.empty() ? Fault() : Fault("no Approval though something is approved");
  }
  for (const char* field : {"Host", "Vendor", "Broker", "BatchId"}) {
    if (auto fault = differs(field, text_at(host_case, field), text_at(*approval, field))) {
      return "the Approval has " + *fault;
    }
  }
  const auto given = all_of(*approval, "Approved");
  const bool same = std::equal(given.begin(), given.end(), approved.begin(), approved.end(),
                               [](const Element* one, const Element& other) { return *one == other; });
  if (!same) {
    return "the Approval does not name exactly what is approved";
  }
  return signature_right(plan, text_at(host_case, "Host"), *approval) ? Fault() : Fault("the Approval is not signed right");
}

}  // namespace

std::vector<const Element*> all_of(const Element& parent, std::string_view name) {
  std::vector<const Element*> all;
  for (const Element& each : parent.children) {
    if (each.name == name) {
      all.push_back(&each);
    }
  }
  return all;
}

std::int64_t number_at(const Element& element, std::string_view path) {
  const std::string text = text_at(element, path);
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

std::int64_t commission_of(std::int64_t amount, std::int64_t rate_bp) {
  const std::int64_t whole = amount / kBasisPoints * rate_bp;
  const std::int64_t rest = amount % kBasisPoints * rate_bp;
  const std::int64_t below = whole + rest / kBasisPoints;
  const std::int64_t half = rest % kBasisPoints * 2 - kBasisPoints;  // how far above one half the fraction is
  return below + (half > 0 || (half == 0 && below % 2 != 0) ? 1 : 0);
}

std::string claim_digest(const Element& claim) { return sha256_of(signed_bytes("batch-claim", claim)); }

bool key_listed(const WorldPlan& plan, std::string_view signer, const Element& object, std::int64_t made_ms,
                std::int64_t now_ms) {
  const std::string id = text_at(object, "Sig/KeyId");
  return std::any_of(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& key) {
    const bool his = key.player == signer && key.listed && key.usage == "sign" && sha256_of(key.spki) == id;
    return his && made_ms >= time_of(key.not_before) - kSkewMs && made_ms <= time_of(key.not_after) + 999 + kSkewMs &&
           (key.withdrawn_from.empty() || std::max(made_ms, now_ms) < time_of(key.withdrawn_from)) &&
           crypto::RsaPublicKey::load(key.spki).has_value();
  });
}

bool items_in_order(const Element& object) {
  const auto items = all_of(object, "Item");
  return std::adjacent_find(items.begin(), items.end(), [](const Element* one, const Element* next) {
           return order_id(*one) >= order_id(*next);
         }) == items.end();
}

bool claim_adds_up(const Element& claim) {
  Sum total;
  const auto items = all_of(claim, "Item");
  for (const Element* item : items) {
    total.add(number_at(*item, "OrderRef/Amount"));
  }
  return items_in_order(claim) && total.is(number_at(claim, "Total")) &&
         number_at(claim, "Count") == static_cast<std::int64_t>(items.size());
}

Fault fault_of_claim(const WorldPlan& plan, const Element& claim) {
  const std::string vendor = text_at(claim, "Vendor");
  if (!claim_adds_up(claim)) {
    return "Count or Total that are not those of sorted items";
  }
  for (const Element* item : all_of(claim, "Item")) {
    if (text_at(*item, "OrderRef/Currency") != text_at(claim, "Currency") || text_at(*item, "OrderRef/Vendor") != vendor) {
      return "an item of another currency or Vendor: " + order_id(*item);
    }
  }
  return signature_right(plan, vendor, claim) ? Fault() : Fault("a Claim that its Vendor has not signed");
}

Fault fault_of_settlement(const WorldPlan& plan, const Element& claim, const Element& settlement) {
  for (const char* field : {"Broker", "Vendor", "BatchId", "Currency"}) {
    if (auto fault = differs(field, text_at(claim, field), text_at(settlement, field))) {
      return fault;
    }
  }
  if (auto fault = differs("BatchDigest", claim_digest(claim), text_at(settlement, "BatchDigest"))) {
    return fault;
  }
  if (auto fault = items_answered(plan, claim, settlement)) {
    return fault;
  }
  if (auto fault = totals(settlement)) {
    return fault;
  }
  if (time_of(text_at(settlement, "ValueDate")) < time_of(text_at(settlement, "SettledAt"))) {
    return "a ValueDate before SettledAt";
  }
  return signature_right(plan, text_at(claim, "Broker"), settlement) ? Fault() : Fault("a Settlement that is not signed right");
}

const Element* refusal_of(const Element& settlement, const Element& order_ref) {
  for (const Element* refused : all_of(settlement, "Refused")) {
    if (text_at(*refused, "OrderId") == text_at(order_ref, "OrderId") &&
        text_at(*refused, "Digest") == text_at(order_ref, "Digest")) {
      return refused;
    }
  }
  return nullptr;
}

Fault fault_of_verdicts(const WorldPlan& plan, const Element& host_case, const Element& body) {
  const Element* verdicts = child(body, "Verdicts");
  if (verdicts == nullptr) {
    return "no Verdicts";
  }
  for (const char* field : {"Host", "Vendor", "Broker", "BatchId"}) {
    if (auto fault = differs(field, text_at(host_case, field), text_at(*verdicts, field))) {
      return fault;
    }
  }
  const auto items = all_of(host_case, "Item"), said = all_of(*verdicts, "Verdict");
  std::vector<Element> approved;
  for (std::size_t i = 0; i < std::max(items.size(), said.size()); ++i) {
    if (i >= items.size() || i >= said.size() || text_at(*said[i], "OrderId") != order_id(*items[i]) ||
        text_at(*said[i], "Digest") != text_at(*items[i], "OrderRef/Digest")) {
      return "Verdicts that are not one for each item, in their order";
    }
    const std::string decision = text_at(*said[i], "Decision");
    if ((decision == "approve") != (text_at(*said[i], "Code") == protocol::QP_OK)) {
      return decision + " with " + text_at(*said[i], "Code");
    }
    if ((decision == "pending") != (child(*said[i], "DecideBy") != nullptr)) {
      return decision + (decision == "pending" ? " without DecideBy" : " with DecideBy");
    }
    if (decision == "approve") {
      const Element& ref = *child(*items[i], "OrderRef");
      approved.push_back(branch("Approved", {leaf("OrderId", text_at(ref, "OrderId")), leaf("Digest", text_at(ref, "Digest")),
                                             leaf("Amount", text_at(ref, "Amount"))}));
    }
  }
  if (!signature_right(plan, text_at(host_case, "Host"), *verdicts)) {
    return "Verdicts that are not signed right";
  }
  return approval_fault(plan, host_case, body, approved);
}

}  // namespace quickpay::conformance
