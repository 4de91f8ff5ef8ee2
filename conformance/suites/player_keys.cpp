// Keys of a Broker, Vendor or Wallet: what its owner has it do, whatever the Host says and whatever is lost.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "conformance/peers/build.hpp"
#include "conformance/suites/boxed_answers.hpp"
#include "conformance/suites/key_owner.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/suites/rights.hpp"
#include "conformance/suites/slug.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLongPause = 600;  ///< seconds
constexpr std::int64_t kHour = 3600;
const std::string kFamily = "keys";

// ---------------------------------------------------------------- what goes well
void judge_done(OwnKeys& keys, Session& session, const std::string& check, const KeyDeed& deed, const IutResult<Outcome>& outcome,
                const char* code = "QP-OK") {
  const auto sent = session.world().sent_by_iut(deed.message);
  const bool so = !sent.empty() && keys.answered(deed.message, code);
  judge(session, check, is_accepted(outcome) && so, fmt::format("accepted, after {} that was answered with {}", deed.message, code),
        fmt::format("{} after {} requests", outcome_text(outcome), sent.size()), sent, is_accepted(outcome) ? Reason::wrong_message : Reason::refused);
}

Play done(KeyDeed deed) {
  return [deed](Session& session, const std::string& check) {
    OwnKeys keys(session);
    const auto outcome = keys.does(deed);
    judge_done(keys, session, check, deed, outcome);
  };
}

void published_first(Session& session, const std::string& check) {
  OwnKeys keys(session);
  judge_done(keys, session, check, kPublishing, keys.does(kPublishing));
  const Element change = keys.last(kPublishing.message);
  judge(session, check + ".unsigned", !change.name.empty() && at(change, "Body/KeyChange/Sig") == nullptr, "a change that no key has signed",
        change.name.empty() ? "none" : "one that is signed");
}

void published_again(Session& session, const std::string& check) {
  OwnKeys keys(session);
  if (!keys.publishes()) {
    return unreached(session, "a key that is listed");
  }
  const auto outcome = keys.does(kPublishing);
  judge_done(keys, session, check, kPublishing, outcome, "QP-E-EXISTS");
  judge(session, check + ".on", keys.publishes(), "accepted once more", "nothing more");
}

/// The Host is told which key, and why; with it nothing is signed any more.
void taken_back(Session& session, const std::string& check) {
  OwnKeys keys(session);
  const std::string own = keys.own();
  const auto outcome = keys.finish(keys.begin_withdraw(own, "leaked"));
  judge_done(keys, session, check, kTakingBack, outcome);
  const Element told = keys.last(kTakingBack.message);
  const std::string said = text_at(told, "Body/Withdrawal/KeyId") + " " + text_at(told, "Body/Withdrawal/Reason");
  const std::string from = text_at(told, "Body/Withdrawal/From");
  const std::int64_t off_s = from.empty() ? 0 : std::abs(time_of(from) - session.world().now_ms()) / 1000;
  judge(session, check + ".told", said == own + " leaked" && off_s <= protocol::T_skew_default, own + " leaked, from now on",
        fmt::format("{}, from {}", said, from));
}

/// Whoever has no other key to sign has none listed any more.
void vouches_no_more(OwnKeys& keys, Session& session, const std::string& check) {
  const std::size_t from = session.transcript().mark();
  const auto outcome = keys.does(kPublishing);
  const auto sent = session.world().sent_by_iut(kPublishing.message, from);
  const auto by_own = [&](std::size_t entry) {
    return text_at(session.world().document(entry), "Body/KeyChange/Sig/KeyId") == keys.own();
  };
  judge(session, check, is_rejected(outcome) && std::none_of(sent.begin(), sent.end(), by_own),
        "rejected, and no change in the word of the key that was taken back",
        fmt::format("{} after {} requests", outcome_text(outcome), sent.size()), sent);
}

void stays_taken_back(Session& session, const std::string& check) {
  OwnKeys keys(session);
  if (!is_accepted(keys.does(kTakingBack)) || !session.world().restart(true)) {
    return unreached(session, "a withdrawal, and a restart");
  }
  vouches_no_more(keys, session, check);
}

/// The Host refuses the withdrawal; the key is not used all the same, and may be withdrawn again.
void taken_back_anyway(Session& session, const std::string& check) {
  OwnKeys keys(session);
  keys.host().script(kTakingBack.message, answer_code("QP-E-KEY"));
  const auto outcome = keys.does(kTakingBack);
  if (!keys.answered(kTakingBack.message, "QP-E-KEY") || !is_rejected(outcome)) {
    return judge(session, check, false, "rejected, as the Host says", outcome_text(outcome), {}, Reason::missing_message);
  }
  vouches_no_more(keys, session, check);
  const std::size_t from = session.transcript().mark();
  const auto again = keys.does(kTakingBack);  // which the key may sign, and need not
  const auto sent = session.world().sent_by_iut(kTakingBack.message, from);
  judge(session, check + ".again", is_accepted(again) ? keys.answered(kTakingBack.message, "QP-OK", from) : is_rejected(again) && sent.empty(),
        "accepted after QP-OK, or rejected and nothing sent", fmt::format("{} after {} requests", outcome_text(again), sent.size()), sent);
}

/// One key is taken back, and the other publishes the next.
void rolls_over(Session& session, const std::string& check) {
  OwnKeys keys(session);
  if (!is_accepted(keys.does(kTakingBack))) {
    return unreached(session, "a withdrawal");
  }
  judge_done(keys, session, check, kPublishing, keys.does(kPublishing));
}

/// A request of another deed has no answer yet; the withdrawal does not wait for it, and it is not sent again.
Play at_once(KeyDeed before) {
  return [before](Session& session, const std::string& check) {
    OwnKeys keys(session);
    keys.host().script(before.message, lose_request(), -1);
    const auto call = keys.begin(before);
    const auto first = keys.shopper.attempt(before.message, 0);
    if (!first) {
      return unreached(session, before.message);
    }
    const auto outcome = keys.does(kTakingBack);
    judge_done(keys, session, check, kTakingBack, outcome);
    keys.shopper.calm();
    const std::size_t from = session.transcript().mark();
    if (!session.world().advance(kLongPause)) {
      return unreached(session, "a clock that can be moved");
    }
    session.world().settle();
    auto again = session.world().sent_by_iut(before.message, from);  // another one may be made
    const auto& entries = session.transcript().entries();
    std::erase_if(again, [&](std::size_t entry) { return entries[entry].msg_id != entries[*first].msg_id; });
    judge(session, check + ".given-up", again.empty(), fmt::format("not this {} any more", before.message), "it", again,
          Reason::forbidden_message);
    const auto ended = keys.finish(call);
    judge(session, check + ".ended", is_rejected(ended), "rejected", outcome_text(ended));
    vouches_no_more(keys, session, check + ".unused");
  };
}

/// The Host refuses to take one key back; the other one goes on.
void rolls_over_anyway(Session& session, const std::string& check) {
  OwnKeys keys(session);
  keys.host().script(kTakingBack.message, answer_code("QP-E-KEY"));
  if (!is_rejected(keys.does(kTakingBack))) {
    return unreached(session, "a withdrawal that is refused");
  }
  judge_done(keys, session, check, kPublishing, keys.does(kPublishing));
}

/// Which of its keys signs now: the one that vouches for a third.
void judge_signer(OwnKeys& keys, Session& session, const std::string& check) {
  const std::size_t from = session.transcript().mark();
  (void)keys.finish(keys.begin_publish(key_id_of(kThirdKey)));
  const auto sent = session.world().sent_by_iut(kPublishing.message, from);
  const std::string by = sent.empty() ? "nothing" : text_at(session.world().document(sent.back()), "Body/KeyChange/Sig/KeyId");
  judge(session, check, by == keys.own(), "a change in the word of the key that everybody knows", by, sent);
}

/// It is listed less than T_dir before its NotBefore, which then passes.
void used_too_soon(Session& session, const std::string& check) {
  OwnKeys keys(session);
  if (!session.world().advance(kSuccessorIn - kHour) || !keys.publishes() || !session.world().advance(2 * kHour)) {
    return unreached(session, "a key that is listed, and a clock that can be moved");
  }
  judge_signer(keys, session, check);
}

/// It is never listed; its NotBefore passes.
void used_unlisted(Session& session, const std::string& check) {
  OwnKeys keys(session);
  keys.host().script(kPublishing.message, answer_code("QP-E-KEY"));
  if (!is_rejected(keys.does(kPublishing)) || !session.world().advance(kSuccessorIn + kHour)) {
    return unreached(session, "a key that is refused, and a clock that can be moved");
  }
  keys.shopper.calm();
  judge_signer(keys, session, check);
}

Play refused(KeyDeed deed, const char* code) {
  return [deed, code](Session& session, const std::string& check) {
    OwnKeys keys(session);
    keys.host().script(deed.message, answer_code(code));
    const auto outcome = keys.does(deed);
    keys.host().clear_script();
    const auto then = keys.does(deed);
    judge(session, check, is_rejected(outcome) && is_accepted(then), "rejected, and accepted when it is asked again",
          fmt::format("{}, then {}", outcome_text(outcome), outcome_text(then)), session.world().sent_by_iut(deed.message));
  };
}

/// The next code is of the epoch; after a crash, too.
void judge_epoch(OwnKeys& keys, Session& session, const std::string& check, const std::string& epoch) {
  const std::string spoken = keys.spoken_epoch();
  judge(session, check, spoken == epoch, "a code of epoch " + epoch, spoken.empty() ? "none" : "one of " + spoken);
  if (!session.world().restart(true)) {
    return unreached(session, "a restart");
  }
  const std::string later = keys.spoken_epoch();
  judge(session, check + ".kept", later == epoch, "a code of epoch " + epoch, later.empty() ? "none" : "one of " + later);
}

/// Whether it asks by itself or is told to: in the end it has the next key.
void next_epoch(Session& session, const std::string& check) {
  OwnKeys keys(session);
  if (!session.world().advance(2 * kHour)) {
    return unreached(session, "a clock that can be moved");
  }
  session.world().settle();
  (void)keys.does(kRenewing);
  judge_epoch(keys, session, check, "2");
}

/// The end of its key passes while nobody answers.
void slept(Session& session, const std::string& check) {
  OwnKeys keys(session);
  keys.host().script(kRenewing.message, lose_request(), -1);
  (void)keys.begin(kRenewing);
  if (!session.world().advance(protocol::T_dir_default + 2 * kHour)) {
    return unreached(session, "a clock that can be moved");
  }
  keys.shopper.calm();
  (void)session.world().advance(kHour);  // it retries
  session.world().settle();
  (void)keys.does(kRenewing);
  judge_epoch(keys, session, check, "2");
}

void with_a_broker(Session& session, const std::string& check) {
  OwnKeys keys(session);
  const auto outcome = keys.finish(keys.begin_renew(session.world().cast().broker));
  judge_done(keys, session, check, kRenewing, outcome);
}

void with_nobody(Session& session, const std::string& check) {
  OwnKeys keys(session);
  const auto outcome = keys.finish(keys.begin_renew(session.world().cast().unknown_broker));
  const auto sent = session.world().sent_by_iut(kRenewing.message);
  judge(session, check, is_rejected(outcome) && !sent.empty(), "rejected, as the Host says", outcome_text(outcome), sent);
}

// ---------------------------------------------------------------- answers that are none
struct NoAnswer {
  const char* id;
  const char* title;
  KeyDeed deed;
  std::vector<std::string> requirements;
  std::function<Act(const World&)> act;
  const char* element = "";
};

std::vector<NoAnswer> no_answers() {
  const std::vector<std::string> again = {"QP-ADD-01", "QP-ADD-18"}, boxes = {"QP-ADD-21", "QP-ADD-01"};
  std::vector<NoAnswer> all;
  for (const KeyDeed& deed : {kPublishing, kTakingBack, kRenewing}) {
    all.push_back({"answer-lost", "A request whose answer was lost is sent again with the same bytes.", deed, again,
                   [](const World&) { return lose_answer(); }});
    all.push_back({"busy", "A Host that is busy is asked again with the same bytes.", deed, again,
                   [](const World&) { return answer_code("QP-E-BUSY"); }});
  }
  const std::string asked = kRenewing.message;
  all.push_back({"other-key", "A key in a box that the ReplyKey does not open is none.", kRenewing, boxes,
                 [asked](const World& world) { return box_under_another_key(world, asked, "Boxed under another key"); }, " Boxed"});
  all.push_back({"other-nonce", "A key for another request is none.", kRenewing, boxes,
                 [asked](const World& world) {
                   return change_inside(world, asked, "Nonce of another request",
                                        [](Element& inner) { set_text(inner, "Nonce", std::string(32, '0')); });
                 },
                 " Nonce"});
  all.push_back({"box-changed", "A box that was changed holds no key.", kRenewing, boxes, [](const World&) { return box_changed(); }, " Box"});
  return all;
}

/// One attempt gets no answer; the next one, with the same bytes, does.
Play retried(NoAnswer one) {
  return [one](Session& session, const std::string& check) {
    OwnKeys keys(session);
    const Act act = one.act(session.world());
    keys.host().script(one.deed.message, act);
    const auto call = keys.begin(one.deed);
    const auto first = keys.shopper.attempt(one.deed.message, 0);
    if (!first || (!act.label.empty() && !keys.shopper.delivered(*first, act.label))) {
      return unreached(session, one.deed.message);
    }
    static_cast<void>(session.iut().fence());
    if (!session.world().advance(kFirstRetry)) {
      return unreached(session, "a clock that can be moved");
    }
    const auto outcome = keys.finish(call);
    const std::string then = keys.shopper.again(one.deed.message, *first);
    judge(session, check, is_accepted(outcome) && then == kSameBytes, "the same bytes again, and accepted",
          fmt::format("{}, {}", then, outcome_text(outcome)), {*first});
  };
}

/// What was begun outlives the process.
Play survives(KeyDeed deed) {
  return [deed](Session& session, const std::string& check) {
    OwnKeys keys(session);
    keys.host().script(deed.message, lose_request());
    (void)keys.begin(deed);
    const auto first = keys.shopper.attempt(deed.message, 0);
    if (!first || !session.world().restart(true) || !session.world().advance(kFirstRetry)) {
      return unreached(session, "it cannot be restarted, or its clock stands still");
    }
    const std::string then = keys.shopper.again(deed.message, *first);
    const bool taken = keys.answered(deed.message, "QP-OK", *first);
    judge(session, check, then == kSameBytes && taken, "the same bytes again, which the Host takes", then, {*first},
          Reason::missing_message);
  };
}

// ---------------------------------------------------------------- the suite
struct Names {
  const std::string& role;
  std::string operator()(int row) const { return key_row(role, row); }
};

std::vector<Right> rights_to_publish(const Names& t) {
  const std::vector<std::string> published = {"QP-ADD-18", "QP-ADM-013"};
  return {
      {"published", "A key that will follow is listed, in the word of the one that is there.", t(1) + " " + t(2), published, done(kPublishing)},
      {"published-first", "A first key needs no other one's word.", t(1) + " first", published, published_first, "", {{".unsigned", "Nobody has signed the change."}}, "H", never_listed},
      {"published-again", "A key that is listed already is as good as listed.", t(1) + " " + t(3), published, published_again, "PublishKey:again", {{".on", "Nothing waits for it."}}},
      {"used-too-soon", "A key that was listed less than T_dir ago signs nothing, however long it is good.", t(2) + " T_dir", {"QP-ADD-18", "QP-ROLE-010"},
       used_too_soon, "clock:NotBefore, an hour after PublishKey", {}, "", third_key},
      {"used-unlisted", "A key that the Host does not list signs nothing.", t(4) + " NotBefore", {"QP-ADD-18", "QP-ROLE-010"}, used_unlisted,
       "clock:NotBefore, PublishKeyResponse:=QP-E-KEY", {}, "", third_key},
      {"publish-refused", "A key that is refused may be tried again.", t(4), published, refused(kPublishing, "QP-E-TOO-MANY"), "PublishKeyResponse:=QP-E-TOO-MANY"}};
}

std::vector<Right> rights_to_withdraw(const Names& t) {
  const std::vector<std::string> taken = {"QP-ADD-18", "QP-ADM-013"}, never = {"QP-ADD-18"};
  const std::vector<Also> given_up = {{".given-up", "What waited is given up."}, {".ended", "Its owner is told so."}, {".unused", "The key vouches for no other."}};
  return {
      {"withdrawn", "A key is taken back.", t(5) + " " + t(6), taken, taken_back, "", {{".told", "The Host is told which key, and why."}}},
      {"stays-withdrawn", "A key that was taken back signs nothing after a crash either.", t(5) + " kill", never, stays_taken_back, "kill"},
      {"withdraw-refused", "A key that its owner took back is not used, whatever the Host says.", t(7), never, taken_back_anyway,
       "WithdrawKeyResponse:=QP-E-KEY", {{".again", "Who may withdraw it again does so rightly."}}},
      {"rollover", "A key that is left speaks for the next.", t(5) + " " + t(1), taken, rolls_over, "", {}, "", spare_key},
      {"rollover-refused", "A key that is left goes on where the other one may not be taken back.", t(7) + " " + t(1), never, rolls_over_anyway,
       "WithdrawKeyResponse:=QP-E-KEY, another key", {}, "", spare_key},
      {"withdraw-while-publishing", "A withdrawal does not wait for a publication.", t(31), never, at_once(kPublishing), "PublishKey:lost, withdraw", given_up},
      {"withdraw-while-renewing", "Nor for a question.", t(32), never, at_once(kRenewing), "GetPairKey:lost, withdraw", given_up, "H"}};
}

std::vector<Right> rights_to_renew(const Names& t, const std::string& role) {
  const std::vector<std::string> renewed = {"QP-ADD-21", "QP-ADM-013"}, last = {"QP-ADD-21"};
  const std::vector<Also> kept = {{".kept", "After a crash, too."}};
  std::vector<Right> rights = {
      {"renewed", "It asks for the key that it shares with the Host.", t(8) + " " + t(9), renewed, done(kRenewing), "", {}, "H"},
      {"renew-refused", "A question that is refused may be asked again.", t(10), renewed, refused(kRenewing, "QP-E-FORBIDDEN"),
       "GetPairKeyResponse:=QP-E-FORBIDDEN", {}, "H"},
      {"next-epoch", "It speaks in the last epoch that it has the key of.", t(9) + " next", last, next_epoch, "clock:T_dir before the end", kept,
       "H", ends_after_t_dir(kHour)},
      {"slept", "Who slept through the end of its key goes on with the next.", t(9) + " over", last, slept, "clock:T_dir, nobody answers", kept,
       "H", ends_after_t_dir(kHour)}};
  if (role == "vendor") {
    rights.push_back({"renewed-pair", "A Vendor asks for the key that it shares with a Broker.", t(8) + " pair", renewed, with_a_broker, "", {}, "H"});
    rights.push_back({"renew-pair-nobody", "It shares none with whom the Host does not know.", t(10) + " pair", renewed, with_nobody,
                      "GetPairKey.Peer:=unknown", {}, "H"});
  }
  return rights;
}

std::vector<Right> rights_that_last(const Names& t) {
  std::vector<Right> rights;
  for (const NoAnswer& one : no_answers()) {
    const bool renews = one.deed.op == std::string_view(kRenewing.op);
    rights.push_back({fmt::format("retry.{}.{}", slug_of(one.deed.message), one.id), one.title,
                      fmt::format("{} {}.unsure{}", t(one.deed.row), one.deed.message, one.element), one.requirements, retried(one),
                      std::string(one.deed.message) + "Response:" + one.id, {}, renews ? "H" : ""});
  }
  for (const KeyDeed& deed : {kPublishing, kTakingBack, kRenewing}) {
    const bool renews = deed.op == std::string_view(kRenewing.op);
    rights.push_back({"after-kill." + slug_of(deed.message), "What was begun outlives the process.",
                      fmt::format("{} {}.unsure kill", t(deed.row), deed.message), {"QP-ADD-01", "QP-ADD-18"}, survives(deed), "kill", {},
                      renews ? "H" : ""});
  }
  return rights;
}

}  // namespace

void add_own_keys(Suite& suite) {
  suite.belongs_to("keys", false);  // keys of its own are not in fixture files
  const Names t{suite.role()};
  add_rights(suite, kFamily, rights_to_publish(t));
  add_rights(suite, kFamily, rights_to_withdraw(t));
  add_rights(suite, kFamily, rights_to_renew(t, suite.role()));
  add_rights(suite, kFamily, rights_that_last(t));
  add_own_key_refusals(suite);
}

}  // namespace quickpay::conformance
