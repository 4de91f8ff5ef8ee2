#include "conformance/judges/keys.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/judges/entries.hpp"
#include "conformance/judges/key_rules.hpp"
#include "conformance/judges/own_keys.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kSecondMs = 1000;

}  // namespace

void KeysJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || protocol_of(facts.message) != "keys") {
    return;
  }
  if (entry.kind == EntryKind::request) {
    asked_ms_.try_emplace(text_at(facts.document, "Head/MsgId"), world.now_ms());
    return;
  }
  if (!facts.request || !entry.by_iut) {
    return;
  }
  judged();
  const Facts& asked = exchanges_->of(*facts.request);
  if (text_at(facts.document, "Body/Status/Code") != protocol::QP_OK || !asked.breach.empty() || asked.repeat) {
    return;
  }
  const Given given{world, index, asked, facts, text_at(asked.document, "Head/Sender")};
  if (facts.message == "PublishKey") {
    published(given);
  } else if (facts.message == "WithdrawKey") {
    withdrawn(given);
  } else {
    key_given(given);
  }
}

void KeysJudge::same(const Given& given, const char* what, const std::string& expected, const std::string& got) {
  if (expected != got) {
    violation(given.world, given.index, fmt::format("{} {}", what, expected), got);
  }
}

// ---- listed keys

void KeysJudge::published(const Given& given) {
  const WorldPlan& plan = given.world.plan();
  const Element& change = *at(given.asked.document, "Body/KeyChange");
  const Element& key = *child(change, "Key");
  same(given, "a key of the Sender", given.sender, text_at(key, "Player"));
  if (const PlayerPlan* player = plan.player(given.sender); player != nullptr && player->removed) {
    violation(given.world, given.index, "no further key of who was removed", "one", Reason::forbidden_message);
  }
  if (const std::string fault = key_fault(key, given.world.now_ms()); !fault.empty()) {
    violation(given.world, given.index, "a key that is good and proven", fault, Reason::forbidden_message);
  }
  const std::string id = sha256_of(bytes_of_base64(text_at(key, "PubKey")).value_or(std::string()));
  if (listed_key(plan, given.sender, id) != nullptr) {
    violation(given.world, given.index, "a key that is not listed yet", "one that is", Reason::forbidden_message);
  }
  const auto has = [&](const SigningKeyPlan& each) { return each.player == given.sender && each.listed; };
  const auto count = std::count_if(plan.signing_keys.begin(), plan.signing_keys.end(), has);
  if (static_cast<std::size_t>(count) >= room_for_keys()) {
    violation(given.world, given.index, "no more keys than an entry has room for", "one more", Reason::forbidden_message);
  }
  vouched(given, change);
}

/// By a key that signs for the player now; in profile H whoever never had one begins with one that is to sign.
void KeysJudge::vouched(const Given& given, const Element& change) {
  const WorldPlan& plan = given.world.plan();
  if (child(change, "Sig") == nullptr) {
    const auto signs = [&](const SigningKeyPlan& each) {
      return each.player == given.sender && each.listed && each.usage == "sign";
    };
    const bool first = std::none_of(plan.signing_keys.begin(), plan.signing_keys.end(), signs);
    if (plan.profile != "H" || !first || text_at(change, "Key/Usage") != "sign") {
      violation(given.world, given.index, "the word of a key that the player has", "none", Reason::forbidden_message);
    }
    return;
  }
  const SigningKeyPlan* signer = listed_key(plan, given.sender, text_at(change, "Sig/KeyId"));
  if (signer == nullptr || !good_now(*signer, given.world.now_ms()) || !right_under(signer->spki, change)) {
    violation(given.world, given.index, "the signature of a key of the player that is good now", "another one",
              Reason::forbidden_message);
  }
}

void KeysJudge::withdrawn(const Given& given) {
  const WorldPlan& plan = given.world.plan();
  const Element& withdrawal = *at(given.asked.document, "Body/Withdrawal");
  same(given, "a key of the Sender", given.sender, text_at(withdrawal, "Player"));
  const std::string about = text_at(withdrawal, "KeyId"), by = text_at(withdrawal, "Sig/KeyId");
  if (listed_key(plan, given.sender, about) == nullptr) {
    violation(given.world, given.index, "a key that is listed", "none", Reason::forbidden_message);
  }
  const SigningKeyPlan* signer = listed_key(plan, given.sender, by);
  const bool may = signer != nullptr && signer->usage == "sign" && (by == about || good_now(*signer, given.world.now_ms()));
  if (!may || !right_under(signer->spki, withdrawal)) {
    violation(given.world, given.index, "the signature of that key, or of another of the player that is good now", "another one",
              Reason::forbidden_message);
  }
}

// ---- shared keys

void KeysJudge::key_given(const Given& given) {
  const auto read = boxes_.read(given.world.plan(), given.asked, given.facts, false);
  if (!read) {
    return;  // nobody here can look into it, and so nobody judges it
  }
  for (const BoxFault& fault : read->faults) {
    violation(given.world, given.index, fault.expected, fault.got);
  }
  const Element* shared = child(read->told, "Shared");
  if (shared == nullptr) {
    return;
  }
  if (given.world.plan().profile != "H") {
    return violation(given.world, given.index, "no shared key in profile F", "one", Reason::forbidden_message);
  }
  const bool pair = text_at(read->asked, "Want") == "pair";
  pair ? pair_given(given, text_at(read->asked, "Peer"), *shared) : own_given(given, *shared);
  const std::string epoch = fmt::format("{} {} {}", given.sender, text_at(read->asked, "Peer"), text_at(*shared, "Epoch"));
  const auto [known, fresh] = given_.try_emplace(text_at(*shared, "Key"), epoch);
  if (!fresh && known->second != epoch) {
    violation(given.world, given.index, "a key of this player and epoch alone", "one that was given before");
  }
}

/// The last one, until it ends within T_dir; a second more or less does not matter.
void KeysJudge::own_given(const Given& given, const Element& shared) {
  const KeyPlan* last = given.world.plan().key(given.world.cast().host, given.sender);
  if (last == nullptr) {
    return violation(given.world, given.index, "no key for who shares none", "one", Reason::forbidden_message);
  }
  const bool is_last = text_at(shared, "Epoch") == std::to_string(last->epoch);
  const std::int64_t left_ms = last->valid_to.empty() ? 0 : time_of(last->valid_to) - given.world.now_ms();
  const std::int64_t within_ms = left_ms - protocol::T_dir_default * kSecondMs;
  if (!is_last && !last->valid_to.empty() && within_ms > kSecondMs) {
    violation(given.world, given.index, "the last key until it ends within T_dir", "that of the next epoch");
  }
  if (is_last && !last->valid_to.empty() && within_ms < -kSecondMs) {
    violation(given.world, given.index, "the key of the next epoch", "the last one");
  }
  if (!is_last) {
    return next_given(given, shared, *last);
  }
  same(given, "the Key of that epoch,", last->key, text_at(shared, "Key"));
  if (!last->valid_to.empty()) {
    same(given, "ValidTo", last->valid_to, text_at(shared, "ValidTo"));
  }
}

/// A fresh one for T_epoch, from some moment between question and answer.
void KeysJudge::next_given(const Given& given, const Element& shared, const KeyPlan& last) {
  same(given, "Epoch", std::to_string(last.epoch + 1), text_at(shared, "Epoch"));
  const auto& keys = given.world.plan().keys;
  if (std::any_of(keys.begin(), keys.end(), [&](const KeyPlan& each) { return each.key == text_at(shared, "Key"); })) {
    violation(given.world, given.index, "a key that nobody had", "one that somebody has");
  }
  const std::int64_t from_ms = time_of(text_at(shared, "ValidTo")) - protocol::T_epoch_default * kSecondMs;
  const std::int64_t asked_ms = asked_ms_[text_at(given.asked.document, "Head/MsgId")];
  if (from_ms < asked_ms - kSecondMs || from_ms > given.world.now_ms() + kSecondMs) {
    violation(given.world, given.index, "ValidTo T_epoch from now", text_at(shared, "ValidTo"));
  }
}

void KeysJudge::pair_given(const Given& given, const std::string& broker, const Element& shared) {
  const WorldPlan& plan = given.world.plan();
  const KeyPlan* of_broker = plan.key(plan.cast.host, broker);
  if (role_of(given.sender) != "vendor" || of_broker == nullptr) {
    return violation(given.world, given.index, "a key with a Broker for a Vendor alone", "one", Reason::forbidden_message);
  }
  const KeyPlan right = pair_key_of(*of_broker, given.sender, broker);
  same(given, "Epoch", std::to_string(right.epoch), text_at(shared, "Epoch"));
  same(given, "the Key that is derived from the Broker's,", right.key, text_at(shared, "Key"));
  if (!right.valid_to.empty()) {
    same(given, "ValidTo", right.valid_to, text_at(shared, "ValidTo"));
  }
}

std::shared_ptr<Observer> make_keys_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "host") {
    return std::make_shared<KeysJudge>(std::move(exchanges));
  }
  return std::make_shared<OwnKeysJudge>(std::move(exchanges));
}

}  // namespace quickpay::conformance
