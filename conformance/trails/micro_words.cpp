// What is said about a micropayment.
#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/suites/buyer.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/payer.hpp"
#include "conformance/suites/shopper.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Kind = TrailStep::Kind;

class MicroWords final : public Words {
 public:
  MicroWords(Session& session, const Trail& trail, const std::string& role)
      : world_(session.world()), trail_(trail), role_(role), buyer_(session), payer_(session), registrar_(session), claimant_(session), shopper_(session) {}

  std::optional<Sending> request(const TrailStep& step) override {
    if (role_ == "vendor") return to_vendor(step);
    return role_ == "broker" ? to_broker(step) : to_host(step);
  }

  void remember(const TrailStep& step, const Reply& reply) override {
    if (step.message == "GetOrder") {
      offer_->take(reply);
    } else if (step.message == "InquiryPayment") {
      endorsement_id_ = reply.text("Body/Endorsement/EndorsementId");
    }
  }

  std::string fault_of(const TrailStep& step, const Reply& reply) override {
    const std::string verdict = step.message == "SettleWithHost" ? verdict_of(reply) : std::string();
    return step.message == "SettleWithHost" && !verdict.starts_with(decision_of(step)) ? verdict : std::string();
  }

  /// Forged answers say yes, whatever the player would have said: its role core knows nothing of the order.
  Act answer(const TrailStep& step) const override {
    return step.forged ? edit_answer("forged " + step.message + "Response", [&world = world_](Element& response) { say_yes(world, response); }) : Act{};
  }

  IutResult<CallId> begin(const std::string& confirm) override { return shopper_.begin(confirm); }
  std::string press(const TrailStep&) override { return {}; }
  Peer* answerer(const TrailStep& step) override { return world_.peer(world_.cast().player(step.to)); }

 private:
  std::optional<Sending> to_vendor(const TrailStep& step) {
    if (step.message == "GetOrder") {
      offer_.emplace();
      return buyer_.get_order(0, &offer_->secret);
    }
    if (!offer_) {
      why_ = "there is no order";
      return std::nullopt;
    }
    const auto endorsement = broker_is_honest() ? buyer_.endorse(*offer_) : std::optional(made_up());
    why_ = buyer_.refusal();
    return endorsement ? std::optional(buyer_.delivery(*offer_, *endorsement)) : std::nullopt;
  }

  /// The Broker commits by itself: its role core must know the order.
  bool broker_is_honest() const {
    return std::any_of(trail_.steps.begin(), trail_.steps.end(),
                       [](const TrailStep& step) { return step.message == "CheckCommit" && step.kind == Kind::request && step.to == "broker"; });
  }

  /// An endorsement that no Broker gave.
  Element made_up() {
    return branch("Endorsement", {leaf("Broker", world_.cast().broker), leaf("EndorsementId", world_.fresh_id()), offer_->ref,
                                  leaf("EndorsedAt", world_.now_text()), leaf("CheckBy", world_.now_text(protocol::T_order_default / 2))});
  }

  std::optional<Sending> to_broker(const TrailStep& step) {
    if (ref_.name.empty()) {
      ref_ = payer_.order();
    }
    if (step.message == "InquiryPayment") {
      return payer_.inquiry(ref_);
    }
    return payer_.check(ref_, endorsement_id_.empty() ? world_.fresh_id() : endorsement_id_);
  }

  std::optional<Sending> to_host(const TrailStep& step) {
    if (paid_.vendor.empty()) {
      paid_ = registrar_.order();
    }
    if (step.message == "RegisterCommit") return registrar_.commit(paid_);
    if (step.message == "RegisterDelivery") return registrar_.delivery(paid_);
    if (step.message == "RegisterOrder") return registrar_.reception(paid_, step.variant == "received" ? "" : step.variant);
    Element brought = claimant_.host_case({paid_});
    Claimant::add(brought, claimant_.settlement(paid_, {{paid_.ref, std::string(protocol::QP_E_UNKNOWN_ORDER)}}));
    return claimant_.bringing(claimant_.signed_by_vendor(std::move(brought)));
  }

  /// The results of CheckCommit; the notices to the Host have no forged answer in any trail that must fail.
  static void say_yes(const World& world, Element& response) {
    Element* body = child(response, "Body");
    if (body == nullptr) {
      return;
    }
    body->children = {branch("Status", {leaf("Code", std::string(protocol::QP_OK))}), leaf("CommitId", std::string(32, 'c')),
                      leaf("CommittedAt", world.now_text()), leaf("SettleBy", world.now_text(protocol::T_settle_default))};
  }

  World& world_;
  const Trail& trail_;
  const std::string& role_;
  Buyer buyer_;
  Payer payer_;
  Registrar registrar_;
  Claimant claimant_;
  Shopper shopper_;
  std::optional<Offer> offer_;
  Element ref_;  ///< at a Broker
  PaidOrder paid_;
  std::string endorsement_id_;
};

}  // namespace

std::unique_ptr<Words> words_of(Session& session, const Trail& trail, const std::string& role) {
  switch (kind_of(trail)) {
    case TrailKind::regular: return regular_words(session, trail, role);
    case TrailKind::keys: return key_words(session, trail, role);
    case TrailKind::registration: return registration_words(session, trail, role);
    case TrailKind::joining: return role == "host" ? entry_words(session, trail) : registration_words(session, trail, role);
    case TrailKind::entries: return entry_words(session, trail);
    case TrailKind::paycard: return paycard_words(session, trail, role);
    case TrailKind::micropayment: break;
  }
  return std::make_unique<MicroWords>(session, trail, role);
}

}  // namespace quickpay::conformance
