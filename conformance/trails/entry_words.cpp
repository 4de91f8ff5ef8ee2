// What strangers ask of the Host: that it lists, changes or removes a Wallet or a Broker, or what its directory says.
#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"

namespace quickpay::conformance {

namespace {

constexpr const char* kNewName = "Renamed Bank";
constexpr std::int64_t kBefore = -3600;  ///< seconds: a change of before

bool takes_any(const TrailStep& step, std::initializer_list<std::string_view> rows) { return takes_one_of(step, "host", rows); }

class StrangersWords final : public Words {
 public:
  StrangersWords(Session& session, const Trail& trail) : session_(session), world_(session.world()), wallet_(wallet_of(session, trail)) {
    const TrailStep* first = first_of(trail, "Broker");
    if (first != nullptr && first->message == "UpdateBroker") {
      broker_.emplace(NewBroker::of_the_owner(session, world_.cast().broker));
    } else if (first != nullptr) {
      broker_.emplace(session);
    }
  }

  std::optional<Sending> request(const TrailStep& step) override {
    if (step.message == "LookupPlayer") return look_up(step);
    if (step.message.ends_with("Broker")) return about_broker(step);
    if (step.message == "RegisterWallet") return last_ = wallet_.registration(inner_ = nets(wallet_.inner(), takes_any(step, {"I1"})));
    if (wallet_.id.empty()) return nobody();
    if (step.message == "UnregisterWallet") return wallet_.leaving();
    return last_ = wallet_.update(inner_ = nets(wallet_.change(), takes_any(step, {"I6"})));
  }

  void remember(const TrailStep& step, const Reply& reply) override {
    if (!reply.ok()) return;
    if (step.message == "RegisterWallet") wallet_.joined(last_, inner_, reply);
    if (step.message == "UpdateWallet") wallet_.updated(last_, inner_, reply);
    if (step.message == "UnregisterWallet") wallet_.left();
    if (step.message == "RegisterBroker") broker_->joined(last_, inner_, reply);
    if (step.message == "UpdateBroker") broker_->changed(inner_);
  }

  std::string fault_of(const TrailStep& step, const Reply& reply) override {
    if (step.message != "LookupPlayer" || !reply.ok()) return {};
    return reply.text("Body/Entry/Id") == world_.cast().vendor ? std::string() : "it is the entry of " + reply.text("Body/Entry/Id");
  }

  std::string fault_at_end() override { return is_shown() ? std::string() : "the directory does not say so"; }
  std::string harm_done(const TrailStep&) override { return is_shown() ? std::string() : "the directory says all the same what was refused"; }

 private:
  bool is_shown() const {
    const bool wallet = wallet_.id.empty() || is_listed(session_, wallet_.id, wallet_.ticket);
    return wallet && (!broker_ || broker_->id.empty() || is_listed(session_, broker_->id));
  }
  static const TrailStep* first_of(const Trail& trail, std::string_view end) {
    const auto first = std::find_if(trail.steps.begin(), trail.steps.end(), [&](const TrailStep& step) { return step.message.ends_with(end); });
    return first == trail.steps.end() ? nullptr : &*first;
  }
  /// Who is no newcomer in the trail is one that the Host's owner has listed.
  static NewWallet wallet_of(Session& session, const Trail& trail) {
    const TrailStep* first = first_of(trail, "Wallet");
    return first == nullptr || first->message == "RegisterWallet" ? NewWallet(session) : NewWallet::of_the_owner(session, session.world().cast().wallet);
  }

  std::optional<Sending> nobody() {
    why_ = "nobody is registered";
    return std::nullopt;
  }

  /// Bound to an address from which it does not send, if that is wanted.
  Element nets(Element inner, bool elsewhere) {
    if (elsewhere) {
      std::erase_if(inner.children, [](const Element& one) { return one.name == "Net"; });
      const bool has_software = child(inner, "Software") != nullptr;
      inner.children.insert(inner.children.begin() + (has_software ? 1 : 0), wallet_.net(world_.stray_address()));
    }
    return inner;
  }

  std::optional<Sending> about_broker(const TrailStep& step) {
    if (step.message == "RegisterBroker") {
      inner_ = broker_->inner();
      if (takes_any(step, {"A1"})) set_text(inner_, "EnrolmentCode", "GUESS-1");
      return last_ = broker_->registration(inner_);
    }
    if (broker_->id.empty()) return nobody();
    if (takes_any(step, {"A8"}) && broker_->last_change.name.empty()) {
      why_ = "there was no change before";
      return std::nullopt;
    }
    inner_ = broker_->signed_change(broker_->change(kNewName, takes_any(step, {"A8"}) ? kBefore : 0));
    return broker_->update(inner_);
  }

  /// A Vendor by its Id, or a Wallet by a ticket that it does not have.
  std::optional<Sending> look_up(const TrailStep& step) {
    const bool hidden = takes_any(step, {"L1"});
    Sending sending;
    sending.from = world_.cast().broker;
    std::vector<Element> body = {leaf("Role", hidden ? "wallet" : "vendor"), leaf("Id", hidden ? world_.cast().other_wallet : world_.cast().vendor)};
    if (hidden) {
      body.push_back(leaf("Ticket", world_.fresh_id()));
    }
    sending.document = request_of("LookupPlayer", world_.head(sending.from), std::move(body));
    return sending;
  }

  Session& session_;
  World& world_;
  NewWallet wallet_;
  std::optional<NewBroker> broker_;
  Sending last_;   ///< the last sealed request, …
  Element inner_;  ///< … and what is in it; or the last change of the Broker
};

}  // namespace

std::unique_ptr<Words> entry_words(Session& session, const Trail& trail) { return std::make_unique<StrangersWords>(session, trail); }

}  // namespace quickpay::conformance
