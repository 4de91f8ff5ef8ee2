// The public face of every machine: one step from a snapshot. Two engines implement it, the compiled Boost.MSM
// machine and the interpreter of the IR tables.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace quickpay::statemachines {

inline constexpr std::size_t kMaxVariables = 8;   ///< variables a machine may have
inline constexpr std::size_t kMaxEffects = 12;    ///< effects a row may have
inline constexpr std::size_t kMaxBits = 64;       ///< predicates and atoms a machine may have

using StateId = std::uint16_t;      ///< index into MachineTable::states
using EventId = std::uint16_t;      ///< index into MachineTable::events
using RowId = std::uint16_t;        ///< index into MachineTable::rows; from rows.size() on: defaults
using EffectId = std::uint16_t;     ///< index into MachineTable::effects
using PredicateBits = std::uint64_t;  ///< bit i: predicate i of the machine holds

inline constexpr RowId kNoRow = 0xFFFF;

/// The whole control state of a machine. Names are persisted, never these numbers.
struct Snapshot {
  StateId state = 0;
  std::array<std::uint8_t, kMaxVariables> variables{};
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

/// What became of an event: a row was taken, rows exist but none fits, or there is no row for it in this state.
/// For `unexpected` the event's default applies: its effects are reported, the state stays.
enum class Outcome : std::uint8_t { taken, rejected, unexpected };

struct StepResult {
  Outcome outcome = Outcome::unexpected;
  RowId row = kNoRow;  ///< the row taken, rows.size() + default index, or kNoRow
  std::uint8_t effect_count = 0;
  std::array<EffectId, kMaxEffects> effects{};
  std::span<const EffectId> effect_list() const { return {effects.data(), effect_count}; }
  friend bool operator==(const StepResult&, const StepResult&) = default;
};

/// One step of one machine. Pure: no memory besides the snapshot. Bits beyond the machine's predicates are ignored.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual StepResult step(Snapshot& snapshot, EventId event, PredicateBits bits) const noexcept = 0;
};

enum class EventKind : std::uint8_t { request, response, timer, action, fetch };
enum class Verb : std::uint8_t {
  reply, answer_parked, park, send, retry, hurry, drop, outbox, start, stop, set, perform, tell, alarm, hand_over, fetch,
  ignore, refuse
};

struct StateInfo {
  std::string_view id;
  bool terminal;
};
struct VariableInfo {
  std::string_view id;
  std::span<const std::string_view> values;
  std::uint8_t initial;
};
/// Bit `number of predicates + index` of a row's mask: variable `variable` has value `value` (not, if negated).
struct AtomInfo {
  std::uint8_t variable;
  std::uint8_t value;
  bool negated;
};
struct EventInfo {
  std::string_view id;
  EventKind kind;
  std::string_view message;                   ///< request, response
  std::string_view timer;                     ///< timer
  std::span<const std::string_view> codes;    ///< response: these codes
  std::span<const std::string_view> classes;  ///< response, fetch: ok | no | new | same | fail
  int default_index;                          ///< into MachineTable::defaults, or -1
};
struct PredicateInfo {
  std::string_view id;
  std::string_view text;
  std::string_view over;  ///< message | record | now
  bool on_wire;           ///< an onlooker can compute it
};
struct ImplicationInfo {
  std::uint8_t if_predicate;
  std::uint8_t then_predicate;
};
struct EffectInfo {
  std::string_view id;  ///< verb and arguments joined by blanks, e.g. "reply QP-E-MISMATCH"
  Verb verb;
  std::string_view first;   ///< first argument, or empty
  std::string_view second;  ///< second argument, or empty
  std::uint8_t variable;    ///< set: the variable …
  std::uint8_t value;       ///< … and its new value
};
struct PortInfo {
  std::string_view id;
  std::string_view protocol;
  std::string_view machine;
  std::string_view event;
};
struct RowInfo {
  std::string_view id;
  StateId state;
  EventId event;
  StateId to;
  std::uint64_t mask;
  std::uint64_t value;
  std::span<const EffectId> effects;
  std::span<const std::string_view> requirements;
};
struct DefaultInfo {
  std::string_view id;
  std::span<const EffectId> effects;
  std::span<const std::string_view> requirements;
};

/// Everything the specification says about one machine, as generated tables.
struct MachineTable {
  std::string_view id;
  std::string_view role;
  std::string_view protocol;
  std::span<const StateInfo> states;
  std::span<const VariableInfo> variables;
  std::span<const EventInfo> events;
  std::span<const PredicateInfo> predicates;
  std::span<const AtomInfo> atoms;
  std::span<const ImplicationInfo> implications;
  std::span<const EffectInfo> effects;
  std::span<const PortInfo> ports;
  std::span<const RowInfo> rows;
  std::span<const DefaultInfo> defaults;
  StateId initial;
};

/// The snapshot a machine starts from.
Snapshot initial_snapshot(const MachineTable& table);

/// Predicate bits together with the bits of the machine's atoms, as rows see them.
std::uint64_t with_atoms(const MachineTable& table, const Snapshot& snapshot, PredicateBits bits);

}  // namespace quickpay::statemachines
