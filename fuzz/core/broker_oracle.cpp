// What the names of broker.order mean, told from the requests themselves.
#include <algorithm>
#include <map>
#include <set>

#include "fuzz/core/oracle.hpp"
#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/sim/invariants.hpp"

namespace quickpay::fuzz {
namespace {

namespace micro = msg::micro;
using roles::as;

constexpr std::string_view kPredicates[] = {
    "paycard_bound", "token_right",     "currency_active", "vendor_entry_at_hand", "vendor_accepted", "same_content",
    "msgid_used",    "policy_declines", "funds_suffice",   "sender_is_vendor",     "terms_equal",
    "receipt_awaited"};

/// One order as far as the Broker must know it.
struct Order {
  msg::OrderRef ref;
  std::string wallet, paycard, account;
  std::set<std::string> answered;               ///< MsgIds of the inquiries that got the Endorsement
  std::optional<msg::Endorsement> endorsement;  ///< once it was seen
  std::string endorsed_at, check_by;
  std::int64_t endorsed_ms = 0;
  std::string commit_id, committed_at, settle_by;
};

struct Account {
  std::int64_t held = 0, owed = 0, open = 0;
};

class BrokerOracle : public Oracle {
 public:
  BrokerOracle(const roles::NodeConfig& config, const roles::Directory& directory)
      : Oracle(config, "broker.order", kPredicates, directory), directory_(&directory) {}
  std::unique_ptr<Oracle> clone() const override { return std::make_unique<BrokerOracle>(*this); }

  void block(std::string_view paycard, bool blocked) override {
    if (blocked) blocked_.insert(std::string(paycard));
    if (!blocked) blocked_.erase(std::string(paycard));
  }

 private:
  using Inquiry = micro::InquiryPayment;

  static std::string key_of(const msg::OrderRef& ref) { return "micro/" + ref.vendor + "/" + ref.order_id; }
  std::string key_of(const roles::AnyDocument& request) const override {
    if (const auto* inquiry = as<Inquiry>(&request)) return key_of(inquiry->body.order_ref);
    const auto* check = as<micro::CheckCommit>(&request);
    return check ? key_of(check->body.order_ref) : "";
  }

  const roles::BindingConfig* binding(const Inquiry& inquiry) const {
    for (const roles::BindingConfig& bound : config_.bindings) {
      const bool is_it = bound.paycard == inquiry.body.paycard && bound.wallet == inquiry.head.sender;
      if (is_it && !blocked_.contains(bound.paycard)) return &bound;
    }
    return nullptr;
  }
  const roles::AccountConfig* account(const std::string& id) const {
    for (const roles::AccountConfig& account : config_.accounts) {
      if (account.account == id) return &account;
    }
    return nullptr;
  }

  bool holds(std::string_view predicate, const Turn& turn) override {
    if (const auto* inquiry = as<Inquiry>(turn.message)) return of_inquiry(predicate, *inquiry, turn);
    if (const auto* check = as<micro::CheckCommit>(turn.message)) return of_check(predicate, *check, turn);
    return false;
  }

  bool of_inquiry(std::string_view predicate, const Inquiry& inquiry, const Turn& turn) {
    const msg::OrderRef& ref = inquiry.body.order_ref;
    const roles::Lookup vendor = directory_->find(ref.vendor);
    if (predicate == "vendor_entry_at_hand") return vendor.found != roles::Found::unavailable;
    if (predicate == "vendor_accepted") return is_accepted_vendor(vendor);
    const auto order = orders_.find(turn.key);
    if (predicate == "same_content") return order != orders_.end() && same_content(order->second, inquiry);
    if (predicate == "msgid_used")
      return order != orders_.end() && order->second.answered.contains(inquiry.head.msg_id);
    if (predicate == "sender_is_vendor" || predicate == "terms_equal") return false;
    const roles::BindingConfig* bound = binding(inquiry);
    if (predicate == "paycard_bound") return bound != nullptr;
    if (predicate == "token_right") return bound && token_right(*bound, inquiry);
    return of_money(predicate, ref, bound ? account(bound->account) : nullptr);
  }

  static bool is_accepted_vendor(const roles::Lookup& found) {
    return found.found == roles::Found::known && found.player->role == "vendor" && found.player->accepted;
  }
  static bool same_content(const Order& order, const Inquiry& inquiry) {
    return order.ref == inquiry.body.order_ref && order.wallet == inquiry.head.sender &&
           order.paycard == inquiry.body.paycard;
  }
  static bool token_right(const roles::BindingConfig& bound, const Inquiry& inquiry) {
    const msg::Token token{bound.wallet, bound.paycard, inquiry.head.msg_id, inquiry.body.order_ref};
    return inquiry.body.paycard_token == paycard::make_token(bound.secret, token);
  }

  bool of_money(std::string_view predicate, const msg::OrderRef& ref, const roles::AccountConfig* paying) {
    const auto& active = config_.currencies;
    if (predicate == "currency_active") {
      const bool is_active = std::find(active.begin(), active.end(), ref.currency) != active.end();
      return is_active && (!paying || paying->currency == ref.currency);
    }
    const Account money = paying ? accounts_[paying->account] : Account{};
    if (predicate == "policy_declines") return ref.amount > *config_.decline_above || money.open >= *config_.max_open;
    if (predicate == "funds_suffice") return paying && ref.amount <= paying->limit - money.held - money.owed;
    return false;
  }

  bool of_check(std::string_view predicate, const micro::CheckCommit& check, const Turn& turn) {
    if (predicate == "sender_is_vendor") return check.head.sender == check.body.order_ref.vendor;
    const auto order = orders_.find(turn.key);
    if (predicate != "terms_equal" || order == orders_.end() || !order->second.endorsement) return false;
    return order->second.ref == check.body.order_ref &&
           order->second.endorsement->endorsement_id == check.body.endorsement_id;
  }

  void perform(std::string_view action, const Turn& turn) override {
    Order& order = orders_[turn.key];
    if (action == "hold") return hold(order, turn);
    if (action == "endorse") return endorse(order);
    if (action == "store-receipt") return;  // profile F has none
    Account& money = accounts_[order.account];
    if (action != "release-hold" && action != "commit") return cannot("no oracle for " + std::string(action));
    money.held -= order.ref.amount;
    money.open -= 1;
    if (action == "release-hold") return;
    money.owed += order.ref.amount;
    order.commit_id.clear();
    order.committed_at = spell(now_ms_);
    order.settle_by = spell(now_ms_ + protocol::T_settle_default * kSecond);
  }

  void hold(Order& order, const Turn& turn) {
    const auto& inquiry = *as<Inquiry>(turn.message);
    order.ref = inquiry.body.order_ref;
    order.wallet = *inquiry.head.sender;
    order.paycard = inquiry.body.paycard;
    order.account = binding(inquiry)->account;
    accounts_[order.account].held += order.ref.amount;
    accounts_[order.account].open += 1;
  }

  void endorse(Order& order) {
    order.endorsement.reset();
    order.endorsed_ms = now_ms_;
    order.endorsed_at = spell(now_ms_);
    order.check_by = spell(now_ms_ + protocol::T_endorse_default * kSecond);
  }

  std::int64_t due(std::string_view timer, const Turn& turn) override {
    if (timer != "CheckBy") cannot("no oracle for the timer " + std::string(timer));
    return over_after(orders_[turn.key].endorsed_ms + protocol::T_endorse_default * kSecond);
  }

  NewCall call(std::string_view message, const Turn& turn) override {
    const std::int64_t settle = second_of(now_ms_ + protocol::T_settle_default * kSecond);
    if (message != "RegisterCommit") cannot("no oracle for the call " + std::string(message));
    return {turn.key, std::string(message), "H1", true, protocol::T_call_default * kSecond, settle};
  }

  /// What was refused left nothing behind, so only an inquiry that got the Endorsement counts as made.
  void replied(std::string_view code, const Turn& turn) override {
    const auto* inquiry = as<Inquiry>(turn.message);
    if (inquiry && code == protocol::QP_OK) orders_[turn.key].answered.insert(inquiry->head.msg_id);
  }

  std::string check_call(const std::string& key, const roles::AnyDocument& request) override {
    const auto* notice = as<micro::RegisterCommit>(&request);
    Order& order = orders_[key];
    if (!notice) return "another message";
    if (order.commit_id.empty()) order.commit_id = notice->body.commit_id;
    const bool right = notice->body.order_ref == order.ref && notice->body.wallet == order.wallet &&
                       notice->body.commit_id == order.commit_id && notice->body.committed_at == order.committed_at &&
                       notice->body.settle_by == order.settle_by;
    return right ? "" : "it does not say what was committed";
  }

  std::string check_ok(const Owed& owed, const roles::AnyDocument& response) override {
    Order& order = orders_[owed.key];
    if (const auto* answer = as<micro::CheckCommitResponse>(&response)) {
      const bool right = answer->body.commit_id == order.commit_id && answer->body.committed_at == order.committed_at &&
                         answer->body.settle_by == order.settle_by;
      return right ? "" : "the answer does not say what was committed";
    }
    const auto* answer = as<micro::InquiryPaymentResponse>(&response);
    if (!answer || !answer->body.endorsement) return "no Endorsement";
    const msg::Endorsement& given = *answer->body.endorsement;
    if (!order.endorsement) {
      if (!endorsement_ids_.insert(given.endorsement_id).second) return "an EndorsementId that was used before";
      order.endorsement =
          msg::Endorsement{config_.id, given.endorsement_id, order.ref, order.endorsed_at, order.check_by};
    }
    if (given != *order.endorsement) return "another Endorsement than that of the record";
    return proven(order, owed.id->msg_id, *answer) ? "" : "a PaycardAnswer that proves nothing";
  }

  bool proven(const Order& order, const std::string& msg_id, const micro::InquiryPaymentResponse& answer) const {
    const msg::Answer proof{msg_id, *order.endorsement};
    for (const roles::BindingConfig& bound : config_.bindings) {
      if (bound.paycard == order.paycard)
        return answer.body.paycard_answer == paycard::make_answer(bound.secret, proof);
    }
    return false;
  }

  std::string check_kept(const roles::Node&, ledger::Ledger& ledger) override {
    for (const auto& [id, money] : accounts_) {
      const auto found = ledger.find("account", id);
      if (!found) return "the account cannot be read";
      const auto kept = [&](const char* name) { return *found ? (*found)->fields.at(name) : std::string("0"); };
      if (kept("held") != std::to_string(money.held)) return "held of " + id + " is " + kept("held");
      if (kept("owed") != std::to_string(money.owed)) return "owed of " + id + " is " + kept("owed");
    }
    const std::string wrong = sim::wrong_money(ledger);
    return wrong.empty() ? wrong : "money does not add up: " + wrong;
  }

  const roles::Directory* directory_;
  std::set<std::string> blocked_;
  std::map<std::string, Order> orders_;
  std::map<std::string, Account> accounts_;
  std::set<std::string> endorsement_ids_;
};

}  // namespace

std::unique_ptr<Oracle> make_broker_oracle(const roles::NodeConfig& config, const roles::Directory& directory) {
  return std::make_unique<BrokerOracle>(config, directory);
}

}  // namespace quickpay::fuzz
