// check-adapter: an adapter that does everything passes, and for each step there is one that fails it (docs/adapter-protocol.md).
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <sstream>

#include "conformance/kit/check.hpp"
#include "conformance/kit/init.hpp"

namespace quickpay::conformance::kit {
namespace {

struct Seen {
  CheckEnd end;
  std::vector<std::string> faults, notes, absent;  ///< "§ what"
};

std::string command(const std::string& mode) { return "exec python3 conformance/kit/tests/adapter.py " + mode; }

/// All steps, or those up to the first fault.
Seen check(const std::string& mode, const std::string& role, bool to_the_end = true) {
  ::signal(SIGPIPE, SIG_IGN);
  Seen seen;
  bool stop = false;
  const BenchOptions options{command(mode), role, 3'000, 1'000, [&stop] { return stop; }};
  seen.end = check_adapter(
      options,
      [&](const Step& step, const Answer& answer) {
        const std::string words = std::string(step.paragraph) + " " + std::string(step.what);
        if (answer.mark == Mark::fault) {
          seen.faults.push_back(words);
          stop = !to_the_end;
        } else if (answer.mark == Mark::note) {
          seen.notes.push_back(words);
        } else if (answer.mark == Mark::absent) {
          seen.absent.push_back(words);
        }
      });
  return seen;
}

TEST(CheckAdapter, FindsNothingWhereNothingIs) {
  for (const auto& [role, absent] : {std::pair<const char*, std::size_t>{"vendor", 0}, {"wallet", 1}, {"broker", 0}, {"host", 0}}) {
    const Seen seen = check("whole", role);
    EXPECT_TRUE(seen.end.reached) << seen.end.unreached_because;
    EXPECT_EQ(seen.faults, std::vector<std::string>{}) << role;
    EXPECT_EQ(seen.notes, std::vector<std::string>{}) << role;
    EXPECT_EQ(seen.end.absent, absent) << role;  // a Wallet listens nowhere
    EXPECT_EQ(seen.end.ok + seen.end.absent, steps().size());
  }
}

struct Fault {
  const char* mode;
  const char* role;
  const char* step;
};

class Faults : public testing::TestWithParam<Fault> {};

TEST_P(Faults, AreFoundByTheStepThatIsAboutThem) {
  const Seen seen = check(GetParam().mode, GetParam().role, false);
  ASSERT_TRUE(seen.end.reached) << seen.end.unreached_because;
  ASSERT_EQ(seen.faults.size(), 1U);
  EXPECT_EQ(seen.faults.front(), GetParam().step);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Faults,
    testing::Values(Fault{"no-role", "vendor", "§3 claims the role"}, Fault{"misspelt", "vendor", "§3 claims what exists"},
                    Fault{"strict", "wallet", "§4 sets a session up, and ignores a field that it does not know"},
                    Fault{"elsewhere", "host", "§4 sets a session up, and ignores a field that it does not know"},
                    Fault{"no-listen", "vendor", "§4 sets a session up, and ignores a field that it does not know"},
                    Fault{"closed-port", "vendor", "§4 listens where it says"},
                    Fault{"no-directory", "wallet", "§4 takes a directory that replaces the first"},
                    Fault{"fragile-session", "wallet", "§1 answers a session that was never set up"},
                    Fault{"short-lines", "wallet", "§1 takes a line of 0.7 MiB"},
                    Fault{"narrow", "wallet", "§1 answers under the number of the command"},
                    Fault{"yes-man", "wallet", "§1 answers a command that it does not know"},
                    Fault{"liar", "wallet", "§5 does each operation of the role"},
                    Fault{"pending", "wallet", "§5 does each operation of the role"},
                    Fault{"word", "wallet", "§5 does each operation of the role"},
                    Fault{"silent-do", "broker", "§5 does each operation of the role"},
                    Fault{"obliging", "broker", "§5 refuses an operation that does not exist"},
                    Fault{"never-begun", "wallet", "§5 accepts nothing that was not begun"},
                    Fault{"shows-nothing", "vendor", "§6 shows what it claims to show"},
                    Fault{"shapeless", "vendor", "§6 shows what it claims to show"},
                    Fault{"inventive", "vendor", "§6 invents nothing"}, Fault{"no-fence", "vendor", "§7 fences"},
                    Fault{"fast", "wallet", "§7 moves the clock by what it is told"},
                    Fault{"stays-down", "host", "§7 stops in order and starts again"},
                    Fault{"stays-down-when-killed", "host", "§7 is killed and starts again"},
                    Fault{"keeps-port", "vendor", "§7 tears a session down and frees its address"},
                    Fault{"remembers", "vendor", "§2 begins the next session without memory"},
                    Fault{"stays", "wallet", "§1 ends after bye"},
                    Fault{"outlives-stdin", "wallet", "§1 ends, product and all, when stdin ends"},
                    Fault{"banner", "wallet", "§1 writes replies and nothing else to stdout"},
                    Fault{"twice", "wallet", "§1 writes replies and nothing else to stdout"}),
    [](const auto& chosen) {
      std::string name = chosen.param.mode;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(CheckAdapter, NotesWhatIsAllowed) {
  EXPECT_EQ(check("nameless", "vendor").notes, std::vector<std::string>{"§3 says what it is"});
  const Seen fragile = check("fragile", "wallet");
  EXPECT_EQ(fragile.notes, std::vector<std::string>{"§1 goes on after a line that is no command"});
  EXPECT_TRUE(fragile.faults.empty());
  EXPECT_EQ(check("blind", "host").absent, std::vector<std::string>{"§6 shows what it claims to show"});
}

TEST(CheckAdapter, SaysWhyThereIsNoHello) {
  std::ostringstream out, err;
  EXPECT_EQ(check_adapter_command({"./no-such-adapter", "vendor", 3'000, 1'000, {}}, out, err, false), 5);
  EXPECT_NE(err.str().find("exit status 127"), std::string::npos) << err.str();
  EXPECT_NE(err.str().find("not found"), std::string::npos) << err.str();
  EXPECT_NE(check("crash", "vendor").end.unreached_because.find("exit status 3, stderr: no licence"), std::string::npos);
  std::ostringstream usage;
  EXPECT_EQ(check_adapter_command({"true", "bank", 3'000, 1'000, {}}, out, usage, false), 2);
  std::ostringstream silent;
  EXPECT_EQ(check_adapter_command({"cat >/dev/null", "vendor", 200, 200, {}}, out, silent, false), 5);
  EXPECT_NE(silent.str().find("no reply within 200 ms"), std::string::npos) << silent.str();
}

/// Ctrl-C while an adapter keeps silent: the run ends long before the deadline, and the step counts as neither good nor bad.
TEST(CheckAdapter, StopsInTheMiddleOfAStep) {
  constexpr std::int64_t kLong = 600'000;
  std::size_t steps_done = 0, asked = 0;
  const auto stop = [&] { return steps_done > 0 && ++asked > 3; };
  const CheckEnd end = check_adapter({command("silent-fence"), "vendor", kLong, kLong, stop}, [&](const Step& step, const Answer&) {
    steps_done += step.what == "invents nothing" ? 1 : 0;  // the next is the fence
  });
  EXPECT_TRUE(end.reached && end.stopped);
  EXPECT_EQ(end.faults, 0U);
  EXPECT_LT(end.ok + end.absent, steps().size());
}

TEST(CheckAdapter, MakesHostileTextHarmless) {
  std::ostringstream out, err;
  EXPECT_EQ(check_adapter_command({"printf '\\033[31mred\\377\\n'", "vendor", 3'000, 1'000, {}}, out, err, false), 5);
  EXPECT_EQ(err.str().find('\x1b'), std::string::npos);
  EXPECT_NE(err.str().find("?[31mred?"), std::string::npos) << err.str();
}

TEST(InitAdapter, RefusesWhatItDoesNotKnow) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "init-adapter";
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(init_adapter("bank", "python", folder, "quickpay"));
  EXPECT_FALSE(init_adapter("vendor", "cobol", folder, "quickpay"));
  EXPECT_FALSE(std::filesystem::exists(folder));
  ASSERT_TRUE(init_adapter("vendor", "cpp", folder, "quickpay"));
  EXPECT_TRUE(std::filesystem::exists(folder / "json.hpp"));
  std::filesystem::remove(folder / "adapter.cpp");
  EXPECT_FALSE(init_adapter("vendor", "cpp", folder, "quickpay"));  // json.hpp is there
  EXPECT_FALSE(std::filesystem::exists(folder / "adapter.cpp"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace quickpay::conformance::kit
