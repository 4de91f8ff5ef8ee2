// What is said about a regular order: its purchase, its settlement, and how it is taken back.
#include <algorithm>
#include <array>

#include "conformance/peers/build.hpp"
#include "conformance/suites/merchant.hpp"
#include "conformance/suites/revoker.hpp"
#include "conformance/suites/shopper.hpp"
#include "conformance/suites/signed_request.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr const char* kReason = "out-of-stock";

/// A timer whose time a clock that is moved brings about.
struct Span {
  std::string_view role, timer;
  std::int64_t first, later;
};
constexpr std::array kSpans = {Span{"broker", "HoldUntil", protocol::T_hold_default + 1, protocol::backoff_cap_default + 1},
                               Span{"broker", "SettleBy", protocol::T_claim_default + 1, protocol::T_hold_default + 1},
                               Span{"host", "T_hold", protocol::T_hold_default + 1, protocol::T_hold_default + 1},
                               Span{"host", "T_probe", protocol::T_probe_default + 1, protocol::T_probe_default + 1},
                               Span{"broker", "T_lock", protocol::T_lock_default + 1, protocol::T_lock_default + 1},
                               Span{"broker", "T_session", protocol::T_session_default + 1, protocol::T_session_default + 1},
                               Span{"wallet", "T_session", protocol::T_session_default + 1, protocol::T_session_default + 1}};

/// The results of RevokeOrder for an order of this amount.
std::vector<Element> taken(World& world, const std::string& revoke_id, const std::string& amount, bool pending) {
  std::vector<Element> all = {leaf("RevokeId", revoke_id), leaf("Effect", "released"), leaf("Amount", amount), leaf("State", pending ? "pending" : "final")};
  if (pending) {
    all.push_back(leaf("HoldUntil", world.now_text(protocol::T_hold_default)));
  }
  return all;
}

void say(Element& response, std::vector<Element> results) {
  if (Element* body = child(response, "Body"); body != nullptr) {
    results.insert(results.begin(), branch("Status", {leaf("Code", std::string(protocol::QP_OK))}));
    body->children = std::move(results);
  }
}

/// Of a regular order.
class RegularWords final : public Words {
 public:
  RegularWords(Session& session, const Trail& trail, const std::string& role)
      : session_(session), world_(session.world()), trail_(trail), role_(role), revoker_(session), merchant_(session), shopper_(session) {}

  std::optional<Sending> request(const TrailStep& step) override;
  void remember(const TrailStep& step, const Reply& reply) override;
  std::string fault_of(const TrailStep& step, const Reply& reply) override;
  Act answer(const TrailStep& step) const override;
  IutResult<CallId> begin(const std::string& confirm) override { return shopper_.begin_regular(confirm); }
  std::string press(const TrailStep& step) override;
  Peer* answerer(const TrailStep& step) override { return world_.peer(world_.cast().player(step.to)); }
  std::string fault_at_end() override;

 private:
  RegularTrade& trade() { return revoker_.trade(); }
  std::optional<Sending> to_vendor(const TrailStep& step);
  std::optional<Sending> to_broker(const TrailStep& step);
  std::optional<Sending> to_host(const TrailStep& step);
  Element host_case(const TrailStep& step);
  Element revoke(bool has_signature, bool forged);
  Element another();
  /// Who is on the path has nobody's key.
  bool by_stranger(const TrailStep& step) const { return step.forged && trail_.lies("network"); }
  Promised forged_purchase();
  const TrailStep* request_before(const TrailStep& answer) const;
  std::string broker_fault(std::string_view wanted);

  Session& session_;
  World& world_;
  const Trail& trail_;
  const std::string& role_;
  Revoker revoker_;
  Merchant merchant_;
  Shopper shopper_;
  std::optional<Offer> offer_;
  Promised order_;
  std::optional<Element> revoke_;  ///< not signed
  std::optional<Element> telling_;  ///< the Revoke that the Host is told of
  std::optional<Element> said_;     ///< the last one that it took
};

}  // namespace

std::unique_ptr<Words> regular_words(Session& session, const Trail& trail, const std::string& role) { return std::make_unique<RegularWords>(session, trail, role); }

std::optional<std::int64_t> span_of(std::string_view role, std::string_view timer, std::size_t n) {
  const auto known = std::find_if(kSpans.begin(), kSpans.end(), [&](const Span& one) { return one.role == role && one.timer == timer; });
  return known == kSpans.end() ? std::nullopt : std::optional(n == 0 ? known->first : known->later);
}

std::optional<Sending> RegularWords::request(const TrailStep& step) {
  if (role_ == "vendor") return to_vendor(step);
  return role_ == "broker" ? to_broker(step) : to_host(step);
}

// ---------------------------------------------------------------- the Vendor is under test
std::optional<Sending> RegularWords::to_vendor(const TrailStep& step) {
  if (step.message == "GetOrder") {
    offer_.emplace();
    return trade().get_order(0, &offer_->secret);
  }
  if (!offer_) {
    why_ = "there is no order";
    return std::nullopt;
  }
  const auto effects = effects_of(step, role_);
  const bool accepted = std::any_of(effects.begin(), effects.end(), [](const auto& effect) { return effect.verb == statemachines::Verb::perform && effect.first == "accept"; });
  if (by_stranger(step) && !accepted) {  // otherwise it sends again what the Broker signed
    return trade().delivery(*offer_, with_key("stranger")(world_, trade().commitment(offer_->ref)));
  }
  if (order_.commitment.name.empty()) {
    const Element promise = trade().by_broker(trade().commitment(offer_->ref));
    order_ = {offer_->ref, promise, {}, text_at(promise, "CommitId")};
  }
  return trade().delivery(*offer_, order_.commitment);
}

// ---------------------------------------------------------------- the Broker is under test
std::optional<Sending> RegularWords::to_broker(const TrailStep& step) {
  if (order_.ref.name.empty()) {
    order_.ref = trade().order();
    order_.commit_id = world_.fresh_id();
  }
  if (step.message == "InquiryPayment") {
    return trade().inquiry(order_.ref);
  }
  if (step.message == "RevokeOrder") {
    return revoker_.revoking(revoke(takes(step, "broker.revoke", {"X8", "X14", "X21"}), step.forged));
  }
  Claimant claimant(session_);
  std::vector<Element> approvals;
  if (takes(step, "broker.debt", {"G4", "G14", "G26", "G33@PAYABLE", "G33@PAID", "G41"})) {
    approvals.push_back(claimant.approval({claimable(order_)}));
  }
  return claimant.claiming(claimant.signed_by_vendor(trade().claim({order_}, std::move(approvals))));
}

/// In profile H there is none without a signature; who is on the path has one of somebody else at best.
Element RegularWords::revoke(bool has_signature, bool forged) {
  if (!revoke_) {
    revoke_ = revoker_.revoke(order_);
  }
  const bool stranger = forged && trail_.lies("network") && !has_signature;
  if (stranger && session_.profile() == "H") {
    return with_key("stranger")(world_, *revoke_);
  }
  return has_signature ? revoker_.by_vendor(*revoke_) : *revoke_;
}

/// One with an id of its own.
Element RegularWords::another() {
  const Element made = revoker_.revoke(order_);
  return session_.profile() == "H" ? with_key("stranger")(world_, made) : made;
}

// ---------------------------------------------------------------- the Host is under test
/// What nobody promised and nobody accepted.
Promised RegularWords::forged_purchase() {
  Promised made{trade().order(), {}, {}, {}};
  made.commitment = with_key("stranger")(world_, trade().commitment(made.ref));
  made.commit_id = text_at(made.commitment, "CommitId");
  made.receipt = with_key("stranger")(world_, trade().receipt(made.commitment));
  return made;
}

std::optional<Sending> RegularWords::to_host(const TrailStep& step) {
  if (order_.ref.name.empty()) {
    order_ = by_stranger(step) && step.message == "RegisterOrder" ? forged_purchase() : trade().paid();
  }
  if (step.message == "RegisterOrder") {
    return trade().notice(order_, takes(step, "host.purchase", {"R4", "R9", "R14"}));
  }
  if (step.message == "RegisterRevoke") {
    const bool proven = takes(step, "host.revoke", {"Z6", "Z12", "Z21", "Z21@STANDING", "Z21@VOID"}) || state_of(trail_, "host.revoke", &step) == "PROVEN";
    telling_ = step.other ? another() : revoke(proven, step.forged);
    return revoker_.notice(*telling_);
  }
  return Claimant(session_).bringing(Claimant(session_).signed_by_vendor(host_case(step)));
}

/// Why the Vendor goes before the Host, and whether it says that it did not revoke: both as when it made the case.
Element RegularWords::host_case(const TrailStep& step) {
  Element made = revoker_.contest(order_);
  Claimant claimant(session_);
  std::string refusal = step.forged ? std::string(protocol::QP_E_UNKNOWN_ORDER) : std::string();
  std::string word;
  bool unreachable = false, meant = false, contests = true;
  for (const TrailStep& one : trail_.steps) {
    if (&one == &step) break;
    if (const std::string said = word_of(one); !said.empty()) word = said;
    if (takes(one, "vendor.revoke", {"E1@NONE", "E1@FAILED"})) meant = true;
    if (takes(one, "vendor.revoke", {"E5"})) meant = false;
    if (takes(one, "vendor.claim", {"C9"})) refusal = word, unreachable = false, contests = !meant;
    if (takes(one, "vendor.claim", {"C11"})) refusal.clear(), unreachable = true, contests = !meant;
    if (takes(one, "vendor.claim", {"C23", "C24"})) refusal.clear(), unreachable = false, contests = !meant;
  }
  if (!contests) {
    auto& fields = child(made, "Item")->children;
    std::erase_if(fields, [](const Element& field) { return field.name == "Contest"; });
  }
  const Cast& cast = world_.cast();
  const PaidOrder paid{order_.ref, cast.broker, cast.vendor, cast.wallet, {}, order_.commit_id, {}};
  if (unreachable) {
    Claimant::add(made, claimant.unreachable());
  } else if (!refusal.empty() && refusal != "accepted") {
    Claimant::add(made, claimant.settlement(paid, {{order_.ref, refusal}}));
  }
  return made;
}

// ---------------------------------------------------------------- answers
void RegularWords::remember(const TrailStep& step, const Reply& reply) {
  if (step.message == "RegisterRevoke" && reply.ok()) {
    said_ = telling_;
  }
  if (step.message == "GetOrder" && offer_) {
    offer_->take(reply);
  }
  if (const Element* promise = at(reply.document, "Body/Commitment"); step.message == "InquiryPayment" && promise != nullptr) {
    order_.commitment = *promise;
    order_.commit_id = text_at(*promise, "CommitId");
  }
}

std::string RegularWords::fault_of(const TrailStep& step, const Reply& reply) {
  if (step.message == "SettleWithHost") {
    const std::string verdict = verdict_of(reply);
    return verdict.starts_with(decision_of(step)) ? std::string() : verdict.empty() ? outcome_text(reply) : verdict;
  }
  if (step.message == "RevokeOrder" && reply.ok()) {
    const char* wanted = takes(step, "broker.revoke", {"X9", "X15"}) ? "pending" : "final";
    return reply.text("Body/State") == wanted ? std::string() : "the revoke is " + reply.text("Body/State");
  }
  if (step.message != "SettleWithBroker") {
    return {};
  }
  const std::string word = word_on(reply, claimable(order_));
  const std::string wanted = word_of(step);
  return wanted.empty() || word == wanted ? std::string() : "the order is " + (word.empty() ? outcome_text(reply) : word);
}

const TrailStep* RegularWords::request_before(const TrailStep& answer) const {
  const TrailStep* last = nullptr;
  for (const TrailStep& one : trail_.steps) {
    if (&one == &answer) break;
    if (one.kind == TrailStep::Kind::request && one.message == answer.message && one.from == answer.from) last = &one;
  }
  return last;
}

/// The core knows nothing of an order that the suite sold in its place: it is told what to say.
Act RegularWords::answer(const TrailStep& step) const {
  const TrailStep* request = request_before(step);
  World& world = world_;
  if (step.message == "RegisterRevoke" && step.forged) {
    return edit_answer("forged RegisterRevokeResponse", [](Element& response) {
      say(response, {leaf("CaseNo", "1"), leaf("FeeReversed", "0"), leaf("RevokeState", "standing")});
    });
  }
  if (step.message == "RegisterRevoke" && takes(step, "broker.revoke", {"X27"})) {
    return answer_made("revoke void", [](const Element&) {
      return std::vector<Element>{leaf("CaseNo", "1"), leaf("FeeReversed", "0"), leaf("RevokeState", "void")};
    });
  }
  if (step.message == "RevokeOrder" && step.forged) {
    return edit_answer("forged RevokeOrderResponse", [&world, this](Element& response) {
      say(response, taken(world, world.fresh_id(), text_at(order_.ref, "Amount"), false));
    });
  }
  if (step.message == "RevokeOrder" && step.code == protocol::QP_OK) {
    const bool pending = request != nullptr && takes(*request, "broker.revoke", {"X9", "X15"});
    return answer_made("revoke taken", [&world, pending](const Element& asked) {
      const Element& revoke = *at(asked, "Body/Revoke");
      return taken(world, text_at(revoke, "RevokeId"), text_at(revoke, "OrderRef/Amount"), pending);
    });
  }
  if (step.message == "SettleWithBroker" && request != nullptr && step.code == protocol::QP_OK) {
    if (const std::string word = word_of(*request); word != "accepted" && !word.empty()) {
      return answer_made("refusal " + word, [&world, word](const Element& asked) { return std::vector<Element>{refusing_settlement(world, asked, word)}; });
    }
    return Act{};
  }
  return step.message == "RevokeOrder" ? answer_code(step.code) : Act{};
}

std::string RegularWords::press(const TrailStep& step) {
  if (role_ != "vendor") {
    return {};
  }
  world_.settle();
  const std::string op = step.action == "run" ? "settle-with-broker" : step.action;
  Json arguments = Json::object();
  if (op != "settle-with-broker") {
    arguments["order"] = text_at(order_.ref, "OrderId");
  }
  if (op == "revoke") {
    arguments["reason"] = kReason;
  }
  const auto outcome = session_.iut().act(op, arguments);
  if (!outcome) {
    return "the implementation has no such button";
  }
  world_.settle();
  return outcome->kind == OutcomeKind::rejected ? "the button refuses" : "";
}

// ---------------------------------------------------------------- the end
/// Who is owed nothing more hears so when he claims.
std::string RegularWords::broker_fault(std::string_view wanted) {
  const std::string word = revoker_.claimed(order_);
  return word == wanted ? std::string() : "a claim of the order is " + (word == "accepted" ? word : "refused with " + word);
}

std::string RegularWords::fault_at_end() {
  const std::string_view debt = state_of(trail_, "broker.debt"), held = state_of(trail_, "broker.revoke");
  if (role_ == "broker" && !order_.commitment.name.empty()) {
    if (debt == "REVOKED") return broker_fault(protocol::QP_E_REVOKED);
    if (debt == "UNCLAIMED") return broker_fault(protocol::QP_E_SETTLE_EXPIRED);
    if (debt == "OWED" && held == "HELD") return broker_fault(protocol::QP_E_PENDING);
  }
  if (role_ == "host" && said_) {
    const std::string_view state = state_of(trail_, "host.revoke");
    const std::string wanted = state == "UNPROVEN" ? "open" : state == "VOID" ? "void" : "standing";
    const std::string standing = Revoker::standing(world_.send(revoker_.notice(*said_)));
    return standing == wanted ? std::string() : "the revoke is " + standing;
  }
  const std::string claim(state_of(trail_, "vendor.claim"));
  if (role_ == "vendor" && !claim.empty() && merchant_.shows_claims() && !order_.ref.name.empty()) {
    world_.settle();
    const std::string state = merchant_.state_of(order_.ref);
    return state == claim ? std::string() : "the claim is " + state;
  }
  return {};
}

}  // namespace quickpay::conformance
