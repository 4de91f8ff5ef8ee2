// The Host's directory: who gets which entry, and who is found by nobody.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/slug.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kDay = 86400;
const std::string kNowhere = "192.0.2.1";  // an address of nobody (RFC 5737)
const std::string kSomePort = "9";         // of who does not listen

/// Who is asked for, and by whom.
struct Asked {
  std::string role;
  std::string id;
  std::string endpoint_of;    ///< not empty: by the place of this player instead of the id
  std::string ticket = {};    ///< empty: none
  bool by_nobody = false;     ///< the asker does not say who it is
};

std::string ticket_of(const World& world, const std::string& wallet) {
  const PlayerPlan* player = world.plan().player(wallet);
  return player == nullptr ? std::string() : player->ticket;
}

Element place_of_player(const World& world, const std::string& id) {
  const PlayerPlan* player = world.plan().player(id);
  const bool listens = player != nullptr && player->port != 0;
  return branch("Endpoint", {leaf("Addr", player == nullptr ? kNowhere : player->address),
                             leaf("Port", listens ? std::to_string(player->port) : kSomePort)});
}

Sending looking_up(Session& session, const Asked& asked) {
  World& world = session.world();
  std::vector<Element> body = {leaf("Role", asked.role)};
  body.push_back(asked.endpoint_of.empty() ? leaf("Id", asked.id) : place_of_player(world, asked.endpoint_of));
  if (!asked.ticket.empty()) {
    body.push_back(leaf("Ticket", asked.ticket));
  }
  Sending sending;
  sending.from = asked.by_nobody ? world.cast().other_wallet : world.cast().broker;
  HeadFacts head = world.head(asked.by_nobody ? std::string() : sending.from);
  head.sent_at = world.now_text();
  sending.document = request_of("LookupPlayer", head, std::move(body));
  return sending;
}

/// Parts of the cast, so that scenarios can be written down before there is a world.
using Ask = std::function<Asked(const World&)>;

Asked the_vendor(const World& world) { return {"vendor", world.cast().vendor, {}}; }
Asked the_wallet(const World& world) {
  return {"wallet", world.cast().wallet, {}, ticket_of(world, world.cast().wallet)};
}

bool finds_the_vendor(Session& session) {
  return session.world().send(looking_up(session, the_vendor(session.world()))).ok();
}

/// The entry is of the player that was asked for; what it says is the judge's affair.
void found(Session& session, const std::string& check, const Ask& ask, const std::string& id) {
  const Reply reply = session.world().send(looking_up(session, ask(session.world())));
  const std::string got = reply.ok() ? reply.text("Body/Entry/Id") : outcome_text(reply);
  judge(session, check, got == id, "the entry of " + id, got, reply.entries);
}

// ---------------------------------------------------------------- entries
struct Plain {
  const char* id;
  const char* title;
  Ask ask;
  std::function<std::string(const Cast&)> of;
  std::vector<std::string> requirements;
  const char* mutation = "";
  Arrange arrange = {};
};

std::string vendor_of(const Cast& cast) { return cast.vendor; }
std::string other_vendor_of(const Cast& cast) { return cast.other_vendor; }
std::string wallet_of(const Cast& cast) { return cast.wallet; }

const std::vector<Plain>& plains() {
  static const std::vector<Plain> all = {
      {"lookup-player.first", "The Host gives the signed entry of a Vendor.", the_vendor, vendor_of, {"QP-ROLE-009", "QP-ADD-18"}},
      {"lookup-player.broker", "The Host gives the entry of a Broker.",
       [](const World& w) { return Asked{"broker", w.cast().other_broker, {}}; },
       [](const Cast& cast) { return cast.other_broker; }, {"QP-ROLE-009"}, "LookupPlayer.Role:=broker"},
      {"lookup-player.host", "The Host gives its own entry.", [](const World& w) { return Asked{"host", w.cast().host, {}}; },
       [](const Cast& cast) { return cast.host; }, {"QP-ROLE-009"}, "LookupPlayer.Role:=host"},
      {"lookup-player.place", "A Vendor is found by where it listens.",
       [](const World& w) { return Asked{"vendor", {}, w.cast().vendor}; }, vendor_of, {"QP-ROLE-009"},
       "LookupPlayer.Endpoint:=in place of Id"},
      {"lookup-player.nobody", "Who asks may leave out who that is.",
       [](const World& w) { return Asked{"vendor", w.cast().vendor, {}, {}, true}; }, vendor_of, {"QP-ROLE-009", "QP-ROLE-010"},
       "LookupPlayer.Head.Sender:=absent"},
      {"lookup-player.ticket", "A Wallet is found by who has its ticket.", the_wallet, wallet_of, {"QP-ANON-012", "QP-ANON-011"}},
      {"lookup-player.ticket-nobody", "The ticket is enough, whoever shows it.",
       [](const World& w) { return Asked{"wallet", w.cast().wallet, {}, ticket_of(w, w.cast().wallet), true}; }, wallet_of,
       {"QP-ANON-012"}, "LookupPlayer.Head.Sender:=absent"},
      {"lookup-player.removed", "The entry of a player that was removed says so.",
       [](const World& w) { return Asked{"vendor", w.cast().other_vendor, {}}; }, other_vendor_of, {"QP-ADD-23"}, "directory: removed",
       [](WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; }}};
  return all;
}

void add_plain(Suite& suite) {
  for (const Plain& one : plains()) {
    suite.positive({.id = one.id, .title = one.title, .subject = "L4", .requirements = one.requirements, .mutation = one.mutation},
                   [check = suite.name(one.id), one](Session& s) { found(s, check, one.ask, one.of(s.world().cast())); },
                   one.arrange);
  }
}

/// A later entry is no older, and a restart forgets nobody.
void later(Session& session, const std::string& check, bool restart) {
  const Reply first = session.world().send(looking_up(session, the_vendor(session.world())));
  if (!first.ok() || !(restart ? session.world().restart(true) : session.world().advance(kDay))) {
    return unreached(session, restart ? "an entry and a restart" : "an entry, and a clock that can be moved");
  }
  const Reply second = session.world().send(looking_up(session, the_vendor(session.world())));
  const std::string before = first.text("Body/Entry/IssuedAt"), after = second.text("Body/Entry/IssuedAt");
  judge(session, check, second.ok() && after >= before, "an entry that is not older than " + before,
        second.ok() ? after : outcome_text(second), second.entries);
}

void add_later(Suite& suite) {
  suite.positive({.id = "lookup-player.later", .title = "An entry is never older than the one before.", .subject = "L4",
                  .requirements = {"QP-ROLE-009"}, .mutation = "clock:a day", .level_e = false},
                 [check = suite.name("lookup-player.later")](Session& s) { later(s, check, false); });
  suite.positive({.id = "lookup-player.restart", .title = "The directory outlives a crash.", .subject = "L4",
                  .requirements = {"QP-ROLE-009"}, .mutation = "restart:hard", .level_e = false},
                 [check = suite.name("lookup-player.restart")](Session& s) { later(s, check, true); });
}

// ---------------------------------------------------------------- refusals
struct Unfound {
  const char* id;
  const char* title;
  const char* row;
  const char* code;
  Ask ask;
  const char* mutation;
  std::vector<std::string> requirements;
  const char* twin = "lookup-player.first";
  Arrange arrange = {};
};

const std::vector<Unfound>& unfound() {
  static const std::vector<Unfound> all = {
      {"lookup-player.unknown-vendor", "A Vendor that there is not has no entry.", "L3", "QP-E-VENDOR",
       [](const World& w) { return Asked{"vendor", w.cast().unknown_vendor, {}}; }, "Id:=unknown", {"QP-ROLE-009"}},
      {"lookup-player.unknown-broker", "A Broker that there is not has no entry.", "L2", "QP-E-BROKER",
       [](const World& w) { return Asked{"broker", w.cast().unknown_broker, {}}; }, "Id:=unknown", {"QP-ROLE-009"}},
      {"lookup-player.broker-as-vendor", "A Broker is no Vendor.", "L3", "QP-E-VENDOR",
       [](const World& w) { return Asked{"vendor", w.cast().broker, {}}; }, "Id:=a Broker's", {"QP-ROLE-009"}},
      {"lookup-player.vendor-as-broker", "A Vendor is no Broker.", "L2", "QP-E-BROKER",
       [](const World& w) { return Asked{"broker", w.cast().vendor, {}}; }, "Id:=a Vendor's", {"QP-ROLE-009"}},
      {"lookup-player.wallet-as-vendor", "No role but its own finds a Wallet.", "L3", "QP-E-VENDOR",
       [](const World& w) { return Asked{"vendor", w.cast().wallet, {}}; }, "Id:=a Wallet's", {"QP-ANON-012"}},
      {"lookup-player.empty-place", "Where no Vendor listens there is none.", "L3", "QP-E-VENDOR",
       [](const World& w) { return Asked{"vendor", {}, w.cast().unknown_vendor}; }, "Endpoint:=unknown", {"QP-ROLE-009"},
       "lookup-player.place"},
      {"lookup-player.removed-place", "A Vendor that was removed listens nowhere.", "L3", "QP-E-VENDOR",
       [](const World& w) { return Asked{"vendor", {}, w.cast().other_vendor}; }, "Endpoint:=of a removed Vendor", {"QP-ADD-23"},
       "lookup-player.place", [](WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; }},
      {"lookup-player.broker-place", "A Broker is not found by its place.", "L2", "QP-E-BROKER",
       [](const World& w) { return Asked{"broker", {}, w.cast().broker}; }, "Endpoint:=a Broker's", {"QP-ROLE-009"},
       "lookup-player.place"},
      {"lookup-player.other-host", "The Host answers for itself alone.", "L1", "QP-E-FORBIDDEN",
       [](const World&) { return Asked{"host", "H99999", {}}; }, "Id:=another Host's", {"QP-ROLE-009"}, "lookup-player.host"},
      {"lookup-player.wrong-ticket", "A ticket of nobody finds no Wallet.", "L1", "QP-E-FORBIDDEN",
       [](const World& w) { return Asked{"wallet", w.cast().wallet, {}, std::string(32, '0')}; }, "Ticket:=unknown",
       {"QP-ANON-012"}, "lookup-player.ticket"},
      {"lookup-player.foreign-ticket", "Another Wallet's ticket finds no Wallet.", "L1", "QP-E-FORBIDDEN",
       [](const World& w) { return Asked{"wallet", w.cast().wallet, {}, ticket_of(w, w.cast().other_wallet)}; },
       "Ticket:=another Wallet's", {"QP-ANON-012"}, "lookup-player.ticket"},
      {"lookup-player.unknown-wallet", "A Wallet that there is not is refused like one that there is.", "L1", "QP-E-FORBIDDEN",
       [](const World& w) { return Asked{"wallet", w.cast().unknown_wallet, {}, ticket_of(w, w.cast().wallet)}; }, "Id:=unknown",
       {"QP-ANON-012"}, "lookup-player.ticket"},
      {"lookup-player.vendor-as-wallet", "With a ticket nobody but a Wallet is found.", "L1", "QP-E-FORBIDDEN",
       [](const World& w) { return Asked{"wallet", w.cast().vendor, {}, ticket_of(w, w.cast().wallet)}; }, "Id:=a Vendor's",
       {"QP-ANON-012"}, "lookup-player.ticket"},
      {"lookup-player.wallet-place", "A Wallet is found by no place.", "L1", "QP-E-FORBIDDEN",
       [](const World& w) { return Asked{"wallet", {}, w.cast().wallet, ticket_of(w, w.cast().wallet)}; }, "Endpoint:=a Wallet's",
       {"QP-ANON-012"}, "lookup-player.ticket"},
      {"lookup-player.no-ticket", "Without a ticket nobody asks for a Wallet.", "Ticket", "QP-E-SCHEMA",
       [](const World& w) { return Asked{"wallet", w.cast().wallet, {}}; }, "Ticket:=absent", {"QP-ADD-20", "QP-ANON-012"},
       "lookup-player.ticket"},
      {"lookup-player.needless-ticket", "A ticket is for Wallets.", "Ticket", "QP-E-SCHEMA",
       [](const World& w) { return Asked{"vendor", w.cast().vendor, {}, std::string(32, '0')}; }, "Ticket:=for a Vendor",
       {"QP-ADD-20"}}};
  return all;
}

void add_refusals(Suite& suite) {
  for (const Unfound& one : unfound()) {
    suite.refused({.id = one.id,
                   .title = one.title,
                   .subject = one.row,
                   .requirements = one.requirements,
                   .mutation = fmt::format("LookupPlayer.{}", one.mutation),
                   .twin = one.twin},
                  [one](Session& session) {
                    Refusal refusal;
                    refusal.stimulus = [&session, one]() {
                      Sending sending = looking_up(session, one.ask(session.world()));
                      sending.label = fmt::format("LookupPlayer.{}", one.mutation);
                      return session.world().send(std::move(sending));
                    };
                    refusal.codes = {one.code};
                    refusal.benign = [&session]() { return finds_the_vendor(session); };
                    return refusal;
                  },
                  one.arrange);
  }
}

/// The Status says the same, whether there is such a Wallet or not.
void uniform(Session& session, const std::string& check) {
  World& world = session.world();
  const Cast& cast = world.cast();
  const auto status = [&](const std::string& wallet) {
    const Reply reply = world.send(looking_up(session, {"wallet", wallet, {}, std::string(32, 'f')}));
    const Element* told = at(reply.document, "Body");
    return std::pair{told == nullptr ? outcome_text(reply) : to_xml(*told), reply.entries};
  };
  const auto [there, entries] = status(cast.wallet);
  const auto [not_there, more] = status(cast.unknown_wallet);
  judge(session, check, there == not_there, there, not_there, more, Reason::wrong_refusal);
}

void add_uniform(Suite& suite) {
  suite.positive({.id = "lookup-player.uniform",
                  .title = "A refusal does not tell whether there is such a Wallet.",
                  .subject = "L1",
                  .requirements = {"QP-ANON-012"},
                  .mutation = "LookupPlayer.Id:=a Wallet's, unknown"},
                 [check = suite.name("lookup-player.uniform")](Session& s) { uniform(s, check); });
}

FamilyBase base_of() {
  FamilyBase base;
  base.message = "LookupPlayer";
  base.twin = "lookup-player.first";
  base.valid = [](Session& session) { return looking_up(session, the_wallet(session.world())); };
  base.benign = finds_the_vendor;
  base.unserved = "GetOrder";
  return base;
}

}  // namespace

void add_host_directory(Suite& suite) {
  suite.belongs_to("administration", false);  // tickets are not in every fixture file
  add_plain(suite);
  add_later(suite);
  add_refusals(suite);
  add_uniform(suite);
  add_xml_family(suite, base_of(), {"comment", "doctype", "attribute", "schema-then-xml", "entity-bomb"});
  add_schema_family(suite, base_of(), 12);
  add_head_family(suite, base_of());
  add_repeat_family(suite, base_of());
}

}  // namespace quickpay::conformance
