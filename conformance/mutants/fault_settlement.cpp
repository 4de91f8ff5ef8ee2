#include "conformance/mutants/fault_settlement.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/node.hpp"
#include "statemachines/step/effects.hpp"

namespace quickpay::conformance::mutants {

namespace {

using roles::Deviation;
using statemachines::EffectId;
using statemachines::MachineTable;

/// A fault that takes a predicate for something else than it is.
struct Belief {
  std::string_view fault, machine, predicate;
  bool value;
};

/// A fault that does something else in a row. No `instead`: it does nothing; no `effect`: it does that as well; no `row`: it
/// does so wherever it would do what is right.
struct Slip {
  std::string_view fault, machine, row, effect, instead;
};

constexpr std::array kBeliefs = {
    Belief{"accepts-any-commitment", "vendor.sale", "commitment_key_right", true},
    Belief{"accepts-any-commitment", "vendor.sale", "commitment_signed", true},
    Belief{"accepts-twice", "vendor.sale", "same_commitment", true},
    Belief{"pays-on-any-signature", "broker.debt", "proof_key_right", true},
    Belief{"pays-on-any-signature", "broker.debt", "proof_right", true},
    Belief{"approves-any-commitment", "host.verdict", "commitment_key_right", true},
    Belief{"approves-any-commitment", "host.verdict", "commitment_right", true},
    Belief{"registers-anything", "host.purchase", "evidence_fits", true},
    Belief{"believes-any-commitment", "wallet.purchase", "commitment_signed", true},
    Belief{"believes-any-signature", "broker.batch", "keys_right", true},
    Belief{"believes-any-signature", "broker.batch", "signatures_right", true},
    Belief{"believes-any-signature", "host.hearing", "keys_right", true},
    Belief{"believes-any-signature", "host.hearing", "signatures_right", true},
    Belief{"believes-any-key", "broker.batch", "keys_right", true},
    Belief{"believes-any-key", "host.hearing", "keys_right", true},
    Belief{"believes-any-total", "broker.batch", "totals_right", true},
    Belief{"settles-for-others", "broker.batch", "vendor_is_sender", true},
    Belief{"settles-other-terms", "broker.debt", "terms_equal", true},
    Belief{"confuses-batches", "broker.batch", "same_claim", true},
    Belief{"ignores-approvals", "broker.debt", "approved", false},
    Belief{"judges-before-the-broker", "host.verdict", "broker_came_first", true},
    Belief{"forgets-its-suspensions", "host.verdict", "put_off", false},
    Belief{"judges-however-late", "host.verdict", "too_late", false},
    Belief{"believes-any-receipt", "host.verdict", "receipt_key_right", true},
    Belief{"believes-any-receipt", "host.verdict", "receipt_mac_right", true},
    Belief{"believes-any-receipt", "host.verdict", "receipt_recorded", true},
    Belief{"believes-any-receipt", "host.verdict", "receipt_fits", true},
    Belief{"believes-what-its-vendors-could-make", "host.verdict", "receipt_recorded", true},
    Belief{"ignores-its-receipt-policy", "vendor.order", "receipt_missing", false},
    Belief{"claims-too-often", "vendor.batch", "batch_due", true},
    Belief{"believes-any-settlement", "vendor.batch", "settlement_right", true},
    Belief{"believes-any-verdict", "vendor.dispute", "verdicts_right", true},
    Belief{"gives-the-broker-up", "vendor.batch", "broker_unreachable", true},
    Belief{"books-unsigned-revokes", "broker.revoke", "signed", true},
    Belief{"lets-revokes-stand-early", "broker.revoke", "hold_over", true},
    Belief{"pays-while-it-holds", "broker.debt", "revoke_held", false},
    Belief{"ignores-what-is-void", "broker.revoke", "host_says_void", false},
    Belief{"revokes-micropayments", "broker.revoke", "is_regular", true},
    Belief{"revokes-micropayments", "host.revoke", "is_regular", true},
    Belief{"revokes-for-others", "broker.revoke", "sender_is_vendor", true},
    Belief{"revokes-other-terms", "broker.revoke", "terms_equal", true},
    Belief{"revokes-what-lapsed", "broker.revoke", "debt_lapsed", false},
    Belief{"believes-any-revoke", "broker.revoke", "key_right", true},
    Belief{"believes-any-revoke", "broker.revoke", "signature_right", true},
    Belief{"believes-any-revoke", "host.revoke", "key_right", true},
    Belief{"believes-any-revoke", "host.revoke", "signature_right", true},
    Belief{"ignores-contests", "host.verdict", "contests", false},
    Belief{"takes-claims-for-contests", "host.verdict", "contests", true},
    Belief{"proves-without-a-signature", "host.revoke", "proven", true},
    Belief{"approves-what-was-revoked", "host.verdict", "revoked", false},
    Belief{"confuses-revokes", "host.revoke", "same_revoke", true},
    Belief{"registers-any-revoke", "host.revoke", "revoke_fits", true},
    Belief{"takes-anything-back", "vendor.revoke", "claim_at_rest", true},
    Belief{"believes-any-answer-to-a-revoke", "vendor.revoke", "answer_right", true},
    Belief{"unlimited-tries", "broker.paycard", "last_try", false},
    Belief{"unlimited-codes", "broker.applicant", "last_code", false},
    Belief{"believes-any-answer", "broker.paycard", "answers_right", true},
    Belief{"believes-any-file", "broker.applicant", "file_issued", true},
    Belief{"believes-any-token", "broker.paycard", "token_right", true},
    Belief{"hands-out-twice", "broker.applicant", "code_good", true},
    Belief{"believes-any-box", "wallet.paycard", "card_goes_on", true},
    Belief{"believes-any-probe", "host.vendor", "probe_right", true},
    Belief{"probes-anywhere", "host.vendor", "places_allowed", true},
    Belief{"gives-places-twice", "host.vendor", "places_free", true},
    Belief{"moves-without-probe", "host.vendor", "new_places", false},
    Belief{"lists-unproven-keys", "host.vendor", "key_proven", true},
    Belief{"lists-unproven-keys", "host.wallet", "key_proven", true},
    Belief{"lists-unproven-keys", "host.broker", "keys_proven", true},
    Belief{"lists-weak-keys", "host.broker", "keys_good", true},
    Belief{"binds-wallets-anywhere", "host.wallet", "covers_source", true},
    Belief{"takes-any-code", "host.broker", "code_good", true},
    Belief{"takes-old-changes", "host.broker", "later", true},
    Belief{"believes-any-change", "host.broker", "signed", true},
    Belief{"takes-any-currency", "host.broker", "currencies_active", true},
    Belief{"lets-the-suspended-change", "host.broker", "own_change", true},
    Belief{"hides-suspension", "host.directory", "says_suspended", false},
    Belief{"deducts-its-commission", "broker.debt", "gives_up_commission", false},
    Belief{"charges-by-the-last-rate", "case.fee", "rate_of_the_commitment", false},
    Belief{"lists-keys-on-a-code", "host.keys", "entitled", true},
    Belief{"believes-any-word-for-keys", "host.keys", "signer_good", true},
    Belief{"believes-any-word-for-keys", "host.keys", "change_signed", true},
    Belief{"lists-keys-of-others", "host.keys", "own_key", true},
    Belief{"publishes-weak-keys", "host.keys", "key_good", true},
    Belief{"publishes-weak-keys", "host.keys", "change_signed", true},
    Belief{"lists-keys-again", "host.keys", "key_listed", false},
    Belief{"overfills-entries", "host.keys", "room", true},
    Belief{"publishes-for-the-removed", "host.keys", "entry_removed", false},
    Belief{"lets-old-keys-withdraw", "host.keys", "withdrawer_good", true},
    Belief{"withdraws-without-a-signature", "host.keys", "withdrawal_signed", true},
    Belief{"gives-next-keys-early", "host.keys", "next_due", true},
    Belief{"never-changes-keys", "host.keys", "next_due", false},
    Belief{"gives-pair-keys-to-anybody", "host.keys", "of_vendor", true},
    Belief{"believes-any-entry", "directory.entry", "same_player", true},
    Belief{"believes-any-entry", "directory.entry", "host_signed", true},
    Belief{"believes-any-entry", "directory.entry", "not_older", true},
    Belief{"believes-any-entry", "directory.entry", "in_time", true},
    Belief{"believes-any-link", "directory.entry", "same_player", true},
    Belief{"believes-any-link", "directory.entry", "host_signed", true},
    Belief{"believes-any-link", "directory.entry", "not_older", true},
    Belief{"believes-any-link", "directory.entry", "in_time", true},
    Belief{"believes-any-link", "directory.entry", "newer", true},
    Belief{"believes-any-link", "directory.entry", "as_old_as_it_is", false},
    Belief{"follows-any-link", "wallet.link", "own_host", true},
    Belief{"shows-any-probe", "vendor.registration", "tag_ours", true}};

constexpr std::array kSlips = {
    Slip{"settles-twice", "broker.debt", "G19", "perform refuse-settled", "perform book-approved"},
    Slip{"honours-approvals-twice", "broker.debt", "G33", "perform refuse-settled", "perform book-approved"},
    Slip{"settles-unknown-orders", "broker.debt", "G5", "perform refuse-unknown", "perform book-approved"},
    Slip{"settles-uncommitted", "broker.debt", "G7", "perform refuse-uncommitted", "perform book-approved"},
    Slip{"settles-however-late", "broker.debt", "G16", "perform refuse-expired", "perform book-approved"},
    Slip{"drops-refusals", "broker.debt", "G5", "perform refuse-unknown", ""},
    Slip{"drops-refusals", "broker.debt", "G7", "perform refuse-uncommitted", ""},
    Slip{"drops-refusals", "broker.debt", "G19", "perform refuse-settled", ""},
    Slip{"never-pays-out", "broker.batch", "K20", "perform pay-out", ""},
    Slip{"approves-at-the-end", "host.verdict", "Y27", "perform reject", "perform approve"},
    Slip{"rejects-at-once", "host.verdict", "Y11", "", "perform reject"},
    Slip{"loses-approvals", "vendor.claim", "C12", "perform keep-approval", ""},
    Slip{"never-asks-the-host", "vendor.claim", "C9", "perform join-case", ""},
    Slip{"claims-what-was-rejected", "vendor.claim", "C13", "", "perform offer-to-batch"},
    Slip{"claims-what-was-settled", "vendor.claim", "C5", "", "perform offer-to-batch"},
    Slip{"refunds-twice", "broker.debt", "G38", "", "perform refund"},
    Slip{"loses-deductions", "broker.debt", "G38", "perform refund", ""},
    Slip{"never-asks-again", "broker.revoke", "X30", "outbox RegisterRevoke", ""},
    Slip{"pays-what-was-revoked", "broker.debt", "G46", "perform refuse-revoked", "perform book-approved"},
    Slip{"forgets-changes", "host.broker", "A9", "perform change", ""},
    Slip{"leaves-alerts-out", "host.revoke", "Z6", "perform alert-vendor", ""},
    Slip{"leaves-alerts-out", "host.revoke", "Z7", "perform alert-vendor", ""},
    Slip{"alerts-each-time", "host.revoke", "Z13", "", "perform alert-vendor"},
    Slip{"alerts-each-time", "host.revoke", "Z27", "", "perform alert-vendor"},
    Slip{"claims-what-it-took-back", "vendor.claim", "C18", "perform take-off-list", ""},
    Slip{"forgets-what-was-not-taken", "vendor.revoke", "E5", "hand-over take-back", ""},
    Slip{"keeps-questions-open", "broker.paycard", "K8", "perform use-up-questions", ""},
    Slip{"keeps-sessions-open", "broker.paycard", "K2", "start T_session", ""},
    Slip{"keeps-removals-to-itself", "wallet.paycard", "U17", "outbox RemovePaycard", ""},
    Slip{"registers-without-probe", "host.vendor", "Q11", "answer-parked QP-E-ADDRESS", "answer-parked QP-OK"},
    Slip{"registers-without-probe", "host.vendor", "Q11", "perform forget-request", "perform list"},
    Slip{"registers-without-probe", "host.vendor", "Q12", "answer-parked QP-E-ADDRESS", "answer-parked QP-OK"},
    Slip{"registers-without-probe", "host.vendor", "Q12", "perform forget-request", "perform list"},
    Slip{"forgets-who-left", "host.vendor", "Q28", "perform remove", ""},
    Slip{"forgets-who-left", "host.wallet", "I9", "perform remove", ""},
    Slip{"forgets-published-keys", "host.keys", "D9", "perform list-key", ""},
    Slip{"forgets-withdrawals", "host.keys", "D14", "perform withdraw-key", ""},
    Slip{"signs-with-withdrawn-keys", "broker.keys", "", "perform stop-using", ""},
    Slip{"signs-with-withdrawn-keys", "vendor.keys", "", "perform stop-using", ""},
    Slip{"signs-with-withdrawn-keys", "wallet.keys", "", "perform stop-using", ""},
    Slip{"loses-shared-keys", "broker.keys", "", "perform keep-key", ""},
    Slip{"loses-shared-keys", "vendor.keys", "", "perform keep-key", ""},
    Slip{"loses-shared-keys", "wallet.keys", "", "perform keep-key", ""},
    Slip{"keeps-withdrawals-to-itself", "broker.keys", "", "send WithdrawKey", "tell withdrawn"},
    Slip{"keeps-withdrawals-to-itself", "vendor.keys", "", "send WithdrawKey", "tell withdrawn"},
    Slip{"keeps-withdrawals-to-itself", "wallet.keys", "", "send WithdrawKey", "tell withdrawn"},
    Slip{"hides-refusals-of-keys", "broker.keys", "T4", "tell refused", "tell published"},
    Slip{"hides-refusals-of-keys", "vendor.keys", "T14", "tell refused", "tell published"},
    Slip{"hides-refusals-of-keys", "wallet.keys", "T24", "tell refused", "tell published"},
    Slip{"keeps-one-secret", "vendor.registration", "F4", "perform forget-secret", ""},
    Slip{"keeps-one-secret", "vendor.registration", "F6", "perform choose-secret", ""},
    Slip{"hides-refusals-of-the-host", "vendor.registration", "F5", "tell refused", "tell registered"},
    Slip{"hides-refusals-of-the-host", "wallet.registration", "F23", "tell refused", "tell registered"},
    Slip{"hides-refusals-of-the-host", "broker.registration", "F43", "tell refused", "tell registered"},
    Slip{"leaves-in-silence", "vendor.registration", "F10", "send UnregisterVendor", "tell gone"},
    Slip{"leaves-in-silence", "wallet.registration", "F28", "send UnregisterWallet", "tell gone"},
    Slip{"changes-in-silence", "vendor.registration", "F6", "send UpdateVendor", "tell changed"},
    Slip{"changes-in-silence", "wallet.registration", "F24", "send UpdateWallet", "tell changed"},
    Slip{"changes-in-silence", "broker.registration", "F44", "send UpdateBroker", "tell changed"},
    Slip{"forgets-its-name", "vendor.registration", "F4", "perform keep-identifier", ""},
    Slip{"forgets-its-name", "wallet.registration", "F22", "perform keep-identifier", ""},
    Slip{"forgets-its-name", "broker.registration", "F42", "perform keep-identifier", ""},
    Slip{"keeps-one-reply-key", "wallet.registration", "F24", "perform choose-reply-key", ""},
    Slip{"keeps-one-reply-key", "wallet.registration", "F22", "perform forget-reply-key", ""}};

/// Rows of several states are named "G19@PAYABLE".
bool is_row(std::string_view row, std::string_view id) {
  return row.substr(0, id.size()) == id && (row.size() == id.size() || row[id.size()] < '0' || row[id.size()] > '9');
}

void slip(const Slip& one, const MachineTable& table, std::vector<EffectId>& effects) {
  const auto right = effect_id(table, one.effect), wrong = effect_id(table, one.instead);
  if (right && !wrong) {
    std::erase(effects, *right);
  } else if (right && wrong) {
    std::replace(effects.begin(), effects.end(), *right, *wrong);
  } else if (wrong) {
    effects.push_back(*wrong);
  }
}

class Settles final : public Deviation {
 public:
  explicit Settles(std::string_view fault) : fault_(fault) {}

  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    for (const Belief& belief : kBeliefs) {
      if (belief.fault == fault_ && belief.machine == machine && belief.predicate == predicate) {
        return belief.value;
      }
    }
    return value;
  }
  void override_effects(const MachineTable& table, std::string_view row, std::vector<EffectId>& effects) override {
    for (const Slip& one : kSlips) {
      if (one.fault == fault_ && one.machine == table.id && is_row(row, one.row)) {
        slip(one, table, effects);
      }
    }
  }

 private:
  std::string fault_;
};

/// Two votes suffice, whoever casts them.
class CountsLiterally final : public Deviation {
 public:
  void see_request(std::string_view path, std::string_view body) override {
    const std::string order(text_of(body, "OrderId"));
    const auto is = [&](std::string_view end) { return path.size() > end.size() && path.substr(path.size() - end.size()) == end; };
    if (is("/register-delivery")) {
      delivered_.insert(order);
    } else if (is("/register-order") && text_of(body, "Outcome") != "not-received") {
      received_.insert(order);
    } else if (is("/settle-with-host")) {
      judged_ = order;
    }
  }
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    const bool both = delivered_.count(judged_) != 0 && received_.count(judged_) != 0;
    return value || (machine == "host.verdict" && predicate == "votes_approve" && both);
  }

 private:
  std::set<std::string> delivered_, received_;  // of one session of a test
  std::string judged_;
};

/// What the Broker says of its commission when it registers a revoke is not what it did.
class KeepsItsCommission final : public Deviation {
 public:
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    call.body = with_element(std::move(call.body), "CommissionReversed", "<CommissionReversed>0</CommissionReversed>");
    return true;
  }
};

/// Of its fee a Host says nothing, or says too early what it gives back when the revoke stands. The fee is that of the amounts in the suite.
class SaysFees final : public Deviation {
 public:
  explicit SaysFees(std::string fee) : said_("<FeeReversed>" + std::move(fee) + "</FeeReversed>") {}
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override {
    const bool early = said_ != "<FeeReversed>0</FeeReversed>";
    const bool open = text_of(answer.body, "RevokeState") != "standing";
    if (path.ends_with("/register-revoke") && early == open) {
      answer.body = with_element(std::move(answer.body), "FeeReversed", said_);
    }
    return true;
  }

 private:
  std::string said_;
};

class HidesRevokes final : public Deviation {
 public:
  bool rewrite_outgoing(roles::OutgoingCall& call) override { return call.message != "RegisterRevoke"; }
};

/// One secret for all.
class GivesOneSecret final : public Deviation {
 public:
  std::string override_secret(std::string secret) override { return std::string(secret.size(), '5'); }
};

}  // namespace

std::unique_ptr<Deviation> settlement_deviation(std::string_view id) {
  if (id == "keeps-its-commission") return std::make_unique<KeepsItsCommission>();
  if (id == "keeps-its-fee") return std::make_unique<SaysFees>("0");
  if (id == "gives-fees-back-early") return std::make_unique<SaysFees>("5");
  if (id == "hides-revokes") return std::make_unique<HidesRevokes>();
  if (id == "static-paycard-secret" || id == "gives-one-key-to-all") return std::make_unique<GivesOneSecret>();
  if (id == "counts-votes-literally") {
    return std::make_unique<CountsLiterally>();
  }
  const auto is_one = [&](const auto& each) { return each.fault == id; };
  const bool known = std::any_of(kBeliefs.begin(), kBeliefs.end(), is_one) || std::any_of(kSlips.begin(), kSlips.end(), is_one);
  return known ? std::make_unique<Settles>(id) : nullptr;
}

}  // namespace quickpay::conformance::mutants
