#include "conformance/kit/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ostream>

#include "conformance/report/text.hpp"

namespace quickpay::conformance::kit {

namespace {

constexpr const char* kDocument = "docs/adapter-protocol.md";

void count(CheckEnd& end, Mark mark) {
  ++(mark == Mark::ok ? end.ok : mark == Mark::fault ? end.faults : mark == Mark::note ? end.notes : end.absent);
}

std::string_view word(Mark mark) {
  return mark == Mark::ok ? "ok  " : mark == Mark::fault ? "FAIL" : mark == Mark::note ? "note" : "none";
}

std::string_view paint(Mark mark) {
  return mark == Mark::ok ? "\x1b[32m" : mark == Mark::fault ? "\x1b[31m" : "\x1b[33m";
}

void tell(std::ostream& out, const Step& step, const Answer& answer, bool colour) {
  const std::string mark(word(answer.mark));
  out << (colour ? std::string(paint(answer.mark)) + mark + "\x1b[0m" : mark) << fmt::format("  {}  {}\n", step.paragraph, step.what);
  if (!answer.why.empty()) {
    out << "          " << printable(answer.why) << "\n";
  }
  out.flush();
}

}  // namespace

CheckEnd check_adapter(const BenchOptions& options, const OnStep& on_step) {
  const auto stopped = [&] { return options.stop && options.stop(); };
  boost::asio::io_context io;
  Bench bench(io, options);
  CheckEnd end;
  if (const auto greeted = bench.greet(); !greeted) {
    end.stopped = stopped();
    end.unreached_because = end.stopped ? "stopped before there was one" : greeted.error();
    const auto& stray = bench.talk().stray();
    end.unreached_because += stray.empty() ? "" : "; on stdout: " + stray.front();
    return end;
  }
  end.reached = true;
  for (const Step& step : steps()) {
    const Answer answer = stopped() ? Answer{} : step.ask(bench);
    if (stopped()) {  // what it found may be that nobody waited for the reply
      end.stopped = true;
      break;
    }
    count(end, answer.mark);
    on_step(step, answer);
    if (answer.mark == Mark::fault) {  // whatever state it is in: the next step begins anew
      bench.talk().kill();
      bench.forget_session();
    }
  }
  return end;
}

int check_adapter_command(const BenchOptions& options, std::ostream& out, std::ostream& err, bool colour) {
  constexpr std::array<std::string_view, 4> kRoles = {"wallet", "vendor", "broker", "host"};
  if (std::find(kRoles.begin(), kRoles.end(), options.role) == kRoles.end()) {
    err << "quickpay check-adapter: --role is one of wallet, vendor, broker, host\n";
    return 2;
  }
  const CheckEnd end = check_adapter(options, [&](const Step& step, const Answer& answer) { tell(out, step, answer, colour); });
  if (!end.reached) {
    err << "quickpay check-adapter: no hello (" << kDocument << " §1, §3): " << printable(end.unreached_because) << "\n";
    return 5;
  }
  out << fmt::format("{} ok, {} failed, {} notes, {} not there{}\n", end.ok, end.faults, end.notes, end.absent,
                     end.stopped ? "; stopped before the end" : "");
  out << "§ is a section of " << kDocument << "\n";
  return end.faults == 0 && !end.stopped ? 0 : 1;
}

}  // namespace quickpay::conformance::kit
