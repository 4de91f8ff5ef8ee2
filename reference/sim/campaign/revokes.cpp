#include "reference/sim/campaign/revokes.hpp"

#include <utility>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

constexpr std::size_t kSignatureBytes = 256;
constexpr int kMostLies = 6;  ///< of somebody on the path about one revoke: who answers for ever in a Broker's place owes that nothing arrives
constexpr unsigned kSomeOneOf = 3;  ///< of the orders that a Vendor has

const std::string& revoke_path() {
  static const std::string path(msg::revoke::kRevokeOrderMessage.path);
  return path;
}

/// Regular orders of this Vendor that it claims, or all if there is none.
std::vector<ledger::Record> claims_of(Site& vendor) {
  auto all = records(vendor, "vendor.claim");
  std::vector<ledger::Record> regular;
  for (const ledger::Record& claim : all)
    if (roles::has_field(claim, "Commitment")) regular.push_back(claim);
  return regular.empty() ? all : regular;
}

/// Leaves the signature of a revoke out and is otherwise as another.
struct Unsigned final : roles::Deviation {
  explicit Unsigned(std::unique_ptr<Deviation> other) : inner(std::move(other)) {}
  void see_request(std::string_view path, std::string_view body) override {
    if (inner) inner->see_request(path, body);
  }
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return inner ? inner->override_predicate(machine, predicate, value) : value;
  }
  void override_effects(const statemachines::MachineTable& table, std::string_view row, std::vector<statemachines::EffectId>& effects) override {
    if (inner) inner->override_effects(table, row, effects);
  }
  bool skip_step(int step, std::string_view path) override { return inner && inner->skip_step(step, path); }
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    if (call.path == revoke_path()) leave_out(call);
    return !inner || inner->rewrite_outgoing(call);
  }
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override { return !inner || inner->rewrite_answer(path, answer); }
  std::string override_address(std::string_view address) override {
    return inner ? inner->override_address(address) : Deviation::override_address(address);
  }
  static void leave_out(roles::OutgoingCall& call) {
    const codec::DocumentType& type = *roles::ops_of_path(call.path)->type->request;
    auto request = codec::read<msg::revoke::RevokeOrder>(call.body, type);
    if (!request) return;
    request->body.revoke.sig.reset();
    call.body = codec::write_document(type, &*request);
  }
  std::unique_ptr<Deviation> inner;
};

}  // namespace

std::unique_ptr<roles::Deviation> without_signature(std::unique_ptr<roles::Deviation> inner) {
  return std::make_unique<Unsigned>(std::move(inner));
}

Revokes::Revokes(World& world, const Script& script, const std::string& liar)
    : world_(world), script_(script), liar_(liar), random_(script.seed + 2) {
  if (script.liar == Liar::network)
    world_.on_path = [this](const std::string& path, const std::string& body) { return instead_of(path, body); };
}

std::string Revokes::fresh_id() { return crypto::to_hex(crypto::random_bytes(random_, 16)); }

unsigned Revokes::drawn() { return static_cast<unsigned char>(crypto::random_bytes(random_, 1)[0]); }

void Revokes::take_back(const std::string& vendor, unsigned what) {
  const auto claims = claims_of(world_.site(vendor));
  if (!claims.empty()) ask_for(vendor, claims[what % claims.size()]);
}

void Revokes::take_some_back() {
  for (const std::string& vendor : world_.ids("vendor"))
    for (const ledger::Record& claim : claims_of(world_.site(vendor)))
      if (drawn() % kSomeOneOf == 0) ask_for(vendor, claim);
}

void Revokes::forge_some() {
  if (script_.liar == Liar::nobody) return;
  for (const std::string& vendor : world_.ids("vendor")) forge(vendor, drawn());
}

void Revokes::contest_others() {
  for (const ledger::Record& alert : records(world_.site(kHost), "host.revoke")) {
    const auto ref = ref_of(alert);
    if (!ref || ref->vendor == liar_ || asked_.contains(ref->digest) || alert.state != "UNPROVEN") continue;
    Site& vendor = world_.site(ref->vendor);
    if (vendor.node) static_cast<void>(world_.act(vendor, [&](roles::Node& node) { return node.contest(ref->order_id); }));
  }
}

void Revokes::ask_for(const std::string& vendor, const ledger::Record& claim) {
  Site& site = world_.site(vendor);
  const auto ref = ref_of(claim);
  if (!site.node || !ref) return;
  // known before the step is looked at: an operator says so first
  const bool is_new = ref->kind == msg::Kind::regular && asked_.insert(ref->digest).second;
  const auto done = world_.act(site, [&](roles::Node& node) { return node.revoke(ref->order_id); });
  if (!done && is_new) asked_.erase(ref->digest);
}

msg::Revoke Revokes::made_up(const msg::OrderRef& ref, const ledger::Record& claim) {
  msg::Revoke revoke;
  revoke.revoke_id = fresh_id();
  revoke.order_ref = ref;
  revoke.commit_id = roles::field(claim, "commit_id");
  revoke.reason = msg::RevokeReason::other;
  revoke.revoked_at = roles::format_time(world_.clock.now_ms());
  if (!script_.authenticated) return revoke;
  const roles::Lookup known = world_.site(kHost).directory.find(ref.vendor);  // profile H demands a signature; nobody else has the key
  if (known.player != nullptr && !known.player->keys.empty())
    revoke.sig = msg::Sig{known.player->keys.front().key_id, std::string(kSignatureBytes, 's')};
  return revoke;
}

void Revokes::forge(const std::string& vendor, unsigned what) {
  if (script_.liar == Liar::nobody) return take_back(vendor, what);
  const std::string& of = script_.liar == Liar::vendor ? liar_ : vendor;
  const auto claims = claims_of(world_.site(of));
  if (claims.empty()) return;
  const ledger::Record& claim = claims[what % claims.size()];
  const auto ref = ref_of(claim);
  if (!ref) return;
  if (script_.liar == Liar::broker) {
    msg::revoke::RegisterRevoke notice{};
    notice.body.order_ref = *ref;
    notice.body.revoke = made_up(*ref, claim);
    notice.body.revoke_id = notice.body.revoke->revoke_id;
    notice.body.commit_id = notice.body.revoke->commit_id;
    notice.body.revoked_at = notice.body.revoke->revoked_at;
    return write(liar_, liar_, kHost, std::move(notice), std::string(msg::revoke::kRegisterRevokeMessage.path));
  }
  msg::revoke::RevokeOrder request{};
  request.body.revoke = made_up(*ref, claim);
  write(script_.liar == Liar::wallet ? liar_ : of, of, std::string(roles::field(claim, "broker")), std::move(request), revoke_path());
}

/// A request from the address of one in the name of another, with a key that is the writer's own or none.
template <class T>
void Revokes::write(const std::string& from, const std::string& sender, const std::string& to, T request, const std::string& path) {
  if (to.empty()) return;
  msg::Head& head = request.head;
  head.version = "1";
  head.profile = script_.authenticated ? msg::Profile::H : msg::Profile::F;
  head.host = kHost;
  head.sender = sender;
  head.receiver = to;
  head.msg_id = fresh_id();
  head.sent_at = roles::format_time(world_.clock.now_ms());
  const codec::DocumentType& type = *roles::ops_of_path(path)->type->request;
  roles::Document<T> document;
  document.value = std::move(request);
  if (script_.authenticated) {
    const bool own = from == sender && script_.liar != Liar::network;
    const auto key = own ? roles::SharedKeys(world_.site(from).config).current(to, world_.clock.now_ms()) : std::nullopt;
    roles::authenticate(type, document, key.value_or(roles::EpochKey{1, crypto::sha256(fresh_id())}));
  }
  world_.ask(from, to, path, codec::write_document(type, document.object()), [](const roles::CallResult&) {});
}

/// Every second revoke does not reach its Broker: somebody on the path answers that it is taken.
std::optional<std::string> Revokes::instead_of(const std::string& path, const std::string& body) {
  if (path != revoke_path() || ++answered_ % 2 == 0) return std::nullopt;
  const auto request = codec::read<msg::revoke::RevokeOrder>(body, *roles::ops_of_path(path)->type->request);
  if (!request || ++lies_[request->body.revoke.revoke_id] > kMostLies) return std::nullopt;
  roles::Document<msg::revoke::RevokeOrderResponse> answer;
  msg::Head& head = answer.value.head;
  head = request->head;
  std::swap(head.sender, head.receiver);
  head.msg_id = fresh_id();
  head.in_reply_to = request->head.msg_id;
  auto& said = answer.value.body;
  said.status.code = "QP-OK";
  said.revoke_id = request->body.revoke.revoke_id;
  said.effect = msg::RevokeEffect::released;
  said.amount = request->body.revoke.order_ref.amount;
  said.state = msg::RevokeState::final;
  const codec::DocumentType& type = *roles::ops_of_path(path)->type->response;
  if (script_.authenticated) roles::authenticate(type, answer, {1, crypto::sha256(fresh_id())});
  return codec::write_document(type, answer.object());
}

}  // namespace quickpay::sim
