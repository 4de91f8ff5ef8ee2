#include "conformance/reference_adapter/membership.hpp"

#include <algorithm>
#include <vector>

namespace quickpay::conformance {

namespace {

/// What each operation is told where it came to what it was for.
const std::map<std::string, std::vector<std::string>>& aims() {
  static const std::map<std::string, std::vector<std::string>> kAims = {
      {"register", {"registered"}},           {"rename", {"changed"}},        {"rebind", {"changed"}},       {"leave", {"gone"}},
      {"publish-key", {"published", "listed"}}, {"withdraw-key", {"withdrawn"}}, {"renew-key", {"renewed"}}};
  return kAims;
}

/// What an owner or user wants the Host to know. A Wallet is bound to the address from which it sends unless he says otherwise.
roles::Wanted wanted(const std::string& role, const std::string& op, const OrderedJson& args, const Membership::Present& at) {
  roles::Wanted wanted;
  wanted.name = text_of(args, "name");
  wanted.code = text_of(args, "code");
  wanted.bound = args.value("net", std::vector<std::string>{});
  wanted.new_ticket = args.value("new_ticket", false);
  if (op == "register" && role == "wallet") {
    wanted.bound = {at.source + "/32"};
  } else if (op == "register") {
    wanted.endpoints = {at.place};
  }
  return wanted;
}

tl::expected<void, roles::Refusal> act(roles::Node& node, const std::string& op, const OrderedJson& args, const Membership::Present& at) {
  const std::string& role = node.config().role;
  if (op == "register") {
    return node.register_self(wanted(role, op, args, at));
  }
  if (op == "rename" || op == "rebind") {
    return node.change_self(wanted(role, op, args, at));
  }
  if (op == "leave") {
    return node.leave();
  }
  if (op == "publish-key") {
    return node.publish_key(text_of(args, "key_id"));
  }
  if (op == "withdraw-key") {
    return node.withdraw_key(text_of(args, "key_id"), text_of(args, "reason"), at.now_ms);
  }
  return node.renew_key(text_of(args, "peer"));
}

}  // namespace

bool Membership::offers(const std::string& role, const std::string& op) {
  static const std::map<std::string, std::string> kNotOf = {
      {"rename", "wallet"}, {"rebind", "broker vendor"}, {"leave", "broker"}};
  const auto not_of = kNotOf.find(op);
  return aims().count(op) != 0 && role != "host" && (not_of == kNotOf.end() || not_of->second.find(role) == std::string::npos);
}

tl::expected<std::string, std::string> Membership::begin(const std::string& op, const OrderedJson& args, const Present& at) {
  const auto begun = act(daemon_->node(), op, args, at);
  if (!begun) {
    daemon_->touch();
    return tl::unexpected(reject_reason_for(begun.error().reason));
  }
  if (!open_.empty()) {  // a withdrawal does not wait for it
    ends_[open_] = PurchaseEnd{false, "out-of-state", "given up"};
  }
  op_ = op;
  open_ = op + "-" + std::to_string(ends_.size() + 1);
  ends_[open_] = std::nullopt;
  daemon_->touch();
  return open_;
}

/// Of the machines whose record is the Host's; what orders tell has another key and other words.
void Membership::on_event(const roles::UserEvent& event) {
  if (open_.empty() || event.kind != "tell" || event.order != daemon_->node().config().host) {
    return;
  }
  const auto& aim = aims().at(op_);
  const bool wanted = std::find(aim.begin(), aim.end(), event.text) != aim.end();
  if (!wanted && event.text != "refused" && event.text != "gone") {
    return;
  }
  ends_[open_] = wanted ? PurchaseEnd{true, {}, event.text} : PurchaseEnd{false, event.text == "gone" ? "revoked" : "peer-error", event.text};
  open_.clear();
}

}  // namespace quickpay::conformance
