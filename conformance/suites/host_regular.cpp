// The Host in regular payment: what each Wallet registers, and disputes that a Commitment decides.
#include <fmt/format.h>

#include <functional>
#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/regular.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kUnknown(protocol::QP_E_UNKNOWN_ORDER);
const char* const kApproved = "approve QP-OK";

/// CaseNo and RegisteredAt of an answer; empty if it is no QP-OK.
std::string case_of(const Reply& reply) {
  return reply.ok() ? reply.text("Body/CaseNo") + " " + reply.text("Body/RegisteredAt") : std::string();
}

/// Notices one after the other; each has to get the case of the first.
struct NoticeCourse {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  std::vector<bool> with_receipt;
};

const std::vector<NoticeCourse> kCourses = {
    {"receipted", "A commitment with its receipt is registered.", "R4", {"QP-RP-008", "QP-ROLE-013"}, {true}},
    {"committed", "A commitment alone is registered, too.", "R5", {"QP-RP-008", "QP-ROLE-013"}, {false}},
    {"receipt-later", "A receipt that comes later is added to the case.", "R5 R9", {"QP-ADD-06", "QP-RP-008"}, {false, true}},
    {"committed-again", "The same notice again changes nothing.", "R5 R10", {"QP-ADD-06", "QP-ADD-01"}, {false, false}},
    {"receipted-again", "A case with a receipt keeps it, whatever comes again.", "R4 R14", {"QP-ADD-06", "QP-ADD-01"},
     {true, false, true}}};

void registers(Session& session, const std::string& check, const NoticeCourse& course) {
  RegularTrade trade(session);
  if (lacks_keys(session)) {
    return;
  }
  const Promised paid = trade.paid();
  std::string first;
  for (const bool with_receipt : course.with_receipt) {
    const Reply reply = session.world().send(trade.notice(paid, with_receipt));
    const std::string got = case_of(reply);
    first = first.empty() ? got : first;
    if (got.empty() || got != first) {
      return judge(session, check, false, first.empty() ? "QP-OK" : "the case of the first time: " + first,
                   got.empty() ? outcome_text(reply) : got, reply.entries, Reason::refused);
    }
    (void)session.world().advance(1);
  }
  judge(session, check, true, "one case", first);
}

/// A forged notice of somebody else that came first keeps nothing out.
void strangers_apart(Session& session) {
  RegularTrade trade(session);
  if (lacks_keys(session)) {
    return;
  }
  const Promised paid = trade.paid();
  Promised forged = paid;
  set_text(forged.commitment, "ClaimBy", "2040-01-01T00:00:00Z");
  const Reply before = session.world().send(trade.notice(forged, false, session.world().cast().other_wallet));
  const Reply reply = session.world().send(trade.notice(paid));
  const bool apart = !case_of(reply).empty() && case_of(reply) != case_of(before);
  judge(session, "host.regular.strangers-apart", apart, "a case of this Wallet's own", apart ? "it" : outcome_text(reply),
        reply.entries, Reason::refused);
}

// ---------------------------------------------------------------- refused notices
struct RefusedNotice {
  const char* id;
  const char* title;
  const char* row;
  const char* committed_row;  ///< the same when the commitment is registered
  const char* receipted_row;  ///< and when the receipt is
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(RegularTrade&, Promised&, Sending&)> change;
};

void unknown_vendor(RegularTrade& trade, Promised& paid, Sending& sending) {
  set_text(paid.ref, "Vendor", trade.world().cast().unknown_vendor);
  sending = trade.notice(paid);
}
void unknown_broker(RegularTrade& trade, Promised&, Sending& sending) {
  set_text(sending.document, "Body/Broker", trade.world().cast().unknown_broker);
}
/// Changes the notice beside its OrderRef: the order stays the same, and so does the case.
std::function<void(RegularTrade&, Promised&, Sending&)> notice_but(const char* path, std::string value) {
  return [path, value = std::move(value)](RegularTrade&, Promised&, Sending& sending) { set_text(sending.document, path, value); };
}

std::vector<RefusedNotice> refused_notices() {
  const std::vector<std::string> fits = {"QP-RP-008", "QP-ADD-17"};
  return {
      {"unknown-vendor", "A Vendor that was never issued has no orders.", "R1", "", "", "QP-E-VENDOR", {"QP-RP-008"},
       "OrderRef.Vendor:=unknown", unknown_vendor},
      {"unknown-broker", "A Broker that was never issued commits to nothing.", "R2", "", "", "QP-E-BROKER", {"QP-RP-008"},
       "Broker:=unknown", unknown_broker},
      {"other-order", "A Commitment to another order says nothing about this one.", "R3", "R8", "R13", "QP-E-MISMATCH", fits,
       "Commitment.OrderRef.Amount:=1", notice_but("Body/Commitment/OrderRef/Amount", "1")},
      {"other-commitment", "A Receipt for another Commitment says nothing about this one.", "R3 CommitId", "R8 CommitId", "",
       "QP-E-MISMATCH", fits, "Receipt.CommitId:=another", notice_but("Body/Receipt/CommitId", std::string(32, '0'))},
      {"other-receipt", "A Receipt for another order says nothing about this one.", "R3 Receipt", "", "", "QP-E-MISMATCH", fits,
       "Receipt.OrderId:=another", notice_but("Body/Receipt/OrderId", "another-order")},
      {"other-broker", "A Commitment of another Broker says nothing about this one.", "R3 Broker", "", "", "QP-E-MISMATCH", fits,
       "Commitment.Broker:=B8", notice_but("Body/Commitment/Broker", "B8")},
      {"vendor-before-broker", "Of an unknown Vendor and an unknown Broker the Vendor is named.", "R1 R2", "", "", "QP-E-VENDOR",
       {"QP-RP-008"}, "OrderRef.Vendor:=unknown & Broker:=unknown",
       [](RegularTrade& trade, Promised& paid, Sending& sending) {
         unknown_vendor(trade, paid, sending);
         unknown_broker(trade, paid, sending);
       }}};
}

/// `before`: notices that came already: 0 none, 1 the commitment, 2 the receipt with it.
Refusal refused_notice(Session& session, const RefusedNotice& one, int before) {
  const auto paid = std::make_shared<Promised>();
  Refusal refusal;
  refusal.reach = [&session, paid, before]() {
    RegularTrade trade(session);
    if (lacks_keys(session)) {
      return false;
    }
    *paid = trade.paid();
    return before == 0 || session.world().send(trade.notice(*paid, before == 2)).ok();
  };
  refusal.stimulus = [&session, paid, one]() {
    RegularTrade trade(session);
    Sending sending = trade.notice(*paid);
    one.change(trade, *paid, sending);
    sending.label = one.mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.benign = [&session]() { return RegularTrade(session).registers(); };
  return refusal;
}

void add_refused_notices(Suite& suite) {
  for (const RefusedNotice& one : refused_notices()) {
    const char* const rows[] = {one.row, one.committed_row, one.receipted_row};
    const char* const prefixes[] = {"", "committed.", "receipted."};
    for (int before = 0; before < 3; ++before) {
      if (*rows[before] == '\0') {
        continue;
      }
      suite.refused({.id = fmt::format("regular.notice.{}{}", prefixes[before], one.id),
                     .title = one.title + std::string(before == 0 ? "" : " Also when something is registered."),
                     .subject = rows[before],
                     .requirements = one.requirements,
                     .mutation = one.mutation,
                     .twin = "regular.receipted"},
                    [one, before](Session& session) { return refused_notice(session, one, before); });
    }
  }
}

// ---------------------------------------------------------------- disputes
bool hears_nothing(Session& session, const std::string& check) {
  return not_settled_here(session, check, [&] { (void)RegularTrade(session).registers(); });
}

/// The Broker refuses the order; its own Commitment is enough, whoever registered it or did not.
void commitment_decides(Session& session, const std::string& check, bool registered) {
  RegularTrade trade(session);
  if (hears_nothing(session, check)) {
    return;
  }
  const Promised paid = trade.paid();
  if (registered && !session.world().send(trade.notice(paid)).ok()) {
    return unreached(session, "the notice was refused");
  }
  const Reply reply = Claimant(session).bring(trade.host_case(paid, kUnknown));
  judge(session, check, verdict_of(reply) == kApproved, kApproved, reply.ok() ? verdict_of(reply) : outcome_text(reply), reply.entries,
        Reason::wrong_state);
}

struct RefusedCase {
  std::string id;
  const char* title;
  std::string row;
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  std::function<void(RegularTrade&, Promised&)> change;
  Arrange arrange = {};
};

/// What the Broker might have signed in keys and encodings with which nothing is signed.
std::vector<RefusedCase> odd_commitments() {
  std::vector<RefusedCase> all;
  for (const OddSignature& odd : all_odd_signatures(&Cast::broker)) {
    const auto change = [sign = odd.sign](RegularTrade& trade, Promised& paid) { paid.commitment = sign(trade.world(), paid.commitment); };
    all.push_back({odd.id, odd.title, (odd.of_key() ? "Y2 " : "Y3 ") + odd.id, odd.code, {"QP-ADD-18"}, "Commitment.Sig:=" + odd.id,
                   change, odd.arrange});
  }
  return all;
}

std::vector<RefusedCase> refused_cases() {
  std::vector<RefusedCase> all = {
      {"no-commitment", "A regular order without a Commitment is not judged.", "Y4 Commitment", "QP-E-MISMATCH", {"QP-ADD-17"},
       "Item.Commitment:remove", [](RegularTrade&, Promised& paid) { paid.commitment = Element{}; }},
      {"other-amount", "A Commitment to another amount decides nothing about this order.", "Y4 Amount", "QP-E-MISMATCH",
       {"QP-ADD-17", "QP-SAFE-001"}, "Item.OrderRef.Amount:=999",
       [](RegularTrade&, Promised& paid) { set_text(paid.ref, "Amount", "999"); }},
      {"strangers-key", "A Commitment under a key of nobody is none.", "Y2 Commitment", "QP-E-KEY", {"QP-ADD-18"}, "Sig by a stranger",
       [](RegularTrade& trade, Promised& paid) { paid.commitment = with_key("stranger")(trade.world(), paid.commitment); }},
      {"vendors-key", "A Vendor signs no Commitment.", "Y2 Vendor", "QP-E-KEY", {"QP-ADD-18"}, "Sig by the Vendor",
       [](RegularTrade& trade, Promised& paid) {
         paid.commitment = with_key(trade.world().cast().vendor)(trade.world(), paid.commitment);
       }},
      {"altered", "A Commitment that was changed after it was signed is none.", "Y3 Commitment", "QP-E-SIGNATURE", {"QP-ADD-18"},
       "Commitment.ClaimBy:=later after signing",
       [](RegularTrade&, Promised& paid) { set_text(paid.commitment, "ClaimBy", "2040-01-01T00:00:00Z"); }},
      {"wrong-purpose", "Nor is one that was signed for something else.", "Y3 Commitment purpose", "QP-E-SIGNATURE",
       {"QP-ADD-19", "QP-ADD-18"}, "Commitment.Sig:another purpose", [](RegularTrade& trade, Promised& paid) {
         const SigningKeyPlan* key = signing_key(trade.world().plan(), trade.world().cast().broker);
         paid.commitment = signed_with(*key->key, paid.commitment, "batch-settlement");
       }}};
  for (RefusedCase& odd : odd_commitments()) {
    all.push_back(std::move(odd));
  }
  return all;
}

Negative refused_case(Session& session, const std::string& check, const RefusedCase& one) {
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  plan.reach = [](Session& s) { return !lacks_keys(s) && s.world().plan().claims("settlement"); };
  plan.stimulus = [reply, one](Session& s) {
    RegularTrade trade(s);
    Claimant claimant(s);
    Promised paid = trade.paid();
    one.change(trade, paid);
    Sending sending = claimant.bringing(claimant.signed_by_vendor(trade.host_case(paid, kUnknown)));
    sending.label = one.mutation;
    *reply = s.world().send(std::move(sending));
    return reply->delivered;
  };
  plan.reaction = [reply](Session& s) {
    Reaction reaction = reaction_to(s, *reply);
    const std::string verdict = verdict_of(*reply);
    if (reply->ok()) {
      reaction.kind = verdict == kApproved ? Reaction::Kind::accepted : Reaction::Kind::refused;
      reaction.code = verdict.rfind("refused ", 0) == 0 ? verdict.substr(8) : verdict;
    }
    return reaction;
  };
  plan.forbidden = [reply, &session](const Entry& entry) { return answers_with(session, *reply, entry, "<Approved>"); };
  plan.forbidden_text = "nothing is approved";
  plan.refusals = {one.code};
  plan.benign = [](Session& s) {
    RegularTrade trade(s);
    return verdict_of(Claimant(s).bring(trade.host_case(trade.paid(), kUnknown))) == kApproved;
  };
  return plan;
}

void add_disputes(Suite& suite) {
  for (const bool registered : {true, false}) {
    const std::string id = registered ? "regular.dispute.registered" : "regular.dispute.commitment";
    suite.positive({.id = id,
                    .title = "The Broker's own signature decides against it.",
                    .subject = registered ? "Y9 R4" : "Y9 Commitment",
                    .requirements = {"QP-ADD-17", "QP-BS-010", "QP-RP-010"}},
                   [check = suite.name(id), registered](Session& s) { commitment_decides(s, check, registered); });
  }
  for (const RefusedCase& one : refused_cases()) {
    const std::string id = fmt::format("regular.dispute.{}", one.id);
    suite.positive({.id = id,  // with a twin: a negative scenario all the same
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .twin = "regular.dispute.commitment",
                    .level_e = !one.arrange},
                   [check = suite.name(id), one](Session& session) {
                     return hears_nothing(session, check) ? void() : negative(session, refused_case(session, check, one));
                   },
                   one.arrange);
  }
}

FamilyBase notice_base() {
  FamilyBase base;
  base.message = "regular/RegisterOrder";
  base.twin = "regular.receipted";
  base.valid = [](Session& session) {
    RegularTrade trade(session);
    return trade.notice(trade.paid());
  };
  base.benign = [](Session& session) { return RegularTrade(session).registers(); };
  base.unserved = "regular/InquiryPayment";
  return base;
}

}  // namespace

void add_host_regular(Suite& suite) {
  suite.belongs_to("regular", true);
  for (const NoticeCourse& course : kCourses) {
    const std::string id = fmt::format("regular.{}", course.id);
    suite.positive({.id = id, .title = course.title, .subject = course.subject, .requirements = course.requirements, .mutation = course.id},
                   [check = suite.name(id), course](Session& s) { registers(s, check, course); });
  }
  suite.positive({.id = "regular.strangers-apart",
                  .title = "What one Wallet registers keeps nothing of another one out.",
                  .subject = "R4 Wallet",
                  .requirements = {"QP-ADD-06", "QP-RP-008"},
                  .parts = {Part::other_wallet}},
                 strangers_apart);
  add_refused_notices(suite);
  add_disputes(suite);
  const FamilyBase base = notice_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 12);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
  add_auth_family(suite, base);
}

}  // namespace quickpay::conformance
