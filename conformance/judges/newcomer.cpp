#include "conformance/judges/newcomer.hpp"

#include "conformance/judges/registration.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

namespace {

bool has_a_tag(const Facts& facts) { return facts.message == "RegisterVendor" || facts.message == "UpdateVendor"; }

}  // namespace

std::shared_ptr<Observer> make_registration_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "vendor") {
    return std::make_shared<NewcomerJudge>(std::move(exchanges));
  }
  return std::make_shared<RegistrationJudge>(std::move(exchanges));
}

void NewcomerJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  const bool probe_answered = entry.kind == EntryKind::response && facts.message == "Probe" && entry.by_iut;
  if (entry.by_iut && !probe_answered) {
    keeps_secrets(world, index, entry);
  }
  if (facts.http || !facts.read.valid() || protocol_of(facts.message) != "registration") {
    return;
  }
  if (entry.kind == EntryKind::request && entry.by_iut) {
    asked(world, index, facts);
  } else if (probe_answered && facts.request) {
    showed(world, index, exchanges_->of(*facts.request), facts);
  } else if (entry.kind == EntryKind::response && !entry.by_iut && facts.request && facts.counts) {
    answered(facts);
  }
}

void NewcomerJudge::asked(World& world, std::size_t index, const Facts& facts) {
  judged();
  if (!has_a_tag(facts)) {
    return;
  }
  const std::string tag = text_at(facts.document, "Body/ProbeTag");
  const auto [known, fresh] = tags_.try_emplace(tag, facts.original);
  if (!fresh && known->second != facts.original) {
    violation(world, index, "a ProbeTag of its own", "that of another request");
  }
  open_ = tag;
  const Address& own = world.iut_address();
  const bool there = text_at(facts.document, "Body/Endpoint/Addr") == own.address &&
                     text_at(facts.document, "Body/Endpoint/Port") == std::to_string(own.port);
  if (facts.message == "RegisterVendor" && !there) {
    violation(world, index, "the Endpoint at which it listens", text_at(facts.document, "Body/Endpoint/Addr"));
  }
  if (const Element* key = at(facts.document, "Body/Key")) {
    proven(world, index, *key, tag);
  }
}

void NewcomerJudge::proven(World& world, std::size_t index, const Element& key, const std::string& tag) {
  const auto spki = bytes_of_base64(text_at(key, "PubKey"));
  const auto value = bytes_of_base64(text_at(key, "Sig/Value"));
  const auto loaded = crypto::RsaPublicKey::load(spki.value_or(std::string()));
  crypto::CryptoCounters counters;
  const bool right = loaded && value && text_at(key, "ProbeTag") == tag && text_at(key, "Sig/KeyId") == sha256_of(*spki) &&
                     loaded->verify(signed_bytes("key-proof", key), *value, counters);
  if (!right) {
    violation(world, index, "a proof of its key for this request", "another one");
  }
}

/// A final answer ends what is open.
void NewcomerJudge::answered(const Facts& facts) {
  if (has_a_tag(facts) && text_at(facts.document, "Body/Status/Retry") != "same") {
    open_.clear();
  }
}

void NewcomerJudge::showed(World& world, std::size_t index, const Facts& probe, const Facts& facts) {
  judged();
  if (text_at(facts.document, "Body/Status/Code") != protocol::QP_OK) {
    return;
  }
  const std::string tag = text_at(probe.document, "Body/ProbeTag"), secret = text_at(facts.document, "Body/ProbeSecret");
  secrets_.insert(secret);
  if (open_.empty() || tag != open_) {
    violation(world, index, "no secret but for the request that is open", "one", Reason::forbidden_message);
  } else if (digest_of("probe", branch("ProbeProof", {leaf("ProbeSecret", secret)})) != tag) {
    violation(world, index, "the secret behind the ProbeTag", secret);
  }
  if (text_at(facts.document, "Body/Nonce") != text_at(probe.document, "Body/Nonce")) {
    violation(world, index, "the Nonce of the Probe", text_at(facts.document, "Body/Nonce"));
  }
}

void NewcomerJudge::keeps_secrets(World& world, std::size_t index, const Entry& entry) {
  for (const std::string& secret : secrets_) {
    if (!secret.empty() && entry.body.find(secret) != std::string::npos) {
      violation(world, index, "no ProbeSecret but in an answer to Probe", secret, Reason::forbidden_message);
    }
  }
}

}  // namespace quickpay::conformance
