// A Vendor whose owner wants the Host's receipt from an amount on (profile H): when it asks for one, and what is none.
#include <memory>

#include "conformance/peers/seal.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

/// The owner wants a receipt from the amount of the first item plus `more` on.
Arrange from_amount(std::int64_t more) {
  return [more](WorldPlan& plan) {
    for (const ItemPlan& item : plan.items) {
      if (item.vendor == plan.iut) {
        plan.policy.receipt_from = item.amount + more;
        return;
      }
    }
  };
}

/// Whether every CheckCommit wanted a receipt, or none did.
bool wanted(Session& session, bool receipt) {
  const auto checks = session.world().sent_by_iut("CheckCommit");
  for (const std::size_t entry : checks) {
    if ((text_at(session.world().document(entry), "Body/WantReceipt") == "yes") != receipt) {
      return false;
    }
  }
  return !checks.empty();
}

void sold(Session& session, const std::string& check, bool receipt) {
  const Reply goods = Buyer(session).buy();
  judge_ok(session, check, goods);
  const bool right = wanted(session, receipt);
  judge(session, check + ".asked", right, receipt ? "CheckCommit with WantReceipt" : "CheckCommit without WantReceipt",
        right ? "so" : "otherwise", goods.entries);
}

/// What the Broker passes on instead of the receipt of the Host. It draws nothing: who answers when must not count.
struct Worthless {
  const char* id;
  const char* title;
  const char* mutation;
  std::function<void(World&, Element&)> change;  ///< of the HostReceipt; empty: it is left out
  bool sealed = false;                           ///< and gets the Mac of the Host again
};

/// The receipt that this session's first purchase got.
Element earlier_receipt(World& world) {
  const auto answers = world.find(0, [](const Entry& entry) {
    return entry.kind == EntryKind::response && entry.message == "CheckCommitResponse" && entry.code == "QP-OK";
  });
  const Element answer = answers.empty() ? Element{} : world.document(answers.front());
  const Element* receipt = at(answer, "Body/HostReceipt");
  return receipt == nullptr ? Element{} : *receipt;
}

std::vector<Worthless> worthless() {
  const auto set = [](const char* path, const char* value) {
    return [path, value](World&, Element& receipt) { set_text(receipt, path, value); };
  };
  return {{"missing", "Without the receipt that its owner wants there are no goods.", "CheckCommitResponse.HostReceipt:remove", {}},
          {"forged", "A receipt with a wrong Mac is none.", "CheckCommitResponse.HostReceipt.Mac.Value:=another",
           [](World&, Element& receipt) { set_text(receipt, "Mac/Value", std::string(64, '0')); }},
          {"unknown-epoch", "A receipt under a key that nobody has is none.", "CheckCommitResponse.HostReceipt.Mac.KeyRef:=9",
           set("Mac/KeyRef", "9")},
          {"other-order", "The Host's receipt of an earlier order is none of this one.", "CheckCommitResponse.HostReceipt:=of an earlier order",
           [](World& world, Element& receipt) { receipt = earlier_receipt(world); }},
          {"other-commit", "A receipt of another commitment is none.", "CheckCommitResponse.HostReceipt.CommitId:=another",
           [](World&, Element& receipt) { set_text(receipt, "CommitId", std::string(32, '0')); }, true},
          {"other-broker", "A receipt of another Broker's commitment is none.", "CheckCommitResponse.HostReceipt.Broker:=another",
           [](World& world, Element& receipt) { set_text(receipt, "Broker", world.cast().other_broker); }, true}};
}

Act passing_on(World& world, const Worthless& one) {
  return edit_answer(one.mutation, [&world, one](Element& answer) {
    const Place place = place_of(answer, "Body/HostReceipt");
    if (place.parent == nullptr) {
      return;
    }
    if (!one.change) {
      place.parent->children.erase(place.parent->children.begin() + static_cast<std::ptrdiff_t>(place.index));
      return;
    }
    Element& receipt = place.parent->children[place.index];
    one.change(world, receipt);
    if (one.sealed) {
      set_text(receipt, "Mac/Value", receipt_mac_of(world.plan(), receipt));
    }
  });
}

Refusal not_delivered(Session& session, const Worthless& one) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  const auto over = std::make_shared<bool>(false);
  Refusal refusal;
  refusal.reach = [&session, ready, one]() {
    Buyer buyer(session);
    const bool before = buyer.buys() && !earlier_receipt(session.world()).name.empty();
    *ready = before ? buyer.ready() : std::nullopt;
    if (!ready->has_value() || buyer.broker() == nullptr) {
      return false;
    }
    session.world().settle();  // the notice of the earlier delivery is out
    buyer.broker()->script("CheckCommit", passing_on(session.world(), one));
    return true;
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {"QP-E-BROKER-UNREACHABLE"};
  refusal.forbidden = [over](const Entry& entry) { return !*over && entry.by_iut && entry.message == "RegisterDelivery"; };
  refusal.forbidden_text = "no goods and no notice of them";
  refusal.benign = [&session, ready, over]() {
    *over = true;
    return Buyer(session).ask(**ready).ok();  // with the receipt that the Broker passes on now
  };
  return refusal;
}

/// Committed without a receipt, the order is checked again when the Wallet returns, and then there is one.
void asked_again(Session& session) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  if (!ready || buyer.broker() == nullptr) {
    return unreached(session, buyer.refusal());
  }
  buyer.broker()->script("CheckCommit", passing_on(session.world(), worthless().front()));
  const Reply first = buyer.ask(*ready);
  if (first.ok()) {
    return judge(session, "vendor.receipt.asked-again", false, "no goods without a receipt", "goods", first.entries, Reason::accepted);
  }
  judge_ok(session, "vendor.receipt.asked-again", buyer.ask(*ready));
}

}  // namespace

void add_vendor_receipts(Suite& suite) {
  struct Limit {
    const char* id;
    const char* title;
    const char* subject;
    std::int64_t more;
  };
  for (const Limit& one : {Limit{"receipt.below", "Below the amount goods go out without a receipt, and none is asked for.", "V15 below receipt_from", 1},
                           Limit{"receipt.at", "At the amount goods go out with the Host's receipt.", "V15 at receipt_from", 0},
                           Limit{"receipt.above", "Above the amount goods go out with the Host's receipt.", "V15 above receipt_from", -1}}) {
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = {"QP-ADD-22", "QP-MP-009"},
                    .level_e = false,
                    .more = {suite.check(std::string(one.id) + ".asked", "WantReceipt is there if and only if the owner wants a receipt.",
                                         {"QP-ADD-22"}, true)},
                    .profile = "H"},
                   [check = suite.name(one.id), receipt = one.more <= 0](Session& s) { sold(s, check, receipt); }, from_amount(one.more));
  }
  for (const Worthless& one : worthless()) {
    suite.refused({.id = std::string("receipt.") + one.id,
                   .title = one.title,
                   .subject = "V13 receipt_missing",
                   .requirements = {"QP-ADD-22", "QP-MP-009"},
                   .mutation = one.mutation,
                   .twin = "receipt.at",
                   .level_e = false,
                   .profile = "H"},
                  [one](Session& s) { return not_delivered(s, one); }, from_amount(0));
  }
  suite.positive({.id = "receipt.asked-again",
                  .title = "An order that lacked its receipt is checked again when the Wallet returns, and delivered with it.",
                  .subject = "V13 V27",
                  .requirements = {"QP-ADD-22", "QP-MP-009"},
                  .mutation = "CheckCommitResponse.HostReceipt:remove, again",
                  .level_e = false,
                  .profile = "H"},
                 asked_again, from_amount(0));
}

}  // namespace quickpay::conformance
