// What all judges share: they watch every message of a session and give one verdict at its end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxViolations = 8;  ///< reported by one judge in one session

/// The checks that judges emit in every scenario of a role and protocol.
std::vector<CheckInfo> ambient_checks(std::string_view role, std::string_view protocol = "micropayment");

/// Collects what is wrong and emits `<role>.ambient.<name>` when the session is over: a violation of the implementation
/// is a failure, a defect of the suite's own messages an error, and a session in which the implementation said nothing
/// proves nothing. Where the scenario does not declare the check, since it belongs to another protocol, the findings stay
/// in the transcript and the scenario's own checks decide.
class Judge : public Observer {
 public:
  explicit Judge(std::string name) : name_(std::move(name)) {}
  void on_open(World& world) final;
  void on_close(World& world) final;

 protected:
  /// Called once before the first message of a session; see Observer::on_open.
  virtual void begin(World& world) { static_cast<void>(world); }
  /// Called once before the verdict.
  virtual void conclude(World& world) { static_cast<void>(world); }
  /// `offset`: the byte of the entry's body at which it is wrong, if it is one.
  void violation(World& world, std::size_t entry, std::string expected, std::string got,
                 Reason reason = Reason::wrong_message, std::optional<std::size_t> offset = std::nullopt);
  void defect(World& world, std::size_t entry, std::string what);
  /// The implementation said something that was judged.
  void judged() { ++judged_; }

 private:
  std::string name_;
  std::size_t judged_ = 0;
  std::vector<Evidence> violations_;
  std::vector<Evidence> defects_;
};

}  // namespace quickpay::conformance
