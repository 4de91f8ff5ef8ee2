// The Host registers Wallets, of which it keeps next to nothing, and Brokers, which its owner has admitted.
#include <fmt/format.h>

#include <functional>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_admission.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

// ---------------------------------------------------------------- Wallets
/// One comes, and is found by its ticket.
Play wallet_comes(std::function<Element(NewWallet&)> inner) {
  return [inner = std::move(inner)](Session& session, const std::string& check) {
    NewWallet wallet(session);
    const Reply reply = wallet.registers(inner(wallet));
    judge(session, check, reply.ok() && !wallet.id.empty(), "QP-OK and an identifier", outcome_text(reply), reply.entries,
          Reason::refused);
    if (!wallet.id.empty()) {
      judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
    }
  };
}

/// One changes.
Play wallet_changes(std::function<Element(NewWallet&)> inner, bool of_the_owner = false) {
  return [inner = std::move(inner), of_the_owner](Session& session, const std::string& check) {
    NewWallet wallet = of_the_owner ? NewWallet::of_the_owner(session, session.world().cast().wallet) : NewWallet(session);
    if (!of_the_owner && !wallet.joins()) {
      return unreached(session, "a Wallet");
    }
    judge_ok(session, check, wallet.updates(inner(wallet)));
    judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
  };
}

Element plain(NewWallet& wallet) { return wallet.inner(); }
Element with_key(NewWallet& wallet) { return wallet.inner_with(BroughtKey{}); }
Element with_long_key(NewWallet& wallet) { return wallet.inner_with({.name = "long"}); }
Element with_two_nets(NewWallet& wallet) {
  Element inner = wallet.inner();
  inner.children.insert(inner.children.begin() + 1, wallet.net("2001:db8::", "64"));
  return inner;
}
Element other_software(NewWallet& wallet) {
  Element inner = wallet.change();
  inner.children.insert(inner.children.begin(), *child(wallet.inner(), "Software"));
  set_text(inner, "Software/Version", "1.1");
  return inner;
}

void two_nets(Session& session, const std::string& check) {
  NewWallet wallet(session);
  judge_ok(session, check, wallet.registers(with_two_nets(wallet)));
}

/// It says the new address while it still has the old one; in profile H its code stands for the address.
void wallet_moves(Session& session, const std::string& check) {
  NewWallet wallet(session);
  World& world = session.world();
  if (!wallet.joins()) {
    return unreached(session, "a Wallet");
  }
  const std::string next = world.address_of(kOtherNewWallet);
  const bool by_code = world.plan().profile == "H";
  Element inner = wallet.change();
  inner.children.insert(inner.children.begin(), wallet.net(next));
  if (!by_code) {
    inner.children.insert(inner.children.begin() + 1, wallet.net(world.address_of(wallet.id)));
  }
  Sending sending = wallet.update(inner);
  sending.source = by_code ? next : std::string();
  judge_ok(session, check, world.send(std::move(sending)));
  PlayerPlan moved = *world.plan().player(wallet.id);
  moved.address = next;
  world.enrol(std::move(moved));
  judge_ok(session, check + ".there", world.send(wallet.leaving()));
}

void new_ticket(Session& session, const std::string& check) {
  NewWallet wallet(session);
  if (!wallet.joins()) {
    return unreached(session, "a Wallet");
  }
  const std::string old = wallet.ticket;
  const Reply reply = wallet.updates(ticket_wanted(wallet));
  judge(session, check, reply.ok() && wallet.ticket != old, "QP-OK and another ticket", outcome_text(reply), reply.entries);
  judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
  judge_unlisted(session, check + ".old", "wallet", wallet.id, old);
}

void wallet_leaves(Session& session, const std::string& check) {
  NewWallet wallet(session);
  if (!wallet.joins()) {
    return unreached(session, "a Wallet");
  }
  judge_ok(session, check, wallet.leaves());
  judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
}
void owners_wallet_leaves(Session& session, const std::string& check) {
  NewWallet wallet = NewWallet::of_the_owner(session, session.world().cast().wallet);
  judge_ok(session, check, wallet.leaves());
  judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
}
void wallet_survives(Session& session, const std::string& check) {
  NewWallet wallet(session);
  if (!wallet.joins() || !session.world().restart(true)) {
    return unreached(session, "a Wallet, and a restart");
  }
  judge_ok(session, check, wallet.updates(ticket_wanted(wallet)));
  judge_listed(session, check + ".listed", wallet.id, wallet.ticket);
}

/// A Wallet that registered is one like any other: what it says about an order is taken.
void wallet_receives(Session& session, const std::string& check) {
  NewWallet wallet(session);
  const Reply reply = wallet.registers();
  judge_ok(session, check, reply);
  judge_taken(session, check, reply, [&] {
    Registrar registrar(session);
    return registrar.reception(registrar.order(), {}, wallet.id);
  });
}

// ---------------------------------------------------------------- Brokers
void broker_comes(Session& session, const std::string& check) {
  NewBroker broker(session);
  const Reply reply = broker.registers();
  judge(session, check, reply.ok() && !broker.id.empty(), "QP-OK and an identifier", outcome_text(reply), reply.entries,
        Reason::refused);
  if (!broker.id.empty()) {
    judge_listed(session, check + ".listed", broker.id);
  }
}
void two_brokers(Session& session, const std::string& check) {
  NewBroker first(session), second(session);
  second.code = session.world().plan().admission.broker_codes.back();
  if (!first.joins()) {
    return unreached(session, "a Broker");
  }
  const Reply reply = second.registers();
  judge(session, check, reply.ok() && second.id != first.id, "QP-OK and an identifier of its own",
        outcome_text(reply) + " " + second.id, reply.entries);
}
void code_is_kept(Session& session, const std::string& check) {
  NewBroker broker(session);
  broker.keys[1].usage = "sign";
  if (broker.registers().code != protocol::QP_E_KEY) {
    return unreached(session, "a refusal");
  }
  broker.keys[1].usage = "seal";
  judge_ok(session, check, broker.registers());
}
/// One changes, once or twice.
Play broker_changes(bool of_the_owner, bool twice, bool restart = false) {
  return [=](Session& session, const std::string& check) {
    NewBroker broker = of_the_owner ? NewBroker::of_the_owner(session, session.world().cast().broker) : NewBroker(session);
    const bool there = of_the_owner || broker.joins();
    if (!there || (twice && !broker.renames("A Name between", -60).ok()) || (restart && !session.world().restart(true))) {
      return unreached(session, "a Broker");
    }
    judge_ok(session, check, broker.renames("Renamed Bank"));
    judge_listed(session, check + ".listed", broker.id);
  };
}
void broker_moves(Session& session, const std::string& check) {
  NewBroker broker(session);
  World& world = session.world();
  if (!broker.joins()) {
    return unreached(session, "a Broker");
  }
  const PlayerPlan there = *world.plan().player(kThirdPlace);
  Element change =
      branch("BrokerChange", {leaf("Broker", broker.id),
                              branch("Endpoint", {leaf("Addr", there.address), leaf("Port", std::to_string(there.port))}),
                              leaf("ChangedAt", world.now_text())});
  const Reply reply = world.send(broker.update(broker.signed_change(std::move(change))));
  judge_ok(session, check, reply);
  PlayerPlan moved = *world.plan().player(broker.id);
  moved.address = there.address, moved.port = there.port;
  world.enrol(std::move(moved));
  judge_listed(session, check + ".listed", broker.id);
}

const Also kShown = also_listed("The directory says so.");

std::vector<Right> rights_of_wallets() {
  const std::vector<std::string> comes = {"QP-WAL-005", "QP-WAL-006", "QP-ANON-012"}, changes = {"QP-ADM-013", "QP-REL-006"};
  return {
      {"wallet.first", "A Wallet gets its identifier, and is found by its ticket.", "I4", comes, wallet_comes(plain), "", {kShown}},
      {"wallet.with-key",
       "It may bring a key.",
       "I4 Key",
       {"QP-ADD-18", "QP-WAL-005"},
       wallet_comes(with_key),
       "RegisterWallet.Key:=its own",
       {kShown}},
      {"wallet.with-long-key", "It may be as long as a key may be.", "I4 Key", {"QP-ADD-18", "QP-WAL-005"}, wallet_comes(with_long_key),
       "RegisterWallet.Key:=8192 bits", {kShown}},
      {"wallet.two-nets",
       "One of its networks covers where it is.",
       "I4 Net",
       {"QP-WAL-013", "QP-REL-006"},
       two_nets,
       "RegisterWallet.Net:=two"},
      {"wallet.moved", "A Wallet is bound to other addresses.", "I7", changes, wallet_moves, "UpdateWallet.Net:=another",
       {{".there", "It speaks from where it is now."}}},
      {"wallet.new-ticket",
       "It gets another ticket.",
       "I7 NewTicket",
       {"QP-ANON-012", "QP-ADM-013"},
       new_ticket,
       "UpdateWallet.NewTicket:=yes",
       {kShown, {".old", "The old ticket finds nobody."}}},
      {"wallet.software",
       "It has other software.",
       "I7 Software",
       {"QP-WAL-007", "QP-ADM-013"},
       wallet_changes(other_software),
       "UpdateWallet.Software:=another",
       {also_listed("The directory does not tell.")}},
      {"wallet.owner-changed", "So does who was listed by the Host's owner.", "I7 UNREGISTERED", changes,
       wallet_changes(ticket_wanted, true), "UpdateWallet.NewTicket:=yes, of the owner", {kShown}},
      {"wallet.left",
       "A Wallet leaves.",
       "I9",
       {"QP-ADM-013", "QP-ADD-23"},
       wallet_leaves,
       "",
       {also_listed("The directory says that it was removed.")}},
      {"wallet.owner-left",
       "So does who was listed by the Host's owner.",
       "I9 UNREGISTERED",
       {"QP-ADM-013", "QP-ADD-23"},
       owners_wallet_leaves,
       "UnregisterWallet:of the owner",
       {also_listed("The directory says that it was removed.")}},
      {"wallet.restart",
       "What was registered outlives a crash.",
       "I4 I7",
       {"QP-WAL-005", "QP-ADM-013"},
       wallet_survives,
       "restart:hard",
       {kShown}},
      {"wallet.receives",
       "A Wallet that registered is one like any other.",
       "I4 H15",
       {"QP-WAL-006", "QP-MP-012"},
       wallet_receives,
       "RegisterOrder:of a newcomer",
       {also_taken("The Host takes its notice of a receipt.")}}};
}

std::vector<Right> rights_of_brokers() {
  const std::vector<std::string> comes = {"QP-ROLE-025", "QP-ROLE-007"}, changes = {"QP-ADM-013", "QP-ADD-18"};
  return {{"broker.first", "Whom the owner has admitted becomes a Broker.", "A4", comes, broker_comes, "", {kShown}},
          {"broker.two",
           "Each code leads to a Broker of its own.",
           "A4 Broker",
           {"QP-ROLE-007", "QP-ADD-23"},
           two_brokers,
           "RegisterBroker:with another code"},
          {"broker.code-kept", "A registration that fails uses no code up.", "A2 A4", comes, code_is_kept,
           "RegisterBroker:after a refusal"},
          {"broker.renamed", "A Broker changes its name.", "A9", changes, broker_changes(false, false),
           "UpdateBroker.Name:=another", {kShown}},
          {"broker.moved", "And where it is.", "A9 Endpoint", changes, broker_moves, "UpdateBroker.Endpoint:=another", {kShown}},
          {"broker.renamed-twice", "A later change counts.", "A9 later", changes, broker_changes(false, true),
           "UpdateBroker:twice", {kShown}},
          {"broker.owner-renamed", "So does who was listed by the Host's owner.", "A9 UNREGISTERED", changes,
           broker_changes(true, false), "UpdateBroker.Name:=another, of the owner", {kShown}},
          {"broker.restart",
           "What was registered outlives a crash.",
           "A4 A9",
           {"QP-ROLE-007", "QP-ADM-013"},
           broker_changes(false, true, true),
           "restart:hard",
           {kShown}}};
}

FamilyBase wallet_base() {
  return {.message = "RegisterWallet",
          .twin = "registration.wallet.first",
          .valid = [](Session& session) {
            NewWallet wallet(session);
            return wallet.registration(wallet.inner());
          },
          .benign = registers_another,
          .unserved = "InquiryPayment"};
}

FamilyBase broker_base() {
  return {.message = "UpdateBroker",
          .twin = "registration.broker.owner-renamed",
          .valid = [](Session& session) {
            NewBroker broker = NewBroker::of_the_owner(session, session.world().cast().broker);
            return broker.update(broker.signed_change(broker.change("Renamed Bank")));
          },
          .benign = registers_another,
          .unserved = "TakeQuestion"};
}

}  // namespace

Element ticket_wanted(NewWallet& wallet) {
  Element inner = wallet.change();
  inner.children.insert(inner.children.begin(), leaf("NewTicket", "yes"));
  return inner;
}

void add_host_admission(Suite& suite) {
  add_rights(suite, "registration", rights_of_wallets());
  add_rights(suite, "registration", rights_of_brokers());
  add_told_fees(suite);
  add_terms(suite);
  add_admission_refusals(suite);
  add_odd_registrations(suite);
  add_schema_family(suite, wallet_base(), 8);
  add_repeat_family(suite, wallet_base());
  add_schema_family(suite, broker_base(), 8);
  add_head_family(suite, broker_base());
  add_repeat_family(suite, broker_base());
}

}  // namespace quickpay::conformance
