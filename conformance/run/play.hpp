// One scenario against one implementation.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "conformance/adapter/adapter_iut.hpp"
#include "conformance/adapter/hand_iut.hpp"
#include "conformance/run/runner.hpp"

namespace quickpay::conformance {

/// What one worker keeps between scenarios: its io_context and its adapter process.
class Player {
 public:
  Player(const RunSettings& settings, const WorldFactory& worlds);
  ~Player();

  /// `number` is distinct for each scenario of the run. Never throws for what suite or implementation do.
  ScenarioResult play(const Planned& planned, std::uint64_t number);
  /// The implementation could be set up at least once.
  bool reached() const { return reached_; }
  /// Starts the adapter if it does not run, so that something can be attached to it. 0: there is no process.
  int process();
  /// Why asking again is a waste of time; empty as long as it is not.
  std::string gave_up() const;
  const Hello& hello() const { return hello_; }
  std::string errors() const { return adapter_ ? adapter_->errors() : std::string(); }
  std::size_t starts() const { return adapter_ ? adapter_->starts() : 0; }

 private:
  std::unique_ptr<Iut> make_iut(std::uint64_t number, std::chrono::steady_clock::time_point deadline);
  void act(Session& session, const Scenario& scenario);
  void leave(Session& session);

  const RunSettings& settings_;
  const WorldFactory& worlds_;
  std::unique_ptr<boost::asio::io_context> io_;
  std::unique_ptr<Adapter> adapter_;
  std::unique_ptr<Hand> hand_;
  std::shared_ptr<Memory> memory_;  ///< level E
  Hello hello_;
  bool reached_ = false;
  std::size_t setup_failures_ = 0;
  std::size_t barren_ = 0;      ///< scenarios in a row that passed nothing, …
  std::int64_t barren_ms_ = 0;  ///< … and how long they took together
};

/// Opens the world, runs the scenario's body, closes the world. False: the implementation could not be set up. Never
/// throws for what suite or implementation do.
bool perform(Session& session, const Scenario& scenario, const WorldFactory& worlds);
/// Tears the session down; charges the scenario with a process that ended. False: what still runs must be ended.
bool take_leave(Session& session);

/// The result of a scenario that is not run, all its checks with the same verdict.
ScenarioResult without_running(const Planned& planned, Verdict verdict, Evidence evidence);

}  // namespace quickpay::conformance
