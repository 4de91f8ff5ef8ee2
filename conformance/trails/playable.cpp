#include "conformance/trails/playable.hpp"

#include <algorithm>
#include <array>

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

/// What a liar may say of a regular order that the suite can say, too.
constexpr std::array kLiesOfRegular = {"regular/GetOrder", "regular/RequestOrderDelivery", "regular/RegisterOrder", "RevokeOrder", "RegisterRevoke", "SettleWithHost"};
constexpr std::array kForgedAnswers = {"CheckCommit", "RevokeOrder", "RegisterRevoke"};
constexpr std::array kButtons = {"run", "withdraw", "revoke", "contest"};

template <class List>
bool is_one_of(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

template <class List>
bool has_words(const List& list, const TrailStep& step, std::string_view role) {
  const Kind kind = step.kind == Kind::no_answer ? Kind::answer : step.kind;
  return std::any_of(list.begin(), list.end(), [&](const Playable& one) { return one.role == role && one.message == qualified(step) && one.kind == kind; });
}

/// Why a user does not do this.
std::string_view why_no_action(const Trail& trail, const TrailStep& step, std::string_view role) {
  if (step.player != role) return "";
  if (role == "vendor" && trail.has("regular")) {
    if (step.action == "revoke" && trail.has("plain")) return "a Vendor that has a key to sign with signs what it takes back";
    return is_one_of(kButtons, step.action) ? "" : "the operator does nothing but settle, withdraw, take back and contest";
  }
  return step.action == kOpens || step.action == kConfirms || step.action == kDeclines ? "" : "the user does nothing but buy, confirm and decline";
}

std::string_view why_no_words(const Trail& trail, const TrailStep& step, std::string_view role) {
  const bool regular = trail.has("regular");
  if (!(regular ? has_words(kPlayableOfRegular, step, role) : has_words(kPlayable, step, role))) return "the suite has no words for this message";
  if (fails(step, role) && step.message == "SettleWithBroker") return "a Broker counts as unreachable only after many tries";
  const bool lies = arrives(step, role) ? !regular || is_one_of(kLiesOfRegular, qualified(step)) : is_one_of(kForgedAnswers, step.message);
  return step.forged && !lies ? "the suite has no lie for this message" : "";
}

}  // namespace

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
      return !own || (trail.has("regular") && span_of(role, step.timer, 0)) ? "" : "what it does by itself, when time passes, cannot be brought about";
    case Kind::other:
      return own ? "what it does by itself, when time passes, cannot be brought about" : "";
    default:
      break;
  }
  return arrives(step, role) || returns(step, role) || fails(step, role) ? why_no_words(trail, step, role) : "";
}

}  // namespace quickpay::conformance
