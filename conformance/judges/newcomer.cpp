#include "conformance/judges/newcomer.hpp"

#include <algorithm>
#include <functional>

#include "conformance/judges/registration.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

namespace {

bool has_a_tag(const Facts& facts) { return facts.message == "RegisterVendor" || facts.message == "UpdateVendor"; }

bool has(const Element& parent, std::string_view child, const std::function<bool(const Element&)>& right) {
  return std::any_of(parent.children.begin(), parent.children.end(),
                     [&](const Element& each) { return each.name == child && right(each); });
}
bool names_own_place(const World& world, const Element& parent) {
  const Address& own = world.iut_address();
  return has(parent, "Endpoint", [&](const Element& place) {
    return text_at(place, "Addr") == own.address && text_at(place, "Port") == std::to_string(own.port);
  });
}
/// All addresses of a session are of IPv4, of which a Net is one.
bool is_bound_to_itself(const World& world, const Element& inner) {
  return has(inner, "Net", [&](const Element& net) { return text_at(net, "Addr") == world.iut_address().address; });
}

}  // namespace

std::shared_ptr<Observer> make_registration_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "host") {
    return std::make_shared<RegistrationJudge>(std::move(exchanges));
  }
  return std::make_shared<NewcomerJudge>(std::move(exchanges));
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
  if (has_a_tag(facts)) {
    asked_as_vendor(world, index, facts);
  } else if (at(facts.document, "Body/Sealed") != nullptr) {
    asked_sealed(world, index, facts);
  } else if (at(facts.document, "Body/BrokerChange") != nullptr) {
    changed(world, index, facts);
  }
}

void NewcomerJudge::fresh(World& world, std::size_t index, const Facts& facts, const std::string& name,
                          const std::string& drawn) {
  const auto [known, first] = drawn_.try_emplace(drawn, facts.original);
  if (!first && known->second != facts.original) {
    violation(world, index, "a " + name + " of its own", "that of another request");
  }
}

void NewcomerJudge::asked_as_vendor(World& world, std::size_t index, const Facts& facts) {
  const std::string tag = text_at(facts.document, "Body/ProbeTag");
  fresh(world, index, facts, "ProbeTag", tag);
  open_ = tag;
  if (facts.message == "RegisterVendor" && !names_own_place(world, *at(facts.document, "Body"))) {
    violation(world, index, "the Endpoint at which it listens", text_at(facts.document, "Body/Endpoint/Addr"));
  }
  if (const Element* key = at(facts.document, "Body/Key")) {
    proven(world, index, *key, "ProbeTag", tag);
  }
}

/// A Wallet that enters or changes, and a Broker that enters.
void NewcomerJudge::asked_sealed(World& world, std::size_t index, const Facts& facts) {
  const auto plain = unsealed(world.plan(), facts.document);
  if (!plain) {
    return violation(world, index, "what the Host can open", "what it cannot");
  }
  if (const std::string fault = inner_fault(facts.message, false, *plain); !fault.empty()) {
    return violation(world, index, "an inner document that keeps the tables", fault);
  }
  const Element inner = parse_xml(*plain).value_or(Element{});
  fresh(world, index, facts, "ReplyKey", text_at(inner, "ReplyKey"));
  if (facts.message == "RegisterWallet" && !is_bound_to_itself(world, inner)) {
    violation(world, index, "a Net that covers the address from which it sends", text_at(inner, "Net/Addr"));
  }
  if (facts.message == "RegisterBroker" && !names_own_place(world, inner)) {
    violation(world, index, "the Endpoint at which it listens", text_at(inner, "Endpoint/Addr"));
  }
  for (const Element& each : inner.children) {
    if (each.name == "Key") {
      proven(world, index, each, "Nonce", text_at(inner, "Nonce"));
    }
  }
}

void NewcomerJudge::changed(World& world, std::size_t index, const Facts& facts) {
  const Element& change = *at(facts.document, "Body/BrokerChange");
  if (text_at(change, "Broker") != world.iut()) {
    violation(world, index, "a change of itself", text_at(change, "Broker"));
  }
  if (!signature_right(world.plan(), world.iut(), change)) {
    violation(world, index, "its own signature", "another one");
  }
  const bool repeated = !drawn_.try_emplace(text_at(facts.document, "Head/MsgId"), facts.original).second;
  const std::string at = text_at(change, "ChangedAt");  // a Time sorts as it passes
  if (!repeated && at <= changed_at_) {
    violation(world, index, "a ChangedAt later than " + changed_at_, at);
  }
  changed_at_ = std::max(changed_at_, at);
}

void NewcomerJudge::proven(World& world, std::size_t index, const Element& key, const std::string& name,
                           const std::string& of_request) {
  const auto spki = bytes_of_base64(text_at(key, "PubKey"));
  const auto value = bytes_of_base64(text_at(key, "Sig/Value"));
  const auto loaded = crypto::RsaPublicKey::load(spki.value_or(std::string()));
  crypto::CryptoCounters counters;
  const bool right = loaded && value && text_at(key, name) == of_request && text_at(key, "Sig/KeyId") == sha256_of(*spki) &&
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
