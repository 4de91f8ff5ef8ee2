// Machines that work together: what can happen next in a state. The rules are told in the room's README; the generated
// Promela follows the same rules and shares no code with this.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/composition/layout.hpp"

namespace quickpay::statemachines {

enum class MoveKind : std::uint8_t {
  action, timer, fetched, request, earlier_request, outside, answer, no_answer, lose_request, lose_answer, crash,
  forged_request, forged_answer
};

inline constexpr std::size_t kMaxChain = 8;  ///< steps of machines in one durable unit

/// One thing that happens. Numbers are indices into the layout.
struct Move {
  MoveKind kind = MoveKind::action;
  std::uint8_t order = 0;
  std::int16_t instance = -1;
  std::int16_t event = -1;
  std::int16_t letter = -1;
  std::int16_t code = -1;
  bool kept = false;   ///< a copy stays on its way
  bool other = false;  ///< forged with other terms
  bool stuck = false;  ///< no row fits: the machine is not total
  std::uint8_t steps = 0;                     ///< of machines, in one durable unit
  std::array<std::uint16_t, kMaxChain> rows;  ///< rows or defaults taken …
  std::array<std::uint8_t, kMaxChain> movers; ///< … by these instances
};

/// Is told every successor; a state may be told several times.
using Visit = std::function<void(const Move&, const CompositionState&)>;

/// One thread at a time.
class Composition {
 public:
  /// `players`: one an instance, in the order of the table; they outlive this.
  Composition(const CompositionTable& table, std::vector<Player> players, const ConfigurationInfo& configuration);
  ~Composition();

  /// From now on the predicate has this value whatever the table says: a defect, to see whether a property notices.
  void pretend(std::size_t instance, std::size_t predicate, bool value);

  const Layout& layout() const { return layout_; }
  const ConfigurationInfo& configuration() const { return configuration_; }
  CompositionState initial() const;
  void successors(const CompositionState& state, const Visit& visit) const;
  /// Tells what time will bring although lazy time does not bring it yet: timers that run, calls that nothing answers any more. The
  /// same moves as `successors` tells when they come, without rows.
  void due(const CompositionState& state, const std::function<void(const Move&)>& tell) const;
  /// Value of a formula for one order; without a message at hand.
  bool holds(FormulaCode formula, const CompositionState& state, std::size_t order) const;

  /// "w: confirm" and the rows taken, as a reader follows it.
  std::string describe(const Move& move) const;
  /// The move as a line of a sequence diagram in the language of Mermaid, one lane a role.
  std::string drawn(const Move& move) const;
  /// "w INQUIRING, v OFFERED, …; held 1".
  std::string describe(const CompositionState& state) const;

 private:
  struct Scene;  ///< what a step of a machine needs to know
  struct Task;
  struct Ways;
  struct Situation;
  struct SituationHash;
  struct Told;
  struct Known;
  using Outcomes = std::vector<Told>;
  struct Budget {
    static constexpr std::size_t kLoss = 0, kCopies = 1, kCrashes = 2, kForgeries = 3;
  };

  std::uint8_t& budget(CompositionState& state, std::size_t kind) const { return state[layout_.budget_at(kind)]; }
  bool quiet(const CompositionState& state) const;
  bool silent(const CompositionState& state, std::size_t order, std::size_t letter) const;
  bool time_passes(const CompositionState& state) const { return !configuration_.lazy_timers || quiet(state); }
  bool suspended(int instance) const;
  bool present(std::size_t order, int instance) const {
    return instance >= 0 && present_[order * layout_.players().size() + static_cast<std::size_t>(instance)];
  }
  bool lies(std::string_view who) const;
  bool may_forge(std::string_view message, int writer) const;

  void find_ways();
  void find_own(std::size_t instance);
  void find_hand_overs(std::size_t instance);
  bool driven(std::size_t instance, EventId event) const;
  void own_moves(const CompositionState& state, std::size_t order, std::size_t instance, bool passes, const Visit& visit) const;
  void letter_moves(const CompositionState& state, std::size_t order, std::size_t letter, bool passes, const Visit& visit) const;
  void deliver(const CompositionState& state, std::size_t order, std::size_t letter, const Visit& visit) const;
  void arrive(CompositionState state, std::size_t order, std::size_t letter, bool kept, const Visit& visit) const;
  void answers(const CompositionState& state, std::size_t order, std::size_t letter, const Visit& visit) const;
  void outcome(CompositionState state, const Scene& scene, EventId event, const Visit& visit) const;
  void no_answer(const CompositionState& state, std::size_t order, std::size_t letter, bool passes, const Visit& visit) const;
  void losses(const CompositionState& state, std::size_t order, std::size_t letter, const Visit& visit) const;
  void crashes(const CompositionState& state, const Visit& visit) const;
  void crash(CompositionState state, std::size_t instance, std::size_t first, const Visit& visit) const;
  void forge_requests(const CompositionState& state, std::size_t order, std::size_t letter, const Visit& visit) const;
  void forge_answers(const CompositionState& state, std::size_t order, std::size_t letter, const Visit& visit) const;

  void step(const CompositionState& state, const Scene& scene, EventId event, const Visit& visit) const;
  const Outcomes& outcomes(const Situation& here, const Snapshot& before, EventId event) const;
  bool assumed(const CompositionState& state, const Scene& scene, std::size_t predicate, bool& value) const;
  void take(CompositionState state, const Scene& scene, const Snapshot& after, const StepResult& result,
            const Visit& visit) const;
  void go_on(CompositionState state, Scene scene, const Visit& visit) const;
  void plan(Scene& scene, std::size_t instance, std::span<const EffectId> effects) const;
  void perform(CompositionState& state, const Scene& scene, const EffectInfo& effect) const;
  void watch(CompositionState& state, const Scene& scene, EffectId effect) const;
  void begin(CompositionState& state, const Scene& scene, int letter, bool notice) const;
  void reply(CompositionState& state, std::size_t order, std::size_t letter, std::string_view code) const;
  void give_up(CompositionState& state, std::size_t order, std::size_t letter) const;
  int evaluate(FormulaCode formula, const CompositionState& state, const Scene& scene) const;
  int load(const FormulaOp& op, const CompositionState& state, const Scene& scene) const;

  Layout layout_;
  const ConfigurationInfo& configuration_;
  std::vector<std::vector<const AssumptionInfo*>> assumptions_;              ///< instance → predicate
  std::vector<std::vector<std::vector<const ObservationInfo*>>> watched_;  ///< instance → effect
  std::vector<std::vector<int>> pretended_;  ///< instance → predicate: -1, or the value
  std::vector<std::vector<std::vector<const FollowInfo*>>> follows_;       ///< instance → effect
  std::vector<bool> present_;  ///< order by order, instance → whether it takes part
  std::unique_ptr<Ways> ways_;
  std::unique_ptr<Known> known_;  ///< grows while moves are told
  bool tells_terms_apart_ = false;
};

}  // namespace quickpay::statemachines
