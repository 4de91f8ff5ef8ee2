// What a player says of itself besides its name, places and keys: where else it sends from and, of a Broker, on which terms it
// pays; and Brokers that the Host's owner suspends.
#include <algorithm>
#include <functional>

#include "conformance/peers/build.hpp"
#include "conformance/suites/host_admission.hpp"
#include "conformance/suites/registrar.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kUnlistedCurrency = "XXX";  ///< ISO 4217: no currency
const std::string kSecondCurrency = "EUR";    ///< of the Host in these sessions
void two_currencies(WorldPlan& plan) { plan.currencies = {"USD", kSecondCurrency}; }

using Elements = std::vector<Element>;

Element oldest(const char* product, const char* version) {
  return branch("MinPaycard", {leaf("Product", product), leaf("Version", version)});
}

// ---------------------------------------------------------------- what is said
Element registration_with(NewBroker& broker, const Elements& after_places, const Elements& after_keys) {
  Element inner = broker.inner();
  auto& all = inner.children;
  const auto place = std::find_if(all.begin(), all.end(), [](const Element& one) { return one.name == "Endpoint"; });
  all.insert(place + 1, after_places.begin(), after_places.end());
  all.insert(all.end() - 2, after_keys.begin(), after_keys.end());  // ReplyKey and Nonce are the last
  return inner;
}

Element with_terms(NewBroker& broker) {
  return registration_with(broker, {leaf("SourceAddr", broker.world().address_of(kSecondPlace))},
                           {leaf("Currency", "USD"), leaf("CommissionBp", "120"), oldest("plain", "1.2")});
}

Element change_of(NewBroker& broker, Elements terms) {
  terms.insert(terms.begin(), leaf("Broker", broker.id));
  terms.push_back(leaf("ChangedAt", broker.world().now_text()));
  return branch("BrokerChange", std::move(terms));
}

Element other_terms(NewBroker& broker) {
  return change_of(broker, {leaf("SourceAddr", broker.world().address_of(kThirdPlace)), leaf("Currency", kSecondCurrency),
                            leaf("CommissionBp", "300"), oldest("plain", "2"), oldest("other", "1")});
}

void tells_terms(Session& session, const std::string& check) {
  NewBroker broker(session);
  judge_ok(session, check, broker.registers(with_terms(broker)));
  if (!broker.id.empty()) {
    judge_listed(session, check + ".listed", broker.id);
  }
}

/// A Broker that said them when it came says something else; `restarted`: the Host is killed before it is asked what it keeps.
Play changes(Element (*change)(NewBroker&), bool restarted = false) {
  return [change, restarted](Session& session, const std::string& check) {
    NewBroker broker(session);
    if (!broker.registers(with_terms(broker)).ok()) {
      return unreached(session, "a Broker");
    }
    judge_ok(session, check, broker.changes(change(broker)));
    if (restarted && !session.world().restart(true)) {
      return unreached(session, "a restart");
    }
    judge_listed(session, check + ".listed", broker.id);
  };
}

Element no_terms(NewBroker& broker) { return broker.change("Renamed Bank"); }

/// It says where it sends from, and then does.
void sends_from_there(Session& session, const std::string& check) {
  NewBroker broker(session);
  World& world = session.world();
  const std::string there = world.address_of(kThirdPlace);
  if (!broker.joins() || !broker.changes(change_of(broker, {leaf("SourceAddr", there)})).ok()) {
    return unreached(session, "a Broker that says where it sends from");
  }
  if (!world.advance(1)) {
    return unreached(session, "a clock that can be moved");
  }
  const Element change = broker.signed_change(broker.change("Renamed Bank"));
  Sending sending = broker.update(change);
  sending.source = there;
  const Reply reply = world.send(std::move(sending));
  if (reply.ok()) {
    broker.changed(change);
  }
  judge_ok(session, check, reply);
  judge_listed(session, check + ".listed", broker.id);
}

Sending vendor_with_source(NewVendor& vendor, const std::string& source) {
  Sending sending = vendor.change({}, "Renamed Shop");
  auto& fields = child(sending.document, "Body")->children;
  fields.insert(fields.begin(), leaf("SourceAddr", source));
  return sending;
}

void vendor_sends_from_there(Session& session, const std::string& check) {
  NewVendor vendor(session);
  World& world = session.world();
  const std::string there = world.address_of(kThirdPlace);
  if (!vendor.joins() || !world.send(vendor_with_source(vendor, there)).ok()) {
    return unreached(session, "a Vendor that says where it sends from");
  }
  PlayerPlan known = *world.plan().player(vendor.id);
  known.name = "Renamed Shop";
  known.sources = {there};
  world.enrol(std::move(known));
  judge_listed(session, check + ".listed", vendor.id);
  Sending sending = vendor.change({}, "Another Shop");
  sending.source = there;
  judge_ok(session, check, world.send(std::move(sending)));
}

// ---------------------------------------------------------------- who is suspended
void shows_suspended(Session& session, const std::string& check) {
  NewBroker broker(session);
  if (!broker.joins() || !suspend_by_owner(session.world(), broker.id)) {
    return unreached(session, "a Broker that is suspended");
  }
  const Reply reply = looked_up(session, "broker", broker.id);
  judge(session, check, reply.text("Body/Entry/State") == "suspended", "State suspended", outcome_text(reply), reply.entries);
  judge_listed(session, check + ".listed", broker.id);
}

void changes_when_it_is_back(Session& session, const std::string& check) {
  NewBroker broker(session);
  World& world = session.world();
  if (!broker.joins() || !suspend_by_owner(world, broker.id) || !suspend_by_owner(world, broker.id, false)) {
    return unreached(session, "a Broker that was suspended");
  }
  judge_ok(session, check, broker.renames("Renamed Bank"));
  judge_listed(session, check + ".listed", broker.id);
}

/// What it committed is recorded, or those would pay who did not know.
void takes_its_notices(Session& session, const std::string& check) {
  NewBroker broker(session);
  World& world = session.world();
  if (!broker.joins() || !suspend_by_owner(world, broker.id)) {
    return unreached(session, "a Broker that is suspended");
  }
  if (!world.plan().claims("micropayment")) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim micropayment"});
  }
  Registrar registrar(session);
  Sending notice = registrar.commit(registrar.order());
  notice.from = broker.id;
  notice.document = request_of("RegisterCommit", world.head(broker.id), child(notice.document, "Body")->children);
  judge_ok(session, check, world.send(std::move(notice)));
}

std::vector<Right> rights() {
  const std::vector<std::string> says = {"QP-ROLE-009", "QP-ADM-006"}, changing = {"QP-ADM-013", "QP-ROLE-009"}, from = {"QP-ROLE-009", "QP-ADM-013"};
  const Also shown = also_listed("The directory says so.");
  return {
      {"broker.terms", "A Broker says on which terms it pays.", "A4 terms", says, tells_terms, "RegisterBroker:with all terms", {shown}, "", two_currencies},
      {"broker.other-terms", "And changes them.", "A9 terms", changing, changes(other_terms), "UpdateBroker:other terms", {shown}, "", two_currencies},
      {"broker.terms-restart", "They outlive a crash.", "A4 A9 terms", changing, changes(other_terms, true), "restart:hard, terms", {shown}, "", two_currencies},
      {"broker.same-terms", "What a change does not name stays.", "A9 Name", changing, changes(no_terms), "UpdateBroker:no terms", {shown}, "", two_currencies},
      {"broker.source", "It sends from where it says that it does.", "A9 SourceAddr", from, sends_from_there,
       "UpdateBroker:from SourceAddr", {shown}, "F"},
      {"vendor.source", "So does a Vendor.", "Q18 SourceAddr", from, vendor_sends_from_there, "UpdateVendor:from SourceAddr", {shown}},
      {"broker.suspended", "Whom the owner suspends everybody sees so.", "L4 suspended", {"QP-ROLE-009"}, shows_suspended,
       "Broker:=suspended", {shown}},
      {"broker.back", "Who is suspended no more changes again.", "A9 back", changing, changes_when_it_is_back, "Broker:=suspended, live", {shown}},
      {"broker.suspended-commits", "Its notices are taken all the same.", "H2 suspended", {"QP-ROLE-009", "QP-MP-003"}, takes_its_notices,
       "RegisterCommit:of a suspended Broker"}};
}

// ---------------------------------------------------------------- what is not taken
using WrongBroker = Wrong<NewBroker>;

bool has_joined(NewBroker& broker) { return broker.joins(); }
bool is_suspended(NewBroker& broker) { return broker.joins() && suspend_by_owner(broker.world(), broker.id); }
bool is_the_owners(NewBroker& broker) {
  broker.speak_for(broker.world().cast().broker);
  return true;
}
bool is_the_owners_and_suspended(NewBroker& broker) {
  return is_the_owners(broker) && suspend_by_owner(broker.world(), broker.id);
}
bool sent_from_elsewhere(NewBroker& broker) {
  const auto from = [&](const std::string& place) { return change_of(broker, {leaf("SourceAddr", broker.world().address_of(place))}); };
  return broker.joins() && broker.changes(from(kSecondPlace)).ok() && broker.world().advance(1) && broker.changes(from(kThirdPlace)).ok();
}

Reply registers_with_currencies(NewBroker& broker) {
  return broker.registers(registration_with(broker, {}, {leaf("Currency", "USD"), leaf("Currency", kUnlistedCurrency)}));
}
Reply changes_currencies(NewBroker& broker) {
  return broker.changes(change_of(broker, {leaf("Currency", "USD"), leaf("Currency", kUnlistedCurrency)}));
}
Reply renames(NewBroker& broker) { return broker.renames("Renamed Bank"); }
Reply renames_from_before(NewBroker& broker) {
  Sending sending = broker.update(broker.signed_change(broker.change("Renamed Bank", 1)));
  sending.source = broker.world().address_of(kSecondPlace);
  return broker.world().send(std::move(sending));
}

std::vector<WrongBroker> wrongs() {
  const std::vector<std::string> listed = {"QP-ROLE-009"}, suspended = {"QP-ADM-013", "QP-ROLE-009"};
  return {{"broker.unlisted-currency", "A Broker takes what is money at the Host.", "A10", protocol::QP_E_CURRENCY.data(), listed,
           "RegisterBroker.Currency:=unlisted", anything, registers_with_currencies, "broker.terms"},
          {"broker.other-unlisted-currency", "Also after a change.", "A11", protocol::QP_E_CURRENCY.data(), listed,
           "BrokerChange.Currency:=unlisted", has_joined, changes_currencies, "broker.other-terms"},
          {"broker.owner-unlisted-currency", "So it is with whom the owner listed.", "A11 UNREGISTERED", protocol::QP_E_CURRENCY.data(),
           listed, "BrokerChange.Currency:=unlisted, of the owner", is_the_owners, changes_currencies, "broker.owner-renamed"},
          {"broker.suspended-changes", "Who is suspended changes nothing.", "A5 suspended", protocol::QP_E_FORBIDDEN.data(), suspended,
           "UpdateBroker:suspended", is_suspended, renames, "broker.back"},
          {"broker.owner-suspended-changes", "Nor does whom the owner listed.", "A5 UNREGISTERED suspended", protocol::QP_E_FORBIDDEN.data(),
           suspended, "UpdateBroker:suspended, of the owner", is_the_owners_and_suspended, renames, "broker.owner-renamed"},
          {"broker.source-before", "Where it sent from before another list it sends from no more.", "step 12", protocol::QP_E_FORBIDDEN.data(),
           {"QP-ROLE-009", "QP-ROLE-022"}, "UpdateBroker:from the SourceAddr of before", sent_from_elsewhere, renames_from_before,
           "broker.source", nullptr, "F"}};
}

}  // namespace

void add_terms(Suite& suite) {
  add_rights(suite, "registration", rights());
  const WrongTable<NewBroker> table{"registration", "", [](Session& session, NewBroker&) { return registers_another(session); }};
  add_wrongs(suite, table, wrongs());
}

}  // namespace quickpay::conformance
