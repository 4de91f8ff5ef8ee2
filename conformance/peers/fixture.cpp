#include "conformance/peers/fixture.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kMaxBatch = 10000;         ///< items, where the file does not say
constexpr std::int64_t kPlentiful = 1000000000;  ///< limit of accounts that only the suite's own Brokers keep

PlayerPlan player_of(const Json& entry) {
  PlayerPlan player;
  player.id = entry.at("id").get<std::string>();
  player.role = entry.value("role", std::string(role_of(player.id)));
  player.name = entry.value("name", std::string());
  player.serves = player.role != "wallet";
  player.ticket = entry.value("ticket", std::string());
  const Json endpoints = entry.value("endpoints", Json::array());
  const Json bound = entry.value("bound", Json::array());
  if (!endpoints.empty()) {
    player.address = endpoints.at(0).at("address").get<std::string>();
    player.port = endpoints.at(0).at("port").get<std::uint16_t>();
  } else if (!bound.empty()) {
    player.address = bound.at(0).get<std::string>();
  }
  return player;
}

/// The ids of a role in the order of the file.
std::vector<std::string> ids_of(const WorldPlan& plan, std::string_view role) {
  std::vector<std::string> ids;
  if (plan.role == role) {
    ids.push_back(plan.iut);
  }
  for (const PlayerPlan& player : plan.players) {
    if (player.role == role) {
      ids.push_back(player.id);
    }
  }
  return ids;
}

std::string nth(const std::vector<std::string>& ids, std::size_t n) { return n < ids.size() ? ids[n] : std::string(); }

/// An id of that role that is in no directory.
std::string unknown_id(const WorldPlan& plan, std::string_view prefix, std::string id) {
  while (plan.player(std::string(prefix) + id) != nullptr || plan.iut == std::string(prefix) + id) {
    id.back() = id.back() == '9' ? '8' : '9';
    id.insert(id.begin(), id.front());
  }
  return std::string(prefix) + id;
}

void cast_players(WorldPlan& plan) {
  const auto brokers = ids_of(plan, "broker");
  std::vector<std::string> accepted;
  std::vector<std::string> strange;
  for (const std::string& id : brokers) {
    const bool known = plan.brokers_accepted.empty() || id == plan.iut ||
                       std::count(plan.brokers_accepted.begin(), plan.brokers_accepted.end(), id) != 0;
    (known ? accepted : strange).push_back(id);
  }
  const auto vendors = ids_of(plan, "vendor");
  const auto wallets = ids_of(plan, "wallet");
  Cast& cast = plan.cast;
  cast.host = nth(ids_of(plan, "host"), 0);
  cast.broker = nth(accepted, 0);
  cast.other_broker = nth(accepted, 1);
  cast.strange_broker = nth(strange, 0);
  cast.vendor = nth(vendors, 0);
  cast.other_vendor = nth(vendors, 1);
  cast.wallet = nth(wallets, 0);
  cast.other_wallet = nth(wallets, 1);
  cast.unknown_vendor = unknown_id(plan, "V", "99999");
  cast.unknown_broker = unknown_id(plan, "B", "99999");
}

void read_items(const Json& fixtures, WorldPlan& plan) {
  for (const Json& entry : fixtures.value("items", Json::array())) {
    ItemPlan item;
    item.vendor = plan.iut;
    item.item = entry.at("item").get<std::string>();
    item.text = entry.value("text", std::string());
    item.amount = entry.value("amount", std::int64_t{0});
    item.currency = entry.value("currency", std::string("USD"));
    item.media_type = entry.value("media_type", std::string("text/plain"));
    item.data = bytes_of_base64(entry.value("data", std::string())).value_or(std::string());
    item.content_hash = entry.value("content_hash", false);
    plan.items.push_back(std::move(item));
  }
}

void read_bindings(const Json& fixtures, WorldPlan& plan) {
  for (const Json& entry : fixtures.value("bindings", Json::array())) {
    PaycardPlan card;
    card.wallet = entry.at("wallet").get<std::string>();
    card.broker = plan.iut;
    card.paycard = entry.at("paycard").get<std::string>();
    card.account = entry.at("account").get<std::string>();
    card.secret = entry.at("secret").get<std::string>();
    for (const Json& account : fixtures.value("accounts", Json::array())) {
      if (account.at("account") == card.account) {
        card.limit = account.at("limit").get<std::int64_t>();
        card.currency = account.value("currency", std::string("USD"));
      }
    }
    plan.paycards.push_back(std::move(card));
  }
}

void read_keys(const Json& fixtures, WorldPlan& plan) {
  for (const Json& entry : fixtures.value("keys", Json::array())) {
    plan.keys.push_back({plan.iut, entry.at("peer").get<std::string>(), entry.value("epoch", std::int64_t{1}),
                         entry.at("key").get<std::string>()});
  }
}

/// What the directory lists for a player.
void read_listed_keys(const Json& entry, WorldPlan& plan) {
  for (const Json& listed : entry.value("keys", Json::array())) {
    SigningKeyPlan key;
    key.player = entry.at("id").get<std::string>();
    key.spki = bytes_of_base64(listed.at("key").get<std::string>()).value_or(std::string());
    key.not_before = listed.at("not_before").get<std::string>();
    key.not_after = listed.at("not_after").get<std::string>();
    key.withdrawn_from = listed.value("withdrawn_from", std::string());
    key.usage = listed.value("usage", std::string("sign"));
    key.held = false;
    plan.signing_keys.push_back(std::move(key));
  }
}

/// The keys with which the suite signs for the players that it plays; each has to be listed.
void read_signing_keys(const Json& fixture, WorldPlan& plan) {
  for (const Json& entry : fixture.value("signing_keys", Json::array())) {
    const auto key = crypto::RsaPrivateKey::load(bytes_of_base64(entry.at("key").get<std::string>()).value_or(std::string()));
    const std::string player = entry.at("player").get<std::string>();
    for (SigningKeyPlan& listed : plan.signing_keys) {
      if (key && listed.player == player && listed.spki == key->public_key().spki_der()) {
        listed.key = *key;
        listed.held = true;
      }
    }
  }
}

void read_policy(const Json& fixtures, WorldPlan& plan) {
  const Json policy = fixtures.value("policy", Json::object());
  plan.policy.commission_bp.reset();
  if (policy.contains("commission_bp")) {
    plan.policy.commission_bp = policy["commission_bp"].get<std::int64_t>();
  }
  plan.policy.value_after = policy.value("value_after", plan.policy.value_after);
  plan.policy.max_batch = policy.value("max_batch", kMaxBatch);
}

/// Brokers that the suite plays issue a Paycard to every Wallet.
void invent_paycards(WorldPlan& plan) {
  std::size_t number = 70;
  for (const std::string& broker : ids_of(plan, "broker")) {
    for (const std::string& wallet : ids_of(plan, "wallet")) {
      if (broker == plan.iut) {
        continue;
      }
      PaycardPlan card;
      card.wallet = wallet;
      card.broker = broker;
      card.paycard = "P" + std::to_string(number++);
      card.account = "account of " + card.paycard;
      card.secret = sha256_of(card.paycard);
      card.limit = kPlentiful;
      plan.paycards.push_back(std::move(card));
    }
  }
}

WorldPlan read_plan(const Json& fixture) {
  WorldPlan plan;
  plan.role = fixture.at("role").get<std::string>();
  plan.iut = fixture.at("player").get<std::string>();
  plan.currencies = fixture.value("currencies", std::vector<std::string>{"USD"});
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  plan.now = time_text(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (const Json& entry : fixture.at("directory")) {
    read_listed_keys(entry, plan);
    if (entry.at("id") != plan.iut) {
      plan.players.push_back(player_of(entry));
    }
  }
  const Json fixtures = fixture.value("fixtures", Json::object());
  plan.brokers_accepted = fixtures.value("brokers_accepted", std::vector<std::string>{});
  read_items(fixtures, plan);
  read_bindings(fixtures, plan);
  read_keys(fixtures, plan);
  read_signing_keys(fixture, plan);
  read_policy(fixtures, plan);
  invent_paycards(plan);
  cast_players(plan);
  return plan;
}

/// What the plainest scenario of the role takes; who else is missing makes single scenarios inconclusive.
std::optional<std::string> missing(const WorldPlan& plan, bool settles) {
  const Cast& cast = plan.cast;
  const std::pair<const std::string&, const char*> players[] = {
      {cast.host, "host"}, {cast.broker, "accepted broker"}, {cast.vendor, "vendor"}, {cast.wallet, "wallet"}};
  for (const auto& [id, what] : players) {
    if (id.empty()) {
      return std::string("no ") + what + " in the directory";
    }
  }
  for (const std::string& id : {cast.vendor, cast.broker, cast.host}) {
    if (settles && id != plan.iut && signing_key(plan, id) == nullptr) {
      return "no listed key to sign with for " + id;
    }
  }
  for (const PlayerPlan& player : plan.players) {
    if (player.address.empty() || (player.serves && player.port == 0)) {
      return "no address of " + player.id;
    }
  }
  if (plan.role == "broker" && plan.paycard_of(cast.wallet, plan.iut) == nullptr) {
    return "no binding of " + cast.wallet;
  }
  if (plan.role == "vendor" && plan.items.size() < 2) {
    return std::string("fewer than two items");
  }
  return std::nullopt;
}

}  // namespace

tl::expected<WorldPlan, std::string> plan_of_fixture(const Json& fixture) {
  try {
    WorldPlan plan = read_plan(fixture);
    const auto claimed = fixture.value("protocols", std::vector<std::string>{});
    const bool settles = std::find(claimed.begin(), claimed.end(), "settlement") != claimed.end();
    if (auto what = missing(plan, settles)) {
      return tl::unexpected(std::move(*what));
    }
    return plan;
  } catch (const Json::exception& error) {  // the library reports wrong types by exception
    return tl::unexpected(std::string(error.what()));
  }
}

}  // namespace quickpay::conformance
