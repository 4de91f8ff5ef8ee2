// Visits every state of a composition, breadth first, so that the first state that breaks a property has a shortest trail; or the largest
// states alone, those with most faults and forgeries left first.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "statemachines/composition/composition.hpp"
#include "statemachines/explorer/agenda.hpp"
#include "statemachines/explorer/fairness.hpp"
#include "statemachines/explorer/store.hpp"

namespace quickpay::statemachines {

inline constexpr std::size_t kMaxStates = 20'000'000;         ///< an exploration that needs more says that it is not complete
inline constexpr std::size_t kMaxLargestStates = 300'000'000;  ///< the same where only the largest are kept

struct Limits {
  std::size_t states = kMaxStates;
  Keep keep = Keep::every;                  ///< not every state only where `largest_suffice`
  const std::atomic<bool>* stop = nullptr;  ///< ends the exploration early; it is then not complete
  bool until_failed = false;                ///< … as does the first property found to fail
};

/// Whether these properties can be shown by the largest states alone: none of them looks beyond single states.
bool largest_suffice(const CompositionTable& table, const std::vector<std::size_t>& checked);

/// What machines, time and the network do at last if it stays possible or due; users, faults, liars and strangers need not do anything.
bool comes_at_last(const Move& move);

/// What became of one property in one configuration.
struct PropertyFinding {
  std::size_t property = 0;  ///< index into the table
  std::uint32_t state = 0;   ///< of a shortest trail; with the largest states alone, of one with fewest faults and forgeries
  std::size_t steps = 0;     ///< moves of that trail
};

struct Exploration {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;  ///< moves told, those that change nothing included
  std::size_t depth = 0;          ///< moves of the longest shortest trail; with the largest states alone, of the trail to the last one
  std::size_t bytes = 0;          ///< of memory that the states took
  bool complete = false;
  Keep keep = Keep::every;        ///< what was kept
  std::string problem;            ///< not empty: the model itself is wrong, nothing is shown
  std::vector<PropertyFinding> failed;
  std::vector<std::vector<bool>> rows;    ///< instance → row or default taken
  std::vector<std::vector<bool>> seen;    ///< instance → state seen
  std::uint64_t endings = 0;              ///< states in which nothing can happen any more; counted where every state is kept
};

class Explorer {
 public:
  /// `checked`: indices of the properties to check. The composition outlives this.
  Explorer(const Composition& composition, std::vector<std::size_t> checked);

  Exploration run(const Limits& limits);

  /// The moves that lead to a state of the last run, a line each, and the state reached.
  std::vector<std::string> trail(std::uint32_t state) const;
  std::vector<Move> moves(std::uint32_t state) const;
  CompositionState state(std::uint32_t index) const { return at(index); }
  /// The state of the last run that fits and was found first, which has a shortest trail where every state is kept; or nothing.
  std::optional<std::uint32_t> first(const std::function<bool(const CompositionState&)>& fits) const;

 private:
  std::uint32_t add(const CompositionState& state, std::uint32_t parent);
  CompositionState at(std::uint32_t index) const { return store_->at(index); }
  void begin(const Limits& limits);
  void expand(std::uint32_t index);
  void check_always(const CompositionState& state, std::uint32_t index);
  void check_end(std::uint32_t index);
  void check_possible();
  bool can_reach(std::size_t property);
  bool must_reach(std::size_t property);
  std::uint16_t label_of(const Move& move);
  void fail(std::size_t property, std::uint32_t state);
  void note(const Move& move);
  std::size_t length_of(std::uint32_t state) const;

  const Composition& composition_;
  std::vector<std::size_t> checked_;
  std::unique_ptr<StateStore> store_;
  std::unique_ptr<Agenda> agenda_;
  Segments<std::uint32_t> parents_;
  std::vector<FairEdge> edges_;         ///< only if a property needs them
  std::map<std::uint64_t, std::uint16_t> labels_;
  bool wants_edges_ = false;
  Exploration found_;
};

}  // namespace quickpay::statemachines
