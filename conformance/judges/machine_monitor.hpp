// What one machine of an implementation may be doing, as far as an onlooker can tell: the set of configurations that
// explain everything seen so far. An honest implementation is never blamed: what cannot be seen counts as possible.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxConfigurations = 4096;  ///< more: the machine is no longer judged
inline constexpr std::uint8_t kMaxPermits = 2;           ///< sends of one message that may be outstanding

/// A machine and the interpreter that runs it; shared by all monitors of that machine.
struct MonitoredMachine {
  explicit MonitoredMachine(const statemachines::MachineTable& t) : table(t), engine(statemachines::model_of(t)) {}
  const statemachines::MachineTable& table;
  statemachines::InterpreterEngine engine;
};

/// Predicate bits that the onlooker can compute; the others are free.
struct KnownBits {
  std::uint64_t mask = 0;
  std::uint64_t value = 0;
  /// Says that the predicate `id` of `table` holds or not. Unknown ids are left out.
  void set(const statemachines::MachineTable& table, std::string_view id, bool holds);
};

using InputId = std::uint32_t;

class MachineMonitor {
 public:
  /// Says whether a hidden move (a timer that fires, something the user does) is possible now.
  using Hidden = std::function<bool(const statemachines::EventInfo&)>;

  MachineMonitor(const MonitoredMachine& machine, Hidden hidden);

  /// A request arrived that may reach the machine. It may be processed at any time from now on.
  InputId request(std::string_view event, KnownBits known);
  /// An answer to a request of the machine arrived; `valid`: it counts as an answer. It may also count as lost.
  void response(std::string_view message, std::string_view code, std::string_view retry, bool valid, KnownBits known);

  /// The request `input` was answered with `code`. False: no configuration allows that.
  bool replied(InputId input, std::string_view code);
  /// The request was answered without the machine (an earlier step, or a stored answer).
  void answered_outside(InputId input);
  /// A new request of the machine was seen. False: no configuration allows that.
  bool sent(std::string_view message);

  /// States that are possible now, e.g. "CHECKING (waiting = yes)".
  std::vector<std::string> states();
  /// What the machine may do next: "CheckCommit", "reply QP-E-MISMATCH [V5]".
  std::vector<std::string> allowed();
  /// Too many possibilities: everything counts as allowed from now on.
  bool gave_up() const { return gave_up_; }

 private:
  struct Input {
    bool request = false;
    std::vector<statemachines::EventId> events;
    KnownBits known;
  };
  struct Permit {
    InputId input;
    statemachines::EffectId effect;
    statemachines::RowId row;
    friend auto operator<=>(const Permit&, const Permit&) = default;
  };
  struct Configuration {
    statemachines::StateId state = 0;
    std::array<std::uint8_t, statemachines::kMaxVariables> variables{};
    std::vector<InputId> inbox;
    std::vector<InputId> parked;
    std::vector<Permit> replies;
    std::vector<std::uint8_t> sends;  ///< by position in messages_
    friend auto operator<=>(const Configuration&, const Configuration&) = default;
    statemachines::Snapshot snapshot() const { return {state, variables}; }
  };
  using Configurations = std::set<Configuration>;

  Configurations closure();
  void moves(const Configuration& from, Configurations& out) const;
  void process(const Configuration& from, std::optional<InputId> input, statemachines::EventId event,
               const KnownBits& known, Configurations& out) const;
  void take(Configuration next, statemachines::EventId event, std::uint64_t bits, std::optional<InputId> input,
            Configurations& out) const;
  void apply(Configuration& next, std::span<const statemachines::EffectId> effects, statemachines::RowId row,
             std::optional<InputId> input) const;
  std::size_t message_index(std::string_view message) const;
  void keep(Configurations next);
  void add_input(Input input);

  const MonitoredMachine& machine_;
  Hidden hidden_;
  std::vector<std::string_view> messages_;
  std::vector<Input> inputs_;
  Configurations now_;
  bool gave_up_ = false;
};

}  // namespace quickpay::conformance
