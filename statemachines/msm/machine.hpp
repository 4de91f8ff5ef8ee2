// Turns a generated transition table into an Engine, by Boost.MSM (back::state_machine of Boost 1.81, functor rows).
//
// INTERNAL: include it only in the one translation unit that defines a machine; every machine costs seconds to compile.
//
// A machine's translation unit looks like this (Offered stands for any state, …):
//
//   namespace {
//   using NONE = StateOf<0>;                 // ALIASES, one a state and one an event: the engine finds them by number
//   using OFFERED = StateOf<1>;
//   using GetOrder = EventOf<0>;
//   struct Definition : MachineDefinition<Definition, NONE, 12 /* events */> {
//     struct transition_table : Table<
//       Row<NONE, GetOrder, NONE,    Take<0>, Guard<0x1, 0x0>>,   // V1
//       Row<NONE, GetOrder, OFFERED, Take<1>, Guard<0x1, 0x1>>    // V3
//     > {};
//   };
//   }
//   std::unique_ptr<Engine> make_msm() { return make_engine<Definition>(table()); }
//   CompiledTable compiled_table() { return walk_table<Definition>(); }
//
// (statemachines/tests/door_msm.cpp is a whole one.) The machine's header declares the three functions table(),
// make_msm() and compiled_table(); the protocol's registry has all three in its MachineEntry, in this order.
//
// The form is narrow on purpose: one flat region, no deferral, no queue, no submachine, no completion transition; guards
// read bits, actions note the row. What MSM does with anything else never matters.
#pragma once

#include <array>
#include <boost/mpl/for_each.hpp>
#include <boost/mpl/push_back.hpp>
#include <boost/mpl/vector.hpp>
#include <boost/msm/back/metafunctions.hpp>
#include <boost/msm/back/state_machine.hpp>
#include <boost/msm/front/functor_row.hpp>
#include <boost/msm/front/state_machine_def.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "statemachines/step/apply.hpp"
#include "statemachines/step/compiled.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines::msm {

/// State number `Id` of a machine, as MSM wants it: a type.
template <StateId Id>
struct StateOf : boost::msm::front::state<> {
  static constexpr StateId kId = Id;
};

/// Event number `Id` of a machine. Empty: what a row may look at are the bits in the machine object.
template <EventId Id>
struct EventOf {
  static constexpr EventId kId = Id;
};

/// Guard of a row: the bits under `Mask` are exactly `Value`. A mask of 0 always holds.
template <std::uint64_t Mask, std::uint64_t Value>
struct Guard {
  static_assert((Value & ~Mask) == 0, "a guard asks for a bit that it does not look at");
  static constexpr std::uint64_t kMask = Mask;
  static constexpr std::uint64_t kValue = Value;
  template <class Event, class Machine, class Source, class Target>
  bool operator()(const Event&, Machine& machine, Source&, Target&) const noexcept {
    return (machine.bits & Mask) == Value;
  }
};

/// Action of a row: notes that row `Id` was taken. Effects are data and are done outside MSM.
template <RowId Id>
struct Take {
  static constexpr RowId kId = Id;
  template <class Event, class Machine, class Source, class Target>
  void operator()(const Event&, Machine& machine, Source&, Target&) const noexcept {
    machine.row = Id;
  }
};

template <class Source, class Event, class Target, class Action, class Condition>
using Row = boost::msm::front::Row<Source, Event, Target, Action, Condition>;

namespace detail {

template <class Sequence, class... Rows>
struct Append {
  using type = Sequence;
};
template <class Sequence, class First, class... Rest>
struct Append<Sequence, First, Rest...> : Append<typename boost::mpl::push_back<Sequence, First>::type, Rest...> {};

}  // namespace detail

/// A transition table of any number of rows: mpl::vector<…> itself ends at 50.
template <class... Rows>
struct Table : detail::Append<boost::mpl::vector0<>, Rows...>::type {};

/// What every machine's Definition derives from. `Events` is the number of events of the machine, those without any
/// row included.
template <class Definition, class InitialState, std::size_t Events>
struct MachineDefinition : boost::msm::front::state_machine_def<Definition> {
  using initial_state = InitialState;
  using no_message_queue = int;  // nothing is ever queued: machines neither allocate nor remember
  static constexpr std::size_t kEvents = Events;

  std::uint64_t bits = 0;  ///< predicates and atoms, for the guards
  RowId row = kNoRow;      ///< set by the action of the row taken

  // MSM's own versions assert, which vanishes with NDEBUG. What happened is told by the return value of process_event.
  template <class Machine, class Event>
  void no_transition(const Event&, Machine&, int) noexcept {}
  template <class Machine, class Event>
  void exception_caught(const Event&, Machine&, std::exception&) noexcept {}
};

namespace detail {

/// An archive for state_machine::serialize() that writes the active state and leaves the rest as constructed.
struct StateWriter {
  int state;
  StateWriter& operator&(int (&states)[1]) {
    states[0] = state;
    return *this;
  }
  template <class Other>
  StateWriter& operator&(Other&) {
    return *this;
  }
};

/// MSM numbers states by first appearance in the table, so every edit of a table renumbers them. This maps both ways;
/// -1 and kNoState: the state is in no row.
struct StateNumbers {
  static constexpr StateId kNoState = 0xFFFF;
  std::vector<int> to_msm;
  std::vector<StateId> from_msm;
};

template <class Machine>
class NumberCollector {
 public:
  explicit NumberCollector(StateNumbers& numbers) : numbers_(&numbers) {}
  template <class State>
  void operator()(const boost::msm::wrap<State>&) const {
    const int number = boost::msm::back::get_state_id<typename Machine::stt, State>::type::value;
    if (numbers_->to_msm.size() <= State::kId) numbers_->to_msm.resize(State::kId + 1U, -1);
    const auto slot = static_cast<std::size_t>(number);
    if (numbers_->from_msm.size() <= slot) numbers_->from_msm.resize(slot + 1U, StateNumbers::kNoState);
    numbers_->to_msm[State::kId] = number;
    numbers_->from_msm[slot] = State::kId;
  }

 private:
  StateNumbers* numbers_;
};

template <class Machine>
StateNumbers state_numbers() {
  StateNumbers numbers;
  using States = typename boost::msm::back::generate_state_set<typename Machine::stt>::type;
  boost::mpl::for_each<States, boost::msm::wrap<boost::mpl::placeholders::_1>>(NumberCollector<Machine>(numbers));
  return numbers;
}

class RowCollector {
 public:
  explicit RowCollector(std::vector<CompiledRow>& rows) : rows_(&rows) {}
  template <class R>
  void operator()(const boost::msm::wrap<R>&) const {
    rows_->push_back({R::Source::kId, R::Evt::kId, R::Target::kId, R::Action::kId, R::Guard::kMask, R::Guard::kValue});
  }

 private:
  std::vector<CompiledRow>* rows_;
};

}  // namespace detail

/// The transition table as the compiler has it, row by row.
template <class Definition>
CompiledTable walk_table() {
  CompiledTable compiled;
  compiled.initial = Definition::initial_state::kId;
  boost::mpl::for_each<typename Definition::transition_table, boost::msm::wrap<boost::mpl::placeholders::_1>>(
      detail::RowCollector(compiled.rows));
  return compiled;
}

/// One step by a fresh MSM object: set to the snapshot's state, given the event, read back. Such an object lives on
/// the stack and owns no memory, so steps do not remember each other, cannot fail, and may run on several threads.
/// Must not run before main(): MSM's dispatch tables are initialised dynamically.
template <class Definition>
class MsmEngine final : public Engine {
 public:
  explicit MsmEngine(const MachineTable& table) : table_(&table), numbers_(detail::state_numbers<Machine>()) {}

  StepResult step(Snapshot& snapshot, EventId event, PredicateBits bits) const noexcept override {
    const int active = snapshot.state < numbers_.to_msm.size() ? numbers_.to_msm[snapshot.state] : -1;
    if (event >= Definition::kEvents || active < 0) return unexpected(*table_, snapshot, event);
    Machine machine;
    detail::StateWriter writer{active};
    machine.serialize(writer, 0);
    machine.bits = with_atoms(*table_, snapshot, bits);
    switch (kProcess[event](machine)) {
      case boost::msm::back::HANDLED_TRUE:
        snapshot.state = numbers_.from_msm[static_cast<std::size_t>(machine.current_state()[0])];
        return taken(*table_, snapshot, machine.row);
      case boost::msm::back::HANDLED_GUARD_REJECT:
        return {Outcome::rejected, kNoRow, 0, {}};
      case boost::msm::back::HANDLED_FALSE:
      case boost::msm::back::HANDLED_DEFERRED:
        break;
    }
    return unexpected(*table_, snapshot, event);
  }

 private:
  using Machine = boost::msm::back::state_machine<Definition>;
  using Process = boost::msm::back::HandledEnum (*)(Machine&);

  template <std::size_t Event>
  static boost::msm::back::HandledEnum process(Machine& machine) {
    return machine.process_event(EventOf<static_cast<EventId>(Event)>{});
  }
  template <std::size_t... Events>
  static constexpr std::array<Process, sizeof...(Events)> processes(std::index_sequence<Events...>) {
    return {&process<Events>...};
  }
  static constexpr std::array<Process, Definition::kEvents> kProcess =
      processes(std::make_index_sequence<Definition::kEvents>{});

  const MachineTable* table_;
  detail::StateNumbers numbers_;
};

/// The engine of a compiled machine. `table` supplies effects and defaults and must outlive the engine.
template <class Definition>
std::unique_ptr<Engine> make_engine(const MachineTable& table) {
  return std::make_unique<MsmEngine<Definition>>(table);
}

}  // namespace quickpay::statemachines::msm
