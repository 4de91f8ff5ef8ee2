#include "conformance/run/runner.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <optional>
#include <thread>

#include "conformance/run/fail_fast.hpp"
#include "conformance/run/play.hpp"

namespace quickpay::conformance {

namespace {

using Clock = std::chrono::steady_clock;

/// What the workers of one run share. Kept alive by all of them: a worker that hangs outlives the run.
struct Shared {
  Plan plan;
  WorldFactory worlds;
  RunSettings settings;
  std::vector<std::size_t> order;
  FirstFailure failure;

  std::mutex mutex;
  std::condition_variable changed;
  std::size_t next = 0;
  std::size_t done = 0;
  std::size_t workers = 0;
  bool closed = false;                    ///< results are taken; nobody may write any more
  std::vector<ScenarioResult> results;    ///< by position in the plan
  std::vector<bool> has_result;
  std::vector<Clock::time_point> began;   ///< by worker; the epoch: idle
  std::vector<std::size_t> plays;         ///< by worker: position in the plan
  bool attempted = false;                 ///< somebody tried to set the implementation up
  bool reached = false;
  std::atomic<bool> right_request_failed = false;
  Hello hello;
  std::string errors;
  std::size_t starts = 0;
};

bool stopped(const Shared& shared) { return shared.settings.stop != nullptr && *shared.settings.stop; }

/// Scenarios that this implementation is not asked to play.
std::optional<ScenarioResult> excused(const Planned& planned, const Shared& shared, const Hello& hello) {
  const ScenarioInfo& info = planned.scenario->info;
  if (shared.settings.target.level_e && !info.level_e) {
    return without_running(planned, Verdict::inconclusive,
                           {Reason::adapter_required, {}, {}, {}, "this scenario cannot be played without an adapter"});
  }
  const auto feature = hello.features.find(info.feature);
  const bool claimed = feature != hello.features.end() && feature->second;
  if (is_of_other_feature(info, claimed)) {
    return without_running(
        planned, Verdict::not_applicable,
        {Reason::none, {}, {}, {}, fmt::format("the feature \"{}\" is {}claimed", info.feature, claimed ? "" : "not ")});
  }
  return std::nullopt;
}

/// Who never reacts is asked no more, but for right requests until one of them has failed: in every order of scenarios
/// the run ends with a failure, not with nothing.
std::string give_up(const Player& player, const Planned& planned, const Shared& shared) {
  const bool asks_rightly = !planned.scenario->info.negative && player.reached();
  return asks_rightly && !shared.right_request_failed ? std::string() : player.gave_up();
}

bool failed(const ScenarioResult& result) {
  return std::any_of(result.checks.begin(), result.checks.end(),
                     [](const CheckResult& check) { return !check.info.ambient && check.verdict == Verdict::fail; });
}

ScenarioResult play_one(Player& player, const Planned& planned, const Shared& shared, std::size_t position) {
  if (const std::string why = give_up(player, planned, shared); !why.empty()) {
    return without_running(planned, Verdict::inconclusive, {Reason::precondition_unmet, {}, {}, {}, why});
  }
  if (auto result = excused(planned, shared, shared.hello)) {
    return std::move(*result);
  }
  return player.play(planned, position + 1);
}

/// Scenario ids by position in the plan.
std::vector<std::string> ids_of(const Plan& plan) {
  std::vector<std::string> ids;
  for (const Planned& planned : plan.scenarios) {
    ids.push_back(planned.scenario->info.id);
  }
  return ids;
}

/// Nothing more is played after the failure that the run is for; what it still waits for is played next.
void look_for_failure(Shared& shared, const ScenarioResult& result) {
  if (shared.failure.sees(result, shared.hello.disputes)) {
    shared.order.resize(shared.next);
  } else if (const std::string twin = shared.failure.awaited(); !twin.empty()) {
    const auto rest = shared.order.begin() + static_cast<std::ptrdiff_t>(shared.next);
    const auto later = with_first({rest, shared.order.end()}, ids_of(shared.plan), {twin});
    std::copy(later.begin(), later.end(), rest);
  }
}

void work(const std::shared_ptr<Shared>& shared, std::size_t worker) {
  Player player(shared->settings, shared->worlds);
  std::unique_lock lock(shared->mutex);
  while (!shared->closed && shared->next < shared->order.size() && !stopped(*shared)) {
    const std::size_t position = shared->order[shared->next++];
    shared->plays[worker] = position;
    lock.unlock();
    if (shared->settings.before) {
      shared->settings.before(shared->plan.scenarios[position].scenario->info, player.process());
    }
    lock.lock();
    shared->began[worker] = Clock::now();
    lock.unlock();
    ScenarioResult result = play_one(player, shared->plan.scenarios[position], *shared, position);
    if (!result.info.negative && failed(result)) {
      shared->right_request_failed = true;
    }
    lock.lock();
    if (shared->closed) {
      return;
    }
    shared->began[worker] = Clock::time_point{};
    shared->attempted = shared->attempted || result.ran || !player.gave_up().empty();
    shared->reached = shared->reached || player.reached();
    shared->results[position] = std::move(result);
    shared->has_result[position] = true;
    if (shared->settings.until_failure) {
      look_for_failure(*shared, shared->results[position]);
    }
    ++shared->done;
    if (shared->settings.on_done) {
      shared->settings.on_done(shared->results[position], shared->done, shared->order.size());
    }
    shared->changed.notify_all();
  }
  shared->errors += player.errors();
  shared->starts += player.starts();
  --shared->workers;
  shared->changed.notify_all();
}

/// Waits for the workers. The position of a scenario that hangs, if one does.
std::optional<std::size_t> watch(Shared& shared, std::unique_lock<std::mutex>& lock) {
  constexpr std::chrono::milliseconds kLook{200};
  while (shared.workers > 0) {
    shared.changed.wait_for(lock, kLook);
    const auto limit = Clock::now() - limit_of(shared.settings) - shared.settings.hang_limit;
    for (std::size_t i = 0; i < shared.began.size(); ++i) {
      if (shared.began[i] != Clock::time_point{} && shared.began[i] < limit) {
        return shared.plays[i];
      }
    }
  }
  return std::nullopt;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

/// Results of all scenarios of the plan, those that did not run included.
void take_results(Shared& shared, const std::optional<std::size_t>& hung, RunResult& result) {
  for (std::size_t i = 0; i < shared.plan.scenarios.size(); ++i) {
    if (shared.has_result[i]) {
      result.scenarios.push_back(std::move(shared.results[i]));
      continue;
    }
    const bool here = hung == i;
    const std::string detail = here ? "the scenario did not end" : "the run ended before this scenario";
    result.scenarios.push_back(without_running(
        shared.plan.scenarios[i], here ? Verdict::error : Verdict::inconclusive,
        {here ? Reason::suite_defect : Reason::interrupted, {}, {}, {}, detail}));
  }
  if (hung) {
    result.defects.push_back(fmt::format("{} hangs", shared.plan.scenarios[*hung].scenario->info.id));
  }
}

/// Why the suite cannot talk to an endpoint, or nothing: nobody listens, or it answers a plain request by TLS.
std::optional<std::string> unreachable(const Address& address) {
  constexpr std::chrono::milliseconds kFirstWord{300};  // who says nothing to nonsense may be right
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  const auto ip = boost::asio::ip::make_address(address.address, error);
  bool connected = false;
  if (!error) {
    socket.async_connect({ip, address.port}, [&](const boost::system::error_code& failed) { connected = !failed; });
    io.run_for(std::chrono::seconds(5));
  }
  if (!connected) {
    return fmt::format("nobody listens at {}:{}", address.address, address.port);
  }
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request), error);
  std::array<char, 2> first{};
  std::size_t read = 0;
  boost::asio::async_read(socket, boost::asio::buffer(first), [&](const boost::system::error_code&, std::size_t n) { read = n; });
  io.restart();
  io.run_for(kFirstWord);
  const bool tls = read == first.size() && first[0] == '\x15' && first[1] == '\x03';
  return tls ? std::optional(fmt::format("{}:{} speaks TLS; the protocols run over plain HTTP", address.address, address.port)) : std::nullopt;
}

std::string level_of(const Target& target, const Hello& hello) {
  return target.level_e ? "E" : hello.observes.empty() ? "A" : "O";
}

RunResult facts_of(const Plan& plan, const RunSettings& settings) {
  RunResult result;
  result.started = utc_now();
  result.role = settings.role;
  result.profile = settings.profile;
  result.seed = settings.seed;
  result.level = settings.target.level_e ? "E" : "A";
  result.complete = plan.complete && !settings.until_failure;
  result.unused_patterns = plan.unused_patterns;
  return result;
}

}  // namespace

IutResult<Hello> probe(const Target& target) {
  if (target.level_e) {
    if (const auto why = unreachable(target.endpoint)) {
      return tl::unexpected(IutError{IutFault::crashed, *why});
    }
    return EndpointIut(target.endpoint, target.fixture).hello();
  }
  if (target.by_hand) {
    return hello_by_hand(target.fixture.value("role", std::string()), target.fixture.value("profile", std::string()));
  }
  boost::asio::io_context io;
  Adapter adapter(io, target.adapter);
  if (const auto running = adapter.ensure_running(); !running) {
    return tl::unexpected(running.error());
  }
  Hello hello = adapter.hello();
  adapter.bye();
  return hello;
}

std::chrono::milliseconds limit_of(const RunSettings& settings) { return settings.scenario_limit * settings.patience; }

RunResult run(const Plan& plan, const WorldFactory& worlds, const RunSettings& settings, const IutResult<Hello>& hello) {
  const Clock::time_point begin = Clock::now();
  RunResult result = facts_of(plan, settings);
  if (!hello) {
    for (const Planned& planned : plan.scenarios) {
      result.scenarios.push_back(without_running(
          planned, Verdict::inconclusive, {Reason::precondition_unmet, {}, {}, {}, hello.error().what}));
    }
    return result;
  }
  auto shared = std::make_shared<Shared>();
  shared->hello = result.implementation = *hello;
  result.level = level_of(settings.target, shared->hello);
  shared->plan = plan;
  shared->worlds = worlds;
  shared->settings = settings;
  shared->order = with_first(order_of(plan, settings.seed), ids_of(plan), settings.first);
  shared->results.resize(plan.scenarios.size());
  shared->has_result.resize(plan.scenarios.size());
  shared->workers = settings.target.level_e || settings.target.by_hand ? 1 : std::clamp<std::size_t>(settings.jobs, 1, kMaxJobs);
  shared->began.resize(shared->workers);
  shared->plays.resize(shared->workers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0, workers = shared->workers; i < workers; ++i) {
    threads.emplace_back(work, shared, i);
  }
  std::unique_lock lock(shared->mutex);
  const std::optional<std::size_t> hung = watch(*shared, lock);
  shared->closed = true;
  take_results(*shared, hung, result);
  result.reached = shared->reached || !shared->attempted;
  result.adapter_errors = shared->errors;
  result.adapter_starts = shared->starts;
  result.interrupted = stopped(*shared);
  lock.unlock();
  for (std::thread& thread : threads) {
    hung ? thread.detach() : thread.join();
  }
  bind_verdicts(result.scenarios);
  result.ms = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  return result;
}

}  // namespace quickpay::conformance
