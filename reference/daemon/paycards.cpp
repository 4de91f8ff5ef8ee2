#include "reference/daemon/paycards.hpp"

#include <filesystem>

#include "reference/roles/facts.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::daemon {
namespace {

constexpr const char* kHostProgram = "quickpay-paycard-host";
constexpr std::int64_t kMsOfSecond = 1000;

}  // namespace

std::string host_program(const std::string& configured) {
  if (!configured.empty()) return configured;
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  return (own.parent_path() / kHostProgram).string();
}

std::vector<std::string> good_keys(const roles::Directory& directory, std::string_view broker, std::int64_t now_ms,
                                   std::int64_t skew_ms) {
  const roles::Player* entry = directory.living("broker", broker);
  std::vector<std::string> keys;
  if (!entry || !(entry->accepted || entry->suspended)) return keys;  // what was begun with who is suspended goes on
  for (const roles::PlayerKey& key : entry->keys) {
    if (key.usage == roles::KeyUsage::sign && roles::key_in_time(key, now_ms, now_ms, skew_ms))
      keys.push_back(key.spki);
  }
  return keys;
}

std::vector<msg::OldestPaycard> oldest_of(const roles::Directory& directory, std::string_view broker) {
  const roles::Player* entry = directory.living("broker", broker);
  return entry ? roles::told_of(entry->oldest_paycards) : std::vector<msg::OldestPaycard>{};
}

std::unique_ptr<paycard::ProcessPort> open_paycards(const ServeConfig& config, PaycardSurroundings surroundings) {
  const roles::NodeConfig& node = config.daemon.node;
  paycard::ProcessConfig process;
  for (const roles::PaycardConfig& card : node.paycards) {
    if (!card.shared_object.empty()) process.cards.push_back({card.broker, card.paycard, card.shared_object, card.manifest});
  }
  for (const roles::NewPaycardConfig& card : node.new_paycards) {
    process.cards.push_back({card.broker, "", card.shared_object, card.manifest, card.product});
  }
  if (process.cards.empty()) return nullptr;
  process.deadline = std::chrono::milliseconds(config.paycard_deadline_ms);
  process.host = {host_program(config.paycard_host)};
  const std::int64_t skew_ms = roles::spans_of(node.parameters).skew * kMsOfSecond;
  process.keys = [surroundings, skew_ms](std::string_view broker) {
    return good_keys(surroundings.directory, broker, surroundings.clock.now_ms(), skew_ms);
  };
  process.oldest = [surroundings](std::string_view broker) { return oldest_of(surroundings.directory, broker); };
  process.on_trouble = [log = surroundings.log](std::string_view card, paycard::Trouble trouble) {
    const std::string why(paycard::text_of(trouble));
    if (log) log({Level::warning, "paycard trouble", {{"paycard", std::string(card)}, {"why", why}}});
  };
  return std::make_unique<paycard::ProcessPort>(std::move(process));
}

void start_paycards(paycard::ProcessPort& port, const roles::NodeConfig& config, const LogSink& log) {
  const auto start = [&](const std::string& name) {
    const auto started = port.start(name);
    if (!started || !log) return;
    log({Level::info, "paycard ready", {{"paycard", name}, {"product", started->product}, {"version", started->version}}});
  };
  for (const roles::PaycardConfig& card : config.paycards) {
    if (!card.shared_object.empty()) start(card.paycard);
  }
  for (const roles::NewPaycardConfig& card : config.new_paycards) start(paycard::name_of_product(card.broker, card.product));
}

}  // namespace quickpay::daemon
