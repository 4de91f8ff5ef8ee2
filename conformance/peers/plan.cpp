#include "conformance/peers/plan.hpp"

#include <algorithm>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kLargeLimit = 1000000;
constexpr std::int64_t kSmallLimit = 500;
constexpr std::size_t kTicketDigits = 32;
constexpr std::uint16_t kUnusedPort = 47110;  // of a Broker whom nobody calls

std::string secret_of(std::string_view paycard) {  // any 32 bytes, a different one for each Paycard
  return sha256_of("paycard secret of " + std::string(paycard));
}

PaycardPlan paycard_plan(std::string_view wallet, std::string_view broker, std::string paycard, std::string account,
                         std::int64_t limit, bool active) {
  PaycardPlan plan;
  plan.wallet = wallet;
  plan.broker = broker;
  plan.secret = secret_of(paycard);
  plan.paycard = std::move(paycard);
  plan.account = std::move(account);
  plan.limit = limit;
  plan.active = active;
  return plan;
}

PlayerPlan player_plan(std::string_view id, std::string name) {
  PlayerPlan plan;
  plan.id = id;
  plan.role = role_of(id);
  plan.name = std::move(name);
  plan.serves = plan.role != "wallet";
  return plan;
}

std::vector<ItemPlan> items_of(std::string_view vendor) {
  ItemPlan hashed;
  hashed.vendor = vendor;
  hashed.item = "article-1";
  hashed.text = "Article 4711: \"Tea & Toast\"";
  hashed.amount = 125;
  hashed.data = "Two slices of toast and a pot of tea <hot>.\n";
  hashed.content_hash = true;
  ItemPlan plain = hashed;
  plain.item = "article-2";
  plain.text = "Article 4712: a song";
  plain.amount = 250;
  plain.media_type = "audio/midi";
  plain.data = std::string("MThd\0\0\0\6", 8);
  plain.content_hash = false;
  return {hashed, plain};
}

Json fixtures_of_wallet(const WorldPlan& plan) {
  Json cards = Json::array();
  for (const PaycardPlan& card : plan.paycards) {
    if (card.wallet == plan.iut) {
      cards.push_back(
          {{"broker", card.broker}, {"paycard", card.paycard}, {"secret", card.secret}, {"active", card.active}});
    }
  }
  Json fixtures = {{"paycards", std::move(cards)}};
  if (!plan.enrolments.empty()) {
    const PaycardFilePlan& file = plan.paycard_file;
    fixtures["new_paycards"] = {
        {{"broker", plan.cast.broker}, {"product", file.product}, {"version", file.version}, {"file_hash", file.file_hash}}};
  }
  return fixtures;
}

Json fixtures_of_vendor(const WorldPlan& plan) {
  Json items = Json::array();
  for (const ItemPlan& item : plan.items) {
    if (item.vendor == plan.iut) {
      items.push_back({{"item", item.item},
                       {"text", item.text},
                       {"amount", item.amount},
                       {"currency", item.currency},
                       {"media_type", item.media_type},
                       {"data", base64_of(item.data)},
                       {"content_hash", item.content_hash}});
      if (item.by_location) {
        items.back()["url"] = "/goods/" + item.item;
      }
      if (item.stock) {
        items.back()["stock"] = *item.stock;
      }
    }
  }
  Json fixtures = {{"items", std::move(items)}, {"brokers_accepted", plan.brokers_accepted}};
  if (plan.policy.receipt_from) {
    fixtures["policy"] = {{"receipt_from", *plan.policy.receipt_from}};
  }
  return fixtures;
}

/// The keys that the one under test holds for a use.
Json own_keys_of_iut(const WorldPlan& plan, std::string_view usage) {
  Json keys = Json::array();
  for (const SigningKeyPlan& key : plan.signing_keys) {
    if (key.player == plan.iut && key.held && key.key && key.usage == usage) {
      keys.push_back(
          {{"key", base64_of(key.key->pkcs8_der())}, {"not_before", key.not_before}, {"not_after", key.not_after}});
    }
  }
  return keys;
}

Json question_json(const QuestionPlan& question) {
  Json json = {{"prompt", question.prompt}, {"form", question.form}, {"answer", question.answer}};
  if (!question.choices.empty()) {
    json["choices"] = question.choices;
  }
  return json;
}

/// What a Broker needs for Add Paycard, besides an account for each Paycard.
void add_enrolments(const WorldPlan& plan, Json& accounts, Json& fixtures) {
  const PaycardFilePlan& file = plan.paycard_file;
  fixtures["paycard_files"] = {{{"product", file.product}, {"version", file.version}, {"file_hash", file.file_hash}}};
  fixtures["enrolments"] = Json::array();
  for (const EnrolmentPlan& one : plan.enrolments) {
    accounts.push_back({{"account", one.account}, {"limit", one.limit}, {"balance", 0}, {"currency", kEnrolmentCurrency}});
    Json questions = Json::array();
    for (const QuestionPlan& question : one.questions) {
      questions.push_back(question_json(question));
    }
    fixtures["enrolments"].push_back({{"issue_code", one.issue_code},
                                      {"paycard", one.paycard},
                                      {"account", one.account},
                                      {"questions", std::move(questions)},
                                      {"asked", one.asked}});
  }
  fixtures["sealing_keys"] = own_keys_of_iut(plan, "seal");
}

Json fixtures_of_broker(const WorldPlan& plan) {
  Json accounts = Json::array();
  Json bindings = Json::array();
  for (const PaycardPlan& card : plan.paycards) {
    if (card.broker != plan.iut) {
      continue;
    }
    const bool known = std::any_of(accounts.begin(), accounts.end(),
                                   [&](const Json& account) { return account.at("account") == card.account; });
    if (!known) {
      accounts.push_back(
          {{"account", card.account}, {"limit", card.limit}, {"balance", card.limit}, {"currency", card.currency}});
    }
    bindings.push_back(
        {{"wallet", card.wallet}, {"paycard", card.paycard}, {"account", card.account}, {"secret", card.secret}});
  }
  Json fixtures = {{"bindings", std::move(bindings)}, {"currencies", plan.currencies}};
  if (!plan.enrolments.empty()) {
    add_enrolments(plan, accounts, fixtures);
  }
  fixtures["accounts"] = std::move(accounts);
  return fixtures;
}

/// Those that administration gives a player: a Broker derives what it shares with Vendors.
Json keys_of_iut(const WorldPlan& plan) {
  Json keys = Json::array();
  for (const KeyPlan& key : plan.keys) {
    if (key.one != plan.iut && key.other != plan.iut) {
      continue;
    }
    const std::string& peer = key.one == plan.iut ? key.other : key.one;
    if (plan.role != "broker" || role_of(peer) == "host") {
      keys.push_back({{"peer", peer}, {"epoch", key.epoch}, {"key", key.key}});
      if (!key.valid_to.empty()) {
        keys.back()["valid_to"] = key.valid_to;
      }
    }
  }
  return keys;
}

/// What a Host needs for registrations.
void add_admission(const WorldPlan& plan, Json& fixtures) {
  fixtures["policy"]["broker_codes"] = plan.admission.broker_codes;
  fixtures["policy"]["probes_locally"] = plan.admission.probes_locally;
}

void add_settlement(const WorldPlan& plan, Json& fixtures) {
  fixtures["signing_keys"] = own_keys_of_iut(plan, "sign");
  if (plan.role == "broker" || plan.role == "host") {
    fixtures["policy"] = {{"max_batch", plan.policy.max_batch}};
  }
  if (plan.role == "host" && plan.policy.fee_bp > 0) {
    fixtures["policy"]["fee_bp"] = plan.policy.fee_bp;
    fixtures["policy"]["commission_bp"] = plan.policy.commission_bp.value_or(0);
  }
  if (plan.role == "broker") {
    fixtures["policy"]["commission_bp"] = plan.policy.commission_bp.value_or(0);
    fixtures["policy"]["value_after"] = plan.policy.value_after;
  }
}

/// The keys that the directory lists for a player; null where the session is not about settlement.
Json published_keys(const WorldPlan& plan, const std::string& player) {
  Json keys;
  for (const SigningKeyPlan& key : plan.signing_keys) {
    if (key.player != player || !key.listed || key.by_message) {
      continue;
    }
    Json entry = {{"key", base64_of(key.spki)},
                  {"usage", key.usage},
                  {"not_before", key.not_before},
                  {"not_after", key.not_after}};
    if (!key.withdrawn_from.empty() && !key.withdrawn_by_message) {
      entry["withdrawn_from"] = key.withdrawn_from;
    }
    keys.push_back(std::move(entry));
  }
  return keys;
}

Json fixtures_of_role(const WorldPlan& plan) {
  if (plan.role == "wallet") {
    return fixtures_of_wallet(plan);
  }
  if (plan.role == "vendor") {
    return fixtures_of_vendor(plan);
  }
  return plan.role == "broker" ? fixtures_of_broker(plan) : Json::object();
}

bool is_between(const KeyPlan& key, std::string_view one, std::string_view other) {
  return (key.one == one && key.other == other) || (key.one == other && key.other == one);
}

Json entry_of(std::string_view id, std::string_view role, std::string_view name, const std::string& address,
              std::uint16_t port) {
  Json entry = {{"id", id}, {"role", role}, {"name", name}, {"endpoints", Json::array()}, {"bound", Json::array()}};
  if (role == "wallet") {
    entry["bound"].push_back(address);
  } else {
    entry["endpoints"].push_back({{"address", address}, {"port", port}});
  }
  return entry;
}

}  // namespace

std::string_view role_of(std::string_view id) {
  switch (id.empty() ? '\0' : id.front()) {
    case 'H':
      return "host";
    case 'B':
      return "broker";
    case 'V':
      return "vendor";
    case 'W':
      return "wallet";
    default:
      return {};
  }
}

PlayerPlan* WorldPlan::player(std::string_view id) {
  return const_cast<PlayerPlan*>(static_cast<const WorldPlan*>(this)->player(id));
}
const PlayerPlan* WorldPlan::player(std::string_view id) const {
  const auto found = std::find_if(players.begin(), players.end(), [&](const PlayerPlan& p) { return p.id == id; });
  return found == players.end() ? nullptr : &*found;
}
bool WorldPlan::claims(std::string_view protocol) const {
  return protocols.empty() || std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}
const KeyPlan* WorldPlan::key(std::string_view one, std::string_view other) const {
  const KeyPlan* last = nullptr;
  for (const KeyPlan& each : keys) {
    last = is_between(each, one, other) && (last == nullptr || each.epoch > last->epoch) ? &each : last;
  }
  return last;
}
const KeyPlan* WorldPlan::key(std::string_view one, std::string_view other, std::int64_t epoch) const {
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const KeyPlan& each) {
    return each.epoch == epoch && is_between(each, one, other);
  });
  return found == keys.end() ? nullptr : &*found;
}
PaycardPlan* WorldPlan::paycard(std::string_view id) {
  return const_cast<PaycardPlan*>(static_cast<const WorldPlan*>(this)->paycard(id));
}
const PaycardPlan* WorldPlan::paycard(std::string_view id) const {
  const auto found =
      std::find_if(paycards.begin(), paycards.end(), [&](const PaycardPlan& p) { return p.paycard == id; });
  return found == paycards.end() ? nullptr : &*found;
}
const PaycardPlan* WorldPlan::paycard_of(std::string_view wallet, std::string_view broker) const {
  const auto found = std::find_if(paycards.begin(), paycards.end(),
                                  [&](const PaycardPlan& p) { return p.wallet == wallet && p.broker == broker; });
  return found == paycards.end() ? nullptr : &*found;
}
ItemPlan* WorldPlan::item(std::string_view vendor, std::string_view name) {
  return const_cast<ItemPlan*>(static_cast<const WorldPlan*>(this)->item(vendor, name));
}
const ItemPlan* WorldPlan::item(std::string_view vendor, std::string_view name) const {
  const auto found =
      std::find_if(items.begin(), items.end(), [&](const ItemPlan& i) { return i.vendor == vendor && i.item == name; });
  return found == items.end() ? nullptr : &*found;
}

WorldPlan standard_plan(std::string_view role) {
  WorldPlan plan;
  const Cast& cast = plan.cast;
  plan.role = role;
  plan.iut = cast.player(role);
  const std::pair<std::string_view, const char*> players[] = {{cast.host, "The System Host"},
                                                              {cast.broker, "First Bank"},
                                                              {cast.other_broker, "Second Bank"},
                                                              {cast.strange_broker, "Far Bank"},
                                                              {cast.vendor, "Corner Shop"},
                                                              {cast.other_vendor, "Bookshop"},
                                                              {cast.wallet, ""},
                                                              {cast.other_wallet, ""}};
  for (const auto& [id, name] : players) {
    if (id != plan.iut) {
      plan.players.push_back(player_plan(id, name));
    }
  }
  plan.paycards = {paycard_plan(cast.wallet, cast.broker, "P7", "A1", kLargeLimit, true),
                   paycard_plan(cast.wallet, cast.other_broker, "P8", "A8", kLargeLimit, false),
                   paycard_plan(cast.wallet, cast.strange_broker, "P9", "A9", kLargeLimit, false),
                   paycard_plan(cast.other_wallet, cast.broker, "P5", "A2", kSmallLimit, true)};
  for (const std::string_view vendor : {cast.vendor, cast.other_vendor}) {
    for (ItemPlan& item : items_of(vendor)) {
      plan.items.push_back(std::move(item));
    }
  }
  plan.brokers_accepted = {cast.broker, cast.other_broker};
  return plan;
}

void complete_tickets(WorldPlan& plan) {
  for (PlayerPlan& player : plan.players) {
    if (player.role == "wallet" && player.ticket.empty()) {
      player.ticket = sha256_of("ticket of " + player.id).substr(0, kTicketDigits);
    }
  }
}

void complete_enrolments(WorldPlan& plan) {
  const crypto::RsaPrivateKey* key = test_key("second");
  if ((plan.role != "broker" && plan.role != "wallet") || key == nullptr) {
    return;
  }
  SigningKeyPlan sealing = signing_key_plan(plan, plan.cast.broker, *key);
  sealing.usage = "seal";
  plan.signing_keys.push_back(std::move(sealing));
  const QuestionPlan name = {"Your mother's maiden name?", "text", {}, "Smith & Sons"};
  const QuestionPlan digits = {"The number of your account?", "digits", {}, "471100815042"};
  const QuestionPlan day = {"Which day were you born?", "date", {}, "1980-02-29"};
  const QuestionPlan street = {"Which of these was your street?", "choice", {"Oak Lane", "Elm Road"}, "Elm Road"};
  plan.enrolments = {{"ISSUE-4711-0815", "P20", "A20", kSmallLimit, {name, digits, day, street}, 3},
                     {"ISSUE-4712-1234", "P21", "A21", kSmallLimit, {digits}, 1}};
}

namespace {

const std::vector<std::string> kBrokerCodes = {"ENROL-2f6c-0815-4711-aa01", "ENROL-9b1d-1234-4712-aa02"};

/// The one under test has no name yet; what it sells, pays with and signs with is its own all the same.
void make_iut_a_newcomer(WorldPlan& plan) {
  const std::string name = plan.role == "vendor" ? kNewVendor : plan.role == "wallet" ? kNewWallet : kNewBroker;
  const auto rename = [&](std::string& player) { player = player == plan.iut ? name : player; };
  for (ItemPlan& item : plan.items) {
    rename(item.vendor);
  }
  for (PaycardPlan& card : plan.paycards) {
    rename(card.wallet), rename(card.broker);
  }
  std::erase_if(plan.signing_keys, [&](const SigningKeyPlan& key) { return key.player == plan.iut; });
  plan.iut = name;
  plan.signing_keys.push_back(signing_key_plan(plan, name, *test_key("newcomer")));
}

}  // namespace

bool is_nameless(std::string_view iut) { return iut == kNewVendor || iut == kNewWallet || iut == kNewBroker; }

void complete_host_seal(WorldPlan& plan) {
  SigningKeyPlan sealing = signing_key_plan(plan, plan.cast.host, *test_key("second"));
  sealing.usage = "seal";
  plan.signing_keys.push_back(std::move(sealing));
}

void complete_own_keys(WorldPlan& plan) {
  static_assert(kSuccessorIn > protocol::T_dir_default);
  if (plan.role == "host") {
    return;
  }
  if (signing_key(plan, plan.iut) == nullptr) {
    plan.signing_keys.push_back(signing_key_plan(plan, plan.iut, *test_key("bystander")));
  }
  SigningKeyPlan next = signing_key_plan(plan, plan.iut, *test_key(kSuccessorKey));
  next.not_before = time_text(time_of(plan.now) + kSuccessorIn * 1000);
  next.listed = false;
  plan.signing_keys.push_back(std::move(next));
}

void complete_epochs(WorldPlan& plan) {
  constexpr std::int64_t kMonthMs = 30LL * 86400 * 1000;
  complete_host_seal(plan);
  plan.keys_end = time_text(time_of(plan.now) + kMonthMs);
}

void complete_newcomers(WorldPlan& plan) {
  complete_host_seal(plan);
  plan.admission.broker_codes = kBrokerCodes;
  if (plan.role != "host") {
    make_iut_a_newcomer(plan);
    if (plan.role == "broker") {
      SigningKeyPlan sealing = signing_key_plan(plan, plan.iut, *test_key("newcomer-seal"));
      sealing.usage = "seal";
      plan.signing_keys.push_back(std::move(sealing));
    }
    return;
  }
  for (const std::string& id : {kNewVendor, kSecondPlace, kThirdPlace, kNewWallet, kOtherNewWallet, kNewBroker}) {
    PlayerPlan newcomer = player_plan(id, "");
    newcomer.listed = false;
    newcomer.serves = newcomer.role == "vendor";
    newcomer.port = newcomer.role == "broker" ? kUnusedPort : newcomer.port;
    plan.players.push_back(std::move(newcomer));
  }
}

Json directory_json(const WorldPlan& plan, const Address& iut) {
  Json entries = Json::array();
  const auto add_keys = [&](const std::string& player) {
    if (Json keys = published_keys(plan, player); !keys.is_null()) {
      entries.back()["keys"] = std::move(keys);
    }
  };
  for (const PlayerPlan& player : plan.players) {
    if (player.listed && !player.by_message) {
      entries.push_back(entry_of(player.id, player.role, player.name, player.address, player.port));
      if (player.removed) {
        entries.back()["removed"] = true;
      }
      if (player.suspended) {
        entries.back()["suspended"] = true;
      }
      if (!player.ticket.empty() && plan.role == "host") {
        entries.back()["ticket"] = player.ticket;
      }
      add_keys(player.id);
    }
  }
  if (!iut.address.empty()) {
    entries.push_back(entry_of(plan.iut, plan.role, "", iut.address, iut.port));
    add_keys(plan.iut);
  }
  return entries;
}

Json fixtures_json(const WorldPlan& plan) {
  Json fixtures = fixtures_of_role(plan);
  if (plan.profile == "H") {
    fixtures["keys"] = keys_of_iut(plan);
  }
  if (!plan.signing_keys.empty() && (plan.role != "wallet" || signing_key(plan, plan.iut) != nullptr)) {
    add_settlement(plan, fixtures);
  }
  if (Json sealing = own_keys_of_iut(plan, "seal"); (plan.role == "host" || is_nameless(plan.iut)) && !sealing.empty()) {
    fixtures["sealing_keys"] = std::move(sealing);
  }
  if (!plan.admission.broker_codes.empty() && plan.role == "host") {
    add_admission(plan, fixtures);
  }
  for (const PlayerPlan& player : plan.players) {
    if (plan.looks_up && plan.role == "broker" && !player.ticket.empty()) {
      fixtures["tickets"].push_back({{"wallet", player.id}, {"ticket", player.ticket}});
    }
  }
  return fixtures;
}

}  // namespace quickpay::conformance
