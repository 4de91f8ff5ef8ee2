#include "conformance/mutants/fault.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

#include "conformance/mutants/derived.hpp"
#include "conformance/mutants/fault_settlement.hpp"
#include "conformance/mutants/miniatures.hpp"
#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/node.hpp"
#include "statemachines/step/effects.hpp"

namespace quickpay::conformance::mutants {

namespace {

using roles::Answer;
using roles::Deviation;
using roles::OutgoingCall;
using statemachines::EffectId;
using statemachines::MachineTable;

constexpr std::size_t kMaxSeenOrders = 4096;  ///< orders a broken vendor remembers from wallets

constexpr std::array kFaults = {
    FaultInfo{"null", "wallet:unreachable vendor:unreachable broker:unreachable host:unreachable",
              "The adapter answers hello and supports nothing else.", "F", "", true},
    FaultInfo{"silent", "wallet:any vendor:any broker:any host:any",
              "It is set up and then never reacts.", "F", "", true},
    FaultInfo{"crashes", "wallet:QP-SAFE-002 vendor:QP-ADD-20 broker:QP-ADD-20 host:QP-ADD-20",
              "The process ends instead of refusing.", "F", "", true},
    FaultInfo{"always-rejects", "wallet:any vendor:QP-MP-005 broker:QP-SEC-001 host:QP-ADD-06",
              "It refuses everything, right or wrong.", "F", "", true},
    FaultInfo{"always-accepts", "wallet:QP-SAFE-002 vendor:QP-ADD-20 broker:QP-ADD-20 host:QP-ADD-20",
              "It accepts everything, right or wrong.", "F", "", true},
    FaultInfo{"rejects-after-fetch", "wallet:any vendor:QP-MP-005 broker:QP-SEC-001 host:QP-ADD-06",
              "It lets the first message of a purchase pass and refuses what follows.", "F", "", true},
    FaultInfo{"only-says-so", "vendor:QP-ADD-06 broker:QP-ADD-06 host:QP-ADD-20",
              "It acknowledges what it is asked for and does nothing of it.", "F", "", true},
    FaultInfo{"slow", "wallet:any vendor:any broker:any host:any",
              "It does everything right, later than anybody waits for.", "F", "", true},
    FaultInfo{"claims-everything", "wallet:any vendor:QP-ADD-01 broker:QP-ADD-01 host:QP-ADD-01",
              "It claims every protocol and profile and has one protocol in profile F.", "H", "", true},
    FaultInfo{"says-rejected-but-pays", "wallet:QP-MP-004",
              "It pays and reports a refusal to its user.", "F", "", true},
    FaultInfo{"pays-without-confirmation", "wallet:QP-WAL-015",
              "It pays whatever the user decides."},
    FaultInfo{"identifies-itself", "wallet:QP-ADD-12",
              "It tells the Vendor who it is."},
    FaultInfo{"ignores-offer-checks", "wallet:QP-SAFE-002",
              "It believes every offer and every endorsement."},
    FaultInfo{"delivers-before-check-commit", "vendor:QP-MP-022",
              "It delivers without waiting for the Broker's answer."},
    FaultInfo{"echoes-wallet-order", "vendor:QP-ADD-03",
              "It asks the Broker about the order that the Wallet brought, not its own."},
    FaultInfo{"commits-without-comparing", "broker:QP-SEC-001",
              "It commits to whatever the Vendor asks for."},
    FaultInfo{"ignores-limit", "broker:QP-SAFE-009",
              "It endorses beyond the limit of the account."},
    FaultInfo{"forgets-idempotency", "vendor:QP-ADD-01 broker:QP-ADD-01 host:QP-ADD-01",
              "It processes a repeated request anew and a changed one as well."},
    FaultInfo{"address-from-header", "broker:QP-ADD-15 host:QP-ADD-15",
              "It believes what a request says about its sender, not where it comes from."},
    FaultInfo{"believes-any-auth", "wallet:QP-ADD-21 vendor:QP-ADD-21 broker:QP-ADD-21 host:QP-ADD-21",
              "It takes every Auth for a right one.", "H"},
    FaultInfo{"forgets-freshness", "broker:QP-ADD-21 host:QP-ADD-21",
              "It serves requests however old they are.", "H"},
    FaultInfo{"leaks-mail", "host:QP-CM-007",
              "It hands out messages to whoever asks, whomever they are for."},
    FaultInfo{"removes-on-retrieve", "host:QP-CM-011",
              "It takes a retrieval for a discard."},
    FaultInfo{"forgets-quota", "host:QP-CM-011",
              "It takes as many messages as a player cares to leave."},
    FaultInfo{"names-wallets", "host:QP-ANON-010",
              "It tells readers which Wallet a message comes from."},
    FaultInfo{"shows-any-wallet", "host:QP-ANON-012",
              "It gives the entry of a Wallet to whoever knows its id.", "F", "lookup-player.*"},
    FaultInfo{"moves-players", "host:QP-ADD-18",
              "It changes where a player listens after it has signed the entry.", "F", "lookup-player.*"},
    FaultInfo{"forgets-removals", "host:QP-ADD-18",
              "It says of players that were removed that they take part.", "F", "lookup-player.*"},
    FaultInfo{"obeys-mail", "host:QP-CM-010",
              "It refuses to register what a message complains about."},
    FaultInfo{"never-notifies", "wallet:QP-ADD-06 vendor:QP-ADD-06 broker:QP-ADD-06",
              "It does not tell the Host what happened."},
    FaultInfo{"retries-anew", "wallet:QP-ADD-01 vendor:QP-ADD-01 broker:QP-ADD-01",
              "It spells a request anew each time it repeats it."},
    FaultInfo{"forgets-on-restart", "wallet:QP-WAL-003 vendor:QP-ADD-05 broker:QP-ADD-05 host:QP-ADD-01",
              "Nothing it acknowledged survives a restart."},
    FaultInfo{"accepts-any-commitment", "vendor:QP-ADD-18",
              "It accepts a regular order on a Commitment that nobody signed.", "F", "regular.*"},
    FaultInfo{"accepts-twice", "vendor:QP-SAFE-003",
              "It gives its receipt to whoever brings another Commitment to an accepted order.", "F", "regular.*"},
    FaultInfo{"pays-on-any-signature", "broker:QP-ADD-18",
              "It pays regular orders whose Commitment it did not sign.", "F", "regular.*"},
    FaultInfo{"approves-any-commitment", "host:QP-ADD-18",
              "It approves regular orders on a Commitment that the Broker did not sign.", "F", "regular.*"},
    FaultInfo{"registers-anything", "host:QP-RP-008",
              "It registers a Commitment to another order.", "F", "regular.*"},
    FaultInfo{"believes-any-commitment", "wallet:QP-ADD-17",
              "It takes a Commitment that the Broker did not sign for an answer.", "F", "regular.*"},
    FaultInfo{"settles-twice", "broker:QP-ADD-09",
              "It pays an order in every batch that claims it.", "F", "settle.*"},
    FaultInfo{"settles-unknown-orders", "broker:QP-SEC-002",
              "It pays orders that it never heard of.", "F", "settle.*"},
    FaultInfo{"settles-uncommitted", "broker:QP-BS-007",
              "It pays orders that it endorsed and never committed.", "F", "settle.*"},
    FaultInfo{"settles-however-late", "broker:QP-ADD-27",
              "It pays after SettleBy.", "F", "settle.*"},
    FaultInfo{"settles-other-terms", "broker:QP-SAFE-001",
              "It pays what the Vendor claims, not what it committed.", "F", "settle.*"},
    FaultInfo{"settles-for-others", "broker:QP-SAFE-004",
              "It settles a Claim for whoever brings it.", "F", "settle-with-*"},
    FaultInfo{"miscounts-commission", "broker:QP-ADD-24",
              "It keeps one basis point more than its rate.", "F", "settle.*"},
    FaultInfo{"drops-refusals", "broker:QP-BS-009",
              "It says nothing of the items that it does not pay.", "F", "settle.*"},
    FaultInfo{"confuses-batches", "broker:QP-ADD-01",
              "It answers any Claim under a BatchId with the Settlement of the first.", "F", "settle-with-*"},
    FaultInfo{"honours-approvals-twice", "broker:QP-ADD-09",
              "It pays an approved order as often as it is claimed.", "F", "settle.*"},
    FaultInfo{"ignores-approvals", "broker:QP-BS-004",
              "It takes the Host's approval for nothing.", "F", "settle.*"},
    FaultInfo{"believes-any-total", "broker:QP-ADD-24",
              "It takes every Count and Total for right.", "F", "settle-with-*"},
    FaultInfo{"never-pays-out", "broker:QP-SAFE-008",
              "It signs what it owes and never pays it.", "F", "settle.*"},
    FaultInfo{"believes-any-signature", "broker:QP-ADD-18 host:QP-ADD-18",
              "It takes every signature for a right one.", "F", "settle-with-*"},
    FaultInfo{"believes-any-key", "broker:QP-ADD-18 host:QP-ADD-18",
              "It takes every key for the signer's.", "F", "settle-with-*"},
    FaultInfo{"counts-votes-literally", "host:QP-SEC-006",
              "It approves an order because two say yes, whether or not the Broker committed it.", "F", "verdict.*"},
    FaultInfo{"judges-before-the-broker", "host:QP-ADD-10",
              "It judges orders that the Broker was never asked about.", "F", "dispute.*"},
    FaultInfo{"judges-however-late", "host:QP-ADD-27",
              "It judges orders whose time is over.", "F", "dispute.*"},
    FaultInfo{"forgets-its-suspensions", "host:QP-ADD-07",
              "It does not put DecideBy off for its own suspensions.", "F", "dispute.*"},
    FaultInfo{"approves-at-the-end", "host:QP-ADD-08",
              "It approves whatever is undecided at DecideBy.", "F", "dispute.*"},
    FaultInfo{"rejects-at-once", "host:QP-ADD-08",
              "It waits for nobody's word.", "F", "dispute.*"},
    FaultInfo{"believes-any-receipt", "host:QP-ADD-22",
              "It takes every HostReceipt for its own.", "H", "dispute.*"},
    FaultInfo{"claims-too-often", "vendor:QP-BS-005",
              "It makes a batch whenever it is told to.", "F", "settle.*"},
    FaultInfo{"believes-any-settlement", "vendor:QP-ADD-24",
              "It takes whatever a Broker answers for its Settlement.", "F", "settle.lie.*"},
    FaultInfo{"believes-any-verdict", "vendor:QP-BS-010",
              "It takes whatever the Host answers for its verdicts.", "F", "settle.host-lie.*"},
    FaultInfo{"gives-the-broker-up", "vendor:QP-ADD-10",
              "It goes to the Host at the first try without an answer.", "F", "settle.*"},
    FaultInfo{"loses-approvals", "vendor:QP-BS-004",
              "It forgets the Host's approval.", "F", "settle.*"},
    FaultInfo{"never-asks-the-host", "vendor:QP-BS-003",
              "It lets a refusal of the Broker stand.", "F", "settle.*"},
    FaultInfo{"claims-what-was-rejected", "vendor:QP-BS-010",
              "It claims what the Host rejected.", "F", "settle.*"},
    FaultInfo{"claims-what-was-settled", "vendor:QP-ADD-09",
              "It claims what was settled.", "F", "settle.*"},
    FaultInfo{"refunds-twice", "broker:QP-RV-003",
              "It gives the money of a settled order back twice.", "F", "revoke.*"},
    FaultInfo{"loses-deductions", "broker:QP-RV-003",
              "It deducts nothing of what it gave back.", "F", "revoke.*"},
    FaultInfo{"keeps-its-commission", "broker:QP-RV-006",
              "It tells the Host that it gives up no commission.", "F", "revoke.*"},
    FaultInfo{"books-unsigned-revokes", "broker:QP-ADD-16",
              "It takes a revoke without a signature for a final one.", "F", "revoke.*"},
    FaultInfo{"lets-revokes-stand-early", "broker:QP-RV-012",
              "It waits for no HoldUntil.", "F", "revoke.*"},
    FaultInfo{"pays-while-it-holds", "broker:QP-RV-012",
              "It pays orders of which it holds a revoke.", "F", "revoke.*"},
    FaultInfo{"ignores-what-is-void", "broker:QP-RV-012",
              "It does not hear that a revoke is void.", "F", "revoke.*"},
    FaultInfo{"never-asks-again", "broker:QP-ADD-16",
              "It asks the Host about a held revoke once and never again.", "F", "revoke.*"},
    FaultInfo{"pays-what-was-revoked", "broker:QP-RV-005",
              "It pays orders that were taken back.", "F", "revoke.*"},
    FaultInfo{"revokes-micropayments", "broker:QP-RV-001 host:QP-RV-001",
              "It takes micropayments back.", "F", "re*"},
    FaultInfo{"revokes-for-others", "broker:QP-RV-004",
              "It takes back what another Vendor asks for.", "F", "revoke-order.*"},
    FaultInfo{"revokes-other-terms", "broker:QP-SAFE-001",
              "It takes back an order of another amount.", "F", "revoke-order.*"},
    FaultInfo{"revokes-what-lapsed", "broker:QP-RV-002",
              "It takes back what has fallen back already.", "F", "revoke-order.*"},
    FaultInfo{"believes-any-revoke", "broker:QP-ADD-18 host:QP-ADD-18",
              "It takes every signature of a revoke for the Vendor's.", "F", "re*"},
    FaultInfo{"hides-revokes", "broker:QP-RV-006",
              "It registers no revoke.", "F", "revoke.*"},
    FaultInfo{"ignores-contests", "host:QP-RV-012",
              "It does not hear that a Vendor contests.", "F", "revoke.*"},
    FaultInfo{"takes-claims-for-contests", "host:QP-RV-012",
              "It takes every claim of an order for a contest of its revoke.", "F", "revoke.*"},
    FaultInfo{"proves-without-a-signature", "host:QP-ADD-16",
              "It takes every revoke for proven.", "F", "revoke.*"},
    FaultInfo{"approves-what-was-revoked", "host:QP-RV-005",
              "It approves claims of orders that were taken back.", "F", "revoke.*"},
    FaultInfo{"leaves-alerts-out", "host:QP-RV-011",
              "It alerts nobody.", "F", "revoke.*"},
    FaultInfo{"alerts-each-time", "host:QP-RV-011",
              "It alerts the Vendor with every notice.", "F", "revoke.*"},
    FaultInfo{"confuses-revokes", "host:QP-ADD-06",
              "It takes every revoke of an order for the one on record.", "F", "re*"},
    FaultInfo{"registers-any-revoke", "host:QP-RV-006",
              "It registers a Revoke of another order.", "F", "re*"},
    FaultInfo{"claims-what-it-took-back", "vendor:QP-RV-005",
              "It claims what it took back.", "F", "revoke.*"},
    FaultInfo{"takes-anything-back", "vendor:QP-RV-002",
              "It takes back what is in a batch or before the Host.", "F", "revoke.*"},
    FaultInfo{"believes-any-answer-to-a-revoke", "vendor:QP-ADD-01",
              "It takes whatever a Broker answers to a revoke for its word.", "F", "revoke.*"},
    FaultInfo{"forgets-what-was-not-taken", "vendor:QP-BS-001",
              "It never claims again what the Broker did not take back.", "F", "revoke.*"}};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Replaces the values of named predicates.
class Believes final : public Deviation {
 public:
  Believes(std::vector<std::string> predicates, bool value) : predicates_(std::move(predicates)), value_(value) {}
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return std::find(predicates_.begin(), predicates_.end(), predicate) != predicates_.end() ? value_ : value;
  }

 private:
  std::vector<std::string> predicates_;
  bool value_;
};

class NeverAnswers final : public Deviation {
 public:
  bool rewrite_answer(std::string_view, Answer&) override { return false; }
  bool rewrite_outgoing(OutgoingCall&) override { return false; }
};

class DiesOfRefusals final : public Deviation {
 public:
  bool rewrite_answer(std::string_view, Answer& answer) override {
    if (answer.http_status == 200 && text_of(answer.body, "Code") != "QP-OK") {
      std::_Exit(134);
    }
    return true;
  }
};

class AlwaysRejects final : public Deviation {
 public:
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    struct Refusal {
      std::string_view path, code, retry;
    };
    static constexpr std::array kRefusals = {Refusal{"/get-order", "QP-E-NO-ITEM", "no"},
                                             Refusal{"/inquiry-payment", "QP-E-DECLINED", "new"},
                                             Refusal{"/request-order-delivery", "QP-E-ORDER-EXPIRED", "no"},
                                             Refusal{"/check-commit", "QP-E-MISMATCH", "no"},
                                             Refusal{"/register-delivery", "QP-E-BROKER", "new"},
                                             Refusal{"/register-message", "QP-E-QUOTA", "same"},
                                             Refusal{"/retrieve-messages", "QP-E-CURSOR", "new"},
                                             Refusal{"", "QP-E-VENDOR", "no"}};
    for (const Refusal& refusal : kRefusals) {
      if (ends_with(path, refusal.path)) {
        answer.body = as_refusal(std::move(answer.body), refusal.code, refusal.retry);
        break;
      }
    }
    return true;
  }
};

/// Adds what identifies the sender to requests that leave it out.
class IdentifiesItself final : public Deviation {
 public:
  bool rewrite_outgoing(OutgoingCall& call) override {
    if (call.message == "GetOrder" && element(call.body, "Sender").empty()) {
      const std::string_view host = element(call.body, "Host");
      const std::size_t after = static_cast<std::size_t>(host.data() - call.body.data()) + host.size();
      call.body.insert(after, "<Sender>W0123456789abcdef0123456789abcdef</Sender>");
    }
    return true;
  }
};

class DeliversTooEarly final : public Deviation {
 public:
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    const auto reply = effect_id(table, "reply QP-OK"), mark = effect_id(table, "perform mark-delivered"),
               park = effect_id(table, "park");
    if (table.id != "vendor.order" || row.substr(0, 2) != "V8" || !reply || !mark || !park) {
      return;
    }
    std::replace(effects.begin(), effects.end(), *park, *mark);
    effects.push_back(*reply);
  }
};

/// Remembers what wallets bring and asks the Broker about that.
class EchoesTheWallet final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    if (ends_with(path, "/request-order-delivery")) {
      seen_.push_back({std::string(text_of(body, "OrderId")), std::string(element(body, "OrderRef"))});
      if (seen_.size() > kMaxSeenOrders) {
        seen_.pop_front();
      }
    }
  }
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return value || (machine == "vendor.order" && predicate == "order_matches");
  }
  bool rewrite_outgoing(OutgoingCall& call) override {
    const auto brought = std::find_if(seen_.rbegin(), seen_.rend(), [&](const Brought& order) {
      return order.id == text_of(call.body, "OrderId");
    });
    if (call.message == "CheckCommit" && brought != seen_.rend()) {
      call.body = with_element(std::move(call.body), "OrderRef", brought->order_ref);
    }
    return true;
  }

 private:
  struct Brought {
    std::string id;
    std::string order_ref;
  };
  std::deque<Brought> seen_;
};

class RemovesOnRetrieve final : public Deviation {
 public:
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    const auto discard = effect_id(table, "perform discard-messages");
    if (table.id == "host.mailbox" && row == "N2" && discard) {
      effects.push_back(*discard);
    }
  }
};

/// Puts the first Wallet that left a message as Producer into all that have none.
class NamesWallets final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    const std::string_view sender = text_of(body, "Sender");
    if (ends_with(path, "/register-message") && !sender.empty() && sender.front() == 'W') {
      wallet_ = sender;
    }
  }
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    if (ends_with(path, "/retrieve-messages") && !wallet_.empty()) {
      constexpr std::string_view kEnd = "</MessageNo><Kind>";
      for (std::size_t at = answer.body.find(kEnd); at != std::string::npos; at = answer.body.find(kEnd, at + kEnd.size())) {
        answer.body.insert(at + kEnd.size() - 6, "<Producer>" + wallet_ + "</Producer>");
      }
    }
    return true;
  }

 private:
  std::string wallet_;
};

/// Changes what an entry says after it was signed.
class ChangesEntries final : public Deviation {
 public:
  ChangesEntries(std::string_view from, std::string_view to) : from_(from), to_(to) {}
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    const std::size_t at = answer.body.find(from_);
    if (ends_with(path, "/lookup-player") && at != std::string::npos) answer.body.replace(at, from_.size(), to_);
    return true;
  }

 private:
  std::string_view from_;
  std::string_view to_;
};

/// Remembers the orders of which a message says that nothing was received, and refuses them.
class ObeysMail final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    if (ends_with(path, "/register-message") && text_of(body, "Kind") == "exception/not-received") {
      complained_.insert(std::string(text_of(body, "OrderId")));
    }
    refuses_ = ends_with(path, "/register-delivery") && complained_.count(std::string(text_of(body, "OrderId"))) != 0;
  }
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    if (refuses_ && ends_with(path, "/register-delivery")) {
      answer.body = as_refusal(std::move(answer.body), "QP-E-BROKER", "new");
    }
    return true;
  }

 private:
  std::set<std::string> complained_;
  bool refuses_ = false;
};

/// White space behind the root: the same document in other bytes.
class RetriesAnew final : public Deviation {
 public:
  bool rewrite_outgoing(OutgoingCall& call) override {
    if (sent_.size() >= kMaxSeenOrders) {
      sent_.clear();
    }
    call.body.append(sent_[call.msg_id]++, '\n');
    return true;
  }

 private:
  std::map<std::string, std::size_t> sent_;  ///< attempts by MsgId
};

class NeverNotifies final : public Deviation {
 public:
  bool rewrite_outgoing(OutgoingCall& call) override { return call.message.rfind("Register", 0) != 0; }
};

std::unique_ptr<Deviation> deviation_of(std::string_view id) {
  const auto believes = [](std::vector<std::string> predicates) {
    return std::make_unique<Believes>(std::move(predicates), true);
  };
  if (auto deviation = settlement_deviation(id)) return deviation;
  if (id == "silent") return std::make_unique<NeverAnswers>();
  if (id == "crashes") return std::make_unique<DiesOfRefusals>();
  if (id == "always-rejects") return std::make_unique<AlwaysRejects>();
  if (id == "pays-without-confirmation") return believes({"digest_shown"});
  if (id == "identifies-itself") return std::make_unique<IdentifiesItself>();
  if (id == "ignores-offer-checks") return believes({"offer_right", "endorsement_right", "goods_right"});
  if (id == "delivers-before-check-commit") return std::make_unique<DeliversTooEarly>();
  if (id == "echoes-wallet-order") return std::make_unique<EchoesTheWallet>();
  if (id == "commits-without-comparing") return believes({"terms_equal"});
  if (id == "ignores-limit") return believes({"funds_suffice"});
  if (id == "believes-any-auth") return make_derived("skips-step:13");
  if (id == "forgets-freshness") return make_derived("skips-step:15");
  if (id == "forgets-idempotency") return make_derived("skips-step:14");
  if (id == "address-from-header") return make_derived("skips-step:12");
  if (id == "leaks-mail") return believes({"for_reader"});
  if (id == "removes-on-retrieve") return std::make_unique<RemovesOnRetrieve>();
  if (id == "forgets-quota") return std::make_unique<Believes>(std::vector<std::string>{"quota_used"}, false);
  if (id == "names-wallets") return std::make_unique<NamesWallets>();
  if (id == "shows-any-wallet") return believes({"may_know"});
  if (id == "moves-players") return std::make_unique<ChangesEntries>("<Addr>127.", "<Addr>126.");
  if (id == "forgets-removals") return std::make_unique<ChangesEntries>("<State>removed", "<State>live");
  if (id == "obeys-mail") return std::make_unique<ObeysMail>();
  if (id == "always-accepts") return std::make_unique<AcceptsEverything>();
  if (id == "rejects-after-fetch") return std::make_unique<RefusesWhatFollows>();
  if (id == "retries-anew") return std::make_unique<RetriesAnew>();
  if (id == "slow") return std::make_unique<ReactsTooLate>();
  if (id == "only-says-so") return std::make_unique<OnlySaysSo>();
  if (id == "never-notifies") return std::make_unique<NeverNotifies>();
  return nullptr;
}

}  // namespace

bool can_be_seen_in(const FaultInfo& fault, std::string_view role) {
  return role.empty() || fault.breaks.find(std::string(role) + ":") != std::string_view::npos;
}

std::span<const FaultInfo> faults() { return kFaults; }

const FaultInfo* find_fault(std::string_view id) {
  const auto found = std::find_if(kFaults.begin(), kFaults.end(), [&](const FaultInfo& fault) { return fault.id == id; });
  return found == kFaults.end() ? nullptr : &*found;
}

std::optional<Fault> make_fault(std::string_view id) {
  Fault fault;
  if (find_fault(id) == nullptr) {
    fault.deviation = make_derived(id);
    fault.machines = id.empty() || fault.deviation ? std::nullopt : mutated_factory(id);
    return fault.deviation || fault.machines ? std::optional<Fault>(std::move(fault)) : std::nullopt;
  }
  fault.manners.null = id == "null";
  fault.manners.silent = id == "silent";
  fault.manners.ignores_the_user = id == "pays-without-confirmation";
  fault.manners.rejects_everything = id == "always-rejects";
  fault.manners.hides_payments = id == "says-rejected-but-pays";
  fault.manners.forgets_on_restart = id == "forgets-on-restart";
  fault.manners.dies_of_refusals = id == "crashes";
  fault.manners.commission_off_bp = id == "miscounts-commission" ? 1 : 0;
  fault.manners.accepts_everything = id == "always-accepts";
  fault.manners.declines = id == "rejects-after-fetch";
  fault.manners.claims_everything = id == "claims-everything";
  fault.deviation = deviation_of(id);
  return fault;
}

}  // namespace quickpay::conformance::mutants
