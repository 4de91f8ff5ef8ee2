// INTERNAL to this folder: what a step of a machine needs to know besides the state.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <unordered_map>
#include <vector>

#include "statemachines/composition/composition.hpp"

namespace quickpay::statemachines {

inline bool has(std::span<const std::string_view> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

/// An event that an instance takes because another one had an effect.
struct Composition::Task {
  const FollowInfo* follow;  ///< nullptr: a hand-over
  std::uint8_t instance;
  EventId event;
  std::uint32_t via;
};

struct Composition::Scene {
  Scene(std::size_t order_at, std::size_t instance_at) : order(order_at), instance(instance_at) {
    move.order = static_cast<std::uint8_t>(order_at);
  }

  std::size_t order;
  std::size_t instance;
  int letter = -1;    ///< the request at hand that can be answered, or -1
  int answered = -1;  ///< the letter whose outcome this is, or -1
  bool forged = false;
  bool other = false;
  std::uint32_t via = 0;  ///< instances that took a step before, in the same unit
  Move move;
  std::string_view variant = {};  ///< of the request at hand
  std::array<Task, kMaxChain> tasks;    ///< what still has to be done in this unit; the last one first
  std::size_t open = 0;                 ///< how many
};

/// What follows from the tables and the configuration alone, so that no state has to ask for it again.
struct Composition::Ways {
  /// An event that something besides a letter or another machine may cause.
  struct Own {
    EventId event;
    MoveKind kind;
    std::uint8_t timer = 0;                      ///< its bit, if it is a timer
    std::vector<bool> rows;                      ///< action: states in which there is a row for it
    std::vector<const PermissionInfo*> permits;  ///< action: what is said of its users
  };
  struct Player {
    std::vector<Own> own;
    PredicateBits implied = 0;                   ///< predicates that implications speak of
    std::vector<std::size_t> letters;            ///< that it writes
    std::vector<std::vector<Task>> handed_over;  ///< effect → events of other machines
  };
  struct Letter {
    bool receiver_away = false;
    bool request_forged = false;  ///< may be
    bool answer_forged = false;
  };
  std::vector<Player> players;
  std::vector<Letter> letters;
};

/// What decides about a step: there are no more of these than the tables of the machines have.
struct Composition::Situation {
  std::uint64_t where;  ///< instance, state, event
  std::array<std::uint8_t, kMaxVariables> variables;
  std::uint64_t fixed, known, open;  ///< predicates that hold, that are settled, and that are left open

  friend bool operator==(const Situation&, const Situation&) = default;
};

/// A step that is possible.
struct Composition::Told {
  Snapshot after;
  StepResult result;
};

struct Composition::SituationHash {
  std::size_t operator()(const Situation& one) const {
    std::uint64_t hash = one.where * 0x9E3779B97F4A7C15ULL;
    for (const std::uint64_t word : {std::bit_cast<std::uint64_t>(one.variables), one.fixed, one.known, one.open})
      hash = (hash ^ (hash >> 29U) ^ word) * 0xFF51AFD7ED558CCDULL;
    return hash ^ (hash >> 32U);
  }
};

struct Composition::Known : std::unordered_map<Situation, Outcomes, SituationHash> {};

}  // namespace quickpay::statemachines
