// Four implementations meet: each plays one role, and between them passes nothing that is not recorded and judged.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/iut.hpp"
#include "conformance/model/result.hpp"

namespace quickpay::conformance {

inline constexpr std::array<std::string_view, 4> kMeetingRoles = {"wallet", "vendor", "broker", "host"};
inline constexpr std::int64_t kPurchaseMs = 10'000;  ///< deadline of the Wallet's operation

/// Who plays a role.
struct Party {
  std::string role;
  std::string command;     ///< of an adapter, for `sh -c`
  bool reference = false;  ///< stands in for a role that nobody else plays
};
using Parties = std::array<Party, 4>;  ///< in the order of kMeetingRoles

/// What somebody did wrong.
struct Fault {
  std::string role;  ///< whose fault it is
  CheckResult found; ///< what was expected and what came; entries are those of the course
};

/// One thing that the parties did together.
struct JointCourse {
  std::string name;
  bool complete = false;  ///< every step was made, and everybody says so
};

struct Meeting {
  Parties parties;
  std::array<Hello, 4> hellos;
  std::vector<JointCourse> courses;  ///< those that were begun
  ScenarioResult record;        ///< what passed in all of them
  std::vector<Fault> faults;    ///< what the judges of the roles found, or else the first step that was not made
  std::string unreachable;      ///< role of the adapter that could not be started or set up; empty: all could
  std::string why;
  bool interrupted = false;

  bool good() const;
  /// The roles that are to blame, each once, in the order of kMeetingRoles.
  std::vector<std::string> blamed() const;
};

/// Lets the parties meet once. `number` is distinct for meetings that may go on at a time: it gives addresses.
Meeting meet(const Parties& parties, const std::string& profile, std::uint64_t number, const std::atomic<bool>* stop);

}  // namespace quickpay::conformance
