#include "conformance/peers/world.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <limits>
#include <utility>

#include "conformance/peers/digest.hpp"
#include "conformance/peers/marks.hpp"
#include "conformance/peers/seal.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::uint8_t kIutAddress = 10;
constexpr std::uint8_t kFirstPlayerAddress = 20;
constexpr std::uint8_t kStrayAddress = 99;
constexpr std::uint16_t kSomePort = 18100;  // of an implementation in a world without sockets
constexpr std::string_view kClockNote = "the clock moves by ";
constexpr std::string_view kUserNote = "the user may ";
constexpr std::int64_t kFreshStep = protocol::T_skew_default / 2;  ///< seconds by which clocks may differ in a move of profile H
constexpr std::int64_t kAnyStep = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxTimerRounds = 200;  ///< of all players in one move of the clock

std::int64_t system_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

void list_keys(const WorldPlan& plan, roles::Player& player) {
  for (const SigningKeyPlan& key : plan.signing_keys) {
    if (key.player != player.id || !key.listed) {
      continue;
    }
    roles::PlayerKey listed;
    listed.key_id = sha256_of(key.spki);
    listed.spki = key.spki;
    listed.usage = key.usage == "seal" ? roles::KeyUsage::seal : roles::KeyUsage::sign;
    listed.not_before_ms = time_of(key.not_before);
    listed.not_after_ms = time_of(key.not_after) + 999;
    if (!key.withdrawn_from.empty()) {
      listed.withdrawn_from_ms = time_of(key.withdrawn_from);
    }
    player.keys.push_back(std::move(listed));
  }
}

roles::Player directory_player(const WorldPlan& plan, const std::string& id, const std::string& role, const std::string& name,
                               const Address& address) {
  roles::Player player;
  player.id = id;
  player.role = role;
  player.name = name;
  if (role == "wallet") {
    player.bound_addresses = {address.address};
  } else {
    player.endpoints = {{address.address, address.port}};
  }
  if (const PlayerPlan* known = plan.player(id)) {
    player.ticket = known->ticket;
  }
  list_keys(plan, player);
  return player;
}

}  // namespace

std::int64_t World::SessionClock::now_ms() const { return real ? system_ms() : base_ms + moved_ms; }

World::World(Session& session, WorldPlan plan, std::vector<std::shared_ptr<Observer>> observers)
    : session_(session),
      plan_(std::move(plan)),
      observers_(std::move(observers)),
      answers_(session.random().next()) {
  clock_.base_ms = time_of(plan_.now);
  newcomer_ = iut_is_nameless();
  plan_.profile = session_.profile();
  complete_keys(plan_);
}

void World::begin() {
  orders_->begin_session(session_.run());
  for (const auto& observer : observers_) {
    observer->on_open(*this);
  }
}

World::~World() { *alive_ = false; }

IutResult<std::shared_ptr<World>> World::open(Session& session, WorldPlan plan, const WorldSetting& setting,
                                              std::vector<std::shared_ptr<Observer>> observers) {
  std::shared_ptr<World> world(new World(session, std::move(plan), std::move(observers)));
  world->clock_.real = setting.real_time;
  if (setting.orders) {
    world->orders_ = setting.orders;
  }
  session.set_world(world);
  session.course().feed_by([raw = world.get()](Entry entry) { raw->recall(std::move(entry)); });
  world->begin();
  if (auto started = world->start_players(); !started) {
    return tl::unexpected(IutError{IutFault::protocol, "the players could not start: " + started.error()});
  }
  if (auto ready = world->set_up(); !ready) {
    return tl::unexpected(ready.error());
  }
  return world;
}

std::shared_ptr<World> World::for_replay(Session& session, WorldPlan plan,
                                         std::vector<std::shared_ptr<Observer>> observers,
                                         std::shared_ptr<KnownOrders> orders) {
  std::shared_ptr<World> world(new World(session, std::move(plan), std::move(observers)));
  if (orders) {
    world->orders_ = std::move(orders);
  }
  world->iut_address_ = {session.loopback(kIutAddress), kSomePort};
  session.set_world(world);
  world->begin();
  return world;
}

std::size_t World::replay(Entry entry) {
  const std::string_view note = entry.kind == EntryKind::note ? std::string_view(entry.summary) : std::string_view();
  if (note.substr(0, kClockNote.size()) == kClockNote) {
    clock_.moved_ms += std::strtoll(entry.summary.c_str() + kClockNote.size(), nullptr, 10) * 1000;
  } else if (note.substr(0, kUserNote.size()) == kUserNote) {
    user_actions_.insert(std::string(note.substr(kUserNote.size())));
  }
  return record(std::move(entry));
}

void World::user_may(const std::string& action) {
  note(std::string(kUserNote) + action);
  user_actions_.insert(action);
}

void World::close() {
  for (const auto& observer : observers_) {
    observer->on_close(*this);
  }
  *alive_ = false;
  peers_.clear();
}

tl::expected<void, std::string> World::start_players() {
  std::uint8_t next = kFirstPlayerAddress;
  for (PlayerPlan& player : plan_.players) {
    if (player.address.empty()) {
      player.address = session_.loopback(next);
    }
    ++next;
    if (!player.serves) {
      continue;
    }
    if (auto bound = listen(player); !bound) {
      return bound;
    }
  }
  recall_ports();
  for (const PlayerPlan& player : plan_.players) {
    if (player.listed) {
      directory_.put(directory_player(plan_, player.id, player.role, player.name, {player.address, player.port}));
    }
  }
  for (auto& [id, peer] : peers_) {
    auto random = std::make_unique<MarkingRandom>(session_.run(), session_.random().next());
    if (session_.course().follows()) {
      continue;
    }
    if (auto started = peer->start(plan_, std::move(random)); !started) {
      return started;
    }
  }
  return {};
}

tl::expected<void, std::string> World::listen(PlayerPlan& player) {
  const bool present = !session_.course().follows();
  auto peer = std::make_unique<Peer>(*this, player, present);
  if (present) {
    if (auto bound = peer->listen(); !bound) {
      return bound;
    }
  }
  player.port = peer->plan().port;
  peers_.emplace(player.id, std::move(peer));
  return {};
}

/// The ports that the system chose, noted or from the recording: the raw HTTP of scenarios names them.
void World::recall_ports() {
  Course& course = session_.course();
  if (!course.follows()) {
    Json ports = Json::object();
    for (const PlayerPlan& player : plan_.players) {
      ports[player.id] = player.port;
    }
    return course.note("ports", course.mark(), std::move(ports));
  }
  const Json* ports = course.follow("ports");
  for (PlayerPlan& player : plan_.players) {
    const auto port = ports == nullptr || !ports->is_object() ? Json() : ports->value(player.id, Json());
    player.port = port.is_number_unsigned() ? port.get<std::uint16_t>() : player.port;
  }
}

IutResult<void> World::set_up() {
  iut_source_ = session_.loopback(kIutAddress);
  Setup setup;
  setup.role = plan_.role;
  setup.id = iut_is_nameless() ? std::string() : plan_.iut;
  setup.host = plan_.cast.host;
  setup.profile = session_.profile();
  setup.listen = plan_.role == "wallet" ? std::string() : iut_source_;
  setup.source = iut_source_;
  setup.now = now_text();
  setup.directory = directory_json(plan_, {});
  setup.currencies = plan_.currencies;
  setup.fixtures = fixtures_json(plan_);
  if (plan_.looks_up) {
    setup.directory = Json::array();
    setup.fixtures["host_entry"] = hosts_entry();
  }
  const auto ready = session_.iut().setup(setup);
  if (!ready) {
    return tl::unexpected(ready.error());
  }
  iut_address_ = ready->listen.value_or(Address{iut_source_, 0});
  iut_source_ = iut_address_.address;
  return publish_directory();
}

/// As the Host's owner hands it out; where a recording is followed nobody is told.
std::string World::hosts_entry() {
  Peer* host = session_.course().follows() ? nullptr : peer(plan_.cast.host);
  return host == nullptr ? std::string() : host->node().host_entry().value_or(std::string());
}

IutResult<void> World::publish_directory() {
  if (!newcomer_) {
    directory_.put(directory_player(plan_, plan_.iut, plan_.role, "", iut_address_));
  }
  if (!session_.iut().has_adapter() || plan_.looks_up) {
    return {};
  }
  auto told = session_.iut().directory(directory_json(plan_, newcomer_ ? Address{} : iut_address_));
  if (!told && told.error().fault == IutFault::unsupported) {
    return {};  // the directory of `setup` was complete but for the implementation itself
  }
  return told;
}

void World::enrol(PlayerPlan player) {
  directory_.put(directory_player(plan_, player.id, player.role, player.name, {player.address, player.port}));
  if (PlayerPlan* known = plan_.player(player.id)) {
    *known = std::move(player);
  } else {
    plan_.players.push_back(std::move(player));
  }
}

void World::enrol(SigningKeyPlan key) {
  std::erase_if(plan_.signing_keys, [&](const SigningKeyPlan& one) { return one.player == key.player && one.spki == key.spki; });
  plan_.signing_keys.push_back(std::move(key));
}

void World::enrol(KeyPlan shared) {
  std::erase_if(plan_.keys, [&](const KeyPlan& key) {
    return key.one == shared.one && key.other == shared.other && key.epoch == shared.epoch;
  });
  plan_.keys.push_back(std::move(shared));
}

void World::name_iut(const std::string& id) {
  for (SigningKeyPlan& key : plan_.signing_keys) {
    key.player = key.player == plan_.iut ? id : key.player;
  }
  plan_.iut = id;
}

bool World::list_meanwhile(const PlayerPlan& player) {
  WorldPlan with = plan_;
  std::erase_if(with.players, [&](const PlayerPlan& one) { return one.id == player.id; });
  with.players.push_back(player);
  return session_.iut().directory(directory_json(with, iut_address_)).has_value();
}

Peer* World::peer(std::string_view id) {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second.get();
}

std::string World::address_of(std::string_view player) const {
  if (is_iut(player)) {
    return iut_source_;
  }
  const PlayerPlan* plan = plan_.player(player);
  return plan == nullptr ? std::string() : plan->address;
}

std::string World::stray_address() const { return session_.loopback(kStrayAddress); }

std::string World::player_at(const std::string& address) const {
  if (address == iut_source_ || address == iut_address_.address) {
    return plan_.iut;
  }
  for (const PlayerPlan& player : plan_.players) {
    if (player.address == address) {
      return player.id;
    }
  }
  return {};
}

/// Of several at one address the port tells them apart.
std::string World::player_at(const Address& place) const {
  if (place.address == iut_address_.address && place.port == iut_address_.port) {
    return plan_.iut;
  }
  for (const PlayerPlan& player : plan_.players) {
    if (player.address == place.address && player.port == place.port) {
      return player.id;
    }
  }
  return {};
}

std::optional<Address> World::target_of(std::string_view player) const {
  if (is_iut(player)) {
    return iut_address_;
  }
  const PlayerPlan* plan = plan_.player(player);
  if (plan == nullptr || plan->port == 0) {
    return std::nullopt;
  }
  return Address{plan->address, plan->port};
}

bool World::advance(std::int64_t seconds) {
  if (clock_.real || !session_.iut().hello().virtual_clock) {
    return false;
  }
  std::int64_t left = seconds;
  std::int64_t step = std::min(left, plan_.profile == "H" ? kFreshStep : left);
  do {
    move_players(step);
    const auto moved = session_.iut().clock(step * 1000);
    if (!moved) {
      return false;
    }
    left -= step;
    step = std::min(left, next_step(*moved));
  } while (left > 0);
  return true;
}

/// How far the clocks may go at once: to the next thing that the implementation does, and where it can come in between
/// no further than freshness bears.
std::int64_t World::next_step(const ClockState& state) const {
  return state.next_due_ms ? std::max(kFreshStep, (*state.next_due_ms + 999) / 1000) : kAnyStep;
}

void World::move_players(std::int64_t seconds) {
  note(fmt::format("{}{} s", kClockNote, seconds));
  clock_.moved_ms += seconds * 1000;
  for (std::size_t round = 0; round < kMaxTimerRounds; ++round) {
    bool due = false;
    for (auto& [id, peer] : peers_) {
      const auto next = peer->next_due_ms();
      if (next && *next <= now_ms()) {
        peer->on_time();
        due = true;
      }
    }
    if (!due) {
      break;
    }
  }
}

void World::settle() {
  if (session_.iut().has_adapter() && session_.iut().alive()) {
    (void)session_.iut().fence();
  }
}

bool World::restart(bool hard) {
  note(hard ? "the implementation is killed and started again" : "the implementation restarts");
  const auto ready = session_.iut().restart(hard);
  if (!ready) {
    return false;
  }
  if (ready->listen) {
    iut_address_ = *ready->listen;
  }
  return publish_directory().has_value();
}

std::string World::fresh_id() { return marked_id(session_.run(), session_.random()); }
std::string World::answer_id() { return marked_id(session_.run(), answers_); }

void World::note(std::string text) {
  Course& course = session_.course();
  if (!course.follows()) {
    course.note("say", course.mark(), true);
  } else if (course.follow("say") == nullptr) {
    return;
  }
  session_.transcript().note(std::move(text));
}

void World::seal(Element& response, const Element& request, const std::string& responder) {
  seal_response(plan_, response, request, responder);
}

HeadFacts World::head(std::string_view from, std::string_view to) {
  HeadFacts head;
  head.profile = session_.profile();
  head.host = plan_.cast.host;
  head.sender = from;
  head.receiver = to.empty() ? plan_.iut : std::string(to);
  head.msg_id = fresh_id();
  head.sent_at = from.empty() ? std::string() : now_text();
  return head;
}

std::optional<std::size_t> World::wait_for(std::size_t from, const std::function<bool(const Entry&)>& fits,
                                           std::chrono::milliseconds limit) {
  std::optional<std::size_t> found;
  std::size_t seen = from;
  session_.wait_until(
      [&]() {
        const auto& entries = session_.transcript().entries();
        for (; !found && seen < entries.size(); ++seen) {
          if (entries[seen].belongs == Belongs::here && fits(entries[seen])) {
            found = seen;
          }
        }
        return found.has_value();
      },
      limit);
  return found;
}

std::optional<std::size_t> World::wait_fenced(std::size_t from, const std::function<bool(const Entry&)>& fits, std::size_t n) {
  std::vector<std::size_t> all;
  const auto come = [&] {
    all = find(from, fits);
    return all.size() > n;
  };
  if (!come()) {
    session_.wait_until(come, session_.iut().fence() ? kFencedLimit : kAnswerLimit);
  }
  return all.size() > n ? std::optional(all[n]) : std::nullopt;
}

std::vector<std::size_t> World::find(std::size_t from, const std::function<bool(const Entry&)>& fits) const {
  std::vector<std::size_t> found;
  const auto& entries = session_.transcript().entries();
  for (std::size_t i = from; i < entries.size(); ++i) {
    if (entries[i].belongs == Belongs::here && fits(entries[i])) {
      found.push_back(i);
    }
  }
  return found;
}

std::vector<std::size_t> World::sent_by_iut(std::string_view message, std::size_t from) const {
  return find(from, [&](const Entry& entry) {
    return entry.kind == EntryKind::request && entry.by_iut && entry.message == message;
  });
}

Element World::document(std::size_t entry) const {
  return parse_xml(session_.transcript().entries()[entry].body).value_or(Element{});
}

}  // namespace quickpay::conformance
