// What Brokers, Vendors and Wallets that register themselves have in common: refusals, lost answers, boxes that are not for them,
// crashes, and what makes no sense now.
#include <fmt/format.h>

#include "conformance/suites/boxed_answers.hpp"
#include "conformance/suites/joiner.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 4;  // seconds after which the first attempt has been repeated
const std::string kRegister = "register", kLeave = "leave";

const char* word(bool accepted) { return accepted ? "accepted" : "rejected"; }

/// `op` is done, and the Host was told.
Play done(std::string op) {
  return [op](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (!joiner.joins()) {
      return unreached(session, "a registration");
    }
    const auto outcome = joiner.does(op);
    if (!outcome) {
      return session.stop(outcome.error());
    }
    const std::string message = joiner.message_of(op);
    const auto sent = session.world().sent_by_iut(message);
    judge(session, check, is_accepted(outcome) && !sent.empty(), fmt::format("accepted, and {} sent", message),
          fmt::format("{}, {} sent", outcome_text(outcome), sent.size()), sent);
  };
}

/// The Host answers an operation with `code`; the outcome, and whether another one is then possible.
struct Refused {
  std::string op;
  std::string code;
  bool accepted;  ///< the owner got what he wanted all the same
  std::string then_op;
  bool then_accepted;
};
Play refused_by_the_host(Refused one) {
  return [one](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (one.op != kRegister && !joiner.joins()) {
      return unreached(session, "a registration");
    }
    joiner.host().script(joiner.message_of(one.op), answer_code(one.code));
    const auto outcome = joiner.does(one.op);
    joiner.host().clear_script();
    const auto then = joiner.does(one.then_op);
    if (!outcome || !then) {
      return session.stop(outcome ? then.error() : outcome.error());
    }
    judge(session, check,
          is_accepted(outcome) == one.accepted && is_accepted(then) == one.then_accepted && (one.accepted || is_rejected(outcome)),
          fmt::format("{}, then {} to {}", word(one.accepted), word(one.then_accepted), one.then_op),
          fmt::format("{}, then {}", outcome_text(outcome), outcome_text(then)));
  };
}

/// One answer to its registration is none; the same bytes once more get it a name.
Play retried(std::function<Act(const World&, const std::string& asked)> act) {
  return [act](Session& session, const std::string& check) {
    Joiner joiner(session);
    Shopper shopper(session);
    const std::string message = joiner.message_of(kRegister);
    const Act spoilt = act(session.world(), message);
    joiner.host().script(message, spoilt);
    const auto call = joiner.begin(kRegister);
    const auto first = shopper.attempt(message, 0);
    if (!first || (!spoilt.label.empty() && !shopper.delivered(*first, spoilt.label))) {
      return unreached(session, message);
    }
    static_cast<void>(session.iut().fence());
    if (!session.world().advance(kFirstRetry)) {
      return unreached(session, "a clock that can be moved");
    }
    const auto outcome = joiner.finish(call);
    const std::string then = shopper.again(message, *first);
    judge(session, check, is_accepted(outcome) && then == kSameBytes, "the same bytes again, and accepted",
          fmt::format("{}, {}", then, outcome_text(outcome)), {*first});
  };
}

/// What was begun outlives the process.
void survives(Session& session, const std::string& check) {
  Joiner joiner(session);
  World& world = session.world();
  if (!joiner.waits(kRegister)) {
    return unreached(session, joiner.message_of(kRegister));
  }
  joiner.host().clear_script();
  const std::size_t from = session.transcript().mark();
  if (!world.restart(true)) {
    return unreached(session, "a restart");
  }
  (void)world.advance(kFirstRetry);
  const std::string answer = joiner.message_of(kRegister) + "Response";
  const auto answered =
      world.wait_for(from, [&](const Entry& entry) { return entry.message == answer && entry.code == "QP-OK"; });
  judge(session, check, answered.has_value(), "the same request once more, which the Host takes", answered ? "it" : "nothing",
        world.sent_by_iut(joiner.message_of(kRegister)));
}

/// What makes no sense now is refused, and nobody is told.
Play out_of_state(std::string op, bool joined) {
  return [op, joined](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (joined && !joiner.joins()) {
      return unreached(session, "a registration");
    }
    const std::size_t from = session.transcript().mark();
    const auto outcome = joiner.does(op);
    if (!outcome) {
      return session.stop(outcome.error());
    }
    session.world().settle();
    const auto sent =
        session.world().find(from, [](const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request; });
    if (!joined && !joiner.joins()) {  // who does nothing at all earns nothing
      return unreached(session, "a registration");
    }
    judge(session, check, is_rejected(outcome) && sent.empty(), "rejected, and nothing sent",
          fmt::format("{}, {} sent", outcome_text(outcome), sent.size()), sent);
  };
}

/// Titles, rows and mutations of one role.
class Table {
 public:
  explicit Table(const Joining& joining) : joining_(joining), change_(changing_of(joining.role)) {}

  std::vector<Right> all() const {
    std::vector<Right> all = entering();
    for (Right& each : changing()) all.push_back(std::move(each));
    if (joining_.leave_row != 0) {
      for (Right& each : leaving()) all.push_back(std::move(each));
    }
    return all;
  }

 private:
  std::string row(int number) const { return fmt::format("F{}", number); }
  std::string message(const std::string& op) const { return joining_message(joining_.role, op); }

  std::vector<Right> entering() const {
    const std::string asked = message(kRegister);
    std::vector<std::string> again = joining_.comes;
    again.push_back("QP-ADD-01");
    std::vector<Right> all = {
        {"refused", "Who was refused may try again.", row(joining_.enters_row + 1), joining_.comes,
         refused_by_the_host({kRegister, joining_.refusal, false, kRegister, true}), asked + ":=" + joining_.refusal},
        {"answer-lost", "A registration whose answer is lost is sent again.",
         row(joining_.enters_row) + " " + asked + ".unsure", again,
         retried([](const World&, const std::string&) { return lose_answer(); }), asked + ":answer lost"},
        {"restart", "A registration that waits outlives a crash.", row(joining_.register_row) + " " + row(joining_.enters_row),
         again, survives, "restart:hard"},
        {"twice", "Who is registered does not register again.", "REGISTERED register", {"QP-ADM-013"},
         out_of_state(kRegister, true), "register:again"}};
    for (Right& each : boxes(asked)) all.push_back(std::move(each));
    return all;
  }

  /// A Vendor's answer has a box in profile H alone.
  std::vector<Right> boxes(const std::string& asked) const {
    const std::string rows = row(joining_.enters_row) + " Boxed";
    std::vector<Right> all = {
        {"other-key", "An answer in a box that its ReplyKey does not open is none.", rows, {"QP-ADD-21", "QP-ADD-01"},
         retried([](const World& world, const std::string& message) {
           return box_under_another_key(world, message, "Boxed under another key");
         }),
         asked + ".Boxed:=under another key"},
        {"other-nonce", "An answer to another request is none.", rows, {"QP-ADD-21", "QP-ADD-01"},
         retried([](const World& world, const std::string& message) {
           return change_inside(world, message, "Nonce of another request",
                                [](Element& inner) { set_text(inner, "Nonce", std::string(32, '0')); });
         }),
         asked + ".Nonce:=of another request"},
        {"box-changed", "A box that was changed holds nothing.", rows, {"QP-ADD-21", "QP-ADD-01"},
         retried([](const World&, const std::string&) { return box_changed(); }), asked + ".Box:=changed"}};
    for (Right& each : all) each.profile = joining_.role == "vendor" ? "H" : "";
    return all;
  }

  std::vector<Right> changing() const {
    const std::string asked = message(change_);
    const std::vector<std::string> changes = {"QP-ADM-013"};
    std::vector<Right> all = {
        {joining_.role == "wallet" ? "rebound" : "renamed", joining_.changes, row(joining_.change_row) + " " + row(joining_.change_row + 1),
         changes, done(change_), asked + (joining_.role == "wallet" ? ".Net:=more" : ".Name:=another")},
        {change_ + "-refused", "A change that is refused is over.", row(joining_.change_row + (joining_.change_gone ? 3 : 2)), changes,
         refused_by_the_host({change_, joining_.change_refusal, false, change_, true}), asked + ":=" + joining_.change_refusal},
        {change_ + "-out", "Who did not register changes nothing.", "OUT change", changes, out_of_state(change_, false),
         change_ + ":before register"}};
    if (joining_.change_gone) {
      all.push_back({change_ + "-gone", "Who is told that it was removed is none any more.", row(joining_.change_row + 2),
                     {"QP-ADD-23", "QP-ADM-013"}, refused_by_the_host({change_, "QP-E-GONE", false, kLeave, false}),
                     asked + ":=QP-E-GONE"});
    }
    return all;
  }

  std::vector<Right> leaving() const {
    const std::string asked = message(kLeave);
    const std::vector<std::string> gone = {"QP-ADD-23", "QP-ADM-013"};
    const int first = joining_.leave_row;
    return {{"left", "It leaves.", row(first) + " " + row(first + 1), gone, done(kLeave)},
            {"left-gone", "Who was removed already has left.", row(first + 2), gone,
             refused_by_the_host({kLeave, "QP-E-GONE", true, kLeave, false}), asked + ":=QP-E-GONE"},
            {"leave-refused", "Who may not leave is still there.", row(first + 3), {"QP-ADM-013"},
             refused_by_the_host({kLeave, "QP-E-FORBIDDEN", false, change_, true}), asked + ":=QP-E-FORBIDDEN"},
            {"leave-out", "Who is none by a message leaves by none.", "OUT leave", {"QP-ADM-013"}, out_of_state(kLeave, false),
             "leave:before register"}};
  }

  Joining joining_;
  std::string change_;
};

}  // namespace

std::vector<Right> joining_rights(const Joining& joining) { return Table(joining).all(); }

}  // namespace quickpay::conformance
