// What is said about a Paycard: to its Broker by a Wallet that adds it, and to the Wallet by its user; its Broker speaks for itself.
#include <algorithm>
#include <array>

#include "conformance/peers/build.hpp"
#include "conformance/suites/applicant.hpp"
#include "conformance/suites/holder.hpp"
#include "conformance/trails/owner.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr const char *kWrongCode = "GUESS-1", *kWrongAnswer = "nothing of the kind", *kNoFile = "no-such-card";

bool takes_any(const TrailStep& step, std::initializer_list<std::string_view> rows) { return takes_one_of(step, "broker", rows); }

/// The Broker is under test.
class WalletsWords final : public Words {
 public:
  WalletsWords(Session& session, const Trail& trail) : world_(session.world()), trail_(trail), applicant_(session) {}

  std::optional<Sending> request(const TrailStep& step) override {
    if (step.message == "ConfirmPaycard") return applicant_.sealed(step.message, confirmation(step));
    if (step.message == "TakeQuestion") return applicant_.sealed(step.message, in_session(applicant_.taking(), takes_any(step, {"J9"})));
    if (step.message == "RemovePaycard") return removal(step);
    if (takes_any(step, {"K6"}) && applicant_.questions.empty()) {
      why_ = "nobody can answer what was not asked";
      return std::nullopt;
    }
    Element inner = applicant_.answering();
    if (!takes_any(step, {"K6"})) set_text(inner, "Answer/Value", kWrongAnswer);
    return applicant_.sealed(step.message, in_session(std::move(inner), takes_any(step, {"J11"})));
  }

  void remember(const TrailStep& step, const Reply& reply) override { applicant_.heard(step.message, reply); }

  std::string fault_of(const TrailStep& step, const Reply& reply) override {
    if (!reply.ok()) return {};
    if (step.message == "ConfirmPaycard" && applicant_.session_id.empty()) return "there is no session in the answer";
    if (step.message == "TakeQuestion" && applicant_.questions.empty()) return "there is no question in the answer";
    return step.message == "AnswerResponse" && applicant_.secret.empty() ? "there is no secret in the answer" : std::string();
  }

  /// Who is locked opens no session, and nobody opens one of a Paycard that was given up.
  std::string fault_at_end() override {
    const bool locked = state_of(trail_, "broker.applicant") == "LOCKED" || state_of(trail_, "broker.paycard") == "LOCKED";
    if (!locked && state_of(trail_, "broker.paycard") != "REMOVED") return {};
    const Reply reply = applicant_.confirm();
    return reply.code == (locked ? protocol::QP_E_LOCKED : protocol::QP_E_PAYCARD) ? std::string() : "to a new session: " + outcome_text(reply);
  }

 private:
  Element confirmation(const TrailStep& step) {
    Element inner = applicant_.confirmation();
    if (takes_any(step, {"J4", "J5"})) set_text(inner, "IssueCode", kWrongCode);
    if (takes_any(step, {"J1", "J6"})) set_text(inner, "WalletInfo/WalletId", world_.cast().unknown_wallet);
    if (takes_any(step, {"J2"})) set_text(inner, "Product", kNoFile);
    return inner;
  }

  static Element in_session(Element inner, bool another) {
    if (another) set_text(inner, "SessionId", std::string(32, '0'));
    return inner;
  }

  std::optional<Sending> removal(const TrailStep& step) {
    const bool right = takes_any(step, {"K17"});
    if (right && applicant_.secret.empty()) {
      why_ = "nobody has the secret of the Paycard";
      return std::nullopt;
    }
    return applicant_.removal(right ? applicant_.secret : std::string(64, '0'));
  }

  World& world_;
  const Trail& trail_;
  Applicant applicant_;
};

/// The Wallet is under test.
class BrokersWords final : public Words {
 public:
  BrokersWords(Session& session, const Trail& trail, const std::string& role) : trail_(trail), role_(role), holder_(session), owner_(session, role) {}

  std::optional<Sending> request(const TrailStep&) override { return std::nullopt; }

  Act answer(const TrailStep& step) const override {
    if (step.forged) return answer_code(std::string(forged_code(event_of(step, role_))));
    return step.code == protocol::QP_OK ? Act{} : answer_code(step.code);
  }

  /// What the user answers is said when he begins.
  std::string press(const TrailStep& step) override {
    if (step.action == "add") return owner_.wished(step, holder_.begin({.confirm = answers_after(step) ? "yes" : "no"}));
    if (step.action != "remove") return {};
    const auto outcome = holder_.remove(holder_.enrolment().paycard);
    return is_accepted(outcome) ? std::string() : outcome_text(outcome);
  }

  Peer* answerer(const TrailStep&) override { return holder_.shopper.broker(); }
  std::string fault_of_answer(const TrailStep& step) override { return owner_.fault_of(step); }
  void let_go() override { owner_.let_go(); }

  /// A Paycard that is there can be activated, and no other.
  std::string fault_at_end() override {
    const std::string_view state = state_of(trail_, "wallet.paycard");
    if (state != "READY" && state != "REMOVED") return {};
    return holder_.activates(holder_.enrolment().paycard) == (state == "READY") ? std::string() : state == "READY" ? "it has no Paycard" : "it has the Paycard still";
  }

 private:
  bool answers_after(const TrailStep& add) const {
    const TrailStep* end = trail_.steps.data() + trail_.steps.size();
    const TrailStep* next = std::find_if(&add + 1, end, [&](const TrailStep& one) { return is_of(one, TrailStep::Kind::action, role_); });
    return next != end && next->action == "answer";
  }

  const Trail& trail_;
  const std::string& role_;
  Holder holder_;
  Owner owner_;
};

}  // namespace

std::unique_ptr<Words> paycard_words(Session& session, const Trail& trail, const std::string& role) {
  if (role == "broker") return std::make_unique<WalletsWords>(session, trail);
  return std::make_unique<BrokersWords>(session, trail, role);
}

}  // namespace quickpay::conformance
