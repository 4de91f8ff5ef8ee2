#include "conformance/mutants/fault.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <map>
#include <set>

#include "conformance/mutants/derived.hpp"
#include "conformance/mutants/fault_keys.hpp"
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

/// Lets revokes and notices of them pass the check of the profile when nobody signed them.
class TakesUnsignedRevokes final : public Deviation {
 public:
  void see_request(std::string_view, std::string_view body) override { unsigned_ = element(body, "Sig").empty(); }
  bool skip_step(int step, std::string_view path) override {
    constexpr int kProfileStep = 9;
    return step == kProfileStep && unsigned_ && (ends_with(path, "/revoke-order") || ends_with(path, "/register-revoke"));
  }

 private:
  bool unsigned_ = false;
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
  if (auto deviation = keys_deviation(id)) return deviation;
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
  if (id == "takes-unsigned-revokes-in-h") return std::make_unique<TakesUnsignedRevokes>();
  if (id == "always-accepts") return std::make_unique<AcceptsEverything>();
  if (id == "rejects-after-fetch") return std::make_unique<RefusesWhatFollows>();
  if (id == "retries-anew") return std::make_unique<RetriesAnew>();
  if (id == "slow") return std::make_unique<ReactsTooLate>();
  if (id == "only-says-so") return std::make_unique<OnlySaysSo>();
  if (id == "never-notifies") return std::make_unique<NeverNotifies>();
  return nullptr;
}

}  // namespace

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
  fault.manners.loses_its_outbox = id == "loses-its-outbox";
  fault.manners.tears_its_writes = id == "tears-its-writes";
  fault.manners.dies_of_refusals = id == "crashes";
  fault.manners.commission_off_bp = id == "miscounts-commission" ? 1 : 0;
  fault.manners.fee_off_bp = id == "miscounts-its-fee" ? 1 : 0;
  fault.manners.accepts_everything = id == "always-accepts";
  fault.manners.declines = id == "rejects-after-fetch";
  fault.manners.says_codes_aloud = id == "says-codes-aloud";
  fault.manners.claims_everything = id == "claims-everything";
  fault.deviation = deviation_of(id);
  return fault;
}

}  // namespace quickpay::conformance::mutants
