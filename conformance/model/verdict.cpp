#include "conformance/model/verdict.hpp"

namespace quickpay::conformance {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::none: return "none";
    case Verdict::not_applicable: return "not_applicable";
    case Verdict::pass: return "pass";
    case Verdict::warn: return "warn";
    case Verdict::inconclusive: return "inconclusive";
    case Verdict::fail: return "fail";
    case Verdict::error: return "error";
  }
  return "error";
}

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::none: return "";
    case Reason::precondition_unmet: return "precondition_unmet";
    case Reason::twin_failed: return "twin_failed";
    case Reason::timeout: return "timeout";
    case Reason::adapter_required: return "adapter_required";
    case Reason::unverifiable: return "unverifiable";
    case Reason::disputed: return "disputed";
    case Reason::interrupted: return "interrupted";
    case Reason::forbidden_message: return "forbidden_message";
    case Reason::wrong_message: return "wrong_message";
    case Reason::missing_message: return "missing_message";
    case Reason::wrong_refusal: return "wrong_refusal";
    case Reason::accepted: return "accepted";
    case Reason::refused: return "refused";
    case Reason::self_report: return "self_report";
    case Reason::crash: return "crash";
    case Reason::poisoned: return "poisoned";
    case Reason::wrong_state: return "wrong_state";
    case Reason::not_emitted: return "not_emitted";
    case Reason::suite_defect: return "suite_defect";
  }
  return "";
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::must: return "MUST";
    case Level::should: return "SHOULD";
  }
  return "MUST";
}

}  // namespace quickpay::conformance
