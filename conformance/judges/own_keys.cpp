#include "conformance/judges/own_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "conformance/judges/key_rules.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kSecondMs = 1000;

std::string spki_of(const Element& key) { return bytes_of_base64(text_at(key, "PubKey")).value_or(std::string()); }

/// A key to sign was ever listed of the player.
bool had_signer(const WorldPlan& plan, const std::string& player) {
  return std::any_of(plan.signing_keys.begin(), plan.signing_keys.end(), [&](const SigningKeyPlan& key) {
    return key.player == player && key.listed && key.usage == "sign";
  });
}

}  // namespace

void OwnKeysJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid()) {
    return;
  }
  if (!entry.by_iut) {
    return entry.kind == EntryKind::response && facts.counts ? answered(world, facts) : void();
  }
  judged();
  const Said said{world, index, facts};
  const bool fresh = entry.kind == EntryKind::request && seen_.insert(entry.msg_id).second;  // else the envelope's affair
  if (fresh) {
    asked(said);
  }
  signatures(said, facts.document);
}

void OwnKeysJudge::asked(const Said& said) {
  if (said.facts.message == "PublishKey") {
    published(said);
  } else if (said.facts.message == "WithdrawKey") {
    took_back(said);
  } else if (said.facts.message == "GetPairKey") {
    wished(said);
  }
  spoke(said);
}

// ---------------------------------------------------------------- keys that are listed

void OwnKeysJudge::published(const Said& said) {
  const WorldPlan& plan = said.world.plan();
  const Element& change = *at(said.facts.document, "Body/KeyChange");
  const Element& key = *child(change, "Key");
  if (text_at(key, "Player") != said.world.iut()) {
    violation(said.world, said.index, "a key of its own", text_at(key, "Player"));
  }
  if (const std::string fault = key_fault(key, said.world.now_ms()); !fault.empty()) {
    violation(said.world, said.index, "a key that is good and proven", fault);
  }
  if (child(change, "Sig") == nullptr) {
    if (had_signer(plan, said.world.iut()) || text_at(key, "Usage") != "sign") {
      violation(said.world, said.index, "the word of a key that is listed", "none");
    }
    return;
  }
  const SigningKeyPlan* signer = listed_key(plan, said.world.iut(), text_at(change, "Sig/KeyId"));
  if (signer == nullptr || !good_now(*signer, said.world.now_ms()) || !right_under(signer->spki, change)) {
    violation(said.world, said.index, "the signature of a listed key that is good now", "another one");
  }
}

void OwnKeysJudge::took_back(const Said& said) {
  const Element& withdrawal = *at(said.facts.document, "Body/Withdrawal");
  const std::string about = text_at(withdrawal, "KeyId"), by = text_at(withdrawal, "Sig/KeyId");
  if (text_at(withdrawal, "Player") != said.world.iut()) {
    violation(said.world, said.index, "a key of its own", text_at(withdrawal, "Player"));
  }
  const SigningKeyPlan* signer = listed_key(said.world.plan(), said.world.iut(), by);
  const bool may = signer != nullptr && signer->usage == "sign" && (by == about || good_now(*signer, said.world.now_ms()));
  if (!may || !right_under(signer->spki, withdrawal)) {
    violation(said.world, said.index, "the signature of that key, or of another that is good now", "another one");
  }
  if (by != about && withdrawn_.count(by) != 0) {
    violation(said.world, said.index, "no withdrawal of another key by one that it has taken back", "one", Reason::forbidden_message);
  }
  values_.insert(text_at(withdrawal, "Sig/Value"));
  withdrawn_.insert(about);
}

void OwnKeysJudge::signatures(const Said& said, const Element& element) {
  for (const Element& each : element.children) {
    each.name == "Sig" ? signature(said, each) : signatures(said, each);
  }
}

/// What was signed before may be shown again.
void OwnKeysJudge::signature(const Said& said, const Element& sig) {
  const std::string by = text_at(sig, "KeyId");
  if (!values_.insert(text_at(sig, "Value")).second) {
    return;
  }
  if (withdrawn_.count(by) != 0) {
    violation(said.world, said.index, "no signature with a key that it has taken back", "one", Reason::forbidden_message);
  }
  const auto from = used_from_.find(by);
  if (from != used_from_.end() && said.world.now_ms() + kSecondMs < from->second) {
    violation(said.world, said.index, "no signature with a key that was published less than T_dir ago", "one");
  }
}

// ---------------------------------------------------------------- keys that are shared

void OwnKeysJudge::wished(const Said& said) {
  const auto plain = unsealed(said.world.plan(), said.facts.document);
  if (!plain) {
    return violation(said.world, said.index, "what the Host can open", "what it cannot");
  }
  if (const std::string fault = inner_fault(said.facts.message, false, *plain); !fault.empty()) {
    return violation(said.world, said.index, "an inner document that keeps the tables", fault);
  }
  const Element inner = parse_xml(*plain).value_or(Element{});
  for (const char* name : {"ReplyKey", "Nonce"}) {
    if (!fresh_.insert(text_at(inner, name)).second) {
      violation(said.world, said.index, fmt::format("a {} of its own", name), "one that was used");
    }
  }
  if (text_at(inner, "Want") == "pair" && said.world.plan().role != "vendor") {
    violation(said.world, said.index, "a question for its own key", "one for a key that Vendors have");
  }
}

/// A request that is made now has the code of the last key that it has.
void OwnKeysJudge::spoke(const Said& said) {
  const WorldPlan& plan = said.world.plan();
  const KeyPlan* last = plan.key(said.world.iut(), text_at(said.facts.document, "Head/Receiver"));
  const std::int64_t epoch = epoch_of(said.facts.document);
  const auto given_ms = last == nullptr ? given_ms_.end() : given_ms_.find({last->one, last->epoch});
  // what left while the key was on its way has the code of the one before
  if (given_ms != given_ms_.end() && time_of(text_at(said.facts.document, "Head/SentAt")) <= given_ms->second) {
    return;
  }
  if (last != nullptr && epoch != 0 && epoch != last->epoch) {
    violation(said.world, said.index, fmt::format("a code of its last epoch, {}", last->epoch), std::to_string(epoch));
  }
}

// ---------------------------------------------------------------- what it learns

void OwnKeysJudge::answered(World& world, const Facts& facts) {
  if (!facts.request || !exchanges_->of(*facts.request).read.valid()) {
    return;
  }
  const Facts& asked = exchanges_->of(*facts.request);
  const std::string code = text_at(facts.document, "Body/Status/Code");
  if (facts.message == "PublishKey" && (code == protocol::QP_OK || code == protocol::QP_E_EXISTS)) {
    return listed(world, *at(asked.document, "Body/KeyChange/Key"));
  }
  if (facts.message == "GetPairKey" && code == protocol::QP_OK) {
    given(world, asked, facts);
  }
}

void OwnKeysJudge::listed(World& world, const Element& key) {
  const std::string spki = spki_of(key);
  if (listed_key(world.plan(), world.iut(), sha256_of(spki)) != nullptr) {
    return;  // since when, the owner knows
  }
  if (text_at(key, "Usage") == "sign" && had_signer(world.plan(), world.iut())) {
    used_from_.try_emplace(sha256_of(spki), world.now_ms() + protocol::T_dir_default * kSecondMs);
  }
  const auto& keys = world.plan().signing_keys;
  const auto held = std::find_if(keys.begin(), keys.end(), [&](const SigningKeyPlan& each) {
    return each.player == world.iut() && each.spki == spki;
  });
  SigningKeyPlan entry = held == keys.end() ? SigningKeyPlan{} : *held;
  entry.player = world.iut();
  entry.spki = spki;
  entry.not_before = text_at(key, "NotBefore");
  entry.not_after = text_at(key, "NotAfter");
  entry.usage = text_at(key, "Usage");
  entry.listed = entry.by_message = true;
  world.enrol(std::move(entry));
}

void OwnKeysJudge::given(World& world, const Facts& asked, const Facts& answer) {
  const auto read = boxes_.read(world.plan(), asked, answer, true);
  const Element* shared = read && read->faults.empty() ? child(read->told, "Shared") : nullptr;
  if (shared == nullptr) {
    return;
  }
  const std::string peer = text_at(read->asked, "Peer");
  KeyPlan key{peer.empty() ? world.cast().host : peer, world.iut(), std::atoll(text_at(*shared, "Epoch").c_str()), text_at(*shared, "Key")};
  key.valid_to = text_at(*shared, "ValidTo");
  if (world.plan().key(key.one, key.other, key.epoch) == nullptr) {
    given_ms_[{key.one, key.epoch}] = world.now_ms();
    world.enrol(std::move(key));
  }
}

}  // namespace quickpay::conformance
