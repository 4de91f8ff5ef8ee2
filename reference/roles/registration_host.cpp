#include "reference/roles/registration_host.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/registration/generated/host_vendor.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::host_vendor;
using msg::admin::Probe;
using msg::admin::ProbeResponse;
using msg::admin::RegisterVendor;
using msg::admin::RegisterVendorResponse;
using msg::admin::UnregisterVendor;
using msg::admin::UpdateVendor;

constexpr std::string_view kVendorRole = "vendor";
const std::string kSource = "source";  ///< of a request that is kept: where the Vendor sends from as well
constexpr std::int64_t kProbeTries = 2;  ///< that fit into T_probe at least

const msg::RegisterVendorInner* opened(const Request* request) {
  return request ? request->opened<msg::RegisterVendorInner>(msg::admin::kRegisterVendorInnerDocument) : nullptr;
}

std::string spelled(const Endpoint& at) {
  return std::string(plain_address(at.address)) + " " + std::to_string(at.port);
}

void keep_places(ledger::Record& record, const std::string& name, const std::vector<Endpoint>& places) {
  keep_all(record, name, endpoints_of(places), msg::kEndpointType);
}

std::vector<Endpoint> places_kept(const ledger::Record& record, const std::string& name) {
  return places_of(recall_all<msg::Endpoint>(record, name, msg::kEndpointType));
}

/// The Endpoints that the turn is about: of the request that came, else of the one that was kept.
std::vector<Endpoint> places_named(const Turn& turn) {
  if (const auto* asked = turn.get<RegisterVendor>()) return {place_of(asked->body.endpoint)};
  const auto* asked = turn.get<UpdateVendor>();
  return asked ? places_of(asked->body.endpoint) : places_kept(turn.record, "Place");
}

bool contains(const std::vector<Endpoint>& places, const Endpoint& at) {
  return std::any_of(places.begin(), places.end(), [&](const Endpoint& each) { return same_place(each, at); });
}

/// Why the key that the newcomer brings does not count; empty if it does or there is none.
std::string_view key_fault(Facts& facts, const Turn& turn) {
  const auto* asked = turn.get<RegisterVendor>();
  if (!asked || !asked->body.key) return {};
  return first_key_fault(*asked->body.key, asked->body.probe_tag, facts.now_ms, facts.crypto);
}

}  // namespace

HostVendor::HostVendor(Stage& stage, Members& members)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      members_(members),
      seals_(stage.facts) {
  stage.add(*this);
}

bool HostVendor::holds(std::uint8_t predicate, const Turn& turn) {
  using machine::Predicate;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::key_good:
      return key_fault(stage_.facts, turn) != protocol::QP_E_KEY;
    case Predicate::key_proven:
      return key_fault(stage_.facts, turn).empty();
    case Predicate::from_there:
      return from_there(turn);
    case Predicate::places_allowed:
      return places_allowed(turn);
    case Predicate::places_free:
      return places_free(turn);
    case Predicate::places_wait:
      return places_wait(turn);
    case Predicate::new_places:
      return new_places(turn);
    case Predicate::same_request:
      return same_request(turn);
    case Predicate::probe_right:
      return probe_right(turn);
    case Predicate::more_places:
      return places_kept(turn.record, "ToProbe").size() > 1;
    case Predicate::entry_removed:
      return stage_.facts.directory.removed(turn.key());
  }
  return false;
}

bool HostVendor::from_there(const Turn& turn) const {
  const auto* asked = turn.get<RegisterVendor>();
  return asked && turn.request && asked->body.endpoint.addr == turn.request->peer;
}

bool HostVendor::places_allowed(const Turn& turn) const {
  const std::vector<Endpoint> places = places_named(turn);
  const Lookup own = stage_.facts.directory.find(stage_.facts.config.id);
  return std::all_of(places.begin(), places.end(), [&](const Endpoint& at) {
    const bool hosts = own.found == Found::known && contains(own.player->endpoints, at);
    return !hosts && probe_allowed(at, stage_.facts.config.probes_locally);
  });
}

bool HostVendor::places_free(const Turn& turn) const {
  const std::vector<Endpoint> places = places_named(turn);
  return std::all_of(places.begin(), places.end(), [&](const Endpoint& at) {
    const Lookup there = stage_.facts.directory.find_vendor(at);
    return there.found == Found::unknown || (there.found == Found::known && there.player->id == turn.key());
  });
}

bool HostVendor::places_wait(const Turn& turn) const {
  const std::vector<Endpoint> places = places_named(turn);
  return std::any_of(places.begin(), places.end(), [&](const Endpoint& at) {
    const auto probed = stage_.store.find(kPlaceMachine, spelled(at));
    return probed && field(*probed, "vendor") != turn.key();
  });
}

bool HostVendor::new_places(const Turn& turn) const {
  const Lookup known = stage_.facts.directory.find(turn.key());
  const std::vector<Endpoint> places = places_named(turn);
  return std::any_of(places.begin(), places.end(), [&](const Endpoint& at) {
    return known.found != Found::known || !contains(known.player->endpoints, at);
  });
}

bool HostVendor::same_request(const Turn& turn) const {
  return turn.request && field(turn.record, "msg_id") == turn.request->head().msg_id;
}

bool HostVendor::probe_right(const Turn& turn) const {
  const auto* answer = turn.get<ProbeResponse>();
  if (!answer || !answer->body.nonce || !answer->body.probe_secret) return false;
  const msg::ProbeProof proof{*answer->body.probe_secret};
  return *answer->body.nonce == field(turn.record, "probe_nonce") &&
         crypto::equal_constant_time(crypto::digest("probe", "ProbeProof", msg::kProbeProofType, &proof),
                                     field(turn.record, "probe_tag"));
}

void HostVendor::apply(statemachines::EffectId effect, Turn& turn) {
  using machine::Effect;
  const Facts& facts = stage_.facts;
  switch (static_cast<Effect>(effect)) {
    case Effect::perform_begin:
      return begin(turn);
    case Effect::perform_begin_change:
      return begin_change(turn);
    case Effect::perform_next_place:
      return probe_these(turn, [&] {
        std::vector<Endpoint> rest = places_kept(turn.record, "ToProbe");
        if (!rest.empty()) rest.erase(rest.begin());
        return rest;
      }());
    case Effect::perform_list:
      return list(turn);
    case Effect::perform_change:
      return change(turn);
    case Effect::perform_forget_request:
      return forget_request(turn);
    case Effect::perform_remove:
      return members_.remove(turn.key());
    case Effect::send_Probe:
      return send_probe(turn);
    case Effect::start_T_probe:
      return stage_.start(turn, "T_probe", after_span(facts.now_ms, facts.spans.probe));
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_KEY:
    case Effect::reply_QP_E_SIGNATURE:
    case Effect::reply_QP_E_ADDRESS:
    case Effect::reply_QP_E_BUSY:
    case Effect::reply_QP_E_GONE:
    case Effect::answer_parked_QP_OK:
    case Effect::answer_parked_QP_E_ADDRESS:
    case Effect::park:
    case Effect::stop_T_probe:
    case Effect::drop_Probe:
    case Effect::retry:
    case Effect::ignore:
      return stage_.common(effect, turn);
  }
}

void HostVendor::begin(Turn& turn) {
  const auto* asked = turn.get<RegisterVendor>();
  if (!asked) return;
  auto& fields = turn.record.fields;
  members_.take_id(kVendorRole, turn.key());
  fields["msg_id"] = asked->head.msg_id;
  fields["probe_tag"] = asked->body.probe_tag;
  if (asked->body.name) fields["name"] = *asked->body.name;
  if (asked->body.key) keep(turn.record, "Key", msg::kFirstKeyType, *asked->body.key);
  if (const auto* inner = opened(turn.request)) fields["reply_key"] = inner->reply_key, fields["nonce"] = inner->nonce;
  keep_places(turn.record, "Place", places_named(turn));
  stage_.store.put({std::string(kVendorRequestMachine), asked->head.msg_id, "OPEN", {}, {{"vendor", turn.key()}}});
  probe_these(turn, places_named(turn));
}

void HostVendor::begin_change(Turn& turn) {
  const auto* asked = turn.get<UpdateVendor>();
  if (!asked) return;
  auto& fields = turn.record.fields;
  fields["msg_id"] = asked->head.msg_id;
  fields["probe_tag"] = asked->body.probe_tag;
  if (asked->body.name) fields["name"] = *asked->body.name;
  keep_all(turn.record, kSource, asked->body.source_addr);
  const std::vector<Endpoint> places = places_named(turn);
  keep_places(turn.record, "Place", places);
  const Lookup known = stage_.facts.directory.find(turn.key());
  std::vector<Endpoint> fresh;
  for (const Endpoint& at : places) {
    const bool own = known.found == Found::known && contains(known.player->endpoints, at);
    if (!own && !contains(fresh, at)) fresh.push_back(at);
  }
  probe_these(turn, fresh);
}

/// Who asks for one of these meanwhile has to wait.
void HostVendor::probe_these(Turn& turn, const std::vector<Endpoint>& places) {
  keep_places(turn.record, "ToProbe", places);
  for (const Endpoint& at : places) {
    stage_.store.put({std::string(kPlaceMachine), spelled(at), "PROBED", {}, {{"vendor", turn.key()}}});
  }
}

void HostVendor::send_probe(Turn& turn) {
  const MessageOps* ops = ops_of(msg::admin::kProbeMessage);
  const std::vector<Endpoint> places = places_kept(turn.record, "ToProbe");
  if (!ops || places.empty()) return;
  Document<Probe> probe;
  probe.value.head = stage_.outbox.new_head(*ops, turn.key());
  probe.value.body.nonce = stage_.facts.fresh_id();
  probe.value.body.probe_tag = field(turn.record, "probe_tag");
  turn.record.fields["probe_nonce"] = probe.value.body.nonce;
  keep(turn.record, "Probed", msg::kEndpointType, endpoint_of(places.front()));
  stage_.store.put(turn.record);  // the outbox asks for the place
  const std::int64_t timeout_s = std::max<std::int64_t>(1, stage_.facts.spans.probe / kProbeTries);
  stage_.outbox.send(turn.record.machine, turn.key(), *ops, probe, {false, timeout_s, 0});
}

std::optional<Endpoint> HostVendor::place_of(const ledger::Call& call) {
  if (call.machine != table().id) return std::nullopt;
  const auto record = stage_.store.find(call.machine, call.key);
  const auto probed = record ? recall<msg::Endpoint>(*record, "Probed", msg::kEndpointType) : std::nullopt;
  return probed ? std::optional(quickpay::roles::place_of(*probed)) : std::nullopt;
}

void HostVendor::list(Turn& turn) {
  Member member;
  member.player.id = turn.key();
  member.player.role = kVendorRole;
  member.player.name = field(turn.record, "name");
  member.player.endpoints = places_kept(turn.record, "Place");
  if (const auto key = recall<msg::FirstKey>(turn.record, "Key", msg::kFirstKeyType)) {
    member.player.keys = {
        unlisted({key->sig.key_id, key->pub_key, msg::KeyUse::sign, key->not_before, key->not_after, {}})};
  }
  if (has_field(turn.record, "reply_key")) member.shared = members_.new_key(turn.key());
  members_.put(member);
}

void HostVendor::change(Turn& turn) {
  auto member = members_.find(turn.key());
  if (!member) return;
  const auto places = places_kept(turn.record, "Place");
  if (!places.empty()) member->player.endpoints = places;
  if (has_field(turn.record, "name")) member->player.name = field(turn.record, "name");
  auto sources = recall_all<std::string>(turn.record, kSource);
  if (!sources.empty()) member->player.source_addresses = std::move(sources);
  members_.put(*member);
}

void HostVendor::forget_request(Turn& turn) {
  for (const Endpoint& at : places_kept(turn.record, "Place")) {
    const auto probed = stage_.store.find(kPlaceMachine, spelled(at));
    if (probed && field(*probed, "vendor") == turn.key()) stage_.store.erase(kPlaceMachine, spelled(at));
  }
  stage_.store.erase(kVendorRequestMachine, field(turn.record, "msg_id"));
  turn.record.fields.clear();
}

void HostVendor::fill(const ledger::Record& record, const AnyDocument*, AnyDocument& response) {
  auto* answer = as<RegisterVendorResponse>(&response);
  if (!answer) return;
  answer->body.vendor = record.key;
  answer->body.boxed = key_box(record, response.head());
}

std::optional<msg::Boxed> HostVendor::key_box(const ledger::Record& record, const msg::Head& head) const {
  const auto reply_key = crypto::from_hex(field(record, "reply_key"));
  const auto member = members_.find(record.key);
  if (!reply_key || !member || !member->shared) return std::nullopt;
  msg::RegisterVendorResponseInner inner;
  inner.nonce = field(record, "nonce");
  inner.shared = *shared_key(*member);
  return seals_.box(*reply_key, msg::admin::kRegisterVendorResponseInnerDocument, &inner,
                    msg::admin::kRegisterVendorMessage.response->root, head);
}

// ---- the protocol

Registrar::Registrar(Stage& stage, Members& members)
    : stage_(stage), members_(members), vendors_(stage, members_), wallets_(stage, members_), brokers_(stage, members_) {
  stage.outbox.place_of = [this](const ledger::Call& call) { return vendors_.place_of(call); };
}

/// The identifier that a newcomer has or would get.
std::string Registrar::vendor_of(const Request& request) {
  const auto known = stage_.store.find(kVendorRequestMachine, request.head().msg_id);
  return known ? std::string(field(*known, "vendor")) : members_.next_id(kVendorRole, 'V');
}

bool Registrar::serve(Request& request) {
  const AnyDocument* document = request.document.get();
  if (as<RegisterVendor>(document)) {
    stage_.serve(vendors_, vendor_of(request), request);
    return true;
  }
  if (!as<UpdateVendor>(document) && !as<UnregisterVendor>(document)) {
    return wallets_.serve(request) || brokers_.serve(request);
  }
  stage_.serve(vendors_, request.sender(), request);
  return true;
}

}  // namespace quickpay::roles
