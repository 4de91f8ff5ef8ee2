// Where machines run: evaluates predicates, steps the engine, executes effects, keeps the record.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/answers.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/outbox.hpp"
#include "reference/roles/store.hpp"
#include "reference/roles/turn.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::roles {

inline constexpr int kMaxFollowUps = 4;            ///< events that one event may cause through ports
inline constexpr int kMaxTimersBefore = 16;        ///< due timers of a record that fire before another event of it
inline constexpr std::size_t kMaxDueTimers = 256;  ///< timers fired by one input
inline constexpr std::size_t kMaxLeftAtPort = 10000;  ///< records that a node takes from one port when it begins

class Stage;

/// What the machine's names mean in one role: predicates, effects, results.
class Actor {
 public:
  Actor(Machine machine, Stage& stage) : stage_(stage), machine_(std::move(machine)) {}
  virtual ~Actor() = default;
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

  const statemachines::MachineTable& table() const { return *machine_.table; }
  const statemachines::Engine& engine() const { return *machine_.engine; }

  /// Whether a predicate (index into the table) holds; false when its subject is missing.
  virtual bool holds(std::uint8_t predicate, const Turn& turn) = 0;
  /// Executes an effect (index into the table).
  virtual void apply(statemachines::EffectId effect, Turn& turn) = 0;
  /// Puts the result fields of QP-OK into a response; `request` is null for a parked one.
  virtual void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) = 0;
  /// Whether an answer proves that it is the one that was asked for, beyond what all answers have to prove. What is not
  /// trusted counts as no answer.
  virtual bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) {
    static_cast<void>(record), static_cast<void>(call), static_cast<void>(response);
    return true;
  }
  /// The key of the record that a port of this machine leads to.
  virtual std::string port_key(std::string_view port, const Turn& turn) {
    static_cast<void>(port);
    return turn.key();
  }

 protected:
  Stage& stage_;

 private:
  Machine machine_;
};

/// Sees every step of every machine of a node.
class StepWatcher {
 public:
  virtual ~StepWatcher() = default;
  /// `event` was handled by `row` of the turn's machine; `changed`: its record is another one now.
  virtual void stepped(const Turn& turn, std::string_view event, std::string_view row, bool changed) = 0;
};

/// Runs turns. Owns nothing but the list of actors.
class Stage {
 public:
  Stage(Facts& facts_in, Store& store_in, Answers& answers_in, Outbox& outbox_in, Output& output_in)
      : facts(facts_in), store(store_in), answers(answers_in), outbox(outbox_in), output(output_in) {}

  Facts& facts;
  Store& store;
  Answers& answers;
  Outbox& outbox;
  Output& output;

  void add(Actor& actor) { actors_.push_back(&actor); }
  /// What ports of this name hand over becomes `event` of the same key at `machine`. A port that is not connected leaves
  /// its record in the ledger.
  void connect(std::string port, std::string machine, std::string event);
  /// Takes over what was left at ports while they were not connected, up to kMaxLeftAtPort of each.
  void take_over();
  const std::vector<Actor*>& actors() const { return actors_; }
  /// The watcher outlives the stage, or nothing runs after it.
  void watch(StepWatcher& watcher) { watcher_ = &watcher; }

  /// The record of `key`, blank if there is none, after its due timers have fired.
  Turn open(Actor& actor, std::string_view key);
  /// One event of the turn's record, and what follows from it. False: the machine has no such event.
  bool run(Turn& turn, std::string_view event);
  /// A request that is the machine's event of the same name.
  void serve(Actor& actor, std::string_view key, Request& request);
  void serve(Turn& turn, Request& request);
  /// A call of a record was answered, or failed.
  void answered(const ledger::Call& call, const Judged& judged);
  /// A fetch of a record succeeded or failed.
  void fetched(const ledger::Call& call, bool ok, const std::string& body);
  /// Fires timers that are due.
  void fire_due();
  /// Fires one timer of a record, whatever the time.
  void fire(std::string_view machine, const std::string& key, const std::string& timer);

  // ---- for actors
  /// Executes the effects whose meaning is the same in every role.
  void common(statemachines::EffectId effect, Turn& turn);
  void start(Turn& turn, const std::string& timer, std::int64_t due_ms);
  void stop(Turn& turn, const std::string& timer);
  void event(Turn& turn, std::string kind, std::string text, std::map<std::string, std::string> details = {});

 private:
  Actor* actor_of(std::string_view machine) const;
  void fire(Actor& actor, const std::string& key, const std::string& timer);
  void step(Turn& turn);
  statemachines::PredicateBits evaluate(Turn& turn) const;
  bool restore(const Turn& turn, statemachines::Snapshot& snapshot);
  struct Connection {
    std::string port;
    std::string machine;
    std::string event;
  };
  const Connection* connection(std::string_view port) const;
  void hand_over(Turn& turn, std::string_view port);
  void note(const Turn& turn, statemachines::PredicateBits bits, const statemachines::StepResult& result,
            const std::vector<statemachines::EffectId>& effects);

  std::vector<Actor*> actors_;
  std::vector<Connection> connections_;
  StepWatcher* watcher_ = nullptr;
};

/// Whether the record of a machine is in this state, one of its generated enumeration.
template <class State>
bool is_in(const ledger::Record& record, const statemachines::MachineTable& table, State state) {
  return record.state == table.states[static_cast<std::size_t>(state)].id;
}

/// The machine of `table` with the compiled engine, or as the configuration says.
Machine machine_for(const NodeConfig& config, const statemachines::MachineTable& table,
                    std::unique_ptr<statemachines::Engine> compiled);

}  // namespace quickpay::roles
