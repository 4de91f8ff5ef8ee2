// Whose fault it is: the judges of all four roles look at the same record, and then the steps of a purchase are counted.
#pragma once

#include <optional>
#include <vector>

#include "conformance/interop/meeting.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

/// What the parties said about themselves after a course.
struct Statements {
  IutResult<Outcome> wallet = tl::unexpected(IutError{});
  std::optional<Json> vendor_orders;  ///< nothing: it does not say
  std::optional<Json> host_cases;
};

/// What a course is about.
struct CoursePlan {
  std::string name;
  std::string confirm;       ///< what the user says: "yes" or "no"
  std::size_t paid = 0;      ///< purchases that are complete after it, in all
  std::size_t begins = 0;    ///< the first entry of the record that belongs to it
};

/// What one role did wrong by its own judges. `world`: the plan in which that role is the one under test.
std::vector<Fault> judged_faults(const std::vector<Entry>& record, const WorldPlan& world, Iut& iut);

/// The first step of the course that did not happen, and who owed it; nothing if all happened.
std::optional<Fault> missing_step(const std::vector<Entry>& record, const CoursePlan& course, const Statements& said);

/// A fault with what is needed to show it.
Fault fault_of(std::string_view role, std::string check, std::string expected, std::string got, std::vector<std::size_t> entries,
               Reason reason);

}  // namespace quickpay::conformance
