// The Host and revokes: what it keeps of them, who may contest which until when, and whom it alerts.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/correspondent.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/revoke_told.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kHold = protocol::T_hold_default;
constexpr std::int64_t kAway = 7200;  ///< seconds of a suspension

/// Plays one order before the Host step by step and collects what it says.
class Course {
 public:
  explicit Course(Revoker& revoker) : revoker_(revoker), back_(revoker.back()) {}

  /// The words of all steps, a letter each; nothing: a step could not be taken.
  Got plays(const char* steps) {
    for (const char* step = steps; *step != '\0'; ++step) {
      if (!takes(*step)) {
        return std::nullopt;
      }
    }
    return words_ + (one_ ? "" : ", several cases");
  }

 private:
  bool takes(char step) {
    const Promised& order = back_.order;
    switch (step) {
      case 'n': return notice(back_.revoke, false);                        // unsigned and not embedded
      case 'u': return notice(back_.revoke, true);                         // unsigned
      case 's': return notice(revoker_.by_vendor(back_.revoke), true);     // signed
      case 'c': return heard(revoker_.contest(order));                     // contested, the Broker having said nothing
      case 'C': return heard(revoker_.dispute(order, kUnknown, true));     // contested and refused by the Broker
      case 'd': return heard(revoker_.dispute(order, kUnknown, false));    // refused by the Broker, and not contested
      case 'G': return heard(withdrawn(revoker_.dispute(order, kUnknown, false)));  // refused by the Broker, and given up
      case 'W': return heard(withdrawn(revoker_.contest(order)));          // contested and given up
      case 'M': return heard(unproven());                                  // contested without the Commitment
      case 'A': return heard(revoker_.dispute(order, kSettled, true));     // contested though it was settled
      case 'R': return heard(revoker_.dispute(order, kCurrency, true));    // contested though its currency was refused
      case 'X': return strangers_contest();                                // contested by who is not the Vendor
      case 'h': return revoker_.world().advance(kHold);                    // to the last second of T_hold
      case 'w': return revoker_.world().advance(kHold + 1);                // past it
      case 'p': return suspended_for(revoker_.session(), kAway);
      case 'q': return revoker_.world().advance(kHold - kAway / 2);        // past T_hold but for the suspension
      case 'r': return revoker_.world().advance(kAway / 2 + 1);
      case 'k': return revoker_.world().restart(true);
      default: return false;
    }
  }

  bool notice(const Element& revoke, bool embedded) {
    const Reply reply = revoker_.world().send(revoker_.notice(revoke, embedded));
    const std::string number = reply.text("Body/CaseNo");
    case_ = case_.empty() ? number : case_;
    one_ = one_ && number == case_;
    return says(Revoker::standing(reply));
  }
  bool heard(const Element& host_case) { return says(revoker_.heard(host_case)); }
  bool says(const std::string& word) {
    words_ += (words_.empty() ? "" : ", ") + word;
    return true;
  }

  static Element withdrawn(Element made) {
    child(made, "Item")->children.push_back(leaf("Withdrawn", "yes"));
    return made;
  }
  Element unproven() {
    Promised bare = back_.order;
    bare.commitment = Element{};
    return revoker_.contest(bare);
  }
  bool strangers_contest() {
    Claimant claimant(revoker_.session());
    const Element made = with_key("stranger")(revoker_.world(), revoker_.contest(back_.order));
    return says(outcome_text(revoker_.world().send(claimant.bringing(made))));
  }

  static const std::string kUnknown, kSettled, kCurrency;
  Revoker& revoker_;
  Revoker::Back back_;
  std::string words_, case_;
  bool one_ = true;
};
const std::string Course::kUnknown(protocol::QP_E_UNKNOWN_ORDER);
const std::string Course::kSettled(protocol::QP_E_ALREADY_SETTLED);
const std::string Course::kCurrency(protocol::QP_E_CURRENCY);

/// A course of steps, and what the Host has to say to them.
struct Play {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* steps;
  const char* expected;
};

const std::vector<std::string> kRegisters = {"QP-RV-006", "QP-RV-011", "QP-ADD-16"};
const std::vector<std::string> kContests = {"QP-RV-012", "QP-ADD-16"};
const std::vector<std::string> kOver = {"QP-RV-005", "QP-BS-010"};
const std::vector<std::string> kOnce = {"QP-ADD-06", "QP-ADD-01"};

std::vector<Play> registered() {
  return {{"proven", "A revoke that the Vendor signed stands.", "Z6", kRegisters, "s", "standing"},
          {"proven-again", "A notice that comes again changes nothing.", "Z27", kOnce, "ss", "standing, standing"},
          {"proven-again-after-kill", "Also after the Host was killed.", "Z27 kill", kOnce, "sks", "standing, standing"},
          {"unproven", "A revoke that nobody signed may be contested.", "Z7", kRegisters, "u", "open"},
          {"unproven-bare", "So may one of which the Broker shows nothing.", "Z7 bare", kRegisters, "n", "open"},
          {"unproven-again", "A notice that comes again leaves it open.", "Z13", kOnce, "unu", "open, open, open"},
          {"unproven-after-kill", "Also after the Host was killed.", "Z13 kill", kOnce, "uku", "open, open"},
          {"proven-later", "A signature that comes later proves it.", "Z12", kRegisters, "us", "open, standing"},
          {"proven-first", "What was proven stays so, whatever comes later.", "Z27 unsigned", kRegisters, "su", "standing, standing"},
          {"last-second", "Until T_hold is over it is open.", "Z13 T_hold", kContests, "uhu", "open, open"},
          {"stands", "After T_hold it stands.", "Z16 Z22", kContests, "uwu", "open, standing"},
          {"stands-proven", "And is proven by a signature all the same.", "Z16 Z21", kRegisters, "uwsu", "open, standing, standing"},
          {"put-off", "Suspensions of the Host do not count.", "Z15 Z16", {"QP-ADD-07", "QP-ADD-16"}, "upquru",
           "open, open, standing"}};
}

std::vector<Play> contested() {
  return {
      {"void", "A revoke that the Vendor contests in time is void, and its order is paid.", "Z7 Z14 Z22 Y9", kContests, "ucu",
       "open, approve QP-OK, void"},
      {"void-refused", "Also where the Broker has refused the order.", "Z14 Z22 Y9 Settlement", kContests, "uCu",
       "open, approve QP-OK, void"},
      {"void-kept", "What is void does not stand after T_hold.", "Z14 Z22 T_hold", kContests, "ucwu", "open, approve QP-OK, void"},
      {"void-after-kill", "A contest outlives the process that heard it.", "Z14 kill", kContests, "ucku", "open, approve QP-OK, void"},
      {"void-proven", "A signature counts for more than a contest.", "Z14 Z21 VOID", kRegisters, "ucsu",
       "open, approve QP-OK, standing, standing"},
      {"contest-last-second", "The last second of T_hold counts.", "Z14 T_hold", kContests, "uhcu", "open, approve QP-OK, void"},
      {"contest-put-off", "And suspensions of the Host put it off.", "Z15 Z14", {"QP-ADD-07", "QP-ADD-16"}, "upqcu",
       "open, approve QP-OK, void"},
      {"contest-late", "After T_hold nothing is contested.", "Z16 Y28", kContests, "uwCu", "open, reject QP-E-REVOKED, standing"},
      {"contest-late-alone", "And without the Broker's refusal nothing is judged.", "Z16 Y5", kContests, "uwcu",
       "open, refused QP-E-BROKER-FIRST, standing"},
      {"contest-proven", "What was signed is not contested.", "Z6 Y28", kContests, "sCs", "standing, reject QP-E-REVOKED, standing"},
      {"contest-early", "What is not registered is not contested.", "Y5 Z7", kContests, "cu", "refused QP-E-BROKER-FIRST, open"},
      {"contest-approved", "An order that was approved before is kept so, and its revoke is void.", "Y9 Y29 Z14", kContests, "ducu",
       "approve QP-OK, open, approve QP-OK, void"},
      {"approved-not-contested", "Without a contest the revoke of an approved order stays open.", "Y9 Y30", kContests, "dudu",
       "approve QP-OK, open, approve QP-OK, open"},
      {"contest-rejected", "What was rejected before is not contested any more.", "Y28 REJECTED", kContests, "udcu",
       "open, reject QP-E-REVOKED, reject QP-E-REVOKED, open"},
      {"contest-withdrawn", "Who gives the order up contests nothing.", "Y1 Z13", kContests, "uWu",
       "open, reject QP-E-REVOKED, open"},
      {"contest-without-commitment", "What is not admitted contests nothing.", "Y4 Z13", kContests, "uMu",
       "open, refused QP-E-MISMATCH, open"},
      {"contest-settled", "What was settled is not contested.", "Y6 Z13", kContests, "uAu", "open, refused QP-E-ALREADY-SETTLED, open"},
      {"contest-of-another-currency", "Nor is what was claimed in a wrong currency.", "Y7 Z13", kContests, "uRu",
       "open, refused QP-E-CURRENCY, open"},
      {"contest-unsigned", "A case that the Vendor did not sign contests nothing.", "J3 Z13", kContests, "uXu", "open, QP-E-KEY, open"},
      {"claimed-unproven", "What was taken back is not payable unless that is contested.", "Y28 UNPROVEN", kOver, "udu",
       "open, reject QP-E-REVOKED, open"},
      {"claimed-standing", "Nor when it stands.", "Y28 STANDING", kOver, "uwd", "open, reject QP-E-REVOKED"},
      {"claimed-proven", "Nor when it was signed.", "Y28 PROVEN", kOver, "sd", "standing, reject QP-E-REVOKED"},
      {"withdrawn-unproven", "Who gives up what was taken back is told so.", "Y1 UNPROVEN", kOver, "uGu", "open, reject QP-E-REVOKED, open"},
      {"withdrawn-proven", "Also where that was signed.", "Y1 PROVEN", kOver, "sG", "standing, reject QP-E-REVOKED"},
      {"claimed-void", "What was contested stays payable.", "Y30 VOID", kOver, "ucd", "open, approve QP-OK, approve QP-OK"},
      {"claimed-first", "An approval is kept, whatever is registered later.", "Y9 Y30 PROVEN", {"QP-ADD-09", "QP-BS-010"}, "dsd",
       "approve QP-OK, standing, approve QP-OK"}};
}

bool has_any(const char* steps, std::string_view of) { return std::string_view(steps).find_first_of(of) != std::string_view::npos; }

void add_plays(Suite& suite, const std::vector<Play>& plays) {
  std::vector<ToldOfRevoke> all;
  for (const Play& play : plays) {
    all.push_back({std::string("revoke.") + play.id, play.title, play.subject, play.requirements, play.expected,
                   [steps = play.steps](Revoker& revoker) { return Course(revoker).plays(steps); }, !has_any(play.steps, "hwpqrk"),
                   has_any(play.steps, "un") ? "F" : ""});
  }
  add_told(suite, all);
}

// ---------------------------------------------------------------- others
/// What another Broker registers of the order is another revoke.
Got brokers_apart(Revoker& revoker) {
  const Revoker::Back back = revoker.back();
  Sending others = revoker.notice(back.revoke);
  others.from = revoker.world().cast().other_broker;
  set_text(others.document, "Head/Sender", others.from);
  const std::string theirs = Revoker::word_on_notice(revoker.world().send(others));
  const std::string ours = Revoker::word_on_notice(revoker.world().send(revoker.notice(revoker.by_vendor(back.revoke))));
  const std::string again = Revoker::word_on_notice(revoker.world().send([&] {
    Sending second = revoker.notice(back.revoke);
    second.from = others.from;
    set_text(second.document, "Head/Sender", second.from);
    return second;
  }()));
  const bool apart = theirs != ours && again == theirs && ours.ends_with(" standing") && theirs.ends_with(" open");
  return apart ? "two cases" : theirs + ", " + ours + ", " + again;
}

/// The key is judged for RevokedAt alone: an old word stays one.
Got old_key(Revoker& revoker) {
  Revoker::Back back = revoker.back();
  set_text(back.revoke, "RevokedAt", revoker.world().now_text(-2 * 86400));
  const Element proof = with_key("second")(revoker.world(), back.revoke);
  return Revoker::standing(revoker.world().send(revoker.notice(proof)));
}
void list_old_key(WorldPlan& plan) {
  SigningKeyPlan key = signing_key_plan(plan, plan.cast.vendor, *test_key("second"));
  key.held = false;
  key.not_after = time_text(time_of(plan.now) - 86400 * 1000);
  plan.signing_keys.push_back(std::move(key));
}

/// No communication message voids a revoke.
Got mail_voids_nothing(Revoker& revoker) {
  const Revoker::Back back = revoker.back();
  const std::string first = Revoker::standing(revoker.world().send(revoker.notice(back.revoke)));
  Correspondent mail(revoker.session());
  Letter letter = mail.letter();
  letter.from = revoker.world().cast().vendor;
  letter.ids = {revoker.world().cast().broker};
  letter.kind = "exception/revoke-dispute";
  letter.order = back.order.ref;
  letter.ref = text_at(back.revoke, "RevokeId");
  if (mail.post(letter).empty()) {
    return std::nullopt;
  }
  return first + ", " + Revoker::standing(revoker.world().send(revoker.notice(back.revoke)));
}

// ---------------------------------------------------------------- alerts
/// How many alerts of the revoke the reader finds; -1: the mail could not be fetched.
int alerts_of(Revoker& revoker, const std::string& reader, const Element& revoke) {
  const auto mail = Correspondent(revoker.session()).mail_of(reader);
  if (!mail) {
    return -1;
  }
  return static_cast<int>(std::count_if(mail->begin(), mail->end(), [&](const Element& one) {
    const Element* ref = child(one, "OrderRef");
    return text_at(one, "Kind") == "revoke-alert" && ref != nullptr && *ref == *child(revoke, "OrderRef") &&
           text_at(one, "Ref") == text_at(revoke, "RevokeId") && text_at(one, "Producer") == revoker.world().iut();
  }));
}

void alerted(Session& session, const std::string& check, bool with_signature) {
  if (nothing_to_revoke(session)) {
    return;
  }
  if (!session.world().plan().claims("communication")) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it has no mail"});
  }
  Revoker revoker(session);
  const Cast& cast = session.world().cast();
  const Revoker::Back back = revoker.back();
  const Element revoke = with_signature ? revoker.by_vendor(back.revoke) : back.revoke;
  for (int i = 0; i < 2; ++i) {  // the second one leaves nothing more
    if (!session.world().send(revoker.notice(revoke)).ok()) {
      return unreached(session, "the notice was refused");
    }
  }
  const int his = alerts_of(revoker, cast.vendor, revoke);
  judge(session, check, his == 1, "one revoke-alert for the Vendor, with OrderRef and RevokeId", fmt::format("{}", his), {},
        Reason::missing_message);
  for (const std::string& reader : {cast.other_vendor, cast.broker, cast.wallet}) {
    const int others = reader.empty() ? 0 : alerts_of(revoker, reader, revoke);
    judge(session, check + ".others", others == 0, "none for anybody else", fmt::format("{} for {}", others, reader), {},
          Reason::forbidden_message);
  }
}

void add_alerts(Suite& suite) {
  for (const bool with_signature : {true, false}) {
    const std::string id = with_signature ? "revoke.alert" : "revoke.alert-unproven";
    suite.positive({.id = id,
                    .title = "Of every revoke the Vendor finds an alert in its mailbox, once.",
                    .subject = with_signature ? "Z6 alert" : "Z7 alert",
                    .requirements = {"QP-RV-011", "QP-RV-012"},
                    .more = {suite.check(id + ".others", "Nobody else finds it.", {"QP-RV-011", "QP-CM-007"})},
                    .profile = with_signature ? "" : "F"},
                   [check = suite.name(id), with_signature](Session& s) { alerted(s, check, with_signature); });
  }
}

FamilyBase notice_base() {
  FamilyBase base;
  base.message = "RegisterRevoke";
  base.twin = "revoke.proven";
  base.valid = [](Session& session) {
    Revoker revoker(session);
    return revoker.notice(revoker.by_vendor(revoker.back().revoke));
  };
  base.benign = [](Session& session) { return Revoker(session).registers(); };
  base.unserved = "RevokeOrder";
  return base;
}

}  // namespace

void add_host_revoke(Suite& suite) {
  suite.belongs_to("revoke", true);
  add_plays(suite, registered());
  add_plays(suite, contested());
  add_told(suite, {{"revoke.brokers-apart", "What one Broker registers says nothing about the revoke of another one.", "Z6 Z7 Broker",
                    {"QP-RV-006", "QP-ADD-06"}, "two cases", brokers_apart, true, "F", {Part::other_broker}},
                   {"revoke.mail-voids-nothing", "No message contests a revoke.", "Z13 exception", {"QP-ADD-25", "QP-RV-012"},
                    "open, open", mail_voids_nothing, true, "F"}});
  suite.positive({.id = "revoke.proven-by-an-old-key",
                  .title = "What was signed while its key was good stays signed.",
                  .subject = "Z6 RevokedAt",
                  .requirements = {"QP-ADD-18", "QP-ADD-16"},
                  .level_e = false},
                 [](Session& session) {
                   Revoker revoker(session);
                   const std::string got = nothing_to_revoke(session) ? std::string() : *old_key(revoker);
                   judge(session, "host.revoke.proven-by-an-old-key", got == "standing", "standing", got, {}, Reason::refused);
                 },
                 list_old_key);
  add_alerts(suite);
  add_host_fees(suite);
  add_revoke_notice_refusals(suite);
  const FamilyBase base = notice_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 16);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
  add_auth_family(suite, base);
}

}  // namespace quickpay::conformance
