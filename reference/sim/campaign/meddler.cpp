#include "reference/sim/campaign/meddler.hpp"

#include <map>
#include <vector>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::sim {
namespace {

constexpr std::size_t kMostOfAKind = 6;   ///< requests of one kind that are sent again each time
constexpr std::size_t kMsgIdBytes = 16;

/// One thing that is otherwise: what stands in an element, or that the element is missing.
struct Change {
  std::string_view element;
  const char* instead;  ///< null: it is left out
};
constexpr const char* kNoId = "0123456789abcdef0123456789abcdef";
constexpr const char* kNoDigest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr Change kChanges[] = {
    {"Vendor", "V9999"},  {"Broker", "B99"},      {"Currency", "EUR"},       {"Amount", "1"},         {"Item", "item-none"},    {"Paycard", "none"},
    {"OrderId", kNoId},   {"Digest", kNoDigest},  {"CommitId", kNoId},       {"KeyId", kNoDigest},    {"Total", "1"},           {"Count", "1"},
    {"Host", "H2"},       {"RevokeId", kNoId},    {"EndorsementId", kNoId},  {"BuyerSecret", kNoId},  {"Commitment", nullptr},  {"Receipt", nullptr},
    {"Revoke", nullptr},  {"BatchId", kNoId},     {"ClaimBy", "2026-11-01T00:00:00Z"}, {"Tries", "1"}, {"Settlement", nullptr}};

/// Puts `text` in the place of what the first or last element of that name in the body of a document holds; false if it has none.
bool put(std::string& document, std::string_view element, const char* text, bool last) {
  const std::string open = "<" + std::string(element) + ">", close = "</" + std::string(element) + ">";
  const std::size_t body = document.find("<Body>");
  const std::size_t from = last ? document.rfind(open) : document.find(open, body);
  const std::size_t to = from == std::string::npos ? from : document.find(close, from);
  if (body == std::string::npos || to == std::string::npos || from < body) return false;
  if (text == nullptr) document.erase(from, to + close.size() - from);
  else document.replace(from + open.size(), to - from - open.size(), text);
  return true;
}

void put_in_head(std::string& document, const std::string& element, const std::string& text) {
  const std::size_t from = document.find("<" + element + ">"), to = document.find("</" + element + ">");
  if (from != std::string::npos && to != std::string::npos) document.replace(from + element.size() + 2, to - from - element.size() - 2, text);
}

}  // namespace

Meddler::Meddler(World& world, const Script& script, const std::string& liar) : world_(world), script_(script), liar_(liar), random_(script.seed + 3) {}

std::size_t Meddler::drawn(std::size_t bound) { return static_cast<unsigned char>(crypto::random_bytes(random_, 1)[0]) % bound; }

void Meddler::meddle() {
  if (liar_.empty() || script_.authenticated) return;
  std::map<std::string, std::vector<Sent>> by_path;  // copies: what is sent now goes there, too
  for (; seen_ < world_.sent.size(); ++seen_) {
    const Sent& sent = world_.sent[seen_];
    if (sent.by_node && !sent.response && sent.from == liar_) by_path[sent.path].push_back(sent);
  }
  for (const auto& [path, all] : by_path)
    for (std::size_t i = 0; i < kMostOfAKind; ++i) send_otherwise(all[drawn(all.size())]);
}

void Meddler::send_otherwise(const Sent& sent) {
  std::string document = sent.body;
  const std::size_t from = drawn(std::size(kChanges));
  const bool last = drawn(2) == 0;
  for (std::size_t i = 0; i < std::size(kChanges); ++i) {
    const Change& change = kChanges[(from + i) % std::size(kChanges)];
    if (put(document, change.element, change.instead, last)) break;
  }
  put_in_head(document, "MsgId", crypto::to_hex(crypto::random_bytes(random_, kMsgIdBytes)));
  put_in_head(document, "SentAt", roles::format_time(world_.site(liar_).clock->now_ms()));
  world_.ask(liar_, sent.to, sent.path, document, [](const roles::CallResult&) {});
}

}  // namespace quickpay::sim
