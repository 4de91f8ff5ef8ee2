#include "conformance/mutants/miniatures.hpp"

#include <algorithm>
#include <array>
#include <thread>

#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::conformance::mutants {

namespace {

constexpr std::string_view kOk = "<Body><Status><Code>QP-OK</Code></Status></Body>";
/// What comes first from the other player: it may pass.
constexpr std::array<std::string_view, 4> kFirst = {"GetOrder", "InquiryPayment", "RegisterOrder", "RegisterMessage"};

bool is_answer(statemachines::Verb verb) {
  using statemachines::Verb;
  return verb == Verb::reply || verb == Verb::answer_parked || verb == Verb::ignore || verb == Verb::refuse;
}

}  // namespace

bool AcceptsEverything::rewrite_answer(std::string_view path, roles::Answer& answer) {
  if (answer.http_status != 200 || (!path_.empty() && path != path_)) {
    return true;
  }
  if (text_of(answer.body, "Code") == "QP-OK") {
    last_.insert_or_assign(std::string(path), std::string(element(answer.body, "Body")));
    return true;
  }
  const auto last = last_.find(path);
  answer.body = with_element(std::move(answer.body), "Body", last == last_.end() ? kOk : std::string_view(last->second));
  return true;
}

void OnlySaysSo::override_effects(const statemachines::MachineTable& table, std::string_view,
                                  std::vector<statemachines::EffectId>& effects) {
  std::erase_if(effects, [&](statemachines::EffectId id) { return !is_answer(table.effects[id].verb); });
}

bool ReactsTooLate::rewrite_answer(std::string_view, roles::Answer&) {
  std::this_thread::sleep_for(kTooLate);
  return true;
}

bool ReactsTooLate::rewrite_outgoing(roles::OutgoingCall&) {
  std::this_thread::sleep_for(kTooLate);
  return true;
}

bool RefusesWhatFollows::rewrite_answer(std::string_view path, roles::Answer& answer) {
  const roles::MessageOps* ops = roles::ops_of_path(path);
  const bool first = ops == nullptr || std::find(kFirst.begin(), kFirst.end(), ops->type->id) != kFirst.end();
  if (!first && text_of(answer.body, "Code") == "QP-OK") {
    answer.body = as_refusal(std::move(answer.body), ops->type->errors.back(), "no");
  }
  return true;
}

}  // namespace quickpay::conformance::mutants
