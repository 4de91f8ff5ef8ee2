#include "conformance/interop/blame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "conformance/judges/judge.hpp"
#include "conformance/judges/worlds.hpp"
#include "conformance/peers/element.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

namespace {

/// An entry as the judges of one role have to see it: an answer that was lost has left its sender and reached nobody.
Entry seen_by(const Entry& entry, const std::string& player) {
  Entry seen = entry;
  seen.by_iut = entry.from == player;
  if (!entry.mutation.empty()) {
    seen.mutation.clear();
    if (!seen.by_iut) {
      seen.kind = EntryKind::failure;
      seen.summary = "answer lost";
      seen.body.clear();
    }
  }
  return seen;
}

/// Requests with that message and, if `code` is asked for, an answer with it that arrived.
struct PaidStep {
  const char* owes;     ///< the role
  const char* message;  ///< the request that has to be sent, or whose answer has to be QP-OK
  bool answer;
  const char* text;
};
constexpr PaidStep kPaid[] = {{"wallet", "GetOrder", false, "asks the Vendor for an offer"},
                          {"vendor", "GetOrder", true, "makes the offer"},
                          {"wallet", "InquiryPayment", false, "asks its Broker for an endorsement"},
                          {"broker", "InquiryPayment", true, "endorses the order"},
                          {"wallet", "RequestOrderDelivery", false, "asks the Vendor for the goods"},
                          {"vendor", "CheckCommit", false, "asks the Broker to commit"},
                          {"broker", "CheckCommit", true, "commits"},
                          {"vendor", "RequestOrderDelivery", true, "delivers"},
                          {"broker", "RegisterCommit", false, "registers the commitment"},
                          {"host", "RegisterCommit", true, "takes the registration"},
                          {"vendor", "RegisterDelivery", false, "registers the delivery"},
                          {"host", "RegisterDelivery", true, "takes the registration"},
                          {"wallet", "RegisterOrder", false, "registers the reception"},
                          {"host", "RegisterOrder", true, "takes the registration"}};

/// How often a step happened, and the last entry that tells of it.
std::size_t times(const std::vector<Entry>& record, const PaidStep& step, std::size_t from, std::vector<std::size_t>& entries,
                  std::string& last) {
  std::size_t number = 0;
  const std::string name = step.answer ? std::string(step.message) + "Response" : step.message;
  for (std::size_t i = from; i < record.size(); ++i) {
    const Entry& entry = record[i];
    const bool this_request = entry.kind == EntryKind::request && entry.message == step.message;
    const bool its_answer = entry.kind == EntryKind::response && entry.message == name;
    if (step.answer ? its_answer || this_request : this_request) {
      entries = {i};
      last = its_answer ? entry.code : std::string("no answer");
      number += step.answer ? (its_answer && entry.code == "QP-OK" ? 1 : 0) : 1;
    }
  }
  return number;
}

/// What an implementation says may be anything: only an object that has this text in this member holds it.
bool holds(const Json& object, const char* member, const char* text) {
  return object.is_object() && object.contains(member) && object[member] == text;
}

std::string states_of(const Json& orders) {
  std::vector<std::string> states;
  for (const Json& order : orders.is_array() ? orders : Json::array()) {
    const bool said = order.is_object() && order.contains("state") && order["state"].is_string();
    states.push_back(said ? order["state"].get<std::string>() : "nothing");
  }
  return states.empty() ? "no orders" : fmt::format("{}", fmt::join(states, " "));
}

std::size_t delivered(const Json& orders) {
  return static_cast<std::size_t>(std::count_if(orders.begin(), orders.end(), [](const Json& order) {
    return holds(order, "state", "DELIVERED");
  }));
}

std::size_t complete(const Json& cases) {
  return static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), [](const Json& one) {
    return holds(one, "commit", "in-time") && holds(one, "delivery", "in-time");
  }));
}

std::string outcome_words(const IutResult<Outcome>& outcome) {
  if (!outcome) {
    return outcome.error().what.empty() ? std::string("no reply") : outcome.error().what;
  }
  return outcome->kind == OutcomeKind::accepted ? "accepted" : outcome->kind == OutcomeKind::rejected ? "rejected" : "pending";
}

/// What the parties say of themselves does not agree with what passed.
std::optional<Fault> false_statement(const CoursePlan& course, const Statements& said) {
  const bool pays = course.confirm == "yes";
  const bool right = said.wallet && said.wallet->kind == (pays ? OutcomeKind::accepted : OutcomeKind::rejected);
  if (!right) {
    return fault_of("wallet", "interop.outcome", pays ? "accepted" : "rejected", outcome_words(said.wallet), {}, Reason::self_report);
  }
  if (said.vendor_orders && delivered(*said.vendor_orders) != course.paid) {
    return fault_of("vendor", "interop.orders", fmt::format("{} orders in DELIVERED", course.paid), states_of(*said.vendor_orders), {},
                    Reason::wrong_state);
  }
  if (said.host_cases && complete(*said.host_cases) != course.paid) {
    return fault_of("host", "interop.cases", fmt::format("{} cases with commitment and delivery in time", course.paid),
                    fmt::format("{}", complete(*said.host_cases)), {}, Reason::wrong_state);
  }
  return std::nullopt;
}

}  // namespace

Fault fault_of(std::string_view role, std::string check, std::string expected, std::string got, std::vector<std::size_t> entries,
               Reason reason) {
  Fault fault;
  fault.role = role;
  fault.found.info.id = std::move(check);
  fault.found.verdict = Verdict::fail;
  fault.found.evidence = {reason, std::move(expected), std::move(got), std::move(entries), {}};
  return fault;
}

std::vector<Fault> judged_faults(const std::vector<Entry>& record, const WorldPlan& world, Iut& iut) {
  ScenarioInfo info;
  info.id = world.role + ".interop";
  info.role = world.role;
  info.checks = ambient_checks(world.role);
  SessionSetting setting;
  setting.profile = world.profile;
  setting.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  boost::asio::io_context io;
  Session session(info, setting, io, iut);
  const auto replayed = World::for_replay(session, world, judges_of(world.role));
  for (const Entry& entry : record) {
    replayed->replay(seen_by(entry, world.iut));
  }
  replayed->close();
  std::vector<Fault> faults;
  for (const Finding& finding : session.findings()) {
    if (finding.verdict == Verdict::fail) {  // an error is about what others sent: their own judges say it
      Fault fault = fault_of(world.role, finding.check, {}, {}, {}, finding.evidence.reason);
      fault.found.evidence = finding.evidence;
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

std::optional<Fault> missing_step(const std::vector<Entry>& record, const CoursePlan& course, const Statements& said) {
  const bool pays = course.confirm == "yes";
  for (const PaidStep& step : kPaid) {
    std::vector<std::size_t> entries;
    std::string last = "nothing";
    const std::size_t number = times(record, step, course.begins, entries, last);
    const bool wanted = pays || std::string_view(step.message) == "GetOrder";
    if (wanted && number == 0) {
      return fault_of(step.owes, "interop.step", fmt::format("the {} {} ({}{})", step.owes, step.text, step.message,
                                                             step.answer ? ": QP-OK" : ""),
                      last, entries, Reason::missing_message);
    }
    if (!wanted && number != 0) {
      return fault_of(step.owes, "interop.step", fmt::format("no {} after the user declined", step.message), step.message, entries,
                      Reason::forbidden_message);
    }
  }
  return false_statement(course, said);
}

}  // namespace quickpay::conformance
