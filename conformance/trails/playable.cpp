#include "conformance/trails/playable.hpp"

#include <algorithm>
#include <array>

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

}  // namespace

std::string_view why_not(const TrailStep& step, std::string_view role) {
  const Kind kind = step.kind == Kind::no_answer ? Kind::answer : step.kind;
  const bool known = std::any_of(kPlayable.begin(), kPlayable.end(), [&](const Playable& one) {
    return one.role == role && one.message == step.message && one.kind == kind;
  });
  const bool own = std::any_of(step.rows.begin(), step.rows.end(), [&](const std::string& row) { return row.starts_with(std::string(role) + "."); });
  switch (step.kind) {
    case Kind::fault:
      return "this program does not know what happens there";
    case Kind::late_request:
      return step.to == role ? "nobody is left who would send a request that was given up" : "";
    case Kind::action:
      return step.player != role || step.action == kOpens || step.action == kConfirms || step.action == kDeclines ? "" : "the user does nothing but buy, confirm and decline";
    case Kind::other:
      return own ? "what it does by itself, when time passes, cannot be brought about" : "";
    default:
      break;
  }
  if ((arrives(step, role) || returns(step, role) || fails(step, role)) && !known) {
    return "the suite has no words for this message";
  }
  return returns(step, role) && step.forged && step.message != "CheckCommit" ? "the suite has no lie for this message" : "";
}

}  // namespace quickpay::conformance
