// What the specification says about machines that work together: who is there, what is watched, what is assumed, what
// must hold. Generated tables of these types come from a `properties` section.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace quickpay::statemachines {

/// One instruction of a formula in postfix order. Values are small integers; a truth is 0 or 1.
struct FormulaOp {
  enum class Code : std::uint8_t {
    constant,   ///< pushes `value`
    state,      ///< number of the state of instance `instance`
    variable,   ///< value of variable `index` of instance `instance`
    timer,      ///< whether timer `name` of instance `instance` runs
    call,       ///< whether instance `instance` waits for an answer to message `name`
    ghost,      ///< value of ghost `index`
    forged,     ///< whether the message at hand was written by a liar
    other,      ///< whether the message at hand has other terms than were offered
    liar,       ///< whether `name` (a role, or network) lies in this configuration
    profile,    ///< whether the configuration has profile `name`
    variant,    ///< whether the message at hand is variant `name` of its kind
    option,     ///< whether the configuration has option `name`
    via,        ///< whether instance `instance` took a step earlier in the same unit
    negation, conjunction, disjunction, implication, sum, equal, unequal, less, less_equal
  };
  Code code = Code::constant;
  std::uint8_t instance = 0;
  std::uint8_t index = 0;
  std::uint8_t value = 0;
  std::string_view name;
};
using FormulaCode = std::span<const FormulaOp>;

inline constexpr std::size_t kMaxFormulaDepth = 32;  ///< values that a formula may have on its stack

struct InstanceInfo {
  std::string_view id;
  std::string_view machine;
  FormulaCode content;  ///< whether what it writes has other terms than were offered
  std::string_view option;   ///< it takes part only where the order has this; empty: always
  std::string_view without;  ///< it takes no part where the order has this; empty: nothing takes it out
  std::int16_t to = -1;     ///< the instance that gets its requests; -1: the first that receives them
};

/// A number that the model counts along and no player has; it stays between 0 and `max`.
struct GhostInfo {
  std::string_view id;
  std::uint8_t max;
  std::span<const std::string_view> shared;  ///< roles: one for all orders of the same players of these; empty: one an order
};

enum class GhostChange : std::uint8_t { set, add, take };

/// Each time instance `instance` has effect `effect` and `when` holds (empty: always), the ghost changes by, or to, `value`.
struct ObservationInfo {
  std::uint8_t instance;
  std::string_view effect;
  std::uint8_t ghost;
  GhostChange change;
  FormulaCode value;
  FormulaCode when;
};

/// After a step in which instance `instance` had effect `effect`, instance `to` takes an event of its machine, in the same unit, if
/// `when` holds then (empty: always).
struct FollowInfo {
  std::uint8_t instance;
  std::string_view effect;
  std::uint8_t to;
  std::uint8_t event;
  FormulaCode when;
};

/// A user of instance `instance` brings about event `event` of its machine only where `when` holds.
struct PermissionInfo {
  std::uint8_t instance;
  std::uint8_t event;
  FormulaCode when;
};

/// What a predicate means here. Without `meaning` it is `usual` in the usual world, and anything in any world and where
/// it is over a forged message.
struct AssumptionInfo {
  std::uint8_t instance;
  std::uint8_t predicate;  ///< of the instance's machine
  bool usual;
  FormulaCode meaning;
  FormulaCode forged_open;  ///< over a forged message it is anything where this holds, whatever `meaning` says; empty: nowhere
};

/// An error code, or the code of success, and its class for who gets it: ok | no | new | same.
struct CodeClass {
  std::string_view code;
  std::string_view klass;
};

/// Nobody but its writer can write this message, or the answer to it, in this profile.
struct AuthenticInfo {
  std::string_view message;
  std::string_view protocol;  ///< of the message; empty: every protocol that has one of this name
  std::string_view profile;
};

enum class PropertyKind : std::uint8_t {
  always,   ///< holds in every state that can be reached
  at_end,   ///< holds in every state in which nothing can happen any more
  possible,  ///< from every state that can be reached with `from`, one with `holds` can be reached
  inevitable ///< from every state that can be reached with `from`, every fair run comes to one with `holds`
};

struct PropertyInfo {
  std::string_view id;
  std::string_view goal;
  std::string_view text;
  std::string_view written;  ///< the formula as the specification has it
  PropertyKind kind;
  FormulaCode holds;
  FormulaCode from;
  std::span<const std::string_view> twin;        ///< mutations of machines, each of which breaks it …
  std::span<const std::string_view> twin_in;     ///< … in this configuration
  std::span<const std::string_view> within;      ///< configurations in which it is claimed; empty: all
  std::span<const std::string_view> requirements;
};

/// One bounded world. Budgets count for the whole run.
struct ConfigurationInfo {
  std::string_view id;
  std::string_view text;
  std::uint8_t orders = 1;
  std::uint8_t loss = 0;
  std::uint8_t duplication = 0;
  std::uint8_t crashes = 0;
  std::uint8_t forgeries = 0;
  bool any_world = false;    ///< predicates without a meaning may be anything
  bool lazy_timers = false;  ///< time passes only when nothing else can happen
  std::string_view profile;
  std::span<const std::string_view> liars;      ///< roles, or network
  std::span<const std::string_view> suspended;  ///< roles that receive nothing
  std::span<const std::string_view> options;  ///< "OPTION", or "OPTION:2" where only these orders have it, counted from 1
  std::span<const std::string_view> players;  ///< "wallet:112": which player of a role each order has; a role not named has one
  std::span<const std::string_view> fails;      ///< properties that must not hold here
  std::string_view column;  ///< where it stands in the matrix; empty: not there
  bool deep = false;        ///< explored only when time does not matter
};

/// A row that no configuration reaches, and why.
struct UnreachedInfo {
  std::string_view machine;
  std::string_view row;
  std::string_view reason;
};

/// What the whole is for: properties show it (those whose goal it is, and `by`), and `tests` what no model can see.
struct AimInfo {
  std::string_view id;
  std::string_view text;
  std::span<const std::string_view> by;     ///< properties of any set
  std::span<const std::string_view> tests;  ///< "FILE:Suite.Name", or a file that CTest runs
};

enum class ReportVerdict : std::uint8_t { holds, holds_if, fails };

/// What the written protocol claims of itself: `holds` and `fails` name the evidence, "PROPERTY@CONFIGURATION".
struct ReportClaimInfo {
  std::string_view id;
  std::string_view says;
  std::string_view text;  ///< why, or under which condition
  ReportVerdict verdict;
  std::span<const std::string_view> holds;
  std::span<const std::string_view> fails;
  std::span<const std::string_view> tests;  ///< as an aim has them
};

struct CompositionTable {
  std::string_view id;
  std::string_view text;
  std::span<const InstanceInfo> instances;
  std::span<const GhostInfo> ghosts;
  std::span<const ObservationInfo> observations;
  std::span<const FollowInfo> follows;
  std::span<const PermissionInfo> permissions;
  std::span<const AssumptionInfo> assumptions;
  std::span<const CodeClass> codes;
  std::span<const AuthenticInfo> authentic;
  std::span<const PropertyInfo> properties;
  std::span<const ConfigurationInfo> configurations;
  std::span<const UnreachedInfo> unreached;
  std::span<const AimInfo> aims;
  std::span<const ReportClaimInfo> claims;
};

}  // namespace quickpay::statemachines
