#include "reference/sim/campaign/lookups.hpp"

#include <string>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::sim {
namespace {

using msg::admin::LookupPlayer;

constexpr std::size_t kIdDigits = 32;

LookupPlayer::Body by_id(msg::PlayerRole role, std::string id) {
  LookupPlayer::Body body{};
  body.role = role;
  body.id = std::move(id);
  if (role == msg::PlayerRole::wallet) body.ticket = crypto::sha256_hex("no ticket").substr(0, kIdDigits);
  return body;
}

LookupPlayer::Body by_endpoint(const std::string& address, std::int64_t port) {
  LookupPlayer::Body body{};
  body.role = msg::PlayerRole::vendor;
  body.endpoint.emplace();
  body.endpoint->addr = address;
  body.endpoint->port = port;
  return body;
}

std::vector<LookupPlayer::Body> questions(World& world) {
  std::vector<LookupPlayer::Body> all;
  for (const auto& [id, site] : world.sites()) {
    const auto role = roles::spelled_as<msg::PlayerRole>(site.config.role).value_or(msg::PlayerRole::host);
    all.push_back(by_id(role, id));
    all.push_back(by_id(role == msg::PlayerRole::broker ? msg::PlayerRole::vendor : msg::PlayerRole::broker, id));
  }
  all.push_back(by_id(msg::PlayerRole::vendor, "V9999"));
  all.push_back(by_id(msg::PlayerRole::host, "H9"));
  const roles::Lookup vendor = world.site(kHost).directory.find(world.ids("vendor").front());
  all.push_back(by_endpoint(vendor.player->endpoints.front().address, vendor.player->endpoints.front().port));
  all.push_back(by_endpoint("192.0.2.9", 1));
  return all;
}

}  // namespace

void look_everybody_up(World& world, const Script& script) {
  const std::string who = world.ids("wallet").front();
  std::size_t asked = 0;
  for (LookupPlayer::Body& body : questions(world)) {
    LookupPlayer request{};
    request.body = std::move(body);
    request.head.version = "1";
    request.head.profile = script.authenticated ? msg::Profile::H : msg::Profile::F;
    request.head.host = request.head.receiver.emplace(kHost);
    request.head.sender = who;
    request.head.sent_at = roles::format_time(world.site(who).clock->now_ms());
    request.head.msg_id = crypto::sha256_hex("look-up/" + std::to_string(++asked)).substr(0, kIdDigits);
    world.ask(who, kHost, std::string(msg::admin::kLookupPlayerMessage.path), codec::write_document(*msg::admin::kLookupPlayerMessage.request, &request),
              [](const roles::CallResult&) {});
  }
}

}  // namespace quickpay::sim
