#include "conformance/trails/playable.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"

namespace quickpay::conformance {

namespace {

using Kind = TrailStep::Kind;

/// What the suite can say to a role, and answer in place of a liar.
struct Playable {
  std::string_view role, message;
  Kind kind;
};
constexpr std::array kPlayable = {
    Playable{"vendor", "GetOrder", Kind::request},        Playable{"vendor", "RequestOrderDelivery", Kind::request},
    Playable{"vendor", "CheckCommit", Kind::answer},      Playable{"vendor", "RegisterDelivery", Kind::answer},
    Playable{"broker", "InquiryPayment", Kind::request},  Playable{"broker", "CheckCommit", Kind::request},
    Playable{"broker", "RegisterCommit", Kind::answer},   Playable{"host", "RegisterCommit", Kind::request},
    Playable{"host", "RegisterDelivery", Kind::request},  Playable{"host", "RegisterOrder", Kind::request},
    Playable{"host", "SettleWithHost", Kind::request},    Playable{"wallet", "GetOrder", Kind::answer},
    Playable{"wallet", "InquiryPayment", Kind::answer},   Playable{"wallet", "RequestOrderDelivery", Kind::answer},
    Playable{"wallet", "RegisterOrder", Kind::answer}};
/// The same in trails of regular orders.
constexpr std::array kPlayableOfRegular = {
    Playable{"vendor", "regular/GetOrder", Kind::request},       Playable{"vendor", "regular/RequestOrderDelivery", Kind::request},
    Playable{"vendor", "SettleWithBroker", Kind::answer},        Playable{"vendor", "RevokeOrder", Kind::answer},
    Playable{"broker", "regular/InquiryPayment", Kind::request}, Playable{"broker", "SettleWithBroker", Kind::request},
    Playable{"broker", "RevokeOrder", Kind::request},            Playable{"broker", "RegisterRevoke", Kind::answer},
    Playable{"host", "regular/RegisterOrder", Kind::request},    Playable{"host", "RegisterRevoke", Kind::request},
    Playable{"host", "SettleWithHost", Kind::request},           Playable{"wallet", "regular/GetOrder", Kind::answer},
    Playable{"wallet", "regular/InquiryPayment", Kind::answer},  Playable{"wallet", "regular/RequestOrderDelivery", Kind::answer},
    Playable{"wallet", "regular/RegisterOrder", Kind::answer}};

/// The same in trails of administration.
constexpr std::array kPlayableOfKeys = {Playable{"host", "PublishKey", Kind::request}, Playable{"host", "WithdrawKey", Kind::request}, Playable{"host", "GetPairKey", Kind::request},
                                        Playable{"", "PublishKey", Kind::answer},      Playable{"", "WithdrawKey", Kind::answer},      Playable{"", "GetPairKey", Kind::answer}};  // whose keys they are
constexpr std::array kPlayableOfRegistration = {Playable{"vendor", "Probe", Kind::request},           Playable{"vendor", "RegisterVendor", Kind::answer},
                                                Playable{"vendor", "UpdateVendor", Kind::answer},     Playable{"vendor", "UnregisterVendor", Kind::answer},
                                                Playable{"host", "RegisterVendor", Kind::request},    Playable{"host", "UpdateVendor", Kind::request},
                                                Playable{"host", "UnregisterVendor", Kind::request},  Playable{"host", "Probe", Kind::answer}};
constexpr std::array kPlayableOfEntries = {Playable{"host", "RegisterWallet", Kind::request},   Playable{"host", "UpdateWallet", Kind::request},
                                           Playable{"host", "UnregisterWallet", Kind::request}, Playable{"host", "RegisterBroker", Kind::request},
                                           Playable{"host", "UpdateBroker", Kind::request},     Playable{"host", "LookupPlayer", Kind::request}};
/// What the Host answers to a Wallet or a Broker that registers itself.
constexpr std::array kPlayableOfJoining = {Playable{"wallet", "RegisterWallet", Kind::answer},   Playable{"wallet", "UpdateWallet", Kind::answer},
                                           Playable{"wallet", "UnregisterWallet", Kind::answer}, Playable{"broker", "RegisterBroker", Kind::answer},
                                           Playable{"broker", "UpdateBroker", Kind::answer}};
constexpr std::array kPlayableOfPaycards = {Playable{"broker", "ConfirmPaycard", Kind::request}, Playable{"broker", "TakeQuestion", Kind::request},
                                            Playable{"broker", "AnswerResponse", Kind::request}, Playable{"broker", "RemovePaycard", Kind::request},
                                            Playable{"wallet", "ConfirmPaycard", Kind::answer},  Playable{"wallet", "TakeQuestion", Kind::answer},
                                            Playable{"wallet", "AnswerResponse", Kind::answer},  Playable{"wallet", "RemovePaycard", Kind::answer}};

/// What a liar may say of a regular order that the suite can say, too.
constexpr std::array kLiesOfRegular = {"regular/GetOrder", "regular/RequestOrderDelivery", "regular/RegisterOrder", "RevokeOrder", "RegisterRevoke", "SettleWithHost"};
constexpr std::array kForgedAnswers = {"CheckCommit", "RevokeOrder", "RegisterRevoke"};
constexpr std::string_view kNoSuchCard = "the suite has no Paycard that refuses";
constexpr std::array kButtons = {"run", "withdraw", "revoke", "contest"};

/// What the suite can bring about by what it says to the role: rows of its machines, by kind of trail. Any other row needs something that it
/// has no words for.
struct Rows {
  TrailKind kind;
  std::string_view role;
  std::span<const std::string_view> rows;
};
constexpr std::string_view kRowsOfKeys[] = {"D1", "D3", "D5", "D8", "D9", "D10", "D11", "D13", "D14", "D17", "D19", "D20", "D21"};
constexpr std::string_view kRowsOfHostVendor[] = {"Q1", "Q2", "Q3", "Q5", "Q7", "Q9", "Q10", "Q11", "Q12", "Q15", "Q17", "Q18", "Q21", "Q23", "Q25", "Q26", "Q28"};
constexpr std::string_view kRowsOfEntries[] = {"I1", "I4", "I6", "I7", "I9", "A1", "A4", "A8", "A9", "L1", "L4"};
constexpr std::string_view kRowsOfPaycards[] = {"J1", "J2", "J3", "J4", "J5", "J6", "J7", "J8", "J9", "J10", "J11", "J12", "K2", "K3", "K4", "K5", "K6", "K7", "K8",
                                                "K9", "K10", "K11", "K12", "K13", "K14", "K16", "K17"};
constexpr std::array kRows = {Rows{TrailKind::keys, "host", kRowsOfKeys}, Rows{TrailKind::registration, "host", kRowsOfHostVendor},
                              Rows{TrailKind::entries, "host", kRowsOfEntries}, Rows{TrailKind::joining, "host", kRowsOfEntries}, Rows{TrailKind::paycard, "broker", kRowsOfPaycards}};

template <class List>
bool is_one_of(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

template <class List>
bool has_words(const List& list, const TrailStep& step, std::string_view role) {
  const Kind kind = step.kind == Kind::no_answer ? Kind::answer : step.kind;
  return std::any_of(list.begin(), list.end(), [&](const Playable& one) { return (one.role == role || one.role.empty()) && one.message == qualified(step) && one.kind == kind; });
}

std::size_t presses(const Trail& trail, std::string_view action) {
  return static_cast<std::size_t>(std::count_if(trail.steps.begin(), trail.steps.end(), [&](const TrailStep& one) { return one.action == action; }));
}

/// Why the owner of a role, or a Wallet's user, does not do this in administration.
std::string_view why_no_deed(const Trail& trail, const TrailStep& step, std::string_view role) {
  if (step.action == "withdraw" && presses(trail, "withdraw") > 1) return "a key that was taken back need not take itself back again";
  if (takes_one_of(step, role, {"U2", "U8", "U18"})) return kNoSuchCard;
  if (step.action == "cancel" && !takes(step, "wallet.paycard", {"U15@QUESTIONED"})) return "the user gives up only when he is asked";
  return "";
}

/// Why a user does not do this.
std::string_view why_no_action(const Trail& trail, const TrailStep& step, std::string_view role) {
  const TrailKind kind = kind_of(trail);
  if (step.player != role) return "";
  if (is_administration(kind)) return why_no_deed(trail, step, role);
  if (role == "vendor" && kind == TrailKind::regular) {
    if (step.action == "revoke" && trail.has("plain")) return "a Vendor that has a key to sign with signs what it takes back";
    return is_one_of(kButtons, step.action) ? "" : "the operator does nothing but settle, withdraw, take back and contest";
  }
  return step.action == kOpens || step.action == kConfirms || step.action == kDeclines ? "" : "the user does nothing but buy, confirm and decline";
}

bool has_words_for(TrailKind kind, const TrailStep& step, std::string_view role) {
  switch (kind) {
    case TrailKind::micropayment: return has_words(kPlayable, step, role);
    case TrailKind::regular: return has_words(kPlayableOfRegular, step, role);
    case TrailKind::keys: return has_words(kPlayableOfKeys, step, role);
    case TrailKind::registration: return has_words(kPlayableOfRegistration, step, role);
    case TrailKind::joining: return has_words(kPlayableOfEntries, step, role) || has_words(kPlayableOfJoining, step, role);
    case TrailKind::entries: return has_words(kPlayableOfEntries, step, role);
    case TrailKind::paycard: return has_words(kPlayableOfPaycards, step, role);
  }
  return false;
}

bool has_lie(TrailKind kind, const TrailStep& step, std::string_view role) {
  if (is_administration(kind)) return true;
  return arrives(step, role) ? kind != TrailKind::regular || is_one_of(kLiesOfRegular, qualified(step)) : is_one_of(kForgedAnswers, step.message);
}

std::string_view why_no_words(const Trail& trail, const TrailStep& step, std::string_view role) {
  const TrailKind kind = kind_of(trail);
  if (!has_words_for(kind, step, role)) return "the suite has no words for this message";
  if (fails(step, role) && step.message == "SettleWithBroker") return "a Broker counts as unreachable only after many tries";
  if (takes_one_of(step, role, {"U4", "U6", "U10"})) return step.forged ? "an answer that the Paycard does not open is none, and the Wallet asks again" : kNoSuchCard;
  const auto known = std::find_if(kRows.begin(), kRows.end(), [&](const Rows& one) { return one.kind == kind && one.role == role; });
  if (known != kRows.end() && takes_another(step, role, known->rows)) return "the suite cannot bring about what this row wants";
  return step.forged && !has_lie(kind, step, role) ? "the suite has no lie for this message" : "";
}

}  // namespace

TrailKind kind_of(const Trail& trail) {
  if (trail.has("regular")) return TrailKind::regular;
  if (trail.has("registration")) return TrailKind::registration;
  if (trail.has("wallet-entry") || trail.has("broker-entry")) return TrailKind::joining;
  if (trail.has("entries")) return TrailKind::entries;
  if (trail.has("paycard")) return TrailKind::paycard;
  return trail.has("wallet") || trail.has("vendor") || trail.has("broker") ? TrailKind::keys : TrailKind::micropayment;
}

std::string qualified(const TrailStep& step) { return (step.protocol == "regular" ? "regular/" : "") + step.message; }

std::string_view why_not(const Trail& trail, const TrailStep& step, std::string_view role) {
  const bool own = std::any_of(step.rows.begin(), step.rows.end(), [&](const std::string& row) { return row.starts_with(std::string(role) + "."); });
  switch (step.kind) {
    case Kind::fault:
      return "this program does not know what happens there";
    case Kind::late_request:
      return step.to == role ? "nobody is left who would send a request that was given up" : "";
    case Kind::action:
      return why_no_action(trail, step, role);
    case Kind::time:
      return !own || (kind_of(trail) != TrailKind::micropayment && span_of(role, step.timer, 0)) ? "" : "what it does by itself, when time passes, cannot be brought about";
    case Kind::other:
      return own ? "what it does by itself, when time passes, cannot be brought about" : "";
    default:
      break;
  }
  return arrives(step, role) || returns(step, role) || fails(step, role) ? why_no_words(trail, step, role) : "";
}

}  // namespace quickpay::conformance
