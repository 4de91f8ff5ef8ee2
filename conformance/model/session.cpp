#include "conformance/model/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/model/serve.hpp"

namespace quickpay::conformance {

namespace {
std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

const CheckInfo* declared(const ScenarioInfo& info, std::string_view check) {
  const auto found = std::find_if(info.checks.begin(), info.checks.end(),
                                  [&](const CheckInfo& candidate) { return candidate.id == check; });
  return found == info.checks.end() ? nullptr : &*found;
}
}  // namespace

Session::Session(const ScenarioInfo& info, SessionSetting setting, boost::asio::io_context& io, Iut& iut)
    : info_(info),
      setting_(std::move(setting)),
      io_(io),
      iut_(iut),
      transcript_(&steady_us),
      random_(Random::derived(setting_.seed ^ setting_.salt, info.id)),
      run_(Random::derived(setting_.seed ^ setting_.salt, "run").hex(kRunDigits)) {
  course().watch(transcript_);
}

std::string Session::loopback(std::uint8_t last) const {
  // 127.16.0.0 upwards: clear of 127.0.0.1 and of the addresses that distributions give to host names.
  constexpr std::uint64_t kBlocks = 200ULL * 254ULL;
  const std::uint64_t block = setting_.number % kBlocks;
  return fmt::format("127.{}.{}.{}", 16 + block / 254, 1 + block % 254, last);
}

bool Session::expired() const {
  return (setting_.stop != nullptr && *setting_.stop) || std::chrono::steady_clock::now() >= setting_.deadline;
}

bool Session::wait_until(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  if (course().follows()) {
    return course().follow("wait") != nullptr && done();
  }
  const std::size_t begin = transcript_.mark();
  const auto end = std::min(std::chrono::steady_clock::now() + patient(limit), setting_.deadline);
  const bool held = serve_until(io_, done, end, [this] { return expired(); });
  course().note("wait", begin, held);
  return held;
}

void Session::emit(std::string_view check, Verdict verdict, Evidence evidence) {
  const CheckInfo* info = declared(info_, check);
  if (info == nullptr) {
    evidence.detail = fmt::format("the scenario emitted a check that it does not declare ({})", name_of(verdict));
    evidence.reason = Reason::suite_defect;
    findings_.push_back({std::string(check), Verdict::error, std::move(evidence), false});
    return;
  }
  findings_.push_back({info->id, weighed(verdict, info->level), std::move(evidence), false});
}

void Session::pass(std::string_view check, std::string detail) {
  emit(check, Verdict::pass, {Reason::none, {}, {}, {}, std::move(detail)});
}

void Session::fail(std::string_view check, Reason reason, std::string expected, std::string got,
                   std::vector<std::size_t> entries) {
  emit(check, Verdict::fail, {reason, std::move(expected), std::move(got), std::move(entries), {}});
}

void Session::inconclusive(std::string_view check, Reason reason, std::string detail) {
  emit(check, Verdict::inconclusive, {reason, {}, {}, {}, std::move(detail)});
}

Verdict Session::verdict_of_silence() const {
  const bool interrupted = setting_.stop != nullptr && *setting_.stop;
  return info_.negative || interrupted ? Verdict::inconclusive : Verdict::fail;
}

void Session::silent(std::string_view check, std::string got, std::vector<std::size_t> entries) {
  emit(check, verdict_of_silence(), {Reason::timeout, "an answer", std::move(got), std::move(entries), {}});
}

void Session::emit_twin_bound(std::string_view check, Verdict verdict, Evidence evidence) {
  emit(check, verdict, std::move(evidence));
  findings_.back().twin_bound = true;
}

bool Session::emitted(std::string_view check) const {
  return std::any_of(findings_.begin(), findings_.end(),
                     [&](const Finding& finding) { return finding.check == check; });
}

void Session::stop(Verdict verdict, Evidence evidence) {
  for (const CheckInfo& check : info_.checks) {
    if (!emitted(check.id)) {
      emit(check.id, verdict, evidence);
    }
  }
}

void Session::stop(const IutError& error) {
  switch (error.fault) {
    case IutFault::crashed:
      return stop(Verdict::fail, {Reason::crash, "the implementation goes on", "its process ended", {}, error.what});
    case IutFault::timeout:
      return stop(verdict_of_silence(), {Reason::timeout, "an answer", "none", {}, error.what});
    case IutFault::protocol:
      return stop(Verdict::inconclusive, {Reason::precondition_unmet, {}, {}, {}, error.what});
    case IutFault::unsupported:
      return stop(Verdict::inconclusive, {Reason::adapter_required, {}, {}, {}, error.what});
  }
}

}  // namespace quickpay::conformance
