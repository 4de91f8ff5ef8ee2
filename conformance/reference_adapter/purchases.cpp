#include "conformance/reference_adapter/purchases.hpp"

namespace quickpay::conformance {

std::string text_of(const OrderedJson& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::string reject_reason_for(const std::string& told) {
  static const std::map<std::string, std::string> kReasons = {
      {"vendor-unknown", "peer-error"},       {"offer-wrong", "amount-mismatch"}, {"endorsement-wrong", "amount-mismatch"},
      {"goods-wrong", "bad-signature"},       {"commitment-wrong", "amount-mismatch"},
      {"refused", "peer-error"},              {"no-answer", "peer-error"},
      {"offer-expired", "expired"},           {"cancelled", "not-authorised"},    {"cannot-pay", "not-authorised"},
      {"choose-paycard", "insufficient"},     {"declined", "not-authorised"},     {"out-of-state", "out-of-state"},
      {"unknown-order", "out-of-state"},      {"wrong-role", "out-of-state"},     {"unknown-paycard", "revoked"},
      {"not-certified", "untrusted-key"},     {"expired", "expired"},             {"failed", "peer-error"},
      {"no-such-key", "out-of-state"},        {"no-signing-key", "out-of-state"}, {"no-shared-key", "out-of-state"},
      {"too-soon", "out-of-state"},           {"other-host", "malformed"}};
  if (told.starts_with("QP-E-XML") || told.starts_with("QP-E-SCHEMA")) {
    return "malformed";
  }
  const auto found = kReasons.find(told);
  return found == kReasons.end() ? "unspecified" : found->second;
}

tl::expected<std::string, PurchaseEnd> Purchases::open(Kind kind, const std::string& vendor, const std::string& item,
                                                       const std::string& confirm) {
  roles::Node& node = daemon_->node();
  return begun(kind, kind == Kind::regular ? node.open_regular_link(vendor, item) : node.open_link(vendor, item), confirm);
}

tl::expected<std::string, PurchaseEnd> Purchases::open_link(const std::string& link, const std::string& confirm) {
  return begun(Kind::micro, daemon_->node().open_purchase_link(link), confirm);
}

tl::expected<std::string, PurchaseEnd> Purchases::begun(Kind kind, const tl::expected<std::string, roles::Refusal>& order,
                                                        const std::string& confirm) {
  daemon_->touch();
  if (!order) {
    return tl::unexpected(PurchaseEnd{false, reject_reason_for(order.error().reason), {}});
  }
  purchases_[*order] = Purchase{kind, confirm, {}, {}};
  return *order;
}

tl::expected<void, PurchaseEnd> Purchases::try_again(const std::string& order) {
  const auto done = daemon_->node().try_again(order);
  daemon_->touch();
  if (!done) {
    return tl::unexpected(PurchaseEnd{false, reject_reason_for(done.error().reason), {}});
  }
  purchases_[order].end.reset();
  return {};
}

std::optional<PurchaseEnd> Purchases::end_of(const std::string& order) const {
  const auto found = purchases_.find(order);
  return found == purchases_.end() ? PurchaseEnd{false, "out-of-state", {}} : found->second.end;
}

void Purchases::on_event(const roles::UserEvent& event) {
  const auto found = purchases_.find(event.order);
  if (found == purchases_.end()) {
    return;
  }
  Purchase& purchase = found->second;
  if (event.kind == "offer") {
    const auto digest = event.details.find("digest");
    decide(event.order, purchase, digest == event.details.end() ? std::string() : digest->second);
  } else if (event.kind == "tell") {
    purchase.told = event.text;
    if (event.text == "choose-paycard") {  // nobody is there to choose another one
      purchase.end = PurchaseEnd{false, reject_reason_for(event.text), "OFFERED"};
    } else if (purchase.kind == Kind::regular) {
      told_regular(purchase);
    }
  } else if (event.kind == "received") {
    purchase.end = PurchaseEnd{true, {}, "RECEIVED"};
  } else if (event.kind == "done" && event.text == "DONE") {
    purchase.end = PurchaseEnd{true, {}, "DONE"};
  } else if (event.kind == "done") {
    purchase.end = PurchaseEnd{false, reject_reason_for(purchase.told), event.text};
  }
}

/// A regular purchase has ended for its user when the receipt is stored, or when the Vendor refuses: it may be asked again.
void Purchases::told_regular(Purchase& purchase) {
  if (purchase.told == "accepted") {
    purchase.end = PurchaseEnd{true, {}, "ACCEPTED"};
  } else if (purchase.told == "refused") {
    purchase.end = PurchaseEnd{false, reject_reason_for(purchase.told), "REFUSED"};
  }
}

/// Runs inside a listener of the daemon: the node may be used, flushing is left to touch().
void Purchases::decide(const std::string& order, Purchase& purchase, const std::string& digest) {
  roles::Node& node = daemon_->node();
  if (manners_.declines || (purchase.confirm == "no" && !manners_.ignores_the_user)) {
    purchase.told = "declined";
    (void)node.decline(order);
    return daemon_->touch();
  }
  std::string named = digest;
  if (purchase.confirm == "other-digest" && !manners_.ignores_the_user && !named.empty()) {
    named.front() = named.front() == '0' ? '1' : '0';
  }
  const auto done = node.confirm(order, named);
  if (!done) {
    purchase.end = PurchaseEnd{false, reject_reason_for(done.error().reason), "OFFERED"};
  }
  daemon_->touch();
}

}  // namespace quickpay::conformance
