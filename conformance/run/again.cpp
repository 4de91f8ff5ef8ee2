#include "conformance/run/again.hpp"

#include "conformance/run/play.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {
constexpr std::chrono::hours kNoLimit{24};  // nothing is waited for
}  // namespace

tl::expected<ScenarioResult, std::string> play_again(const Planned& planned, const WorldFactory& worlds,
                                                     const Recording& recording) {
  const ScenarioInfo& info = planned.scenario->info;
  if (recording.scenario != info.id) {
    return tl::unexpected("it is a recording of " + recording.scenario);
  }
  if (!recording.hello.virtual_clock) {
    return tl::unexpected(std::string("the implementation ran on wall-clock time, which cannot be played again"));
  }
  boost::asio::io_context io;
  Course course(recording);
  const std::unique_ptr<Iut> iut = followed_iut(recording.hello, course);
  SessionSetting setting;
  setting.seed = recording.seed;
  setting.number = recording.number;
  setting.profile = recording.profile;
  setting.deadline = std::chrono::steady_clock::now() + kNoLimit;
  setting.course = &course;
  Session session(info, std::move(setting), io, *iut);
  perform(session, *planned.scenario, worlds);
  take_leave(session);
  session.set_world(nullptr);
  if (const std::string fault = course.end_fault(); !fault.empty()) {
    return tl::unexpected(fault);
  }
  ScenarioResult result;
  result.info = info;
  result.support = planned.support;
  result.ran = true;
  result.checks = settle(info, session.findings());
  return result;
}

}  // namespace quickpay::conformance
