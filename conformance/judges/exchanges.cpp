#include "conformance/judges/exchanges.hpp"

#include <algorithm>
#include <cstdlib>

#include "conformance/peers/box.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::string_view kType = "application/quickpay+xml";

std::string header_of(const Entry& entry, std::string_view name) {
  HttpMessage message;
  message.headers = entry.headers;
  return message.header(name);
}

bool is_known_player(const World& world, const std::string& id) {
  const PlayerPlan* player = world.plan().player(id);
  return player != nullptr && player->listed;
}

/// The directory has it among those that the player sends from as well; `source`: an address, as who sends from elsewhere is called.
bool names_source(const World& world, const std::string& id, const std::string& source) {
  const PlayerPlan* player = world.plan().player(id);
  return player != nullptr && std::find(player->sources.begin(), player->sources.end(), source) != player->sources.end();
}

/// The Sender may send this message and does so from an address of his.
bool sender_allowed(const World& world, const Entry& entry, const Facts& facts, const codec::MessageType& type) {
  const std::string sender = text_at(facts.document, "Head/Sender");
  if (sender.empty()) {
    return true;  // the schema has decided
  }
  if (!is_known_player(world, sender) || !codec::may_send(type, role_of(sender))) {
    return false;
  }
  const bool moves = facts.message == "UpdateWallet";  // the address is what changes
  if ((role_of(sender) != "wallet" || moves) && carries_auth(world.plan(), facts.document)) {
    return true;  // the Auth proves more than an address
  }
  const std::string own = world.address_of(sender);
  return entry.from == sender || (!entry.from.empty() && !own.empty() && world.address_of(entry.from) == own) ||
         names_source(world, sender, entry.from);
}

/// The key of its Auth is good. A player that slept through the end of its key gets the next one all the same.
bool key_counts(const World& world, const Element& request, const std::string& sender) {
  const KeyPlan* key = world.plan().key(sender, world.iut(), epoch_of(request));
  const std::int64_t longer_s = request.name == "GetPairKey" ? protocol::T_retain_default : 0;
  return key->valid_to.empty() || world.now_ms() < time_of(key->valid_to) + (longer_s + 1) * 1000;
}

bool sender_proven(const World& world, const Element& request) {
  const std::string sender = text_at(request, "Head/Sender");
  return !carries_auth(world.plan(), request) ||
         (auth_right(world.plan(), request, sender, world.iut()) && key_counts(world, request, sender));
}

/// What refuses a sealed request before its rules are asked; empty if nothing does, or if nobody here can look into it.
std::string sealed_breach(const World& world, const codec::MessageType& type, const Element& request) {
  const SigningKeyPlan* key = sealing_key(world.plan(), world.iut());
  if (type.request_inner == nullptr || key == nullptr || at(request, "Body/Sealed") == nullptr) {
    return {};  // in profile F a Vendor that registers seals nothing
  }
  const auto plain = unsealed(*key->key, request);
  return plain ? inner_fault(name_of_message(type), false, *plain) : std::string(protocol::QP_E_FORBIDDEN);
}

bool is_stale(const World& world, const Element& request) {
  const std::int64_t sent = time_of(text_at(request, "Head/SentAt"));
  const std::int64_t now = world.now_ms() / 1000 * 1000;
  return carries_auth(world.plan(), request) && std::abs(now - sent) > protocol::T_skew_default * 1000;
}

/// An answer to the implementation counts only if it proves what its request demands: the Auth of the player that was
/// asked, and of an Endorsement the PaycardAnswer.
bool answer_proven(const World& world, const Element& request, const Element& response, const std::string& responder) {
  const WorldPlan& plan = world.plan();
  if (plan.profile == "F") {
    return true;
  }
  if (carries_auth(plan, request)) {
    return auth_right(plan, response, responder, text_at(request, "Head/Sender"));
  }
  const Element* endorsement = at(response, "Body/Endorsement");
  const PaycardPlan* card = plan.paycard(text_at(request, "Body/Paycard"));
  return endorsement == nullptr || card == nullptr ||
         paycard_answer(card->secret, text_at(request, "Head/MsgId"), *endorsement) ==
             text_at(response, "Body/PaycardAnswer");
}

}  // namespace

bool is_away_code(std::string_view code) { return code == protocol::QP_E_BUSY || code == protocol::QP_E_INTERNAL; }

bool is_early_code(std::string_view code) {
  constexpr std::string_view kCodes[] = {protocol::QP_E_XML,       protocol::QP_E_SCHEMA,   protocol::QP_E_VERSION,
                                         protocol::QP_E_PROFILE,   protocol::QP_E_RECEIVER, protocol::QP_E_UNSUPPORTED,
                                         protocol::QP_E_FORBIDDEN, protocol::QP_E_CONFLICT, protocol::QP_E_STALE,
                                         protocol::QP_E_BUSY,      protocol::QP_E_INTERNAL};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

/// Answers are remembered by MsgId as long as the implementation remembers them; the rest is of one transcript.
void Exchanges::on_open(World&) {
  facts_.clear();
  requests_.clear();
}

void Exchanges::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind == EntryKind::note) {
    return;
  }
  Facts facts;
  facts.message = std::string(message_of(entry.path));
  facts.document = parse_xml(entry.body).value_or(Element{});
  facts.http = facts.message.empty() || entry.mutation.rfind("http", 0) == 0;
  if (entry.kind == EntryKind::request) {
    requests_[entry.exchange] = index;
    facts.read = read_as(facts.message, false, entry.body);
    if (world.is_iut(entry.to) && !facts.http) {
      request_to_iut(world, entry, facts);
    } else if (entry.by_iut) {
      request_of_iut(entry, facts);
    }
  } else {
    response(world, entry, facts);
  }
  facts_[index] = std::move(facts);
}

std::string Exchanges::breach_of(const World& world, const Entry& entry, const Facts& facts) {
  const codec::MessageType* type = message_type(facts.message);
  if (world.iut_is_nameless() && facts.message != "Probe") {
    return std::string(protocol::QP_E_UNSUPPORTED);
  }
  if (type->to != world.plan().role || !world.plan().claims(type->protocol)) {
    return std::string(protocol::QP_E_UNSUPPORTED);
  }
  if (facts.read.fault) {
    return std::string(codec::code_of(facts.read.fault->fault));
  }
  const auto head = [&](const char* field) { return text_at(facts.document, std::string("Head/") + field); };
  if (head("Version") != "1" || head("Host") != world.cast().host) {
    return std::string(protocol::QP_E_VERSION);
  }
  if (facts.read.breaks_profile || head("Profile") != const_cast<World&>(world).session().profile()) {
    return std::string(protocol::QP_E_PROFILE);
  }
  if (head("Receiver") != world.iut() && !world.iut_is_nameless()) {
    return std::string(protocol::QP_E_RECEIVER);
  }
  if (!sender_allowed(world, entry, facts, *type) || !sender_proven(world, facts.document)) {
    return std::string(protocol::QP_E_FORBIDDEN);
  }
  return sealed_breach(world, *type, facts.document);
}

void Exchanges::request_to_iut(World& world, const Entry& entry, Facts& facts) {
  facts.breach = breach_of(world, entry, facts);
  if (!facts.breach.empty()) {
    return;
  }
  const Key key{entry.path, text_at(facts.document, "Head/Sender"), text_at(facts.document, "Head/MsgId")};
  const std::string canonical = canonical_of(facts.document);
  const auto found = known_.find(key);
  const bool fresh = found == known_.end() || world.now_ms() - found->second.at_ms > protocol::T_answer_default * 1000;
  if (fresh && is_stale(world, facts.document)) {
    facts.breach = std::string(protocol::QP_E_STALE);
  } else if (fresh) {
    known_[key] = {canonical, std::nullopt, world.now_ms()};
  } else if (found->second.canonical != canonical) {
    facts.breach = std::string(protocol::QP_E_CONFLICT);
  } else {
    facts.repeat = true;
    facts.final_answer = found->second.final_answer;
  }
}

/// What was refused as stale is written anew: another MsgId, but no other request.
void Exchanges::request_of_iut(const Entry& entry, Facts& facts) {
  const Element* body = at(facts.document, "Body");
  const auto known = originals_.find(entry.msg_id);
  const auto stale = body == nullptr ? stale_.end() : stale_.find(entry.path + to_xml(*body));
  facts.original = known != originals_.end() ? known->second : stale != stale_.end() ? stale->second : entry.msg_id;
  originals_[entry.msg_id] = facts.original;
}

void Exchanges::note_stale(const Entry& entry, const Facts& asked, const Facts& facts) {
  const Element* body = at(asked.document, "Body");
  if (facts.counts && body != nullptr && text_at(facts.document, "Body/Status/Code") == protocol::QP_E_STALE) {
    stale_[entry.path + to_xml(*body)] = asked.original;
  }
}

void Exchanges::response(const World& world, const Entry& entry, Facts& facts) {
  const auto found = requests_.find(entry.exchange);
  if (found == requests_.end()) {
    return;
  }
  facts.request = found->second;
  const Facts& asked = facts_.at(found->second);
  facts.http = facts.http || asked.http;
  if (entry.kind != EntryKind::response || facts.http) {
    return;
  }
  facts.read = read_as(facts.message, true, entry.body);
  const std::string reply_to = text_at(facts.document, "Head/InReplyTo");
  const std::string code = text_at(facts.document, "Body/Status/Code");
  const bool early = code == protocol::QP_E_XML || code == protocol::QP_E_SCHEMA || code == protocol::QP_E_UNSUPPORTED;
  const bool belongs = reply_to == text_at(asked.document, "Head/MsgId") || (reply_to.empty() && early);
  facts.counts = entry.http_status == 200 && header_of(entry, "Content-Type").rfind(kType, 0) == 0 &&
                 facts.read.valid() && belongs && answer_proven(world, asked.document, facts.document, entry.from);
  note_stale(entry, asked, facts);
  const bool final_one = entry.by_iut && world.is_iut(entry.from) && facts.counts && asked.breach.empty() &&
                         text_at(facts.document, "Body/Status/Retry") != "same";
  if (final_one) {
    const Key key{entry.path, text_at(asked.document, "Head/Sender"), text_at(asked.document, "Head/MsgId")};
    const auto known = known_.find(key);
    if (known != known_.end() && !known->second.final_answer) {
      known->second.final_answer = entry.body;
    }
  }
}

}  // namespace quickpay::conformance
