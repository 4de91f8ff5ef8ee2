#include "conformance/reference_adapter/membership.hpp"

namespace quickpay::conformance {

tl::expected<std::string, std::string> Membership::begin(const std::string& op, const OrderedJson& args, const roles::Endpoint& at) {
  roles::Node& node = daemon_->node();
  const std::string name = text_of(args, "name");
  const auto begun = op == "register" ? node.register_vendor(at, name) : op == "rename" ? node.change_vendor({}, name) : node.unregister_vendor();
  if (!begun) {
    daemon_->touch();
    return tl::unexpected(reject_reason_for(begun.error().reason));
  }
  op_ = op;
  open_ = op + "-" + std::to_string(ends_.size() + 1);
  ends_[open_] = std::nullopt;
  daemon_->touch();
  return open_;
}

/// Of the machine vendor.registration; what orders tell has another key and other words.
void Membership::on_event(const roles::UserEvent& event) {
  const bool is_end = event.text == "registered" || event.text == "changed" || event.text == "gone" || event.text == "refused";
  if (open_.empty() || event.kind != "tell" || event.order != daemon_->node().config().host || !is_end) {
    return;
  }
  const bool wanted = event.text != "refused" && (event.text != "gone" || op_ == "leave");
  ends_[open_] = wanted ? PurchaseEnd{true, {}, event.text} : PurchaseEnd{false, event.text == "gone" ? "revoked" : "peer-error", event.text};
  open_.clear();
}

}  // namespace quickpay::conformance
