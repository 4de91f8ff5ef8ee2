// Paycards that are not added, not kept, and not given up: what a Wallet must not send then.
#include <functional>
#include <memory>

#include "conformance/peers/build.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/boxed_answers.hpp"
#include "conformance/suites/holder.hpp"
#include "conformance/suites/rights.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/suites/wallet_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kPastSession = protocol::T_session_default + 1;  ///< seconds
const std::string kInquiry = "InquiryPayment";

/// What goes wrong, and what the Wallet must not send then.
struct Wrong {
  const char* id;
  const char* title;
  const char* row;
  std::vector<std::string> requirements;
  std::string message;  ///< whose answer is scripted; empty: none
  std::function<Act(const World&)> act;
  std::string forbidden;
  Holder::User user = {};
  Arrange arrange = {};
};

std::function<Act(const World&)> says(const char* code) {
  return [code](const World&) { return answer_code(code); };
}
std::function<Act(const World&)> telling(const char* label, std::function<void(const World&, Element&)> change) {
  return [label, change = std::move(change)](const World& world) {
    return change_inside(world, kConfirm, label, [&world, change](Element& inner) { change(world, inner); });
  };
}
/// The Paycard that this Wallet has had from the beginning.
std::string own_paycard(const World& world) {
  for (const PaycardPlan& card : world.plan().paycards) {
    if (card.wallet == world.iut()) {
      return card.paycard;
    }
  }
  return {};
}
/// The Broker's key is good from then on.
constexpr std::int64_t kKeyGoodIn = 3600;
void sealing_key_comes(WorldPlan& plan) {
  for (SigningKeyPlan& key : plan.signing_keys) {
    if (key.usage == "seal") {
      key.not_before = time_text(time_of(plan.now) + kKeyGoodIn * 1000);
    }
  }
}
/// And the one before it is good no more.
void sealing_key_changes(WorldPlan& plan) {
  sealing_key_comes(plan);
  SigningKeyPlan old = signing_key_plan(plan, plan.cast.broker, *test_key("stranger"));
  old.usage = "seal";
  old.not_after = time_text(time_of(plan.now) - kKeyGoodIn * 1000);
  plan.signing_keys.push_back(std::move(old));
}

std::vector<Wrong> wrongs() {
  const std::vector<std::string> ends = {"QP-ADM-010", "QP-ADM-012"}, same = {"QP-ADM-007", "QP-ADM-008"}, certified = {"QP-ADM-006", "QP-ADM-007"};
  const auto doubled = [](const World&, Element& inner) {
    for (std::size_t i = 0; i < inner.children.size(); ++i) {
      if (inner.children[i].name == "Question") {
        inner.children.insert(inner.children.begin() + static_cast<std::ptrdiff_t>(i), Element(inner.children[i]));
        return;
      }
    }
  };
  return {
      {"refused.code", "A code that the Broker does not know adds nothing.", "U12", ends, kConfirm, says("QP-E-PAYCARD"), kTake},
      {"refused.locked", "A Broker that has locked the Wallet out is not asked on.", "U12 LOCKED", ends, kConfirm, says("QP-E-LOCKED"), kTake},
      {"refused.questions", "Without questions there are no answers.", "U13", {"QP-ADM-011"}, kTake, says("QP-E-SESSION"), kAnswer},
      {"refused.questions-locked", "Nor where the Paycard is locked.", "U13 LOCKED", {"QP-ADM-011"}, kTake, says("QP-E-LOCKED"), kAnswer},
      {"told.own-paycard", "A Paycard that the Wallet has already is not added again.", "U4", same, kConfirm,
       telling("Paycard of this Wallet", [](const World& world, Element& inner) { set_text(inner, "Paycard", own_paycard(world)); }), kTake},
      {"told.question-twice", "Questions that nobody can answer end it.", "U6", {"QP-ADM-011", "QP-ADM-007"}, kTake,
       telling("a number twice", doubled), kAnswer},
      {"user.gives-up", "What the user does not answer is not sent.", "U15", {"QP-ADM-010", "QP-ADM-012"}, {}, {}, kAnswer, {"no", {}, {}}},
      {"user.unfit-answers", "Answers that do not fit their questions are not sent.", "U8", {"QP-ADM-012"}, {}, {}, kAnswer,
       {"yes", {}, "neither a number nor a day"}},
      {"unknown-product", "What no Broker made is not added.", "U2", certified, {}, {}, kConfirm, {"yes", "other", {}}},
      {"early-sealing-key", "Nothing is sealed to a key that is not good yet.", "U2 early key", certified, {}, {}, kConfirm, {}, sealing_key_comes},
      {"old-sealing-key", "Nor to one that is good no more.", "U2 old key", certified, {}, {}, kConfirm, {}, sealing_key_changes}};
}

/// Why a user of a Wallet may be told that a Paycard was not added.
const std::vector<std::string> kReasons = {"peer-error", "not-authorised", "malformed",     "bad-signature", "untrusted-key", "duplicate",
                                           "expired",    "out-of-state",   "unknown-field", "replay",        "revoked",       "insufficient"};

Negative wrong(const std::string& check, const Wrong& one) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, one](Session& s) {
    Holder who(s);
    if (one.arrange && s.world().real_time()) {
      return false;  // the key would not become good while anybody waits
    }
    const std::size_t from = s.transcript().mark();
    Act act;
    if (!one.message.empty()) {
      act = one.act(s.world());
      who.shopper.broker()->script(one.message, act);
    }
    *call = who.begin(one.user);
    if (!call->has_value() || one.message.empty()) {
      return call->has_value();
    }
    return act.kind == Act::Kind::answer
               ? s.world().wait_for(from, [&](const Entry& entry) { return !entry.by_iut && entry.code == act.code; }).has_value()
               : who.shopper.delivered(from, act.label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Holder(s).finish(*call)); };
  plan.forbidden = is_request(one.forbidden);
  plan.forbidden_text = "no " + one.forbidden;
  plan.refusals = kReasons;
  const std::int64_t until = one.arrange ? kKeyGoodIn : 0;
  plan.benign = [until](Session& s) { return (until == 0 || s.world().advance(until)) && Holder(s, 1).adds(); };
  return plan;
}

/// The Broker's last word is wrong: the Wallet is left without the Paycard.
struct Unwanted {
  const char* id;
  const char* title;
  const char* row;
  std::vector<std::string> requirements;
  std::function<Act(const World&)> act;
};

std::vector<Unwanted> unwanted() {
  return {{"refused.answers", "A Broker that refuses the answers gives no Paycard.", "U14", {"QP-ADM-012"}, says("QP-E-SESSION")},
          {"refused.answers-locked", "Too many wrong answers end it.", "U14 LOCKED", {"QP-ADM-012"}, says("QP-E-LOCKED")},
          {"told.other-paycard", "The Paycard that comes is the one that was promised.", "U10", {"QP-ADM-007", "QP-ADM-008"},
           telling("another Paycard", [](const World&, Element& inner) { set_text(inner, "Paycard", "P99"); })}};
}

Negative not_added(const std::string& check, const Unwanted& one) {
  Wrong as_wrong{one.id, one.title, one.row, one.requirements, kAnswer, one.act, kInquiry};
  Negative plan = wrong(check, as_wrong);
  plan.forbidden_text = "no payment with it";
  plan.reaction = [reaction = plan.reaction](Session& s) {
    Reaction end = reaction(s);
    Holder who(s);
    if (end.kind == Reaction::Kind::refused && (who.activates(who.enrolment().paycard) || who.activates("P99"))) {
      end.kind = Reaction::Kind::accepted;
      end.detail = "the Paycard is there";
    }
    return end;
  };
  return plan;
}

/// No answer of the Broker arrives before the session is over.
Negative expired(const std::string& check, const std::string& message) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, message](Session& s) {
    Holder who(s);
    who.shopper.broker()->script(message, lose_answer(), -1);
    *call = who.begin();
    return call->has_value() && who.shopper.attempt(message, 0).has_value() && s.world().advance(kPastSession);
  };
  plan.reaction = [call](Session& s) {
    const Reaction end = reaction_of(Holder(s).finish(*call));
    Holder(s).shopper.calm();
    return end;
  };
  plan.forbidden = is_request(message == kConfirm ? kTake : message == kTake ? kAnswer : kInquiry);
  plan.forbidden_text = "nothing for a session that is over";
  plan.refusals = {"expired", "peer-error"};
  plan.benign = [](Session& s) { return Holder(s, 1).adds(); };
  return plan;
}

/// The user asks for what cannot be done.
std::vector<InVain<Holder>> refusals() {
  const auto has_it = [](Holder& who) { return who.adds(); };
  const auto gave_it_up = [](Holder& who) {
    const bool gone = who.adds() && is_accepted(who.remove(who.enrolment().paycard)) && who.shopper.attempt(kRemove, 0);
    who.world().settle();
    return gone;
  };
  return {{"again", "A Paycard is added once.", "D1 add", {"QP-ADM-008"}, has_it, [](Holder& who) { return who.add(); }, kConfirm},
          {"again-after-removal", "A Paycard that was given up is not added again.", "D1 REMOVED", {"QP-ADM-008", "QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.add(); }, kConfirm},
          {"remove-unknown", "What was never added cannot be given up.", "remove unknown", {"QP-PAY-007"}, anything,
           [](Holder& who) { return who.remove(who.enrolment().paycard); }, kRemove},
          {"remove-again", "A Paycard is given up once.", "D1 remove", {"QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.remove(who.enrolment().paycard); }, kRemove},
          {"removed-is-inactive", "A Paycard that was given up cannot be activated.", "U17 REMOVED", {"QP-PAY-007"}, gave_it_up,
           [](Holder& who) { return who.shopper.activate(who.enrolment().paycard); }, kInquiry}};
}

Negative not_done(const std::string& check, const InVain<Holder>& one) {
  return in_vain<Holder>(check, one, kReasons, [](Session& s) { return Holder(s, 1).adds(); });
}

template <class One>
void add_negatives(Suite& suite, const std::vector<One>& all, Negative (*make)(const std::string&, const One&)) {
  for (const One& one : all) {
    const std::string id = std::string("paycard.") + one.id;
    Arrange arrange = {};
    if constexpr (requires { one.arrange; }) {
      arrange = one.arrange;
    }
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.id,
                    .twin = "paycard.added"},
                   [one, make, check = suite.name(id)](Session&) { return make(check, one); }, arrange);
  }
}

void add_expired(Suite& suite) {
  for (const std::string& message : {kConfirm, kTake, kAnswer}) {
    const std::string id = "paycard.expired." + slug_of(message);
    suite.negative({.id = id,
                    .title = "A session that takes too long is given up.",
                    .subject = "U16 " + message,
                    .requirements = {"QP-ADD-27", "QP-ADM-010"},
                    .mutation = "clock:T_session",
                    .twin = "paycard.added"},
                   [message, check = suite.name(id)](Session&) { return expired(check, message); });
  }
}

}  // namespace

void add_paycard_refusals(Suite& suite) {
  add_negatives(suite, wrongs(), wrong);
  add_negatives(suite, unwanted(), not_added);
  add_negatives(suite, refusals(), not_done);
  add_expired(suite);
}

}  // namespace quickpay::conformance
