#include "conformance/adapter/adapter_iut.hpp"

#include "conformance/adapter/protocol.hpp"

namespace quickpay::conformance {

AdapterIut::AdapterIut(Adapter& adapter, std::string token, std::function<bool()> stop)
    : adapter_(adapter), token_(std::move(token)), stop_(std::move(stop)), start_(adapter.starts()) {}

IutResult<Json> AdapterIut::call(Json command, std::int64_t deadline_ms) {
  if (!alive()) {
    return tl::unexpected(IutError{IutFault::crashed, "the adapter ended earlier in this session"});
  }
  command["session"] = token_;
  return adapter_.call(std::move(command), deadline_ms, stop_);
}

IutResult<Ready> AdapterIut::setup(const Setup& setup) {
  auto reply = call(qpap::setup_command(setup), kCommandMs);
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  Ready ready = qpap::ready_of(*reply);
  if (!setup.listen.empty() && (!ready.listen || ready.listen->address != setup.listen)) {
    return tl::unexpected(IutError{IutFault::protocol, "reply to setup: \"listen\" does not name the address it was given"});
  }
  return ready;
}

IutResult<void> AdapterIut::directory(const Json& players) {
  return call({{"cmd", "directory"}, {"directory", players}}, kCommandMs).map([](const Json&) {});
}

IutResult<CallId> AdapterIut::begin(const std::string& op, const Json& args, std::int64_t deadline_ms) {
  if (!alive()) {
    return tl::unexpected(IutError{IutFault::crashed, "the adapter ended earlier in this session"});
  }
  const std::int64_t deadline = deadline_ms > 0 ? deadline_ms : kCommandMs;
  auto sent = adapter_.send(
      {{"cmd", "do"}, {"session", token_}, {"op", op}, {"args", args}, {"deadline_ms", deadline}});
  if (sent) {
    deadlines_[*sent] = deadline;
  }
  return sent;
}

IutResult<Outcome> AdapterIut::finish(CallId call) {
  const auto deadline = deadlines_.extract(call);
  if (deadline.empty()) {
    return tl::unexpected(IutError{IutFault::protocol, "defect of the suite: no such call"});
  }
  return adapter_.receive(call, deadline.mapped() + kGraceMs, stop_).map(qpap::outcome_of);
}

IutResult<Outcome> AdapterIut::act(const std::string& op, const Json& args, std::int64_t deadline_ms) {
  return begin(op, args, deadline_ms).and_then([this](CallId call) { return finish(call); });
}

IutResult<Outcome> AdapterIut::await(const std::string& ref, std::int64_t deadline_ms) {
  const std::int64_t deadline = deadline_ms > 0 ? deadline_ms : kCommandMs;
  return call({{"cmd", "await"}, {"ref", ref}, {"deadline_ms", deadline}}, deadline + kGraceMs).map(qpap::outcome_of);
}

IutResult<Observation> AdapterIut::observe(const std::string& what) {
  return call({{"cmd", "observe"}, {"what", what}}, kCommandMs).map(qpap::observation_of);
}

IutResult<void> AdapterIut::fence() {
  if (!hello().fence) {
    return tl::unexpected(IutError{IutFault::unsupported, "the adapter has no fence"});
  }
  return call({{"cmd", "fence"}}, kCommandMs).map([](const Json&) {});
}

IutResult<ClockState> AdapterIut::clock(std::int64_t advance_ms) {
  if (!hello().virtual_clock) {
    return tl::unexpected(IutError{IutFault::unsupported, "the implementation runs on wall-clock time"});
  }
  return call({{"cmd", "clock"}, {"advance_ms", advance_ms}}, kCommandMs).map(qpap::clock_of);
}

IutResult<Ready> AdapterIut::restart(bool hard) {
  return call({{"cmd", "restart"}, {"hard", hard}}, kCommandMs).map(qpap::ready_of);
}

IutResult<void> AdapterIut::teardown() {
  stop_ = {};  // also after the scenario's deadline
  return call({{"cmd", "teardown"}}, kTeardownMs).map([](const Json&) {});
}

}  // namespace quickpay::conformance
