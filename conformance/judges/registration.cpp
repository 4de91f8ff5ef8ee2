#include "conformance/judges/registration.hpp"

#include <fmt/format.h>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

std::string spelled(const std::string& address, const std::string& port) { return address + " " + port; }

std::set<std::string> places_in(const Element& request) {
  std::set<std::string> places;
  const Element* body = at(request, "Body");
  for (const Element& one : body == nullptr ? std::vector<Element>{} : body->children) {
    if (one.name == "Endpoint") {
      places.insert(spelled(text_at(one, "Addr"), text_at(one, "Port")));
    }
  }
  return places;
}

std::string place_of_player(const WorldPlan& plan, const std::string& id) {
  const PlayerPlan* player = plan.player(id);
  return player == nullptr ? std::string() : spelled(player->address, std::to_string(player->port));
}

/// The places that the Vendor has already.
std::set<std::string> places_listed(const WorldPlan& plan, const std::string& id) {
  std::set<std::string> places = {place_of_player(plan, id)};
  const PlayerPlan* player = plan.player(id);
  for (const Address& one : player == nullptr ? std::vector<Address>{} : player->more_places) {
    places.insert(spelled(one.address, std::to_string(one.port)));
  }
  return places;
}

bool is_of_vendors(const Facts& facts) { return facts.message == "RegisterVendor" || facts.message == "UpdateVendor"; }
bool is_a_registration(const Facts& facts) {
  return facts.message == "RegisterVendor" || facts.message == "RegisterWallet" || facts.message == "RegisterBroker";
}

}  // namespace

void RegistrationJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || protocol_of(facts.message) != "registration") {
    return;
  }
  if (entry.kind == EntryKind::request) {
    return entry.by_iut ? probed(world, index, entry, facts) : asked(world, facts);
  }
  if (!facts.request) {
    return;
  }
  const Facts& question = exchanges_->of(*facts.request);
  if (!entry.by_iut) {
    return facts.message == "Probe" ? shown(entry, question, facts) : void();
  }
  judged();
  const bool ok = text_at(facts.document, "Body/Status/Code") == protocol::QP_OK;
  if (ok && question.breach.empty() && !question.final_answer) {  // a repeated answer is the envelope's affair
    accepted({world, index, question, facts});
  }
}

// ---- Probes

void RegistrationJudge::asked(const World& world, const Facts& facts) {
  asked_ms_.try_emplace(text_at(facts.document, "Head/MsgId"), world.now_ms());
  if (is_of_vendors(facts) && facts.breach.empty() && !facts.repeat) {
    const std::string tag = text_at(facts.document, "Body/ProbeTag");
    open_[tag] = {
        text_at(facts.document, "Head/MsgId"), text_at(facts.document, "Head/Sender"), places_in(facts.document), {}, {}};
  }
}

void RegistrationJudge::probed(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  judged();
  const auto found = open_.find(text_at(facts.document, "Body/ProbeTag"));
  if (found == open_.end()) {
    return violation(world, index, "a Probe for somebody who registers or moves", "one for nobody", Reason::forbidden_message);
  }
  Asked& asked = found->second;
  const std::string place = place_of_player(world.plan(), entry.to), receiver = text_at(facts.document, "Head/Receiver");
  if (asked.places.count(place) == 0) {
    violation(world, index, "a Probe at an Endpoint that was named", place, Reason::forbidden_message);
  }
  const std::string& fixed = asked.vendor.empty() ? asked.named : asked.vendor;
  if (!fixed.empty() && receiver != fixed) {
    violation(world, index, fixed + " as Receiver", receiver);
  }
  if (asked.vendor.empty() && asked.named.empty()) {
    asked.named = receiver;
    const bool given = !named_.try_emplace(receiver, asked.msg_id).second;
    if (given || world.plan().player(receiver) != nullptr) {
      violation(world, index, "an identifier that nobody has or had", receiver);
    }
  }
  const auto [known, fresh] = nonces_.try_emplace(text_at(facts.document, "Body/Nonce"), entry.msg_id);
  if (!fresh && known->second != entry.msg_id) {
    violation(world, index, "a Nonce of its own", known->first);
  }
}

/// The answer counts if it repeats the Nonce and gives the secret behind the tag.
void RegistrationJudge::shown(const Entry& entry, const Facts& probe, const Facts& facts) {
  const std::string tag = text_at(probe.document, "Body/ProbeTag");
  const auto found = open_.find(tag);
  const Element proof = branch("ProbeProof", {leaf("ProbeSecret", text_at(facts.document, "Body/ProbeSecret"))});
  const bool right = facts.counts && text_at(facts.document, "Body/Nonce") == text_at(probe.document, "Body/Nonce") &&
                     digest_of("probe", proof) == tag;
  if (found != open_.end() && right) {
    found->second.shown.insert(entry.from);
  }
}

// ---- answers

void RegistrationJudge::accepted(const Given& given) {
  if (is_of_vendors(given.asked)) {
    vendor_accepted(given);
  }
  if (given.facts.message == "RegisterVendor") {
    newcomer_named(given, text_at(given.facts.document, "Body/Vendor"));
  }
  if (at(given.facts.document, "Body/Boxed") != nullptr) {
    box_opened(given);
  }
}

void RegistrationJudge::vendor_accepted(const Given& given) {
  const auto found = open_.find(text_at(given.asked.document, "Body/ProbeTag"));
  if (found == open_.end()) {
    return;
  }
  const WorldPlan& plan = given.world.plan();
  const Asked& asked = found->second;
  std::set<std::string> proven = asked.vendor.empty() ? std::set<std::string>{} : places_listed(plan, asked.vendor);
  for (const std::string& id : asked.shown) {
    proven.insert(place_of_player(plan, id));
  }
  for (const std::string& place : asked.places) {
    if (proven.count(place) == 0) {
      violation(given.world, given.index, "no QP-OK before the secret came from " + place, "QP-OK", Reason::forbidden_message);
    }
  }
  const std::string vendor = text_at(given.facts.document, "Body/Vendor");
  if (asked.vendor.empty() && !asked.named.empty() && vendor != asked.named) {
    violation(given.world, given.index, "the identifier of the Probe, " + asked.named, vendor);
  }
}

/// Whoever joined a request gets the same identifier.
void RegistrationJudge::newcomer_named(const Given& given, const std::string& id) {
  const std::string msg_id = text_at(given.asked.document, "Head/MsgId");
  const auto [known, fresh] = named_.try_emplace(id, msg_id);
  const bool of_the_owner = fresh && given.world.plan().player(id) != nullptr;
  if (of_the_owner || known->second != msg_id) {
    violation(given.world, given.index, "an identifier that nobody has or had", id);
  }
}

void RegistrationJudge::box_opened(const Given& given) {
  const bool joined = given.asked.repeat;
  const auto read = boxes_.read(given.world.plan(), given.asked, given.facts, joined);
  if (!read) {
    return;  // nobody here can look into it, and so nobody judges it
  }
  for (const BoxFault& fault : read->faults) {
    violation(given.world, given.index, fault.expected, fault.got);
  }
  const Element& inner = read->asked;
  const Element& told = read->told;
  if (told.name.empty()) {
    return;
  }
  if (given.facts.message == "RegisterWallet") {
    newcomer_named(given, text_at(told, "WalletId"));
  } else if (given.facts.message == "RegisterBroker") {
    newcomer_named(given, text_at(told, "Broker"));
  }
  const std::string ticket = text_at(told, "LookupTicket");
  if (given.facts.message == "UpdateWallet" && ticket.empty() == (child(inner, "NewTicket") != nullptr)) {
    violation(given.world, given.index, "a ticket if one was asked for", ticket.empty() ? "none" : "one");
  }
  if (!ticket.empty() && !secrets_.insert(ticket).second && !joined) {
    violation(given.world, given.index, "a ticket that nobody had", ticket);
  }
  if (is_a_registration(given.asked) && !joined) {
    shared(given, told);
  }
}

/// Profile H gives a fresh key for T_epoch, from some moment between question and answer; profile F none.
void RegistrationJudge::shared(const Given& given, const Element& told) {
  const Element* key = child(told, "Shared");
  const bool due = given.world.session().profile() == "H";
  if (due != (key != nullptr)) {
    return violation(given.world, given.index, due ? "a shared key" : "no shared key in profile F", due ? "none" : "one");
  }
  if (key == nullptr) {
    return;
  }
  if (!secrets_.insert(text_at(*key, "Key")).second) {
    violation(given.world, given.index, "a key that nobody had", "one that was given");
  }
  constexpr std::int64_t kRoundedMs = 1000;
  const std::int64_t from_ms = time_of(text_at(*key, "ValidTo")) - protocol::T_epoch_default * 1000;
  const std::int64_t asked_ms = asked_ms_[text_at(given.asked.document, "Head/MsgId")];
  if (from_ms < asked_ms - kRoundedMs || from_ms > given.world.now_ms() + kRoundedMs) {
    violation(given.world, given.index, "ValidTo T_epoch from now", text_at(*key, "ValidTo"));
  }
}

}  // namespace quickpay::conformance
