#include "reference/sim/campaign/deeds.hpp"

#include <algorithm>
#include <optional>

#include "reference/codec/codec.hpp"
#include "reference/roles/documents.hpp"

namespace quickpay::sim {
namespace {

using statemachines::EffectInfo;
using statemachines::Verb;

constexpr const char* kUnreadable = "what nobody can read";

/// The code that an answer on the network has; nothing if it is no answer with a Status.
std::optional<std::string> code_of(const Sent& sent) {
  const roles::MessageOps* message = sent.response ? roles::ops_of_path(sent.path) : nullptr;
  if (message == nullptr || sent.http_status != 200) return std::nullopt;
  const auto document = message->response();
  if (document->status() == nullptr) return std::nullopt;
  return codec::read_document(sent.body, *message->type->response, document->object()) ? document->status()->code : kUnreadable;
}

}  // namespace

void Deeds::take(const statemachines::MachineTable& table, const roles::TraceLine& line) {
  for (const std::string& id : line.effects) {
    const auto effect = std::find_if(table.effects.begin(), table.effects.end(), [&](const EffectInfo& one) { return one.id == id; });
    if (effect == table.effects.end()) continue;
    Deed deed{line.machine + "." + id, line.machine, line.key, std::string(effect->first)};
    if (effect->verb == Verb::reply) replies_.push_back(std::move(deed));
    else if (effect->verb == Verb::tell) words_.push_back(std::move(deed));
    else if (effect->verb == Verb::alarm) deed.word = line.event, words_.push_back(std::move(deed));
    else if (effect->verb == Verb::park) waiting_.push_back(std::move(deed));
  }
}

std::string Deeds::look(Site& site) {
  std::string wrong = look_at_replies(site);
  if (const std::string words = look_at_words(site); wrong.empty()) wrong = words;
  if (const std::string waiting = look_at_waiting(site); wrong.empty()) wrong = waiting;
  replies_.clear();
  words_.clear();
  waiting_.clear();
  return wrong;
}

// One request, one answer: who has gone meanwhile gets none.
std::string Deeds::look_at_replies(const Site& site) {
  std::vector<std::string> codes;
  for (; heard_ < world_.sent.size(); ++heard_) {
    const Sent& sent = world_.sent[heard_];
    const auto code = !replies_.empty() && sent.from == site.config.id ? code_of(sent) : std::nullopt;
    if (code) codes.push_back(*code);
  }
  if (replies_.size() != 1 || codes.size() != 1) return {};
  const Deed& deed = replies_.front();
  ++compared[deed.id];
  return codes.front() == deed.word ? std::string{} : deed.machine + " " + deed.key + " answers " + codes.front() + ", by its step " + deed.word;
}

std::string Deeds::look_at_words(const Site& site) {
  std::vector<std::string> by_steps, heard;
  for (const Deed& deed : words_) ++compared[deed.id], by_steps.push_back(deed.key + " " + deed.word);
  for (std::size_t& from = told_[site.config.id]; from < site.user.size(); ++from)
    if (const roles::UserEvent& event = site.user[from]; event.kind == "tell" || event.kind == "alarm") heard.push_back(event.order + " " + event.text);
  std::sort(by_steps.begin(), by_steps.end());
  std::sort(heard.begin(), heard.end());
  if (std::includes(heard.begin(), heard.end(), by_steps.begin(), by_steps.end())) return {};  // what an audit finds is told, too
  const auto text = [](const std::vector<std::string>& words) { return words.empty() ? std::string("nothing") : words.front(); };
  return "the user is told of " + text(heard) + ", by the steps of " + text(by_steps);
}

std::string Deeds::look_at_waiting(Site& site) {
  for (const Deed& deed : waiting_) {
    ++compared[deed.id];
    const auto parked = site.ledger->parked_of(deed.machine, deed.key);
    if (!parked || parked->empty()) return deed.machine + " " + deed.key + " has no request that waits, by its step it has";
  }
  return {};
}

}  // namespace quickpay::sim
