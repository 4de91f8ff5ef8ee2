// Revokes that the Broker does not take, in whatever state the order is, and claims of orders that were taken back.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/revoker.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

/// What became of the order before the wrong revoke comes.
enum class Stage : std::uint8_t { committed, held, voided, final };
constexpr Stage kStages[] = {Stage::committed, Stage::held, Stage::voided, Stage::final};

struct WrongRevoke {
  const char* id;
  const char* title;
  const char* rows[4];  ///< of the machine, by stage; empty: not tried there
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(Revoker&, Promised&, Element&)> change = {};  ///< before it is signed
  Signer sign = {};                                                ///< empty: by the Vendor of the order
  std::function<void(World&, Element&)> after = {};                ///< after it was signed
  std::function<void(World&, Sending&)> address = {};              ///< changes the request around it
  std::vector<Part> parts = {};
  std::function<std::optional<Promised>(Revoker&)> make = {};  ///< empty: a committed order
  bool level_e = true;
};

const std::string kSomeId(32, '0');
constexpr std::int64_t kDay = 86400;

std::function<void(Revoker&, Promised&, Element&)> with(const char* path, std::string value) {
  return [path, value = std::move(value)](Revoker&, Promised&, Element& revoke) { set_text(revoke, path, value); };
}
/// Taken back at that moment, seconds from now.
std::function<void(Revoker&, Promised&, Element&)> revoked_at(std::int64_t seconds) {
  return [seconds](Revoker& r, Promised&, Element& revoke) { set_text(revoke, "RevokedAt", r.world().now_text(seconds)); };
}
void other_reason(World&, Element& revoke) { set_text(revoke, "Reason", "error"); }

Element key_for_purpose(World& world, Element revoke, std::string_view purpose) {
  const SigningKeyPlan* key = signing_key(world.plan(), text_at(revoke, "OrderRef/Vendor"));
  return key == nullptr ? std::move(revoke) : signed_with(*key->key, std::move(revoke), purpose);
}
Element wrong_purpose(World& world, Element revoke) { return key_for_purpose(world, std::move(revoke), "vendor-receipt"); }
Element unsigned_one(World&, Element revoke) { return revoke; }
Element by_other_vendor(World& world, Element revoke) { return with_key(world.cast().other_vendor)(world, std::move(revoke)); }

std::optional<Promised> micropayment(Revoker& revoker) {
  const auto made = Claimant(revoker.session()).committed();
  return made ? std::optional(Promised{made->ref, {}, {}, made->commit_id}) : std::nullopt;
}
std::optional<Promised> unknown_micropayment(Revoker& revoker) {
  const Claimable made = Claimant(revoker.session()).invented();
  return Promised{made.ref, {}, {}, made.commit_id};
}
std::optional<Promised> unknown_order(Revoker& revoker) {
  return Promised{revoker.trade().order(), {}, {}, revoker.world().fresh_id()};
}
std::optional<Promised> lapsed(Revoker& revoker) {
  const auto made = revoker.trade().committed();
  const std::int64_t left = made ? time_of(text_at(made->commitment, "ClaimBy")) - revoker.world().now_ms() : 0;
  return made && revoker.world().advance(left / 1000 + 1) ? made : std::nullopt;
}

std::vector<WrongRevoke> wrong_revokes() {
  const std::vector<std::string> his = {"QP-RV-004", "QP-SAFE-004"}, key = {"QP-ADD-18", "QP-RV-009"},
                                 sig = {"QP-ADD-18", "QP-ADD-16"}, micro = {"QP-RV-001", "QP-MP-021"}, known = {"QP-RV-002"},
                                 terms = {"QP-SAFE-001", "QP-RV-002"};
  return {
      {"other-vendor", "Nobody takes the order of another Vendor back.", {"X1", "X10", "X16", "X22"}, "QP-E-FORBIDDEN", his,
       "Head.Sender:=another Vendor", {}, {}, {}, from_other_vendor, {Part::other_vendor}},
      {"other-vendors-signature", "Nor with a signature of his own.", {"X1 Sig", "", "", ""}, "QP-E-FORBIDDEN", his,
       "Head.Sender:=another Vendor & Sig by it", {}, by_other_vendor, {}, from_other_vendor, {Part::other_vendor}},
      {"other-vendors-key", "The key of another Vendor takes nothing back.", {"X2 Vendor", "", "", ""}, "QP-E-KEY", key,
       "Sig by another Vendor", {}, by_other_vendor, {}, {}, {Part::other_vendor}},
      {"unlisted-key", "A key that the directory does not list takes nothing back.", {"X2", "X11", "X17", "X23"}, "QP-E-KEY", key,
       "Sig by a stranger", {}, with_key("stranger")},
      {"brokers-key", "A Broker takes nothing back.", {"X2 Broker", "", "", ""}, "QP-E-KEY", key, "Sig by the Broker", {},
       [](World& world, Element revoke) { return with_key(world.iut())(world, std::move(revoke)); }},
      {"hosts-key", "Nor does the Host.", {"X2 Host", "", "", ""}, "QP-E-KEY", key, "Sig by the Host", {},
       [](World& world, Element revoke) { return with_key(world.cast().host)(world, std::move(revoke)); }},
      {"before-its-key", "A key signs for no moment before its time.", {"X2 RevokedAt", "", "", ""}, "QP-E-KEY", key,
       "RevokedAt:=before the key", revoked_at(-60 * kDay)},
      {"after-its-key", "And for none behind it.", {"X2 RevokedAt-late", "", "", ""}, "QP-E-KEY", key, "RevokedAt:=after the key",
       revoked_at(400 * kDay)},
      {"altered", "What was changed after it was signed takes nothing back.", {"X3", "X12", "X18", "X24"}, "QP-E-SIGNATURE", sig,
       "Reason:=another after signing", {}, {}, other_reason},
      {"wrong-purpose", "A signature for another purpose is none.", {"X3 purpose", "", "", ""}, "QP-E-SIGNATURE",
       {"QP-ADD-19", "QP-ADD-18"}, "Sig:another purpose", {}, wrong_purpose},
      {"micropayment", "A micropayment is not taken back.", {"X4", "", "", ""}, "QP-E-NOT-REVOCABLE", micro, "OrderRef.Kind:=micro", {}, {},
       {}, {}, {}, micropayment},
      {"unknown-micropayment", "Whether or not the Broker knows it.", {"X4 unknown", "", "", ""}, "QP-E-NOT-REVOCABLE", micro,
       "OrderRef.Kind:=micro, never inquired", {}, {}, {}, {}, {}, unknown_micropayment},
      {"unknown", "An order that was not committed is not taken back.", {"X5", "", "", ""}, "QP-E-UNKNOWN-ORDER", known, "never inquired", {},
       {}, {}, {}, {}, unknown_order},
      {"other-amount", "An order of another amount is not the one that was committed.", {"X6", "X13", "X19", "X25"}, "QP-E-MISMATCH", terms,
       "OrderRef.Amount:=999", with("OrderRef/Amount", "999")},
      {"other-digest", "Nor is one of another digest.", {"X6 Digest", "", "", ""}, "QP-E-MISMATCH", terms, "OrderRef.Digest:=another",
       with("OrderRef/Digest", std::string(64, 'e'))},
      {"other-commit-id", "Nor one of another CommitId.", {"X6 CommitId", "X13 CommitId", "X19 CommitId", "X25 CommitId"}, "QP-E-MISMATCH",
       terms, "CommitId:=another", with("CommitId", kSomeId)},
      {"lapsed", "What nobody claimed in time has fallen back already.", {"X7 G12", "", "", ""}, "QP-E-NOT-REVOCABLE", known,
       "after ClaimBy", {}, {}, {}, {}, {}, lapsed, false},
      {"unsigned", "What was contested is not taken back without a signature.", {"", "", "X20", ""}, "QP-E-NOT-REVOCABLE",
       {"QP-RV-012", "QP-RV-002"}, "Sig:remove", {}, unsigned_one},
      {"vendor-before-key", "Of a strange Sender and a strange key the Sender is named.", {"X1 X2", "", "", ""}, "QP-E-FORBIDDEN", his,
       "Head.Sender:=another Vendor & Sig by a stranger", {}, with_key("stranger"), {}, from_other_vendor, {Part::other_vendor}},
      {"key-before-micropayment", "Of a strange key and a micropayment the key is named.", {"X2 X4", "", "", ""}, "QP-E-KEY", key,
       "Sig by a stranger & OrderRef.Kind:=micro", {}, with_key("stranger"), {}, {}, {}, micropayment},
      {"signature-before-micropayment", "Of a wrong signature and a micropayment the signature is named.", {"X3 X4", "", "", ""},
       "QP-E-SIGNATURE", sig, "Reason:=another after signing & OrderRef.Kind:=micro", {}, {}, other_reason, {}, {}, micropayment},
      {"signature-before-terms", "Of a wrong signature and another amount the signature is named.", {"X3 X6", "", "", ""}, "QP-E-SIGNATURE",
       sig, "Reason:=another after signing & OrderRef.Amount:=999", with("OrderRef/Amount", "999"), {}, other_reason},
      {"terms-before-lapse", "Of another amount and a lapse the amount is named.", {"X6 X7", "", "", ""}, "QP-E-MISMATCH", terms,
       "after ClaimBy, OrderRef.Amount:=999", with("OrderRef/Amount", "999"), {}, {}, {}, {}, lapsed, false}};
}

/// Brings the order there and waits until the Broker has nothing more to say about it.
bool bring_to(Revoker& revoker, Stage stage, const Promised& order) {
  if (stage == Stage::committed) {
    return true;
  }
  const std::size_t from = revoker.session().transcript().mark();
  revoker.host_says(stage == Stage::voided ? "void" : stage == Stage::held ? "open" : "standing");
  return revoker.revokes(order, stage == Stage::final).ok() && revoker.notice_answered(from);
}

bool is_notice(const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request && entry.message == "RegisterRevoke"; }

Refusal refused_revoke(Session& session, const WrongRevoke& one, Stage stage) {
  const auto order = std::make_shared<std::optional<Promised>>();
  Refusal refusal;
  refusal.reach = [&session, order, one, stage]() {
    if (nothing_to_revoke(session)) {
      return false;
    }
    Revoker revoker(session);
    *order = one.make ? one.make(revoker) : revoker.trade().committed();
    return order->has_value() && bring_to(revoker, stage, **order);
  };
  refusal.stimulus = [&session, order, one]() {
    Revoker revoker(session);
    Element revoke = revoker.revoke(**order);
    if (one.change) {
      one.change(revoker, **order, revoke);
    }
    revoke = one.sign ? one.sign(session.world(), std::move(revoke)) : revoker.by_vendor(std::move(revoke));
    if (one.after) {
      one.after(session.world(), revoke);
    }
    Sending sending = revoker.revoking(std::move(revoke));
    if (one.address) {
      one.address(session.world(), sending);
    }
    sending.label = one.mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.forbidden = is_notice;
  refusal.forbidden_text = "no QP-OK, and nothing registered";
  refusal.after = [&session]() { session.world().settle(); };
  refusal.benign = [&session]() { return Revoker(session).takes_back(); };
  return refusal;
}

void add_refused_revokes(Suite& suite) {
  const char* const prefixes[] = {"", "held.", "void.", "final."};
  const char* const more[] = {"", " Also where one is held.", " Also where one was void.", " Also where one is final."};
  for (const WrongRevoke& one : wrong_revokes()) {
    for (std::size_t i = 0; i < std::size(kStages); ++i) {
      const Stage stage = kStages[i];
      if (*one.rows[i] == '\0') {
        continue;
      }
      const bool signed_only = stage == Stage::committed || stage == Stage::final;
      suite.refused({.id = fmt::format("revoke-order.{}{}", prefixes[i], one.id),
                     .title = one.title + std::string(more[i]),
                     .subject = one.rows[i],
                     .requirements = one.requirements,
                     .mutation = one.mutation,
                     .twin = stage == Stage::voided ? "revoke.void.signed" : stage == Stage::held ? "revoke.unsigned.signed" : "revoke.signed",
                     .level_e = one.level_e && stage == Stage::committed,
                     .parts = one.parts,
                     .profile = signed_only ? "" : "F"},
                    [one, stage](Session& session) { return refused_revoke(session, one, stage); });
    }
  }
  suite.refused({.id = "revoke-order.unsigned-in-h",
                 .title = "Profile H knows no revoke without a signature.",
                 .subject = "step 9 Revoke.Sig",
                 .requirements = {"QP-ADD-16"},
                 .mutation = "Sig:remove in H",
                 .twin = "revoke.signed",
                 .profile = "H"},
                [](Session& session) {
                  WrongRevoke one{"unsigned-in-h", "", {}, "QP-E-PROFILE", {}, "Sig:remove", {}, unsigned_one};
                  return refused_revoke(session, one, Stage::committed);
                });
}

// ---------------------------------------------------------------- keys
/// A second key of the Vendor, with what is odd about it.
struct OddKey {
  const char* id;
  const char* title;
  std::function<void(const WorldPlan&, SigningKeyPlan&)> change;
  std::int64_t revoked_at;  ///< seconds from now
};

std::string day(const WorldPlan& plan, std::int64_t days) { return time_text(time_of(plan.now) + days * kDay * 1000); }

const std::vector<OddKey>& odd_keys() {
  static const std::vector<OddKey> all = {
      {"expired-key", "A key whose time is over takes nothing back, though it was good at RevokedAt.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_after = day(plan, -1); }, -2 * kDay},
      {"early-key", "A key whose time has not come takes nothing back.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_before = day(plan, 1); }, 2 * kDay},
      {"withdrawn-key", "A key that was withdrawn takes nothing back, whatever RevokedAt says.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.withdrawn_from = day(plan, -1); }, -2 * kDay},
      {"sealing-key", "A key that is for sealing takes nothing back.",
       [](const WorldPlan&, SigningKeyPlan& key) { key.usage = "seal"; }, 0}};
  return all;
}

void add_odd_keys(Suite& suite) {
  for (const OddKey& odd : odd_keys()) {
    suite.refused({.id = fmt::format("revoke-order.{}", odd.id),
                   .title = odd.title,
                   .subject = "X2 " + std::string(odd.id),
                   .requirements = {"QP-ADD-18", "QP-ADD-16"},
                   .mutation = odd.id,
                   .twin = "revoke.signed",
                   .level_e = false},
                  [odd](Session& session) {
                    WrongRevoke one{odd.id, "", {}, "QP-E-KEY", {}, odd.id, revoked_at(odd.revoked_at), with_key("second")};
                    return refused_revoke(session, one, Stage::committed);
                  },
                  [odd](WorldPlan& plan) {
                    SigningKeyPlan key = signing_key_plan(plan, plan.cast.vendor, *test_key("second"));
                    key.held = false;
                    odd.change(plan, key);
                    plan.signing_keys.push_back(std::move(key));
                  });
  }
}

void add_odd_signatures(Suite& suite) {
  for (const OddSignature& odd : odd_signatures(&Cast::vendor)) {
    const bool key = std::string_view(odd.code) == protocol::QP_E_KEY;
    suite.refused({.id = "revoke-order." + odd.id,
                   .title = odd.title,
                   .subject = (key ? "X2 " : "X3 ") + odd.id,
                   .requirements = {"QP-ADD-18", "QP-ADD-16"},
                   .mutation = odd.id,
                   .twin = "revoke.signed",
                   .level_e = false},
                  [odd](Session& session) {
                    WrongRevoke one{odd.id.c_str(), "", {}, odd.code, {}, odd.id.c_str(), {}, odd.sign};
                    return refused_revoke(session, one, Stage::committed);
                  },
                  odd.arrange);
  }
}

// ---------------------------------------------------------------- claims
struct RefusedClaim {
  const char* id;
  const char* title;
  const char* row;
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(Revoker&, Promised&)> change = {};
  bool approved = false;
  bool settled = false;  ///< before it was taken back
};

std::vector<RefusedClaim> refused_claims() {
  const std::vector<std::string> over = {"QP-RV-005"}, key = {"QP-ADD-18"};
  return {{"revoked", "What was taken back is not paid.", "G46", "QP-E-REVOKED", over, "claimed after a revoke"},
          {"settled-revoked", "Also what had been settled: it is revoked, and not settled any more.", "G38 G46", "QP-E-REVOKED", over,
           "claimed after settlement and revoke", {}, false, true},
          {"approved", "Nor where the Host approves it.", "G41", "QP-E-REVOKED", over, "claimed with an Approval after a revoke", {}, true},
          {"other-currency", "Of another currency and a revoke the currency is named.", "G40", "QP-E-CURRENCY", {"QP-BS-007"},
           "after a revoke, OrderRef.Currency:=XTS", [](Revoker&, Promised& order) { set_text(order.ref, "Currency", "XTS"); }},
          {"no-commitment", "Without its Commitment nothing is said of it.", "G42", "QP-E-NO-COMMIT", {"QP-RP-010", "QP-BS-007"},
           "after a revoke, Item.Commitment:remove", [](Revoker&, Promised& order) { order.commitment = Element{}; }},
          {"unlisted-key", "Nor with one under a key of nobody.", "G43", "QP-E-KEY", key, "after a revoke, Sig by a stranger",
           [](Revoker& r, Promised& order) { order.commitment = with_key("stranger")(r.world(), order.commitment); }},
          {"altered", "Nor with one that was changed.", "G44", "QP-E-SIGNATURE", key, "after a revoke, Commitment.ClaimBy:=later",
           [](Revoker& r, Promised& order) { set_text(order.commitment, "ClaimBy", r.world().now_text(31536000)); }},
          {"other-amount", "Nor under other terms.", "G45", "QP-E-MISMATCH", {"QP-SAFE-001"}, "after a revoke, OrderRef.Amount:=999",
           [](Revoker&, Promised& order) { set_text(order.ref, "Amount", "999"); }}};
}

Negative refused_claim(Session& session, const std::string& check, const RefusedClaim& one) {
  const auto made = std::make_shared<std::optional<Promised>>();
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  plan.reach = [made, one](Session& s) {
    Revoker revoker(s);
    *made = nothing_to_revoke(s) ? std::nullopt : revoker.trade().committed();
    const bool ready = made->has_value() && (!one.settled || revoker.claimed(**made) == "accepted");
    return ready && revoker.revokes(**made).ok();
  };
  plan.stimulus = [made, reply, one](Session& s) {
    Revoker revoker(s);
    Claimant claimant(s);
    if (one.change) {
      one.change(revoker, **made);
    }
    std::vector<Element> approvals;
    if (one.approved) {
      approvals.push_back(claimant.approval({claimable(**made)}));
    }
    Sending sending = claimant.claiming(claimant.signed_by_vendor(revoker.trade().claim({**made}, std::move(approvals))));
    sending.label = one.mutation;
    *reply = s.world().send(std::move(sending));
    return reply->delivered;
  };
  plan.reaction = [made, reply](Session& s) { return reaction_on(s, *reply, {(*made)->ref, {}}); };
  plan.forbidden = [reply, &session](const Entry& entry) { return answers_with(session, *reply, entry, "<Accepted>"); };
  plan.forbidden_text = "nothing is accepted";
  plan.refusals = {one.code};
  plan.benign = [](Session& s) { return Revoker(s).takes_back(); };
  return plan;
}

void add_refused_claims(Suite& suite) {
  for (const RefusedClaim& one : refused_claims()) {
    const std::string id = fmt::format("revoke.claim.{}", one.id);
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .twin = "revoke.signed"},
                   [check = suite.name(id), one](Session& session) { return refused_claim(session, check, one); });
  }
}

}  // namespace

void add_revoke_refusals(Suite& suite) {
  add_refused_revokes(suite);
  add_odd_keys(suite);
  add_odd_signatures(suite);
  add_refused_claims(suite);
}

}  // namespace quickpay::conformance
