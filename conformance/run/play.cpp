#include "conformance/run/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "conformance/model/serve.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

using Clock = std::chrono::steady_clock;

std::int64_t ms_since(Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
}

/// Without an adapter: what takes one earns no pass. A violation that was seen all the same counts.
void keep_apart(ScenarioResult& result) {
  for (CheckResult& check : result.checks) {
    const bool violated = check.verdict == Verdict::fail || check.verdict == Verdict::warn || check.verdict == Verdict::error;
    if (check.info.needs_adapter && !violated) {
      check.verdict = Verdict::inconclusive;
      check.evidence = {Reason::adapter_required, {}, {}, {}, "this check cannot be earned without an adapter"};
    }
    check.apart = check.apart || check.evidence.reason == Reason::adapter_required;
  }
}

bool passed_nothing(const ScenarioResult& result) {
  return std::none_of(result.checks.begin(), result.checks.end(), [](const CheckResult& check) {
    return check.verdict == Verdict::pass && !check.info.ambient;
  });
}

/// A process that ends is charged to the scenario in which it ended, even if all checks were judged before.
void charge_crash(Session& session, const std::string& what) {
  const Evidence evidence{Reason::crash, "the implementation goes on", "its process ended", {}, what};
  session.stop(Verdict::fail, evidence);
  for (const CheckInfo& check : session.info().checks) {
    if (!check.ambient) {
      session.emit(check.id, Verdict::fail, evidence);
    }
  }
}

}  // namespace

ScenarioResult without_running(const Planned& planned, Verdict verdict, Evidence evidence) {
  ScenarioResult result;
  result.info = planned.scenario->info;
  result.support = planned.support;
  for (const CheckInfo& info : result.info.checks) {
    CheckResult check;
    check.info = info;
    check.verdict = verdict;
    check.evidence = evidence;
    check.apart = evidence.reason == Reason::adapter_required;
    result.checks.push_back(std::move(check));
  }
  return result;
}

Player::Player(const RunSettings& settings, const WorldFactory& worlds)
    : settings_(settings), worlds_(worlds), io_(std::make_unique<boost::asio::io_context>(1)) {
  if (settings.target.by_hand) {
    hand_ = std::make_unique<Hand>(*io_, settings.person.input, settings.person.say);
    hello_ = hello_by_hand(settings.role, settings.profile);
  } else if (!settings.target.level_e) {
    adapter_ = std::make_unique<Adapter>(*io_, settings.target.adapter, settings.patience);
  }
}

Player::~Player() {
  if (adapter_) {
    adapter_->bye();
  }
}

std::string Player::gave_up() const {
  if (setup_failures_ >= kMaxSetupFailures) {
    return fmt::format("the implementation could not be set up {} times in a row", kMaxSetupFailures);
  }
  if (barren_ >= kBarrenScenarios && barren_ms_ >= settings_.barren_limit.count() * settings_.patience) {
    return fmt::format("{} scenarios in a row passed nothing and took {} s", barren_, static_cast<double>(barren_ms_) / 1000.0);
  }
  return {};
}

std::unique_ptr<Iut> Player::make_iut(std::uint64_t number, Clock::time_point deadline) {
  const auto over = [deadline, stop = settings_.stop] { return (stop != nullptr && *stop) || Clock::now() >= deadline; };
  if (hand_) {
    return std::make_unique<HandIut>(*hand_, hello_, over);
  }
  if (!adapter_) {
    return std::make_unique<EndpointIut>(settings_.target.endpoint, settings_.target.fixture);
  }
  const std::string token = Random::derived(settings_.seed, fmt::format("session {}", number)).hex(12);
  return std::make_unique<AdapterIut>(*adapter_, token, over);
}

int Player::process() {
  return adapter_ && adapter_->ensure_running() ? adapter_->pid() : 0;
}

ScenarioResult Player::play(const Planned& planned, std::uint64_t number) {
  const Scenario& scenario = *planned.scenario;
  const Clock::time_point begin = Clock::now();
  if (adapter_) {
    if (const auto running = adapter_->ensure_running(); !running) {
      ++setup_failures_;
      return without_running(planned, Verdict::inconclusive,
                             {Reason::precondition_unmet, {}, {}, {}, running.error().what});
    }
    hello_ = adapter_->hello();
  }
  const Clock::time_point deadline = begin + limit_of(settings_);
  const std::unique_ptr<Iut> inner = make_iut(number, deadline);
  Course course;
  const std::unique_ptr<Iut> iut = noting_iut(*inner, course);
  SessionSetting setting{settings_.seed, number, settings_.profile, deadline, settings_.stop, settings_.salt, nullptr,
                         settings_.patience, &course};
  if (settings_.target.level_e) {
    setting.memory = &memory_;  // the endpoint remembers, so the judges do
  }
  Session session(scenario.info, std::move(setting), *io_, *iut);
  act(session, scenario);
  leave(session);
  ScenarioResult result;
  result.info = scenario.info;
  result.support = planned.support;
  result.ran = true;
  result.checks = settle(scenario.info, session.findings());
  result.transcript = session.transcript().entries();
  result.dropped = session.transcript().dropped();
  result.number = number;
  result.steps = course.steps();
  result.ms = ms_since(begin);
  barren_ = passed_nothing(result) ? barren_ + 1 : 0;
  barren_ms_ = barren_ == 0 ? 0 : barren_ms_ + result.ms;
  if (settings_.target.level_e) {
    keep_apart(result);
  }
  return result;
}

void Player::act(Session& session, const Scenario& scenario) {
  if (perform(session, scenario, worlds_)) {
    reached_ = true;
    setup_failures_ = 0;
  } else {
    ++setup_failures_;
  }
}

void Player::leave(Session& session) {
  if (!take_leave(session) && adapter_) {
    adapter_->kill();  // what it still does would disturb the next session
  }
  if (session.expired()) {
    const bool interrupted = settings_.stop != nullptr && *settings_.stop;
    session.stop(Verdict::inconclusive, {interrupted ? Reason::interrupted : Reason::timeout, {}, {}, {},
                                         interrupted ? "the run was interrupted" : "the scenario's time was over"});
  }
  session.set_world(nullptr);
  drain(*io_);  // handlers of closed connections, before the session goes
}

bool perform(Session& session, const Scenario& scenario, const WorldFactory& worlds) {
  bool open = false;
  try {
    const IutResult<void> opened = worlds.open(session, scenario);
    if (!opened) {
      session.iut().alive() ? session.stop(opened.error()) : charge_crash(session, opened.error().what);
      return false;
    }
    open = true;
    scenario.run(session);
    worlds.close(session);
  } catch (const std::exception& exception) {  // a scenario may use libraries that throw
    session.stop(Verdict::error, {Reason::suite_defect, {}, {}, {}, exception.what()});
    session.emit(scenario.info.checks.front().id, Verdict::error,
                 {Reason::suite_defect, {}, {}, {}, exception.what()});
  }
  return open;
}

bool take_leave(Session& session) {
  if (!session.iut().alive()) {
    charge_crash(session, "the process under test ended in this session");
    return false;
  }
  const IutResult<void> torn = session.iut().teardown();
  if (!torn && torn.error().fault == IutFault::crashed) {
    charge_crash(session, torn.error().what);
  }
  return torn.has_value();
}

}  // namespace quickpay::conformance
