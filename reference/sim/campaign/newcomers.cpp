#include "reference/sim/campaign/newcomers.hpp"

#include <algorithm>
#include <utility>

#include "reference/roles/documents.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::size_t kIdBytes = 16;
const roles::Endpoint kShared{"127.0.7.1", 7070};   // a machine that two Vendors use, one after the other
const roles::Endpoint kNowhere{"127.0.7.99", kPort};
const roles::Endpoint kEverywhere{"224.0.0.5", kPort};  // no address of one machine

roles::Endpoint place_of(World& world, const std::string& id) { return {world.site(id).address, kPort}; }

/// Gives a wrong secret while its owner wants it to.
struct WrongSecret final : roles::Deviation {
  explicit WrongSecret(const bool& now) : lies(now) {}
  bool rewrite_answer(std::string_view, roles::Answer& answer) override {
    static constexpr std::string_view kOpen = "<ProbeSecret>";
    const std::size_t at = answer.body.find(kOpen);
    if (!lies || at == std::string::npos) return true;
    char& first = answer.body[at + kOpen.size()];
    first = first == '0' ? '1' : '0';
    return true;
  }
  const bool& lies;
};

}  // namespace

Newcomers::Newcomers(World& world, const Script& script) : world_(world), script_(script), random_(script.seed + 5) {}

std::unique_ptr<roles::Deviation> Newcomers::lies_of(const std::string& name) {
  return name == "new-shop" ? std::make_unique<WrongSecret>(lies_) : nullptr;
}

std::string Newcomers::fresh_id() { return crypto::random_hex(random_, kIdBytes); }

void Newcomers::act(const Joining& joining) {
  static constexpr const char* kNames[] = {"new-vendor", "new-shop", "new-wallet", "new-broker", "new-vendor", "new-shop", "new-bank", "new-wallet"};
  const std::string name = kNames[joining.who % std::size(kNames)];
  Site& site = world_.site(name);
  if (joining.join == Join::pretend) return pretend(name, joining.what);
  if (!site.node) return;
  switch (joining.join) {
    case Join::enrol: return enrol(site, joining.what);
    case Join::change: return change(site, joining.what);
    case Join::leave: return leave(site);
    case Join::crash: return crash(name, joining.what);
    case Join::strike_off: return strike_off(site);
    default: return;
  }
}

void Newcomers::told(const Site& at, const roles::UserEvent& event) {
  if (!at.newcomer || event.kind != "tell" || (event.text != "registered" && event.text != "changed")) return;
  if (const auto& wanted = wanted_[at.config.id].endpoints; !wanted.empty()) places_[at.config.id] = wanted;
}

/// The machine is this newcomer's from now on.
void Newcomers::use(const Site& site, const roles::Endpoint& shared) {
  for (const std::string& name : world_.newcomers()) {
    auto& places = world_.site(name).places;
    std::erase(places, shared);
    if (name == site.config.id) places.push_back(shared);
  }
}

std::vector<roles::Endpoint> Newcomers::first_place(const Site& site, unsigned what) {
  lies_ = what >= 48;
  switch (what % 8) {
    case 1:
    case 2:
    case 3: use(site, kShared); return {kShared};
    case 4: return {world_.site(site.config.id == "new-shop" ? "new-vendor" : "new-shop").places.front()};
    case 5: return {place_of(world_, world_.ids("vendor").front())};
    case 6: return {place_of(world_, kHost)};
    case 7: return {kEverywhere};
    default: return {site.places.front()};
  }
}

std::vector<roles::Endpoint> Newcomers::new_places(const Site& site, unsigned what) {
  lies_ = what >= 48;
  const auto& own = site.places;
  switch (what % 8) {
    case 0: return {};
    case 1: return {own[0], own[1]};
    case 2: return {own[0]};
    case 3: return own;
    case 4: use(site, kShared); return {own[0], kShared};
    case 5: return {own[0], place_of(world_, kHost)};
    case 6: return {own[0], kNowhere};
    default: return {own[0], place_of(world_, world_.ids("vendor").front())};
  }
}

void Newcomers::enrol(Site& site, unsigned what) {
  roles::Wanted wanted;
  if (site.config.role == "wallet") {
    wanted.bound = {what % 8 == 6 ? "127.0.8.9/32" : site.address + "/32"};
    if (what % 8 == 7) wanted.bound.push_back("127.0.8.2/32");
  } else {
    wanted.name = "Newcomer " + std::to_string(what % 4);
    wanted.endpoints = site.config.role == "vendor" ? first_place(site, what) : site.places;
    if (site.config.role == "broker") wanted.code = what % 8 == 7 ? "ENROL-X" : kCodes[what % 4 == 3 ? 1 : 0];
  }
  if (world_.act(site, [&](roles::Node& node) { return node.register_self(wanted); })) wanted_[site.config.id] = wanted;
}

void Newcomers::change(Site& site, unsigned what) {
  roles::Wanted wanted;
  if (site.config.role == "wallet") {
    wanted.new_ticket = what % 2 == 0;
    wanted.software = what % 3 == 0;
    if (what % 4 == 1) wanted.bound = {site.address + "/32", "127.0.8.2/32"};
    if (what % 4 == 3) wanted.bound = {"127.0.8.2/32"};
  } else {
    wanted.name = "Newcomer " + std::to_string(what % 16);
    if (site.config.role == "vendor") wanted.endpoints = new_places(site, what);
  }
  if (world_.act(site, [&](roles::Node& node) { return node.change_self(wanted); })) wanted_[site.config.id] = wanted;
}

void Newcomers::leave(Site& site) {
  static_cast<void>(world_.act(site, [](roles::Node& node) { return node.leave(); }));
}

void Newcomers::crash(const std::string& name, unsigned what) {
  world_.crash(name);
  world_.later((1 + what) * kSecond, [this, name] { world_.restart(name); });
}

void Newcomers::strike_off(Site& site) {
  const std::string id = site.node->config().id;
  if (id.empty()) return;
  roles::Player player{id, site.config.role, "", {}, {}, true};
  player.removed = true;
  world_.site(kHost).directory.put(std::move(player));
  struck_off_.insert(id);
  if (struck) struck(id);
}

}  // namespace quickpay::sim
