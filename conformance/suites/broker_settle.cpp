// The Broker settles: what it accepts, how often it says so, and what is due.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kOutage = 3600;  ///< seconds

/// Committed orders of these amounts, or nothing if the Broker did not commit one.
std::optional<std::vector<Claimable>> committed(Claimant& claimant, const std::vector<std::int64_t>& amounts) {
  std::vector<Claimable> items;
  for (const std::int64_t amount : amounts) {
    auto item = claimant.committed(amount);
    if (!item) {
      return std::nullopt;
    }
    items.push_back(std::move(*item));
  }
  return items;
}

/// The words on all items of an answer, sorted as they were claimed: "accepted accepted QP-E-UNKNOWN-ORDER".
std::string words_on(const Reply& reply, const std::vector<Claimable>& items) {
  std::string words;
  for (const Claimable& item : items) {
    words += (words.empty() ? "" : " ") + word_on(reply, item);
  }
  return words.empty() || !reply.ok() ? outcome_text(reply) : words;
}

void all_accepted(Session& session, const std::string& check, const std::vector<std::int64_t>& amounts) {
  Claimant claimant(session);
  if (lacks_keys(session)) {
    return;
  }
  const auto items = committed(claimant, amounts);
  if (!items) {
    return unreached(session, claimant.refusal());
  }
  const Reply reply = claimant.settle(claimant.claim(*items));
  std::string expected = "accepted";
  for (std::size_t i = 1; i < items->size(); ++i) {
    expected += " accepted";
  }
  judge(session, check, words_on(reply, *items) == expected, expected, words_on(reply, *items), reply.entries, Reason::refused);
}

/// Each commission is that of its own amount, at the Broker's rate.
void rounded(Session& session) {
  Claimant claimant(session);
  const char* check = "broker.settle.rounding";
  const auto rate = session.world().plan().policy.commission_bp;
  if (lacks_keys(session)) {
    return;
  }
  if (!rate) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "the fixture does not say its commission"});
  }
  const auto items = committed(claimant, {20, 60, 100, 140, 19, 21, 1});
  if (!items) {
    return unreached(session, claimant.refusal());
  }
  const Reply reply = claimant.settle(claimant.claim(*items));
  const Element* settlement = at(reply.document, "Body/Settlement");
  const auto accepted = settlement == nullptr ? std::vector<const Element*>{} : all_of(*settlement, "Accepted");
  const bool right = accepted.size() == items->size() && std::all_of(accepted.begin(), accepted.end(), [&](const Element* one) {
    return number_at(*one, "Commission") == commission_of(number_at(*one, "Amount"), *rate);
  });
  judge(session, check, right, "each commission rounded half to even", right ? "so" : words_on(reply, *items), reply.entries);
}

/// Some orders are known and some are not: each gets its own word.
void some_accepted(Session& session) {
  Claimant claimant(session);
  if (lacks_keys(session)) {
    return;
  }
  auto items = committed(claimant, {125, 300});
  if (!items) {
    return unreached(session, claimant.refusal());
  }
  items->insert(items->begin() + 1, claimant.invented());
  const Reply reply = claimant.settle(claimant.claim(*items));
  const std::string expected = "accepted QP-E-UNKNOWN-ORDER accepted";
  judge(session, "broker.settle.some-accepted", words_on(reply, *items) == expected, expected, words_on(reply, *items),
        reply.entries);
}

enum class Between : std::uint8_t { nothing, restart, kill, payout };

/// The same Claim in a request of its own gets the same Settlement.
void same_settlement(Session& session, const std::string& check, Between between) {
  Claimant claimant(session);
  World& world = session.world();
  if (lacks_keys(session)) {
    return;
  }
  const auto item = claimant.committed();
  if (!item) {
    return unreached(session, claimant.refusal());
  }
  const Element claim = claimant.signed_by_vendor(claimant.claim({*item}));
  const Reply first = world.send(claimant.claiming(claim));
  bool ready = first.ok();
  if (between == Between::payout) {
    ready = ready && world.advance(kPastValueDate);
  } else if (between != Between::nothing) {
    ready = ready && world.restart(between == Between::kill);
  }
  if (!ready) {
    return unreached(session, first.ok() ? "no restart, or no clock" : outcome_text(first));
  }
  const Reply second = world.send(claimant.claiming(claim));
  const Element* before = at(first.document, "Body/Settlement");
  const Element* again = at(second.document, "Body/Settlement");
  judge(session, check, before != nullptr && again != nullptr && *before == *again, "the Settlement of the first time",
        again == nullptr ? outcome_text(second) : "another one", second.entries);
}

}  // namespace

std::optional<Book> book_of(Session& session, const std::string& currency) {
  const auto& observes = session.iut().hello().observes;
  const auto seen = std::count(observes.begin(), observes.end(), "book") == 0 ? IutResult<Observation>(Observation{})
                                                                             : session.iut().observe("book");
  if (!seen || !seen->value.is_array()) {
    return std::nullopt;
  }
  Book book;
  for (const Json& one : seen->value) {
    if (one.is_object() && one.value("vendor", "") == session.world().cast().vendor && one.value("currency", "") == currency) {
      book = {one.value("net", std::int64_t{-1}), one.value("paid", std::int64_t{-1})};
    }
  }
  return book;
}

namespace {

/// What is owed to the Vendor is what the Settlement says, before and after its ValueDate.
void paid_out(Session& session) {
  Claimant claimant(session);
  World& world = session.world();
  const auto items = committed(claimant, {10001, 333});
  if (!items) {
    return unreached(session, claimant.refusal());
  }
  const char* check = "broker.settle.paid-out";
  const Reply reply = claimant.settle(claimant.claim(*items));
  const Element* settlement = at(reply.document, "Body/Settlement");
  if (settlement == nullptr) {
    return unreached(session, outcome_text(reply));
  }
  const std::int64_t net = number_at(*settlement, "NetTotal");
  const auto before = book_of(session, text_at(*settlement, "Currency"));
  if (!before) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not show its books"});
  }
  if (!world.advance(kPastValueDate)) {
    return unreached(session, "the clock cannot be moved");
  }
  const Book after = book_of(session, text_at(*settlement, "Currency")).value_or(Book{-1, -1});
  const auto shown = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return fmt::format("{} due and {} paid, then {} and {}", a, b, c, d);
  };
  const std::string expected = shown(net, 0, net, net), got = shown(before->net, before->paid, after.net, after.paid);
  judge(session, check, got == expected, expected, got, reply.entries, Reason::wrong_state);
}

/// Settling moves what is owed and takes nothing twice: neither a second claim nor the payout changes the account.
void account_conserved(Session& session) {
  Claimant claimant(session);
  const char* check = "broker.settle.account-conserved";
  const auto items = committed(claimant, {125, 300});
  if (!items) {
    return unreached(session, claimant.refusal());
  }
  if (!Payer(session).account()) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not show its accounts"});
  }
  std::set<std::pair<std::int64_t, std::int64_t>> seen = {*Payer(session).account()};
  const Reply reply = claimant.settle(claimant.claim(*items));
  for (int i = 0; i < 2 && reply.ok(); ++i) {
    seen.insert(Payer(session).account().value_or(std::pair<std::int64_t, std::int64_t>(-1, -1)));
    (void)claimant.settle(claimant.claim(*items));
    if (!session.world().advance(kPastValueDate)) {
      return unreached(session, "the clock cannot be moved");
    }
  }
  seen.insert(Payer(session).account().value_or(std::pair<std::int64_t, std::int64_t>(-1, -1)));
  const bool right = reply.ok() && seen.size() == 1 && *seen.begin() == std::pair<std::int64_t, std::int64_t>(0, 425);
  judge(session, check, right, "nothing held and 425 owed, all the time",
        fmt::format("{} states, the first with {} held and {} owed", seen.size(), seen.begin()->first, seen.begin()->second),
        reply.entries, Reason::wrong_state);
}

// ---------------------------------------------------------------- approvals
/// An order that the Host approved is accepted once, whatever the Broker knows of it.
void approved(Session& session, const std::string& check, const std::function<std::optional<Claimable>(Claimant&)>& make) {
  Claimant claimant(session);
  if (lacks_keys(session)) {
    return;
  }
  const auto item = make(claimant);
  if (!item) {
    return unreached(session, claimant.refusal().empty() ? "the clock cannot be moved" : claimant.refusal());
  }
  const Reply reply = claimant.settle(claimant.claim({*item}, {claimant.approval({*item})}));
  judge(session, check, word_on(reply, *item) == "accepted", "accepted", words_on(reply, {*item}), reply.entries, Reason::refused);
}

/// An order that was settled on the Host's word and is committed afterwards is owed once.
void committed_afterwards(Session& session) {
  Claimant claimant(session);
  Payer payer(session);
  const char* check = "broker.settle.committed-afterwards";
  const auto made = payer.endorsed();
  if (!made || lacks_keys(session)) {
    return made ? void() : unreached(session, payer.refusal());
  }
  const Claimable item{made->ref, session.world().fresh_id()};
  const Reply reply = claimant.settle(claimant.claim({item}, {claimant.approval({item})}));
  const Reply yes = payer.commit(made->ref, made->id());
  if (word_on(reply, item) != "accepted") {
    return judge(session, check, false, "accepted", words_on(reply, {item}), reply.entries, Reason::refused);
  }
  const auto shown = payer.account();
  if (!shown || !yes.ok()) {
    return session.emit(check, Verdict::not_applicable,
                        {Reason::none, {}, {}, {}, shown ? "it does not commit any more" : "it does not show its accounts"});
  }
  judge(session, check, shown->second == 125, "125 owed", std::to_string(shown->second), yes.entries, Reason::wrong_state);
}

/// Outages that the Broker logged are added to SettleBy.
void after_an_outage(Session& session) {
  Claimant claimant(session);
  World& world = session.world();
  const auto item = claimant.committed();
  if (!item) {
    return unreached(session, claimant.refusal());
  }
  if (!suspended_for(session, kOutage) || !world.advance(protocol::T_settle_default - kOutage / 2)) {
    return unreached(session, "no outage, or no clock");
  }
  const Reply reply = claimant.settle(claimant.claim({*item}));
  judge(session, "broker.settle.after-an-outage", word_on(reply, *item) == "accepted", "accepted", words_on(reply, {*item}),
        reply.entries, Reason::refused);
}

void last_second(Session& session) {
  Claimant claimant(session);
  const auto item = claimant.committed();
  if (!item) {
    return unreached(session, claimant.refusal());
  }
  if (!session.world().advance(protocol::T_settle_default)) {
    return unreached(session, "the clock cannot be moved");
  }
  const Reply reply = claimant.settle(claimant.claim({*item}));
  judge(session, "broker.settle.last-second", word_on(reply, *item) == "accepted", "accepted", words_on(reply, {*item}),
        reply.entries, Reason::refused);
}

void add_accepted(Suite& suite) {
  const auto accepts = [&](const char* id, const char* title, const char* subject, std::vector<std::int64_t> amounts) {
    suite.positive({.id = id, .title = title, .subject = subject, .requirements = {"QP-BS-009", "QP-SAFE-005", "QP-ADD-24"},
                    .mutation = fmt::format("{} orders, first of {}", amounts.size(), amounts.front())},
                   [check = suite.name(id), amounts](Session& s) { all_accepted(s, check, amounts); });
  };
  accepts("settle.accepted", "A committed order that is claimed in time is accepted.", "K9 G1 G10", {125});
  accepts("settle.batch", "Many orders are settled in one signed answer.", "K9 G10",
          {125, 300, 1, 2, 3, 99, 101, 250, 1000, 12345, 7, 70, 700, 7000, 40, 41, 42, 43, 44, 45});
  suite.positive({.id = "settle.rounding",
                  .title = "Commissions are whole minor units, rounded half to even, each for itself.",
                  .subject = "Accepted.Commission",
                  .requirements = {"QP-BS-009", "QP-SAFE-005", "QP-ADD-24"},
                  .mutation = "7 orders, first of 20"},
                 rounded);
  suite.positive({.id = "settle.some-accepted",
                  .title = "Each item of a batch gets its own word.",
                  .subject = "K9 G5 G10",
                  .requirements = {"QP-BS-009", "QP-ADD-24"}},
                 some_accepted);
  suite.positive({.id = "settle.last-second",
                  .title = "The last second of SettleBy counts.",
                  .subject = "G10 SettleBy",
                  .requirements = {"QP-ADD-27", "QP-SAFE-005"},
                  .level_e = false},
                 last_second);
  suite.positive({.id = "settle.after-an-outage",
                  .title = "Outages that the Broker logged are added to SettleBy.",
                  .subject = "G11",
                  .requirements = {"QP-ADD-05"},
                  .level_e = false},
                 after_an_outage);
  suite.positive({.id = "settle.paid-out",
                  .title = "NetTotal is what becomes due, and leaves at the ValueDate.",
                  .subject = "K20 G20",
                  .requirements = {"QP-SAFE-008", "QP-ROLE-018"},
                  .level_e = false},
                 paid_out);
  suite.positive({.id = "settle.account-conserved",
                  .title = "An account bears each order once, claimed or paid out.",
                  .subject = "G10 G20 Account",
                  .requirements = {"QP-SAFE-008", "QP-ADD-09"},
                  .level_e = false},
                 account_conserved);
}

void add_again(Suite& suite) {
  const auto again = [&](const char* id, const char* title, const char* subject, Between between) {
    suite.positive({.id = id,
                    .title = title,
                    .subject = subject,
                    .requirements = {"QP-ADD-01", "QP-ADD-09", "QP-BS-009"},
                    .mutation = fmt::format("repeat {}", static_cast<int>(between)),
                    .level_e = between == Between::nothing},
                   [check = suite.name(id), between](Session& s) { same_settlement(s, check, between); });
  };
  again("settle.again", "The same Claim gets the same Settlement.", "K19", Between::nothing);
  again("settle.again-after-restart", "A Settlement outlives the process that signed it.", "K19 restart", Between::restart);
  again("settle.again-after-kill", "A Settlement that was given is durable.", "K19 kill", Between::kill);
  again("settle.again-when-paid", "The same Claim gets the same Settlement, also when it was paid.", "K19 K20", Between::payout);
}

void add_approved(Suite& suite) {
  const auto takes = [&](const char* id, const char* title, const char* subject, bool level_e,
                         std::function<std::optional<Claimable>(Claimant&)> make) {
    suite.positive({.id = id, .title = title, .subject = subject, .requirements = {"QP-BS-004", "QP-SAFE-005"},
                    .mutation = id, .level_e = level_e},
                   [check = suite.name(id), make = std::move(make)](Session& s) { approved(s, check, make); });
  };
  takes("settle.approved-unknown", "The Host's approval counts, also for an order that the Broker does not know.", "G4", true,
        [](Claimant& c) { return std::optional(c.invented()); });
  takes("settle.approved-endorsed", "The Host's approval counts for an order that was not committed.", "G4 endorsed", true,
        [](Claimant& c) { return c.endorsed(); });
  takes("settle.approved-committed", "An approval adds nothing to a commitment.", "G26", true,
        [](Claimant& c) { return c.committed(); });
  takes("settle.approved-expired", "The Host's approval counts after SettleBy.", "G12 G14", false,
        [](Claimant& c) { return c.expired(); });
  takes("settle.approved-beyond-limit", "The Host's approval counts, also where the account cannot bear it.", "G4 limit", true,
        [](Claimant& c) {
          const PaycardPlan* card = Payer(c.world().session()).card();
          return card == nullptr ? std::nullopt : std::optional(c.invented(card->limit + 1));
        });
  suite.positive({.id = "settle.committed-afterwards",
                  .title = "An order that was settled on the Host's word is owed once, also if it is committed afterwards.",
                  .subject = "G2",
                  .requirements = {"QP-ADD-09", "QP-SAFE-004"},
                  .level_e = false},
                 committed_afterwards);
}

FamilyBase settle_base() {
  FamilyBase base;
  base.message = "SettleWithBroker";
  base.twin = "settle.accepted";
  base.valid = [](Session& session) {
    Claimant claimant(session);
    const auto item = claimant.committed();
    return item ? claimant.claiming(claimant.signed_by_vendor(claimant.claim({*item}))) : Sending{};
  };
  base.benign = [](Session& session) { return Claimant(session).settles(); };
  base.unserved = "SettleWithHost";
  return base;
}

}  // namespace

void add_broker_settlement(Suite& suite) {
  suite.belongs_to("settlement", true);
  add_accepted(suite);
  add_again(suite);
  add_approved(suite);
  add_settlement_crashes(suite);
  add_settlement_refusals(suite);
  const FamilyBase base = settle_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 24);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
}

}  // namespace quickpay::conformance
