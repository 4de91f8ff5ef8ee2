#include "conformance/certify/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quickpay::conformance {

namespace {

std::size_t bad_checks(const ScenarioResult& scenario) {
  return static_cast<std::size_t>(std::count_if(scenario.checks.begin(), scenario.checks.end(), [](const CheckResult& check) {
    return !check.apart && (check.verdict == Verdict::fail || check.verdict == Verdict::error);
  }));
}

}  // namespace

Progress::Progress(std::ostream& out, bool terminal, bool colour, Now now)
    : out_(out), terminal_(terminal), colour_(colour), now_(std::move(now)), begin_(now_()), last_(begin_) {}

std::string Progress::left(std::size_t done, std::size_t total) const {
  const std::int64_t passed = now_() - begin_;
  if (passed < kGuessAfterMs || done == 0 || done >= total) {
    return {};
  }
  const auto ms = passed * static_cast<std::int64_t>(total - done) / static_cast<std::int64_t>(done);
  const std::int64_t seconds = (ms + 999) / 1000;
  return seconds < 90 ? fmt::format(", about {} s left", seconds) : fmt::format(", about {} min left", (seconds + 59) / 60);
}

void Progress::show(const ScenarioResult& scenario, std::size_t done, std::size_t total) {
  bad_ += bad_checks(scenario);
  const std::string bad = bad_ == 0 ? std::string() : fmt::format(", {} failed", bad_);
  if (!terminal_) {
    if (now_() - last_ >= kLineEveryMs) {
      last_ = now_();
      out_ << fmt::format("{} of {} scenarios{}{}\n", done, total, bad, left(done, total)) << std::flush;
    }
    return;
  }
  const std::size_t full = done * kBarWidth / std::max<std::size_t>(total, 1);
  std::string bar;
  for (std::size_t i = 0; i < kBarWidth; ++i) {
    bar += i < full ? "█" : "·";
  }
  out_ << fmt::format("\r\x1b[K{} {}/{}{}{}", bar, done, total, colour_ && bad_ > 0 ? "\x1b[31m" + bad + "\x1b[0m" : bad,
                      left(done, total))
       << std::flush;
}

void Progress::end() {
  if (terminal_) {
    out_ << "\r\x1b[K" << std::flush;
  }
}

}  // namespace quickpay::conformance
