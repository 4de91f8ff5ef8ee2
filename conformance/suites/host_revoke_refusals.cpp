// Notices of revokes that the Host does not take, in whatever state its record is.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/revoker.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kDay = 86400;

/// What the Host has on record before the wrong notice comes.
enum class Stage : std::uint8_t { nothing, unproven, standing, voided, proven };
constexpr Stage kStages[] = {Stage::nothing, Stage::unproven, Stage::standing, Stage::voided, Stage::proven};

struct WrongNotice {
  const char* id;
  const char* title;
  const char* rows[5];  ///< of the machine, by stage; empty: not tried there
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(World&, Element&)> change = {};  ///< of the Revoke, before it is signed
  Signer sign = {};                                   ///< empty: by the Vendor of the order
  std::function<void(World&, Element&)> after = {};   ///< of the Revoke, after it was signed
  std::function<void(World&, Element&)> notice = {};  ///< of the document
  std::vector<Part> parts = {};
};

std::function<void(World&, Element&)> with(const char* path, std::string value) {
  return [path, value = std::move(value)](World&, Element& element) { set_text(element, path, value); };
}
std::function<void(World&, Element&)> revoked_at(std::int64_t seconds) {
  return [seconds](World& world, Element& revoke) { set_text(revoke, "RevokedAt", world.now_text(seconds)); };
}
void unknown_vendor(World& world, Element& revoke) { set_text(revoke, "OrderRef/Vendor", world.cast().unknown_vendor); }
Element by_first_vendor(World& world, Element revoke) { return with_key(world.cast().vendor)(world, std::move(revoke)); }
Element wrong_purpose(World& world, Element revoke) {
  const SigningKeyPlan* key = signing_key(world.plan(), text_at(revoke, "OrderRef/Vendor"));
  return key == nullptr ? std::move(revoke) : signed_with(*key->key, std::move(revoke), "vendor-receipt");
}

std::vector<WrongNotice> wrong_notices() {
  const std::vector<std::string> key = {"QP-ADD-18", "QP-ADD-16"}, fits = {"QP-RV-006"}, same = {"QP-ADD-06", "QP-RV-006"},
                                 micro = {"QP-RV-001", "QP-MP-021"};
  const std::string other(32, '0');
  return {
      {"unknown-vendor", "A Vendor that was never issued takes nothing back.", {"Z1", "", "", "", ""}, "QP-E-VENDOR", fits,
       "OrderRef.Vendor:=unknown", unknown_vendor, by_first_vendor},
      {"micropayment", "A micropayment is not taken back.", {"Z2", "", "", "", ""}, "QP-E-NOT-REVOCABLE", micro, "OrderRef.Kind:=micro",
       with("OrderRef/Kind", "micro")},
      {"unlisted-key", "A key that the directory does not list proves nothing.", {"Z3", "Z8", "Z17 STANDING", "Z17", "Z23"}, "QP-E-KEY", key,
       "Revoke.Sig by a stranger", {}, with_key("stranger")},
      {"brokers-key", "A Broker does not sign for the Vendor.", {"Z3 Broker", "", "", "", ""}, "QP-E-KEY", key, "Revoke.Sig by the Broker", {},
       [](World& world, Element revoke) { return with_key(world.cast().broker)(world, std::move(revoke)); }},
      {"other-vendors-key", "Nor does another Vendor.", {"Z3 Vendor", "", "", "", ""}, "QP-E-KEY", key, "Revoke.Sig by another Vendor", {},
       [](World& world, Element revoke) { return with_key(world.cast().other_vendor)(world, std::move(revoke)); }, {}, {},
       {Part::other_vendor}},
      {"before-its-key", "A key signs for no moment before its time.", {"Z3 RevokedAt", "", "", "", ""}, "QP-E-KEY", key,
       "Revoke.RevokedAt:=before the key", revoked_at(-60 * kDay)},
      {"altered", "What was changed after it was signed proves nothing.", {"Z4", "Z9", "Z18 STANDING", "Z18", "Z24"}, "QP-E-SIGNATURE", key,
       "Revoke.Reason:=another after signing", {}, {}, with("Reason", "error")},
      {"wrong-purpose", "A signature for another purpose is none.", {"Z4 purpose", "", "", "", ""}, "QP-E-SIGNATURE",
       {"QP-ADD-19", "QP-ADD-18"}, "Revoke.Sig:another purpose", {}, wrong_purpose},
      {"other-commit-id", "A Revoke of another commitment says nothing about this one.", {"Z5", "Z10", "Z19 STANDING", "Z19", "Z25"},
       "QP-E-MISMATCH", fits, "CommitId:=another", {}, {}, {}, with("Body/CommitId", other)},
      {"other-order", "A Revoke of another order says nothing about this one.", {"Z5 OrderRef", "", "", "", ""}, "QP-E-MISMATCH", fits,
       "OrderRef.Amount:=1", {}, {}, {}, with("Body/OrderRef/Amount", "1")},
      {"other-time", "A Revoke of another moment is not the one that is told of.", {"Z5 RevokedAt", "", "", "", "Z25 RevokedAt"},
       "QP-E-MISMATCH", fits, "RevokedAt:=another", {}, {}, {}, [](World& world, Element& document) {
         set_text(document, "Body/RevokedAt", world.now_text(-3600));
       }},
      {"other-revoke-id", "An order has one revoke: another RevokeId is a conflict.", {"", "Z11", "Z20 STANDING", "Z20", "Z26"},
       "QP-E-CONFLICT", same, "RevokeId:=another", {}, {}, {}, with("Body/RevokeId", other)},
      {"other-commitment", "So is one of another commitment.", {"", "Z11 CommitId", "", "", "Z26 CommitId"}, "QP-E-CONFLICT", same,
       "CommitId:=another & Revoke.CommitId:=another", with("CommitId", other)},
      {"vendor-before-key", "Of an unknown Vendor and a strange key the Vendor is named.", {"Z1 Z3", "", "", "", ""}, "QP-E-VENDOR", fits,
       "OrderRef.Vendor:=unknown & Revoke.Sig by a stranger", unknown_vendor, with_key("stranger")},
      {"micropayment-before-key", "Of a micropayment and a strange key the micropayment is named.", {"Z2 Z3", "", "", "", ""},
       "QP-E-NOT-REVOCABLE", micro, "OrderRef.Kind:=micro & Revoke.Sig by a stranger", with("OrderRef/Kind", "micro"), with_key("stranger")},
      {"signature-before-terms", "Of a wrong signature and another commitment the signature is named.", {"Z4 Z5", "", "", "", ""},
       "QP-E-SIGNATURE", key, "Revoke.Reason:=another after signing & CommitId:=another", {}, {}, with("Reason", "error"),
       with("Body/CommitId", other)},
      {"terms-before-conflict", "Of another commitment and another RevokeId the commitment is named.", {"", "", "", "", "Z25 Z26"},
       "QP-E-MISMATCH", fits, "CommitId:=another & RevokeId:=another", {}, {}, {}, [other](World&, Element& document) {
         set_text(document, "Body/CommitId", other);
         set_text(document, "Body/RevokeId", other);
       }}};
}

bool bring_to(Revoker& revoker, Stage stage, const Revoker::Back& back) {
  World& world = revoker.world();
  switch (stage) {
    case Stage::nothing:
      return true;
    case Stage::proven:
      return world.send(revoker.notice(revoker.by_vendor(back.revoke))).ok();
    case Stage::unproven:
      return world.send(revoker.notice(back.revoke)).ok();
    case Stage::standing:
      return world.send(revoker.notice(back.revoke)).ok() && world.advance(protocol::T_hold_default + 1);
    case Stage::voided:
      return world.send(revoker.notice(back.revoke)).ok() && revoker.heard(revoker.contest(back.order)) == "approve QP-OK";
  }
  return false;
}

Refusal refused_notice(Session& session, const WrongNotice& one, Stage stage) {
  const auto back = std::make_shared<Revoker::Back>();
  Refusal refusal;
  refusal.reach = [&session, back, stage]() {
    if (nothing_to_revoke(session)) {
      return false;
    }
    Revoker revoker(session);
    *back = revoker.back();
    return bring_to(revoker, stage, *back);
  };
  refusal.stimulus = [&session, back, one]() {
    Revoker revoker(session);
    World& world = session.world();
    Element revoke = back->revoke;
    if (one.change) {
      one.change(world, revoke);
    }
    revoke = one.sign ? one.sign(world, std::move(revoke)) : revoker.by_vendor(std::move(revoke));
    if (one.after) {
      one.after(world, revoke);
    }
    Sending sending = revoker.notice(revoke);
    if (one.notice) {
      one.notice(world, sending.document);
    }
    sending.label = one.mutation;
    return world.send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.benign = [&session]() { return Revoker(session).registers(); };
  return refusal;
}

void add_odd_signatures(Suite& suite) {
  for (const OddSignature& odd : odd_signatures(&Cast::vendor)) {
    const bool key = std::string_view(odd.code) == "QP-E-KEY";
    suite.refused({.id = "register-revoke." + odd.id,
                   .title = odd.title,
                   .subject = (key ? "Z3 " : "Z4 ") + odd.id,
                   .requirements = {"QP-ADD-18", "QP-ADD-16"},
                   .mutation = odd.id,
                   .twin = "revoke.proven",
                   .level_e = false},
                  [odd](Session& session) {
                    WrongNotice one{odd.id.c_str(), "", {}, odd.code, {}, odd.id.c_str(), {}, odd.sign};
                    return refused_notice(session, one, Stage::nothing);
                  },
                  odd.arrange);
  }
}

}  // namespace

void add_revoke_notice_refusals(Suite& suite) {
  add_odd_signatures(suite);
  const char* const prefixes[] = {"", "unproven.", "standing.", "void.", "proven."};
  const char* const more[] = {"", " Also where one may be contested.", " Also where one stands.", " Also where one is void.",
                              " Also where one was signed."};
  for (const WrongNotice& one : wrong_notices()) {
    for (std::size_t i = 0; i < std::size(kStages); ++i) {
      const Stage stage = kStages[i];
      if (*one.rows[i] == '\0') {
        continue;
      }
      const bool signed_only = stage == Stage::nothing || stage == Stage::proven;
      suite.refused({.id = fmt::format("register-revoke.{}{}", prefixes[i], one.id),
                     .title = one.title + std::string(more[i]),
                     .subject = one.rows[i],
                     .requirements = one.requirements,
                     .mutation = one.mutation,
                     .twin = signed_only ? "revoke.proven" : "revoke.proven-later",
                     .level_e = stage != Stage::standing,
                     .parts = one.parts,
                     .profile = signed_only ? "" : "F"},
                    [one, stage](Session& session) { return refused_notice(session, one, stage); });
    }
  }
  suite.refused({.id = "register-revoke.withdrawn-key",
                 .title = "A key that was withdrawn before the notice came proves nothing, whatever RevokedAt says.",
                 .subject = "Z3 withdrawn",
                 .requirements = {"QP-ADD-18", "QP-ADD-16"},
                 .mutation = "withdrawn-key",
                 .twin = "revoke.proven",
                 .level_e = false},
                [](Session& session) {
                  WrongNotice one{"withdrawn-key", "", {}, "QP-E-KEY", {}, "Revoke.Sig by a withdrawn key", revoked_at(-2 * kDay),
                                  with_key("second")};
                  return refused_notice(session, one, Stage::nothing);
                },
                [](WorldPlan& plan) {
                  SigningKeyPlan key = signing_key_plan(plan, plan.cast.vendor, *test_key("second"));
                  key.held = false;
                  key.withdrawn_from = time_text(time_of(plan.now) - kDay * 1000);
                  plan.signing_keys.push_back(std::move(key));
                });
  suite.refused({.id = "register-revoke.unsigned-in-h",
                 .title = "Profile H knows no revoke without a signature.",
                 .subject = "step 9 Revoke.Sig",
                 .requirements = {"QP-ADD-16"},
                 .mutation = "Revoke.Sig:remove in H",
                 .twin = "revoke.proven",
                 .profile = "H"},
                [](Session& session) {
                  WrongNotice one{"unsigned-in-h", "", {}, "QP-E-PROFILE", {}, "Revoke.Sig:remove", {},
                                  [](World&, Element revoke) { return revoke; }};
                  return refused_notice(session, one, Stage::nothing);
                });
}

}  // namespace quickpay::conformance
