#include "conformance/suites/newcomer.hpp"

#include <charconv>
#include <cstdlib>
#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance {

Element sealed_to_host(Session& session, Element request, const std::string& bytes) {
  const SigningKeyPlan* key = sealing_key(session.world().plan(), session.world().iut());
  return key == nullptr ? request : sealed_to(*key->key, std::move(request), bytes, session.random().hex(16));
}

std::string fresh_key(Session& session) { return sha256_of(session.random().hex(32)); }

Element told_in(const World& world, const Sending& sending, const Reply& reply) {
  const Element inner = inside(world.plan(), sending.document);
  const auto plain = unboxed(bytes_of_hex(text_at(inner, "ReplyKey")), reply.document);
  return plain ? parse_xml(*plain).value_or(Element{}) : Element{};
}

void list_key(World& world, const std::string& id, const Element& key, const std::string& name) {
  SigningKeyPlan listed;
  listed.player = id;
  listed.key = *test_key(name);
  listed.spki = bytes_of_base64(text_at(key, "PubKey")).value_or("");
  listed.not_before = text_at(key, "NotBefore");
  listed.not_after = text_at(key, "NotAfter");
  listed.usage = child(key, "Usage") == nullptr ? "sign" : text_at(key, "Usage");
  listed.by_message = true;
  world.enrol(std::move(listed));
}

namespace {

void share(World& world, const std::string& id, const Element& told) {
  if (const Element* shared = child(told, "Shared")) {
    world.enrol(KeyPlan{world.cast().host, id, std::atoll(text_at(*shared, "Epoch").c_str()), text_at(*shared, "Key")});
  }
}

/// The player of the plan under the identifier that it got.
PlayerPlan player_as(const World& world, const std::string& place, const std::string& id) {
  PlayerPlan player = *world.plan().player(place);
  player.id = id;
  player.listed = player.by_message = true;
  player.serves = false;
  return player;
}

/// The name of the test key whose public part this is.
std::string name_of_key(const Element& key) {
  for (const char* name : {"newcomer", "newcomer-seal", "stranger", "long"}) {
    if (text_at(key, "PubKey") == base64_of(test_key(name)->public_key().spki_der())) {
      return name;
    }
  }
  return {};
}

/// Each list that is named replaces the one of before.
void take_terms(PlayerPlan& player, const Element& said) {
  PlayerPlan told;
  for (const Element& one : said.children) {
    if (one.name == "SourceAddr") {
      told.sources.push_back(one.text);
    } else if (one.name == "Currency") {
      told.terms.currencies.push_back(one.text);
    } else if (one.name == "MinPaycard") {
      told.terms.oldest_paycards.emplace_back(text_at(one, "Product"), text_at(one, "Version"));
    } else if (one.name == "CommissionBp") {
      std::from_chars(one.text.data(), one.text.data() + one.text.size(), player.terms.commission_bp.emplace());
    }
  }
  const auto replace = [](auto& before, auto& named) {
    if (!named.empty()) {
      before = std::move(named);
    }
  };
  replace(player.sources, told.sources);
  replace(player.terms.currencies, told.terms.currencies);
  replace(player.terms.oldest_paycards, told.terms.oldest_paycards);
}

void removed(World& world, const std::string& id) {
  PlayerPlan player = *world.plan().player(id);
  player.removed = true;
  world.enrol(std::move(player));
}

}  // namespace

Element brought(World& world, const BroughtKey& key, Element bound) {
  const crypto::RsaPrivateKey& own = *test_key(key.name);
  Element element = branch("Key", {leaf("PubKey", base64_of(own.public_key().spki_der()))});
  if (!key.usage.empty()) {
    element.children.push_back(leaf("Usage", key.usage));
  }
  element.children.push_back(leaf("NotBefore", world.now_text(key.from_s)));
  element.children.push_back(leaf("NotAfter", world.now_text(key.to_s)));
  if (!bound.name.empty()) {
    element.children.push_back(std::move(bound));
  }
  if (key.change) {
    key.change(element);
  }
  const std::string spki = bytes_of_base64(text_at(element, "PubKey")).value_or("");
  element = signed_with(key.signer.empty() ? own : *test_key(key.signer), std::move(element), key.purpose);
  set_text(element, "Sig/KeyId", sha256_of(spki));
  return element;
}

// ---------------------------------------------------------------- Vendors

NewVendor::NewVendor(Session& session, std::string where) : place(std::move(where)), session_(session), world_(session.world()) {}

NewVendor NewVendor::of_the_owner(Session& session, const std::string& id) {
  NewVendor vendor(session);
  vendor.speak_for(id);
  return vendor;
}

void NewVendor::choose_secret() {
  secret = world_.fresh_id();
  tag = digest_of("probe", branch("ProbeProof", {leaf("ProbeSecret", secret)}));
}

Element NewVendor::endpoint(const std::string& at) const {
  const PlayerPlan* there = world_.plan().player(at);
  return branch("Endpoint", {leaf("Addr", there->address), leaf("Port", std::to_string(there->port))});
}

Sending NewVendor::registration(const BroughtKey& key) {
  choose_secret();
  std::vector<Element> body = {endpoint(place), leaf("ProbeTag", tag)};
  if (!name.empty()) {
    body.push_back(leaf("Name", name));
  }
  brought_ = {};
  if (brings_key) {
    brought_ = brought(world_, key, leaf("ProbeTag", tag));
    body.push_back(brought_);
  }
  Sending sending;
  sending.from = place;
  sending.document = request_of("RegisterVendor", world_.head({}), std::move(body));
  if (world_.plan().profile == "H") {
    reply_key_ = fresh_key(session_);
    const Element inner = branch("RegisterVendorInner", {leaf("ReplyKey", reply_key_), leaf("Nonce", world_.fresh_id())});
    sending.document = sealed_to_host(session_, std::move(sending.document), to_xml(inner));
  }
  return sending;
}

Sending NewVendor::change(const std::vector<std::string>& places, const std::string& new_name) {
  std::vector<Element> endpoints;
  for (const std::string& one : places) {
    endpoints.push_back(endpoint(one));
  }
  return change_to(std::move(endpoints), new_name);
}

Sending NewVendor::change_to(std::vector<Element> endpoints, const std::string& new_name) {
  choose_secret();
  if (!new_name.empty()) {
    endpoints.push_back(leaf("Name", new_name));
  }
  endpoints.push_back(leaf("ProbeTag", tag));
  Sending sending;
  sending.from = id;
  sending.document = request_of("UpdateVendor", world_.head(id), std::move(endpoints));
  return sending;
}

Sending NewVendor::leaving() {
  Sending sending;
  sending.from = id;
  sending.document = request_of("UnregisterVendor", world_.head(id), {leaf("Reason", "user")});
  return sending;
}

void NewVendor::at(const std::string& where, Act act, int times) {
  if (Peer* peer = world_.peer(where.empty() ? place : where)) {
    peer->script("Probe", std::move(act), times);
  }
}

void NewVendor::shows(const std::string& where) {
  if (Peer* peer = world_.peer(where.empty() ? place : where)) {
    peer->clear_script();
  }
  at(where, right_answer(), -1);
}

Act NewVendor::right_answer(bool held) const {
  Act act = answer_made("right secret", [secret = secret](const Element& request) {
    return std::vector<Element>{leaf("Nonce", text_at(request, "Body/Nonce")), leaf("ProbeSecret", secret)};
  });
  act.held = held;
  return act;
}

Act NewVendor::wrong_answer(bool other_nonce) const {
  return answer_made(other_nonce ? "another Nonce" : "another secret", [secret = secret, other_nonce](const Element& request) {
    const std::string nonce = text_at(request, "Body/Nonce"), other(nonce.size(), nonce.front() == '0' ? '1' : '0');
    return std::vector<Element>{leaf("Nonce", other_nonce ? other : nonce), leaf("ProbeSecret", other_nonce ? secret : other)};
  });
}

bool NewVendor::probed(std::size_t from) { return world_.wait_for(from, is_probe).has_value(); }

Reply NewVendor::registers() {
  const Sending sending = registration();
  shows();
  const Reply reply = world_.send(sending);
  joined(reply);
  return reply;
}

void NewVendor::joined(const Reply& reply) {
  if (!reply.ok()) {
    return;
  }
  id = reply.text("Body/Vendor");
  PlayerPlan player = player_as(world_, place, id);
  player.name = name;
  world_.enrol(std::move(player));
  if (!brought_.name.empty()) {
    list_key(world_, id, brought_, name_of_key(brought_));
  }
  const auto plain = unboxed(bytes_of_hex(reply_key_), reply.document);
  share(world_, id, plain ? parse_xml(*plain).value_or(Element{}) : Element{});
}

Reply NewVendor::moves(const std::vector<std::string>& places, const std::string& new_name) {
  const Sending sending = change(places, new_name);
  for (const std::string& one : places) {
    shows(one);
  }
  const Reply reply = world_.send(sending);
  if (reply.ok()) {
    moved(places, new_name);
  }
  return reply;
}

void NewVendor::moved(const std::vector<std::string>& places, const std::string& new_name) {
  PlayerPlan player = *world_.plan().player(id);
  player.name = new_name.empty() ? player.name : new_name;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const PlayerPlan& there = *world_.plan().player(places[i]);
    if (i == 0) {
      player.address = there.address, player.port = there.port;
      player.more_places.clear();
    } else {
      player.more_places.push_back({there.address, there.port});
    }
  }
  world_.enrol(std::move(player));
}

Reply NewVendor::leaves() {
  const Reply reply = world_.send(leaving());
  if (reply.ok()) {
    left();
  }
  return reply;
}

void NewVendor::left() { removed(world_, id); }

// ---------------------------------------------------------------- Wallets

NewWallet::NewWallet(Session& session, std::string where) : place(std::move(where)), session_(session), world_(session.world()) {}

NewWallet NewWallet::of_the_owner(Session& session, const std::string& id) {
  NewWallet wallet(session);
  wallet.speak_for(id);
  return wallet;
}

void NewWallet::speak_for(const std::string& listed) {
  place = id = listed;
  ticket = world_.plan().player(listed)->ticket;
}

Element NewWallet::net(const std::string& address, const std::string& prefix) const {
  return branch("Net", {leaf("Addr", address), leaf("Prefix", prefix)});
}

Element NewWallet::inner() const {
  return branch(
      "RegisterWalletInner",
      {branch("Software", {leaf("Name", "suite-wallet"), leaf("Version", "1.0"), leaf("ReleaseHash", std::string(64, '3'))}),
       net(world_.address_of(place)), leaf("ReplyKey", fresh_key(session_)), leaf("Nonce", world_.fresh_id())});
}

Element NewWallet::inner_with(const BroughtKey& key) {
  Element made = inner();
  BroughtKey with = key;
  with.usage = key.usage.empty() ? "sign" : key.usage;
  Element proven = brought(world_, with, leaf("Nonce", text_at(made, "Nonce")));
  made.children.insert(made.children.end() - 2, std::move(proven));
  return made;
}

Element NewWallet::change() const {
  return branch("UpdateWalletInner", {leaf("ReplyKey", fresh_key(session_)), leaf("Nonce", world_.fresh_id())});
}

Sending NewWallet::sealed(const std::string& message, const std::string& bytes) {
  Sending sending;
  sending.from = id.empty() ? place : id;
  sending.document = sealed_to_host(session_, request_of(message, world_.head(id), {}), bytes);
  return sending;
}

Sending NewWallet::leaving() {
  Sending sending;
  sending.from = id;
  sending.document = request_of("UnregisterWallet", world_.head(id), {leaf("Reason", "user")});
  return sending;
}

Reply NewWallet::registers(const Element& with) {
  const Sending sending = registration(with);
  const Reply reply = world_.send(sending);
  joined(sending, with, reply);
  return reply;
}

void NewWallet::joined(const Sending& sending, const Element& with, const Reply& reply) {
  const Element told = reply.ok() ? told_in(world_, sending, reply) : Element{};
  if (told.name.empty()) {
    return;
  }
  id = text_at(told, "WalletId");
  ticket = text_at(told, "LookupTicket");
  PlayerPlan player = player_as(world_, place, id);
  player.ticket = ticket;
  world_.enrol(std::move(player));
  if (const Element* key = child(with, "Key")) {
    list_key(world_, id, *key, name_of_key(*key));
  }
  share(world_, id, told);
}

Reply NewWallet::updates(const Element& with) {
  const Sending sending = update(with);
  const Reply reply = world_.send(sending);
  if (reply.ok()) {
    updated(sending, with, reply);
  }
  return reply;
}

void NewWallet::updated(const Sending& sending, const Element& with, const Reply& reply) {
  PlayerPlan player = *world_.plan().player(id);
  if (const std::string fresh = text_at(told_in(world_, sending, reply), "LookupTicket"); !fresh.empty()) {
    player.ticket = ticket = fresh;
  }
  if (child(with, "Net") != nullptr) {
    player.address = text_at(with, "Net/Addr");
  }
  world_.enrol(std::move(player));
}

Reply NewWallet::leaves() {
  const Reply reply = world_.send(leaving());
  if (reply.ok()) {
    left();
  }
  return reply;
}

void NewWallet::left() { removed(world_, id); }

// ---------------------------------------------------------------- Brokers

NewBroker::NewBroker(Session& session, std::string where) : place(std::move(where)), session_(session), world_(session.world()) {
  code = world_.plan().admission.broker_codes.front();
  keys = {{.usage = "sign"}, {.name = "newcomer-seal", .usage = "seal"}};
}

NewBroker NewBroker::of_the_owner(Session& session, const std::string& id) {
  NewBroker broker(session);
  broker.speak_for(id);
  return broker;
}

Element NewBroker::inner() {
  const PlayerPlan& there = *world_.plan().player(place);
  const std::string nonce = world_.fresh_id();
  Element made = branch("RegisterBrokerInner", {leaf("EnrolmentCode", code), leaf("Name", "New Bank"),
                         branch("Endpoint", {leaf("Addr", there.address), leaf("Port", std::to_string(there.port))})});
  for (const BroughtKey& key : keys) {
    made.children.push_back(brought(world_, key, leaf("Nonce", nonce)));
  }
  made.children.push_back(leaf("ReplyKey", fresh_key(session_)));
  made.children.push_back(leaf("Nonce", nonce));
  return made;
}

Sending NewBroker::registration(const Element& with) {
  Sending sending;
  sending.from = place;
  sending.document = sealed_to_host(session_, request_of("RegisterBroker", world_.head({}), {}), to_xml(with));
  return sending;
}

Reply NewBroker::registers(const Element& with) {
  const Sending sending = registration(with);
  const Reply reply = world_.send(sending);
  joined(sending, with, reply);
  return reply;
}

void NewBroker::joined(const Sending& sending, const Element& with, const Reply& reply) {
  const Element told = reply.ok() ? told_in(world_, sending, reply) : Element{};
  if (told.name.empty()) {
    return;
  }
  id = text_at(told, "Broker");
  PlayerPlan player = player_as(world_, place, id);
  player.name = text_at(with, "Name");
  take_terms(player, with);
  world_.enrol(std::move(player));
  for (const Element& each : with.children) {
    if (each.name == "Key") {
      list_key(world_, id, each, name_of_key(each));
    }
  }
  share(world_, id, told);
}

Element NewBroker::change(const std::string& name, std::int64_t offset_s) {
  return branch("BrokerChange", {leaf("Broker", id), leaf("Name", name), leaf("ChangedAt", world_.now_text(offset_s))});
}

Element NewBroker::signed_change(Element change) { return signed_by(world_.plan(), id, std::move(change)); }

Sending NewBroker::update(const Element& change) {
  Sending sending;
  sending.from = id;
  sending.document = request_of("UpdateBroker", world_.head(id), {change});
  return sending;
}

Reply NewBroker::renames(const std::string& name, std::int64_t offset_s) {
  return changes(change(name, offset_s));
}

Reply NewBroker::changes(Element change) {
  const Element made = signed_change(std::move(change));
  const Reply reply = world_.send(update(made));
  if (reply.ok()) {
    changed(made);
  }
  return reply;
}

void NewBroker::changed(const Element& change) {
  last_change = change;
  PlayerPlan player = *world_.plan().player(id);
  if (child(change, "Name") != nullptr) {
    player.name = text_at(change, "Name");
  }
  take_terms(player, change);
  world_.enrol(std::move(player));
}

bool suspend_by_owner(World& world, const std::string& id, bool suspended) {
  PlayerPlan player = *world.plan().player(id);
  player.suspended = suspended;
  world.enrol(player);
  player.by_message = false;
  return world.list_meanwhile(player);
}

bool remove_by_owner(World& world, const std::string& id) {
  removed(world, id);
  PlayerPlan player = *world.plan().player(id);
  player.by_message = false;
  return world.list_meanwhile(player);
}

bool registers_another(Session& session) { return NewWallet(session, kOtherNewWallet).joins(); }

}  // namespace quickpay::conformance
