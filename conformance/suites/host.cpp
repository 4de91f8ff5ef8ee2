// The Host's suite: registrations in any order, repeated, late, contradictory.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "conformance/peers/seal.hpp"
#include "conformance/suites/denials.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/suites.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kRegister = 86400;  ///< seconds: T_register

/// One notice on a fresh case.
void first_notice(Session& session, const std::string& check, int number) {
  Registrar registrar(session);
  const Reply reply = session.world().send(registrar.notice(registrar.order(), number));
  judge_ok(session, check, reply);
}

/// What the Host says of the case when it can be looked into; empty if it cannot.
Json observed_case(Session& session, const PaidOrder& paid) {
  const auto& observes = session.iut().hello().observes;
  if (std::count(observes.begin(), observes.end(), "cases") == 0) {
    return {};
  }
  const auto seen = session.iut().observe("cases");
  if (!seen || !seen->value.is_array()) {
    return {};
  }
  for (const Json& one : seen->value) {
    if (one.is_object() && one.value("order", "") == text_at(paid.ref, "OrderId") &&
        one.value("vendor", "") == paid.vendor && one.value("broker", "") == paid.broker) {
      return one;
    }
  }
  return Json::object();
}

/// A receipt is the Host's to give or not; one that it gives says what was registered, under the Vendor's key.
void receipt(Session& session) {
  Registrar registrar(session);
  const PaidOrder paid = registrar.order();
  const Reply reply = session.world().send(registrar.commit(paid));
  judge_ok(session, "host.register-commit.receipt", reply);
  const Element* given = at(reply.document, "Body/HostReceipt");
  const auto says = [&](const char* field, const std::string& value) { return text_at(*given, field) == value; };
  const bool right = given == nullptr ||
                     (says("Host", session.world().iut()) && says("Vendor", paid.vendor) && says("Broker", paid.broker) &&
                      says("OrderId", text_at(paid.ref, "OrderId")) && says("Digest", text_at(paid.ref, "Digest")) &&
                      says("CommitId", paid.commit_id) && says("RegisteredAt", reply.text("Body/RegisteredAt")) &&
                      says("Mac/Value", receipt_mac_of(session.world().plan(), *given)));
  judge(session, "host.register-commit.receipt-right", right, "what was registered, under the Vendor's key, or nothing",
        given == nullptr ? "nothing" : "something else", reply.entries);
}

}  // namespace

Registered registered(const Reply& reply) {
  return {reply.text("Body/CaseNo"), reply.text("Body/RegisteredAt"), reply.ok()};
}

void observed(Session& session, const std::string& check, const PaidOrder& paid, const char* commit,
              const char* delivery) {
  const Json one = observed_case(session, paid);
  if (one.is_null()) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not show its cases"});
  }
  const std::string got = fmt::format("commit {}, delivery {}", one.value("commit", "?"), one.value("delivery", "?"));
  judge(session, check, got == fmt::format("commit {}, delivery {}", commit, delivery),
        fmt::format("commit {}, delivery {}", commit, delivery), got, {}, Reason::wrong_state);
}

namespace {

void permutation(Session& session, const std::string& check, const std::array<int, 3>& order) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  std::set<std::string> numbers;
  std::array<Registered, 3> first;
  for (std::size_t i = 0; i < order.size(); ++i) {
    first[i] = registered(world.send(registrar.notice(paid, order[i])));
    numbers.insert(first[i].number);
    (void)world.advance(1);
  }
  const bool all = std::all_of(first.begin(), first.end(), [](const Registered& one) { return one.ok; });
  judge(session, check, all && numbers.size() == 1, "all three acknowledged, in one case",
        all ? fmt::format("{} cases", numbers.size()) : "not all", {}, Reason::refused);
  if (!all) {
    return;  // a record of what was not acknowledged earns nothing
  }
  bool same = true;
  for (std::size_t i = 0; i < order.size() && same; ++i) {
    const Registered again = registered(world.send(registrar.notice(paid, order[i])));
    same = again.ok && again.number == first[i].number && again.at == first[i].at;
  }
  judge(session, check + ".repeated", same, "CaseNo and RegisteredAt of the first time", same ? "they" : "others");
  observed(session, check + ".record", paid, "in-time", "in-time");
}

void add_permutations(Suite& suite) {
  std::array<int, 3> order = {6, 7, 8};
  do {
    const std::string id = fmt::format("case.order-{}{}{}", order[0], order[1], order[2]);
    suite.positive({.id = id,
                    .title = "Whatever order the notices come in, the case is the same.",
                    .subject = order[0] == 6   ? "H2 H11 H16"
                               : order[0] == 7 ? "H8 H4 H16"
                                               : "H15 H4 H11",
                    .requirements = {"QP-ADD-06", "QP-ROLE-013"},
                    .mutation = fmt::format("MP{} MP{} MP{}", order[0], order[1], order[2]),
                    .more = {suite.check(id + ".repeated", "A repeat gets CaseNo and RegisteredAt of the first time.",
                                         {"QP-ADD-06"}),
                             suite.check(id + ".record", "The record says what was registered.",
                                         {"QP-ROLE-013", "QP-MP-003"}, true)}},
                   [check = suite.name(id), order](Session& s) { permutation(s, check, order); });
  } while (std::next_permutation(order.begin(), order.end()));
}

/// A repeat with other content: the first registration stands.
void first_stands(Session& session, const std::string& check, int number) {
  Registrar registrar(session);
  World& world = session.world();
  PaidOrder paid = registrar.order();
  const Registered first = registered(world.send(registrar.notice(paid, number)));
  (void)world.advance(5);
  paid.commit_id = world.fresh_id();
  paid.delivery_id = world.fresh_id();
  paid.endorsement_id = world.fresh_id();
  const Reply reply = world.send(registrar.notice(paid, number));
  const Registered again = registered(reply);
  judge(session, check, first.ok && again.ok && again.number == first.number && again.at == first.at,
        "CaseNo and RegisteredAt of the first time", again.ok ? "others or the same" : outcome_text(reply),
        reply.entries);
}

void other_order_ref(Session& session) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  PaidOrder other = paid;
  set_text(other.ref, "Amount", "126");
  const bool first = world.send(registrar.commit(paid)).ok();
  const Reply second = world.send(registrar.delivery(other));
  judge(session, "host.case.other-amount", first && second.ok(), "QP-OK, and nothing about the others",
        outcome_text(second), second.entries);
}

void strangers_statement(Session& session) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  if (!world.send(registrar.commit(paid)).ok()) {
    return unreached(session, "RegisterCommit");
  }
  judge_ok(session, "host.statement.stranger", world.send(registrar.reception(paid, {}, world.cast().other_wallet)));
  judge_ok(session, "host.statement.owner", world.send(registrar.reception(paid)));
}

/// What the case holds of the one Wallet that said something.
void stated(Session& session, const std::string& check, const PaidOrder& paid, const char* received, bool not_received) {
  const Json record = observed_case(session, paid);
  if (record.is_null()) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not show its cases"});
  }
  const Json list = record.value("statements", Json::array());
  const bool kept = list.size() == 1 && list[0].value("received", "") == received &&
                    list[0].value("not_received", !not_received) == not_received;
  judge(session, check, kept, fmt::format("one statement: received {}, not received {}", received, not_received ? "too" : "not said"),
        list.dump(), {}, Reason::wrong_state);
}

constexpr std::string_view kLater = "later";  ///< among what a Wallet says: T_register passes

struct Statements {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> said;  ///< outcomes, and kLater
  bool level_e;
};

const std::vector<Statements> kStatements = {
    {"statement.no-then-yes", "That nothing came undoes no reception.", "S5 S2", {"not-received", "received"}, true},
    {"statement.yes-then-no", "That nothing came undoes no reception.", "S2 S5", {"received", "not-received"}, true},
    {"statement.yes-no-again", "What was stated once may be stated again, at any time.", "S1 S4",
     {"received", "received", "not-received", "not-received", "later", "received", "not-received"}, false},
    {"statement.no-yes-again", "What was stated once may be stated again, at any time.", "S4 S3",
     {"not-received", "not-received", "later", "not-received", "received", "not-received"}, false},
    {"statement.yes-then-late-no", "That nothing came undoes no reception, nor does it when it comes late.", "S2 S5",
     {"received", "later", "not-received"}, false}};

void statements(Session& session, const std::string& check, const std::vector<std::string>& said) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  bool late = false, no = false;
  std::string received = "none";
  for (const std::string& one : said) {
    if (one == kLater) {
      late = true;
      if (!world.advance(kRegister + 1)) {
        return unreached(session, "a clock that can be moved");
      }
      continue;
    }
    const Reply reply = world.send(registrar.reception(paid, one));
    judge_ok(session, check, reply);
    if (!reply.ok()) {
      return;
    }
    no = no || one == "not-received";
    received = one == "received" && received == "none" ? (late ? "late" : "in-time") : received;
  }
  stated(session, check + ".record", paid, received.c_str(), no);
}

/// Registrations that come too late are kept as late ones.
void late(Session& session, const std::string& check, int first, int second, std::int64_t pause, const char* commit,
          const char* delivery) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  if (!world.send(registrar.notice(paid, first)).ok() || !world.advance(pause)) {
    return unreached(session, "the first notice, and a clock that can be moved");
  }
  const Reply answer = world.send(registrar.notice(paid, second));
  judge_ok(session, check, answer);
  if (!answer.ok()) {
    return;
  }
  observed(session, check + ".record", paid, commit, delivery);
}

/// Both statements count after T_register, too; of a reception it is kept that it is late.
void late_statement(Session& session, const std::string& check, const char* outcome) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  if (!world.send(registrar.commit(paid)).ok() || !world.advance(kRegister + 1)) {
    return unreached(session, "RegisterCommit, and a clock that can be moved");
  }
  const bool received = outcome == std::string_view("received");
  const Reply reply = world.send(registrar.reception(paid, outcome));
  judge_ok(session, check, reply);
  if (reply.ok()) {
    stated(session, check + ".record", paid, received ? "late" : "none", !received);
  }
}

void add_late(Suite& suite) {
  for (const auto& [outcome, row] : {std::pair{"received", "S3"}, std::pair{"not-received", "S5"}}) {
    const std::string id = fmt::format("late.{}", outcome);
    suite.positive({.id = id,
                    .title = "What a Wallet says after T_register is recorded, too.",
                    .subject = fmt::format("{} late", row),
                    .requirements = {"QP-MP-012"},
                    .mutation = fmt::format("MP6, {} s, MP8 {}", kRegister + 1, outcome),
                    .level_e = false,
                    .more = {suite.check(id + ".record", "The record says what was stated, and when a reception is late.",
                                         {"QP-ROLE-013"}, true)}},
                   [outcome, check = suite.name(id)](Session& s) { late_statement(s, check, outcome); });
  }
  struct Late {
    const char* id;
    const char* subject;
    int first;
    int second;
    std::int64_t pause;
    const char* commit;
    const char* delivery;
  };
  static constexpr Late kLate[] = {{"late.commit", "H5", 7, 6, kRegister + 1, "late", "in-time"},
                                   {"late.delivery", "H12", 6, 7, kRegister + 1, "in-time", "late"},
                                   {"late.commit-last-second", "H4", 7, 6, kRegister, "in-time", "in-time"},
                                   {"late.delivery-last-second", "H11", 6, 7, kRegister, "in-time", "in-time"}};
  for (const Late& one : kLate) {
    suite.positive({.id = one.id,
                    .title = "A registration is in time until T_register after the first, that second included.",
                    .subject = one.subject,
                    .requirements = {"QP-ADD-06", "QP-ADD-27"},
                    .mutation = fmt::format("MP{}, {} s, MP{}", one.first, one.pause, one.second),
                    .level_e = false,
                    .more = {suite.check(std::string(one.id) + ".record", "The record says whether it was in time.",
                                         {"QP-ROLE-013"}, true)}},
                   [one, check = suite.name(one.id)](Session& s) {
                     late(s, check, one.first, one.second, one.pause, one.commit, one.delivery);
                   });
  }
}

void says_nothing(Session& session) {
  const bool done = Registrar(session).registers();
  session.world().settle();
  const auto own =
      session.world().find(0, [](const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request; });
  if (!done) {
    return unreached(session, "three notices");
  }
  judge(session, "host.case.silent", own.empty(), "no request of the Host", own.empty() ? "none" : "one", own,
        Reason::forbidden_message);
}

/// A protocol that the Host does not claim is refused as such, whatever the body, and the others go on.
void unclaimed(Session& session, const std::string& check) {
  World& world = session.world();
  if (world.plan().claims("communication")) {
    session.emit(check + ".refused", Verdict::not_applicable, {Reason::none, {}, {}, {}, "it claims every protocol"});
  } else {
    Sending sending;
    sending.from = world.cast().broker;
    sending.document = request_of("RegisterMessage", world.head(sending.from), {});
    sending.body = "<not even XML";
    sending.label = "a protocol that is not claimed";
    const Reply reply = world.send(std::move(sending));
    judge(session, check + ".refused", reply.code == "QP-E-UNSUPPORTED", "QP-E-UNSUPPORTED", outcome_text(reply),
          reply.entries, Reason::wrong_refusal);
  }
  const bool registered = Registrar(session).registers();
  judge(session, check, registered, "three notices acknowledged", registered ? "they are" : "they are not");
}

void add_served(Suite& suite) {
  suite.positive({.id = "served.unclaimed",
                  .title = "Micropayment goes on whatever other protocols are served or left out.",
                  .subject = "step 5",
                  .requirements = {"QP-TECH-007", "QP-TECH-012"},
                  .mutation = "path:=unclaimed protocol",
                  .level_e = false,
                  .more = {suite.check("served.unclaimed.refused",
                                       "Messages of a protocol that is left out are refused, whatever their body.",
                                       {"QP-TECH-007"}, true)}},
                 [check = suite.name("served.unclaimed")](Session& s) { unclaimed(s, check); });
}

void add_firsts(Suite& suite) {
  const std::pair<const char*, const char*> firsts[] = {
      {"register-commit.first", "H2"}, {"register-delivery.first", "H8"}, {"register-order.first", "H15 S2"}};
  int number = 6;
  for (const auto& [id, row] : firsts) {
    suite.positive({.id = id,
                    .title = "The first notice of an order opens its case.",
                    .subject = row,
                    .requirements = {number == 6   ? "QP-MP-010"
                                     : number == 7 ? "QP-MP-011"
                                                   : "QP-MP-012",
                                     "QP-ROLE-013"}},
                   [check = suite.name(id), number](Session& s) { first_notice(s, check, number); });
    ++number;
  }
}

void add_receipt(Suite& suite) {
  suite.positive({.id = "register-commit.receipt",
                  .title = "In profile H a commitment is registered, with a receipt or without.",
                  .subject = "H2 HostReceipt",
                  .requirements = {"QP-ADD-22", "QP-MP-010"},
                  .more = {suite.check("register-commit.receipt-right", "A receipt says what was registered.",
                                       {"QP-ADD-22"})},
                  .profile = "H"},
                 receipt);
}

}  // namespace

std::vector<Scenario> host_suite() {
  Suite suite("host");
  add_firsts(suite);
  add_permutations(suite);
  const std::pair<const char*, const char*> stands[] = {
      {"case.commit-stands", "H3"}, {"case.delivery-stands", "H10"}, {"case.reception-stands", "S1"}};
  int number = 6;
  for (const auto& [id, row] : stands) {
    suite.positive({.id = id,
                    .title = "The first registration of a kind and sender stands.",
                    .subject = row,
                    .requirements = {"QP-ADD-06"},
                    .mutation = fmt::format("MP{}:again, other ids", number)},
                   [check = suite.name(id), number](Session& s) { first_stands(s, check, number); });
    ++number;
  }
  suite.positive({.id = "case.other-amount",
                  .title = "An order that others describe otherwise is recorded apart, and nobody is told.",
                  .subject = "case key",
                  .requirements = {"QP-SEC-004", "QP-MP-015"},
                  .mutation = "RegisterDelivery.OrderRef.Amount:+1"},
                 other_order_ref);
  suite.positive(
      {.id = "statement.stranger",
       .title = "What another Wallet says is kept apart.",
       .subject = "statement key",
       .requirements = {"QP-MP-012", "QP-ADD-06"},
       .mutation = "RegisterOrder.Head.Sender:=another Wallet",
       .more = {suite.check("statement.owner", "The Wallet of the order is heard all the same.", {"QP-MP-012"})},
       .parts = {Part::other_wallet}},
      strangers_statement);
  for (const Statements& one : kStatements) {
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = {"QP-MP-003", "QP-MP-012"},
                    .mutation = fmt::format("{}", fmt::join(one.said, ", ")),
                    .level_e = one.level_e,
                    .more = {suite.check(std::string(one.id) + ".record", "The record keeps the reception.", {"QP-MP-003"}, true)}},
                   [check = suite.name(one.id), said = one.said](Session& s) { statements(s, check, said); });
  }
  add_late(suite);
  add_host_crashes(suite);
  suite.positive({.id = "case.silent",
                  .title = "The Host answers and says nothing of itself.",
                  .subject = "no request",
                  .requirements = {"QP-SEC-004", "QP-ROLE-012"},
                  .level_e = false},
                 says_nothing);
  add_served(suite);
  add_receipt(suite);
  add_host_refusals(suite);
  add_host_families(suite);
  add_host_mail(suite);
  add_host_directory(suite);
  add_host_settlement(suite);
  add_host_regular(suite);
  add_host_revoke(suite);
  add_host_registration(suite);
  add_host_keys(suite);
  add_denials(suite);
  return suite.take();
}

}  // namespace quickpay::conformance
