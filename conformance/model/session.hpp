// One run of one scenario: what its body may use and where its verdicts go.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/model/course.hpp"
#include "conformance/model/iut.hpp"
#include "conformance/model/random.hpp"
#include "conformance/model/scenario.hpp"
#include "conformance/model/transcript.hpp"

namespace quickpay::conformance {

class World;  // conformance/peers: the players around the implementation

inline constexpr std::size_t kRunDigits = 8;  ///< of Session::run()

/// What a verdict rests on. Texts may quote the implementation; reports escape them.
struct Evidence {
  Reason reason = Reason::none;
  std::string expected;              ///< "no answer before CheckCommit was answered"
  std::string got;                   ///< "RequestOrderDeliveryResponse QP-OK"
  std::vector<std::size_t> entries;  ///< transcript entries that show it
  std::string detail;
  std::optional<std::size_t> offset = std::nullopt;  ///< bytes into the body of the first entry, where it is wrong
};

/// One emitted verdict.
struct Finding {
  std::string check;
  Verdict verdict = Verdict::none;
  Evidence evidence;
  bool twin_bound = false;  ///< counts only if the scenario's twin passed (see negative.hpp)
};

/// What the players and judges of one session leave to the next where the implementation remembers, too (level E).
class Memory {
 public:
  virtual ~Memory() = default;
};

/// Fixed facts of a session.
struct SessionSetting {
  std::uint64_t seed = 0;     ///< of the run
  std::uint64_t number = 0;   ///< distinct in a run: gives the session its own loopback addresses
  std::string profile = "F";
  std::chrono::steady_clock::time_point deadline;  ///< of the scenario
  const std::atomic<bool>* stop = nullptr;         ///< set when the run is interrupted
  std::uint64_t salt = 0;                          ///< of the run: tells it from others with the same seed
  std::shared_ptr<Memory>* memory = nullptr;       ///< of the run; null: every session begins anew
  int patience = 1;                                ///< every wait takes up to so many times its limit
  Course* course = nullptr;                        ///< where steps are noted or followed; null: nobody keeps them
};

/// Lives in one thread together with its io_context; peers run in it while the body waits.
class Session {
 public:
  Session(const ScenarioInfo& info, SessionSetting setting, boost::asio::io_context& io, Iut& iut);

  const ScenarioInfo& info() const { return info_; }
  const std::string& profile() const { return setting_.profile; }
  Iut& iut() { return iut_; }
  boost::asio::io_context& io() { return io_; }
  Transcript& transcript() { return transcript_; }
  /// Drawn from the run's seed and salt and the scenario's id: the same in every order of scenarios.
  Random& random() { return random_; }
  /// Eight hex digits that tell this run from others; the same in all its sessions.
  const std::string& run() const { return run_; }
  /// Where to keep what the next session of this run needs; null if it begins anew.
  std::shared_ptr<Memory>* memory() const { return setting_.memory; }
  /// A loopback address of this session alone: 127.x.y.last, last 1 … 254.
  std::string loopback(std::uint8_t last) const;

  /// What is noted of this session, or the recording that it follows.
  Course& course() { return setting_.course == nullptr ? own_course_ : *setting_.course; }

  /// The players. Present from WorldFactory::open on.
  World& world() { return *world_; }
  void set_world(std::shared_ptr<World> world) { world_ = std::move(world); }

  /// `limit` times the patience of the run, which is more than 1 where a person or a debugger stands in between.
  std::chrono::milliseconds patient(std::chrono::milliseconds limit) const { return limit * setting_.patience; }
  /// Serves the peers until `done` holds. False: the patient `limit` or the scenario's deadline passed first.
  bool wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit);
  /// The scenario's deadline is over; nothing that follows can earn a verdict.
  bool expired() const;

  /// Judges a check. Several verdicts of one check roll up to the worst; a `fail` of a SHOULD counts as `warn`.
  /// A check that was not declared is a defect of the suite and reported as such.
  void emit(std::string_view check, Verdict verdict, Evidence evidence = {});
  void pass(std::string_view check, std::string detail = {});
  void fail(std::string_view check, Reason reason, std::string expected, std::string got,
            std::vector<std::size_t> entries = {});
  void inconclusive(std::string_view check, Reason reason, std::string detail);
  /// As emit, but the verdict counts only if the twin of the scenario passed.
  void emit_twin_bound(std::string_view check, Verdict verdict, Evidence evidence);

  /// There was no answer in time: a failure where the scenario asks for something right, inconclusive where it
  /// provokes (the twin fails then) and when the run was interrupted.
  void silent(std::string_view check, std::string got, std::vector<std::size_t> entries = {});

  /// Gives every declared check that has no verdict yet this one: the scenario cannot go on.
  void stop(Verdict verdict, Evidence evidence);
  /// stop() with what follows from a failed command: a crash is a failure, a time-out or a missing command is not.
  void stop(const IutError& error);

  bool emitted(std::string_view check) const;
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Verdict verdict_of_silence() const;

  const ScenarioInfo& info_;
  SessionSetting setting_;
  boost::asio::io_context& io_;
  Iut& iut_;
  Transcript transcript_;
  Random random_;
  std::string run_;
  Course own_course_;
  std::shared_ptr<World> world_;
  std::vector<Finding> findings_;
};

/// Makes the players around the implementation. Conformance/peers provides it; `main` hands it to the runner.
struct WorldFactory {
  /// Level E: why nothing can be played with this fixture file, or nothing. May be empty.
  std::function<std::optional<std::string>(const Json&)> fixture_fault;
  /// Starts the players that `scenario` asks for, sets the implementation up (Iut::setup, Iut::directory) and calls
  /// Session::set_world. An error: the implementation could not be set up. Where the session follows a recording, no
  /// player starts.
  std::function<IutResult<void>(Session&, const Scenario&)> open;
  /// Judges what can only be judged at the end (monitors, invariants), then stops the players.
  std::function<void(Session&)> close;
};

}  // namespace quickpay::conformance
