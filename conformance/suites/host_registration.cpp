// The Host registers Vendors: whoever shows that it listens where it says, and nobody else; they move, and they leave.
#include <fmt/format.h>

#include <functional>
#include <set>

#include "conformance/peers/build.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kFamily = "registration.vendor";
const std::string kName = "Nouvelle Boutique";

// ---------------------------------------------------------------- coming
void first(Session& session, const std::string& check) {
  NewVendor vendor(session);
  const Reply reply = vendor.registers();
  judge(session, check, reply.ok() && !vendor.id.empty(), "QP-OK and an identifier", outcome_text(reply), reply.entries,
        Reason::refused);
  if (reply.ok()) {
    judge_listed(session, check + ".listed", vendor.id);
  }
}

void with_key(Session& session, const std::string& check) {
  NewVendor vendor(session);
  vendor.brings_key = true;
  vendor.name = kName;
  judge_ok(session, check, vendor.registers());
  if (!vendor.id.empty()) {
    judge_listed(session, check + ".listed", vendor.id);
  }
}

/// The same request waits for the same Probe.
void joins_in(Session& session, const std::string& check) {
  NewVendor vendor(session);
  World& world = session.world();
  const Sending sending = vendor.registration();
  vendor.at({}, vendor.right_answer(true));
  const Pending one = world.begin(sending);
  if (!vendor.probed()) {
    return unreached(session, "a Probe");
  }
  const Pending other = world.begin(sending);
  world.settle();
  world.peer(vendor.place)->release();
  const Reply first = world.finish(one), second = world.finish(other);
  const std::string id = first.text("Body/Vendor");
  judge(session, check, first.ok() && second.ok() && id == second.text("Body/Vendor"), "QP-OK twice, with one identifier",
        fmt::format("{} {}, {} {}", outcome_text(first), id, outcome_text(second), second.text("Body/Vendor")), second.entries);
}

/// A crash while it waits: the Probe goes out again, and the same request gets the identifier that the first Probe named.
void survives_probing(Session& session, const std::string& check) {
  NewVendor vendor(session);
  World& world = session.world();
  const Sending sending = vendor.registration();
  vendor.at({}, hold_request());
  const Pending lost = world.begin(sending);
  if (!vendor.probed()) {
    return unreached(session, "a Probe");
  }
  const std::string named = text_at(world.document(world.sent_by_iut("Probe").front()), "Head/Receiver");
  vendor.shows();
  if (!world.restart(true)) {
    return unreached(session, "a restart");
  }
  (void)world.finish(lost);
  const Reply reply = world.send(sending);
  judge(session, check, reply.ok() && reply.text("Body/Vendor") == named, "QP-OK with " + named,
        outcome_text(reply) + " " + reply.text("Body/Vendor"), reply.entries);
}

void survives(Session& session, const std::string& check) {
  NewVendor vendor(session);
  if (!vendor.joins() || !session.world().restart(true)) {
    return unreached(session, "a Vendor, and a restart");
  }
  judge_ok(session, check, vendor.moves({}, kName));
  judge_listed(session, check + ".listed", vendor.id);
}

/// No attempt alone decides: the Probe is repeated within T_probe.
void probed_again(Session& session, const std::string& check) {
  NewVendor vendor(session);
  World& world = session.world();
  const Sending sending = vendor.registration();
  vendor.at({}, lose_request());
  vendor.at({}, vendor.right_answer(), -1);
  const Pending pending = world.begin(sending);
  if (!vendor.probed() || !world.advance(protocol::T_probe_default / 2)) {
    return unreached(session, "a Probe, and a clock that can be moved");
  }
  judge_ok(session, check, world.finish(pending));
}

/// Identifiers of those who came, of one who left, and of one who failed.
void numbers(Session& session, const std::string& check) {
  NewVendor first(session), second(session, kSecondPlace), third(session), failed(session, kThirdPlace);
  World& world = session.world();
  const std::size_t from = session.transcript().mark();
  const Sending attempt = failed.registration();
  failed.at({}, answer_code("QP-E-FORBIDDEN"));
  const bool refused = !world.send(attempt).ok();
  const auto probes = world.sent_by_iut("Probe", from);
  const std::string failed_id = probes.empty() ? std::string() : text_at(world.document(probes.front()), "Head/Receiver");
  const bool came = first.joins() && second.joins() && first.leaves().ok() && world.restart(true) && third.joins();
  if (!refused || failed_id.empty() || !came) {
    return unreached(session, "one that fails, and three that come, at the place of one that left, and after a restart");
  }
  const std::set<std::string> ids = {first.id, second.id, third.id, failed_id};
  judge(session, check, ids.size() == 4, "four identifiers",
        fmt::format("{}, {}, {}, {}", first.id, second.id, third.id, failed_id));
}

/// A registered Vendor is one like any other: its notice of a delivery is taken.
void delivers(Session& session, const std::string& check) {
  NewVendor vendor(session);
  const Reply reply = vendor.registers();
  judge_ok(session, check, reply);
  judge_taken(session, check, reply, [&] {
    Registrar registrar(session);
    PaidOrder paid = registrar.order();
    paid.vendor = vendor.id;
    set_text(paid.ref, "Vendor", vendor.id);
    return registrar.delivery(paid);
  });
}

// ---------------------------------------------------------------- changing
/// Whoever `come` makes a Vendor changes; the answer, and what is listed then.
Play changes(std::function<Reply(NewVendor&)> change, bool of_the_owner = false) {
  return [change = std::move(change), of_the_owner](Session& session, const std::string& check) {
    NewVendor vendor = of_the_owner ? NewVendor::of_the_owner(session, session.world().cast().vendor) : NewVendor(session);
    if (!of_the_owner && !vendor.joins()) {
      return unreached(session, "a Vendor");
    }
    judge_ok(session, check, change(vendor));
    judge_listed(session, check + ".listed", vendor.id);
  };
}

Reply move(NewVendor& vendor) { return vendor.moves({kSecondPlace}); }
Reply rename(NewVendor& vendor) { return vendor.moves({}, kName); }
Reply move_to_two(NewVendor& vendor) { return vendor.moves({kSecondPlace, kThirdPlace}, kName); }
Reply leave(NewVendor& vendor) { return vendor.leaves(); }

/// Where it is already it need not be shown again.
void kept_place(Session& session, const std::string& check) {
  NewVendor vendor(session);
  if (!vendor.joins()) {
    return unreached(session, "a Vendor");
  }
  session.world().peer(vendor.place)->clear_script();
  const std::size_t from = session.transcript().mark();
  const Reply reply = session.world().send(vendor.change({vendor.place}, kName));
  const auto probes = session.world().find(from, is_probe);
  judge(session, check, reply.ok() && probes.empty(), "QP-OK without a Probe",
        fmt::format("{}, {} Probes", outcome_text(reply), probes.size()), reply.entries);
}

/// The place that it left is free.
void old_place(Session& session, const std::string& check) {
  NewVendor vendor(session), next(session);
  if (!vendor.joins() || !vendor.moves({kSecondPlace}).ok()) {
    return unreached(session, "a Vendor that moved");
  }
  judge_ok(session, check, next.registers());
}

struct OpenChange {
  Pending pending;
  Sending sending;
};
/// A change to the second place whose Probe waits for its answer.
OpenChange begin_change(NewVendor& vendor) {
  OpenChange open;
  const std::size_t from = vendor.world().session().transcript().mark();
  if (!vendor.joins()) {
    return open;
  }
  open.sending = vendor.change({kSecondPlace}, kName);
  vendor.at(kSecondPlace, vendor.right_answer(true));
  open.pending = vendor.world().begin(open.sending);
  const bool reached =
      vendor.world().wait_for(from, [](const Entry& entry) { return is_probe(entry) && entry.to == kSecondPlace; }).has_value();
  return reached ? open : OpenChange{};
}

void change_joined(Session& session, const std::string& check) {
  NewVendor vendor(session);
  const OpenChange open = begin_change(vendor);
  if (!open.pending) {
    return unreached(session, "a change that waits");
  }
  World& world = session.world();
  const Pending again = world.begin(open.sending);
  world.settle();
  world.peer(kSecondPlace)->release();
  const Reply first = world.finish(open.pending), second = world.finish(again);
  judge(session, check, first.ok() && second.ok(), "QP-OK twice", outcome_text(first) + ", " + outcome_text(second),
        second.entries);
}

/// Who leaves meanwhile leaves; the change comes to nothing, and its place is free.
void leaves_changing(Session& session, const std::string& check) {
  NewVendor vendor(session), next(session, kSecondPlace);
  const OpenChange open = begin_change(vendor);
  if (!open.pending) {
    return unreached(session, "a change that waits");
  }
  World& world = session.world();
  const Reply left = vendor.leaves(), change = world.finish(open.pending);
  world.peer(kSecondPlace)->release();
  const Reply reply = next.registers();
  judge(session, check, left.ok() && change.code == protocol::QP_E_ADDRESS && reply.ok(),
        "QP-OK, QP-E-ADDRESS to the change, QP-OK to who comes next",
        fmt::format("{}, {}, {}", outcome_text(left), outcome_text(change), outcome_text(reply)), change.entries);
  judge_listed(session, check + ".listed", vendor.id);
}

/// In profile H it is known by its code, wherever it is.
void changes_from_elsewhere(Session& session, const std::string& check) {
  NewVendor vendor(session);
  if (!vendor.joins()) {
    return unreached(session, "a Vendor");
  }
  Sending sending = vendor.change({}, kName);
  sending.source = session.world().stray_address();
  judge_ok(session, check, session.world().send(std::move(sending)));
}

std::vector<Right> rights_of_coming() {
  return {{"first",
           "Whoever shows that it listens there becomes a Vendor.",
           "Q7 Q9",
           {"QP-REL-001", "QP-REL-002", "QP-ADD-26"},
           first,
           "",
           {also_listed("The directory shows the newcomer.")}},
          {"with-key",
           "It may bring a key and a name.",
           "Q7 Q9 Key",
           {"QP-ADD-18", "QP-REL-001"},
           with_key,
           "RegisterVendor.Key:=its own",
           {also_listed("The directory lists name and key.")}},
          {"joined", "The same request waits for the same Probe.", "Q8", {"QP-ADD-01"}, joins_in, "RegisterVendor:again"},
          {"restart-probing",
           "A registration that waits outlives a crash.",
           "Q7 Q8",
           {"QP-ADD-01", "QP-REL-002"},
           survives_probing,
           "restart:hard, Probe open"},
          {"restart",
           "What was registered outlives a crash.",
           "Q9 Q18",
           {"QP-REL-002", "QP-ADM-013"},
           survives,
           "restart:hard",
           {also_listed("The directory still shows it.")}},
          {"probed-again",
           "A Probe that is lost is repeated.",
           "Q9 Probe.unsure",
           {"QP-ADD-26", "QP-ADD-01"},
           probed_again,
           "Probe:lost"},
          {"numbers",
           "No identifier is given twice.",
           "Q9 Q28 Q11",
           {"QP-ADD-23", "QP-REL-002"},
           numbers,
           "RegisterVendor:again and again"},
          {"delivers",
           "A Vendor that registered is one like any other.",
           "Q9 H8",
           {"QP-REL-001", "QP-MP-011"},
           delivers,
           "RegisterDelivery:of a newcomer",
           {also_taken("The Host takes its notice of a delivery.")}}};
}

std::vector<Right> rights_of_changing() {
  return {
      {"moved",
       "A Vendor moves to where it shows that it listens.",
       "Q17 Q23",
       {"QP-ADM-013", "QP-ADD-26"},
       changes(move),
       "UpdateVendor.Endpoint:=another",
       {also_listed("The directory says where it is now.")}},
      {"renamed",
       "A name alone needs no Probe.",
       "Q18",
       {"QP-ADM-013"},
       changes(rename),
       "UpdateVendor.Name:=another",
       {also_listed("The directory says how it is called now.")}},
      {"owner-renamed",
       "So does who was listed by the Host's owner.",
       "Q18 UNREGISTERED",
       {"QP-ADM-013"},
       changes(rename, true),
       "UpdateVendor.Name:=another, of the owner",
       {also_listed("The directory says how it is called now.")}},
      {"owner-moved",
       "And moves.",
       "Q17 Q23 UNREGISTERED",
       {"QP-ADM-013", "QP-ADD-26"},
       changes(move, true),
       "UpdateVendor.Endpoint:=another, of the owner",
       {also_listed("The directory says where it is now.")}},
      {"two-places",
       "Each of two places is shown.",
       "Q17 Q22 Q23",
       {"QP-ADD-26", "QP-ADM-013"},
       changes(move_to_two),
       "UpdateVendor.Endpoint:=two",
       {also_listed("The directory has both.")}},
      {"kept-place",
       "A place that it has already is not probed.",
       "Q18 Endpoint",
       {"QP-ADD-26"},
       kept_place,
       "UpdateVendor.Endpoint:=its own"},
      {"old-place", "The place that it left is free.", "Q23 Q7", {"QP-ADD-26"}, old_place, "RegisterVendor:where one was"},
      {"change-joined", "The same change waits for the same Probe.", "Q19", {"QP-ADD-01"}, change_joined, "UpdateVendor:again"},
      {"from-elsewhere",
       "In profile H its code stands for its address.",
       "Q18 Auth",
       {"QP-ADD-21", "QP-ADM-013"},
       changes_from_elsewhere,
       "UpdateVendor:source:=stray",
       {},
       "H"}};
}

std::vector<Right> rights_of_leaving() {
  return {{"left",
           "A Vendor leaves.",
           "Q28",
           {"QP-ADM-013", "QP-ADD-23"},
           changes(leave),
           "",
           {also_listed("The directory says that it was removed.")}},
          {"owner-left",
           "So does who was listed by the Host's owner.",
           "Q28 UNREGISTERED",
           {"QP-ADM-013", "QP-ADD-23"},
           changes(leave, true),
           "UnregisterVendor:of the owner",
           {also_listed("The directory says that it was removed.")}},
          {"left-changing",
           "Who leaves ends its change.",
           "Q29",
           {"QP-ADM-013", "QP-ADD-23"},
           leaves_changing,
           "UnregisterVendor:while it changes",
           {also_listed("The directory says that it was removed.")}}};
}

// ---------------------------------------------------------------- what every server owes
FamilyBase registration_base() {
  return {.message = "RegisterVendor",
          .twin = "registration.vendor.first",
          .valid = [](Session& session) {
            NewVendor vendor(session);
            Sending sending = vendor.registration();
            vendor.shows();
            return sending;
          },
          .benign = registers_another,
          .unserved = "GetOrder"};
}

FamilyBase change_base() {
  return {.message = "UpdateVendor",
          .twin = "registration.vendor.owner-renamed",
          .valid = [](Session& session) { return NewVendor::of_the_owner(session, session.world().cast().vendor).change({}, kName); },
          .benign = registers_another,
          .unserved = "CheckCommit"};
}

void add_families(Suite& suite) {
  add_xml_family(suite, registration_base(), {"comment", "doctype", "attribute", "schema-then-xml", "entity-bomb"});
  add_schema_family(suite, registration_base(), 12);
  add_head_family(suite, registration_base());
  add_repeat_family(suite, registration_base());
  add_schema_family(suite, change_base(), 8);
  add_head_family(suite, change_base());
  add_repeat_family(suite, change_base());
  add_auth_family(suite, change_base());
}

}  // namespace

void add_host_registration(Suite& suite) {
  suite.belongs_to("registration", false);  // codes and the key to seal to are not in fixture files
  add_rights(suite, kFamily, rights_of_coming());
  add_rights(suite, kFamily, rights_of_changing());
  add_rights(suite, kFamily, rights_of_leaving());
  add_vendor_refusals(suite);
  add_host_admission(suite);
  add_families(suite);
}

}  // namespace quickpay::conformance
