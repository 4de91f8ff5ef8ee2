#include "reference/sim/campaign/defects.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/members.hpp"
#include "reference/roles/node.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/sim/world.hpp"
#include "statemachines/step/effects.hpp"

namespace quickpay::sim {
namespace {

using roles::Deviation;
using statemachines::EffectId;
using statemachines::MachineTable;
namespace micro = msg::micro;

/// Always gives one predicate one value.
struct Believes final : Deviation {
  explicit Believes(std::string_view which) : predicate(which) {}
  bool override_predicate(std::string_view, std::string_view id, bool value) override { return value || id == predicate; }
  std::string_view predicate;
};

/// Never believes one predicate.
struct Doubts final : Deviation {
  explicit Doubts(std::string_view which) : predicate(which) {}
  bool override_predicate(std::string_view, std::string_view id, bool value) override { return value && id != predicate; }
  std::string_view predicate;
};

/// Loses one effect wherever it stands, or only in one machine.
struct Loses final : Deviation {
  explicit Loses(std::string_view which, std::string_view where = {}) : effect(which), machine(where) {}
  void override_effects(const MachineTable& table, std::string_view, std::vector<EffectId>& effects) override {
    if (!machine.empty() && table.id != machine) return;
    std::erase_if(effects, [&](EffectId one) { return table.effects[one].id == effect; });
  }
  std::string_view effect, machine;
};

/// Sends one message never.
struct Withholds final : Deviation {
  explicit Withholds(std::string_view which) : message(which) {}
  bool rewrite_outgoing(roles::OutgoingCall& call) override { return call.message != message; }
  std::string_view message;
};

/// Puts something that the receiver may not learn behind the Host element of one message.
struct Tells final : Deviation {
  Tells(std::string_view which, std::string what) : message(which), words(std::move(what)) {}
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    const std::size_t at = call.body.find("</Host>");
    if (call.message == message && at != std::string::npos) call.body.insert(at + 7, words);
    return true;
  }
  std::string_view message;
  std::string words;  // its own: they are put together where the defect is made
};

/// Delivers where it should ask the Broker and wait.
struct DeliversEarly final : Deviation {
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    const auto reply = effect_id(table, "reply QP-OK"), mark = effect_id(table, "perform mark-delivered"),
               park = effect_id(table, "park"), claim = effect_id(table, "hand-over claim");
    if (table.id != "vendor.order" || row.substr(0, 2) != "V8" || !reply || !mark || !park || !claim) return;
    std::replace(effects.begin(), effects.end(), *park, *mark);
    effects.push_back(*reply);
    effects.push_back(*claim);
  }
};

/// A Host that lets mail decide.
struct Swayed final : Deviation {
  void see_request(std::string_view path, std::string_view) override { moved = moved || path == msg::comm::kRegisterMessageMessage.path; }
  bool override_predicate(std::string_view, std::string_view id, bool value) override { return value && !(moved && id == "in_time"); }
  bool moved = false;
};

/// Registers every commitment for twice the amount.
struct Inflates final : Deviation {
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    const std::size_t from = call.body.find("<Amount>"), to = call.body.find("</Amount>");
    if (call.message == "RegisterCommit" && from != std::string::npos && to != std::string::npos)
      call.body.insert(to, "0");
    return true;
  }
};

/// A Broker that takes requests about revokes from anybody.
struct TakesFromAnybody final : Deviation {
  bool skip_step(int step, std::string_view path) override {
    return (step == kAddressStep || step == kAuthStep) && path == msg::revoke::kRevokeOrderMessage.path;
  }
  static constexpr int kAddressStep = 12, kAuthStep = 13;
};

/// Says flushed and keeps nothing: a crash takes all of it.
struct ForgetfulLedger final : MemoryLedger {
  ledger::Result<void> flush() override { return {}; }
};

/// Keeps what was deducted, to be deducted again.
struct DeductsAgain final : MemoryLedger {
  ledger::Result<void> erase(std::string_view machine, std::string_view key) override {
    return machine == roles::kDeductionMachine ? ledger::Result<void>{} : MemoryLedger::erase(machine, key);
  }
};

/// Lets the Vendor give back the commission, too.
struct KeepsCommission final : MemoryLedger {
  ledger::Result<void> put(const ledger::Record& record) override {
    ledger::Record kept = record;
    if (record.machine == roles::kDeductionMachine) kept.fields["reversed"] = "0";
    return MemoryLedger::put(kept);
  }
};

/// Tells every Vendor that it is called the same.
struct NamesAlike final : Deviation {
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override {
    const std::size_t from = answer.body.find("<Vendor>"), to = answer.body.find("</Vendor>");
    if (path == msg::admin::kRegisterVendorMessage.path && from != std::string::npos) answer.body.replace(from + 8, to - from - 8, "V1");
    return true;
  }
};

/// Keeps nothing of one machine.
struct KeepsNot : MemoryLedger {
  explicit KeepsNot(std::string_view which) : machine(which) {}
  ledger::Result<void> put(const ledger::Record& record) override { return record.machine == machine ? ledger::Result<void>{} : MemoryLedger::put(record); }
  std::string_view machine;
};
struct KeepsNoMember final : KeepsNot {
  KeepsNoMember() : KeepsNot(roles::kMemberMachine) {}
};

/// Forgets, some time later, that somebody was a player and was removed.
struct ForgetsRemoved final : MemoryLedger {
  ledger::Result<void> put(const ledger::Record& record) override {
    if (record.machine == roles::kMemberMachine && record.state == "REMOVED") removed.push_back(record.key);
    return MemoryLedger::put(record);
  }
  ledger::Result<void> flush() override {
    for (const std::string& id : old) static_cast<void>(MemoryLedger::erase(roles::kMemberMachine, id));
    old = std::exchange(removed, {});
    return MemoryLedger::flush();
  }
  std::vector<std::string> removed, old;
};

/// Gives every commitment one identifier.
struct CommitsAlike final : MemoryLedger {
  ledger::Result<void> put(const ledger::Record& record) override {
    ledger::Record kept = record;
    if (const auto at = kept.fields.find("commit_id"); at != kept.fields.end()) at->second.assign(at->second.size(), '0');
    return MemoryLedger::put(kept);
  }
};

template <class T>
std::unique_ptr<ledger::Ledger> open() {
  return std::make_unique<T>();
}

template <class T, const auto& kWord>
std::unique_ptr<Deviation> make() {
  return std::make_unique<T>(kWord);
}
constexpr std::string_view kFunds = "funds_suffice", kTerms = "terms_equal", kToken = "token_right", kShown = "digest_shown",
                           kEndorsement = "endorsement_right", kForReader = "for_reader", kEntry = "broker_entry_at_hand", kVotes = "votes_approve";
constexpr std::string_view kCommit = "perform commit", kRelease = "perform release-hold", kClaim = "hand-over claim";
constexpr std::string_view kRegister = "RegisterCommit", kSettle = "SettleWithBroker", kBook = "perform book", kPost = "perform post";
constexpr std::string_view kCancel = "hand-over cancel", kGiveUp = "hand-over give-up", kRemove = "perform remove";
constexpr std::string_view kPlacesFree = "places_free", kKeyProven = "key_proven", kCodeGood = "code_good";

const std::array kDefects = {
    Defect{"limit", "broker", "G7", "endorses beyond the limit", &make<Believes, kFunds>},
    Defect{"terms", "broker", "G1", "commits without comparing the terms", &make<Believes, kTerms>},
    Defect{"token", "broker", "G10", "takes every Paycard token for right", &make<Believes, kToken>},
    Defect{"commit", "broker", "G3", "commits and leaves the money where it was", &make<Loses, kCommit>},
    Defect{"release", "broker", "G3", "keeps the hold of an order that lapsed", &make<Loses, kRelease>},
    Defect{"notice", "broker", "G4", "never registers its commitments", &make<Withholds, kRegister>},
    Defect{"inflate", "broker", "G5", "registers commitments that it did not make", [] {
             return std::unique_ptr<Deviation>(new Inflates);
           }},
    Defect{"memory", "broker", "G4 G5", "acknowledges before it is durable", nullptr, &open<ForgetfulLedger>},
    Defect{"claim", "vendor", "G4", "delivers and does not claim", &make<Loses, kClaim>},
    Defect{"books", "broker", "G3 G15", "promises money and does not book it", &make<Loses, kBook>},
    Defect{"idle", "vendor", "G4", "never asks for its money", &make<Withholds, kSettle>},
    Defect{"early", "vendor", "G4", "delivers before the Broker committed", [] {
             return std::unique_ptr<Deviation>(new DeliversEarly);
           }},
    Defect{"unasked", "wallet", "G6", "pays whatever digest the user names", &make<Believes, kShown>},
    Defect{"chatty", "wallet", "G8", "tells the Vendor a Paycard", [] {
             return std::unique_ptr<Deviation>(new Tells("GetOrder", "<Sender>" + std::string(kPaycardCanary) + "0x0</Sender>"));
           }},
    Defect{"leaky", "host", "CM G8", "hands out mail to whoever asks", &make<Believes, kForReader>},
    Defect{"careless", "host", "CM", "takes mail and does not keep it", &make<Loses, kPost>},
    Defect{"swayed", "host", "G14", "takes registrations for late once somebody left mail", [] {
             return std::unique_ptr<Deviation>(new Swayed);
           }},
    Defect{"sale", "vendor", "G4", "gives a receipt and does not claim", [] {
             return std::unique_ptr<Deviation>(new Loses(kClaim, "vendor.sale"));
           }},
    Defect{"again", "broker", "G15", "deducts what was taken back from every Settlement", nullptr, &open<DeductsAgain>},
    Defect{"keeps", "broker", "G16", "keeps its commission on what was taken back", nullptr, &open<KeepsCommission>},
    Defect{"cancel", "broker", "G15", "takes a revoke and still owes the order", &make<Loses, kCancel>},
    Defect{"anybody", "broker", "G11", "takes a revoke from whoever sends it", [] {
             return std::unique_ptr<Deviation>(new TakesFromAnybody);
           }},
    Defect{"greedy", "vendor", "RV", "claims what it takes back", &make<Loses, kGiveUp>},
    Defect{"alike", "broker", "G2", "gives every commitment one identifier", nullptr, &open<CommitsAlike>},
    Defect{"lenient", "host", "G12", "approves whatever is brought before it", &make<Believes, kVotes>},
    Defect{"forgetful", "vendor", "G13", "asks the Host for a Broker's entry each time", &make<Doubts, kEntry>},
    Defect{"gossip", "vendor", "G9", "tells the Host what was bought", [] {
             return std::unique_ptr<Deviation>(new Tells("RegisterDelivery", "<Sender>canary-item</Sender>"));
           }},
    Defect{"namesake", "host", "AD1", "gives every Vendor one identifier", [] {
             return std::unique_ptr<Deviation>(new NamesAlike);
           }},
    Defect{"crowded", "host", "AD2", "registers a Vendor at a place that another one has", &make<Believes, kPlacesFree>},
    Defect{"undead", "host", "AD3", "forgets whom it removed", nullptr, &open<ForgetsRemoved>},
    Defect{"unproven", "host", "AD4", "lists keys whose proof is wrong", &make<Believes, kKeyProven>},
    Defect{"unlisted", "host", "AD5", "says that somebody is a player, and does not keep it", nullptr, &open<KeepsNoMember>},
    Defect{"clinging", "host", "AD5", "lets nobody leave who was told so", &make<Loses, kRemove>},
    Defect{"open", "host", "AD6", "takes any code of a Broker, and one twice", &make<Believes, kCodeGood>}};

enum class Lie : std::uint8_t { none, amount, token, endorsement };

/// What a lying Wallet does with an order: chosen by its digest, so that it sticks to it.
Lie lie_about(std::string_view digest) {
  unsigned value = 0;
  for (const char c : digest) value = value * 31 + static_cast<unsigned char>(c);
  return static_cast<Lie>(value >> 3 & 3);
}

/// A Wallet that, depending on the order, inquires for less with a right token, inquires with a wrong token, or forges
/// the Endorsement that it brings to the Vendor.
struct WalletLies final : Deviation {
  WalletLies(std::string id, std::string key) : wallet(std::move(id)), secret(std::move(key)) {}
  bool override_predicate(std::string_view, std::string_view id, bool value) override {
    return value || id == kEndorsement;
  }
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    if (roles::ops_of_path(call.path)->type->protocol != "micropayment") return true;
    if (call.message == "InquiryPayment") change<micro::InquiryPayment>(call, &WalletLies::inquire);
    if (call.message == "RequestOrderDelivery") change<micro::RequestOrderDelivery>(call, &WalletLies::ask_for_goods);
    return true;
  }
  template <class T>
  void change(roles::OutgoingCall& call, void (WalletLies::*how)(T&)) {
    const auto& type = *roles::ops_of_path(call.path)->type->request;
    auto read = codec::read<T>(call.body, type);
    if (!read) return;
    (this->*how)(*read);
    call.body = codec::write_document(type, &*read);
  }
  void inquire(micro::InquiryPayment& inquiry) {
    auto& body = inquiry.body;
    if (lie_about(body.order_ref.digest) == Lie::amount) {
      body.order_ref.amount -= 1;
      body.paycard_token =
          paycard::make_token(secret, {wallet, body.paycard, inquiry.head.msg_id, body.order_ref});
    }
    if (lie_about(body.order_ref.digest) == Lie::token) body.paycard_token[0] = body.paycard_token[0] == 'A' ? 'B' : 'A';
  }
  void ask_for_goods(micro::RequestOrderDelivery& request) {
    auto& endorsement = request.body.endorsement;
    const Lie lie = lie_about(endorsement.order_ref.digest);
    if (lie == Lie::amount) endorsement.order_ref.amount += 1;
    if (lie == Lie::endorsement) endorsement.endorsement_id[0] = endorsement.endorsement_id[0] == '0' ? '1' : '0';
  }
  std::string wallet, secret;
};

/// A Vendor that asks for more than the order, registers deliveries without a commitment, and claims what it takes back.
struct VendorLies final : Deviation {
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    const std::size_t to = call.body.find("</Amount>");
    if (call.message == "CheckCommit" && to != std::string::npos && call.msg_id.back() % 2 == 0) call.body.insert(to, "0");
    return true;
  }
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    early.override_effects(table, row, effects);
    greedy.override_effects(table, row, effects);
  }
  DeliversEarly early;
  Loses greedy{kGiveUp};
};

/// A Broker that endorses beyond limits, commits whatever is asked, registers other amounts, and takes revokes of what it goes on owing.
struct BrokerLies final : Deviation {
  bool override_predicate(std::string_view, std::string_view id, bool value) override {
    return value || id == kTerms || id == kFunds;
  }
  bool rewrite_outgoing(roles::OutgoingCall& call) override { return Inflates().rewrite_outgoing(call); }
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    owing.override_effects(table, row, effects);
  }
  Loses owing{kCancel};
};

}  // namespace

bool forges_token(std::string_view digest) { return lie_about(digest) == Lie::token; }

std::span<const Defect> defects() { return kDefects; }

const Defect* find_defect(std::string_view id) {
  const auto at = std::find_if(kDefects.begin(), kDefects.end(), [&](const Defect& one) { return one.id == id; });
  return at == kDefects.end() ? nullptr : &*at;
}

std::unique_ptr<Deviation> make_lies(Liar liar, std::string wallet, std::string secret) {
  if (liar == Liar::wallet) return std::make_unique<WalletLies>(std::move(wallet), std::move(secret));
  if (liar == Liar::vendor) return std::make_unique<VendorLies>();
  if (liar == Liar::broker) return std::make_unique<BrokerLies>();
  return nullptr;
}

}  // namespace quickpay::sim
