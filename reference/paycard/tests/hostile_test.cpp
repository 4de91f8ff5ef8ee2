// Paycards that do harm: the call ends, the Wallet is as it was, and the other Paycard answers. For each protection there
// is a twin without it in which the harm is done.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>

#include "reference/paycard/process.hpp"
#include "reference/paycard/tests/files.hpp"

namespace quickpay::paycard {
namespace {

constexpr std::chrono::milliseconds kShort{1500};  // for those who will be late
const std::vector<std::string> kNothing{"", "", ""};

struct HostileTest : testing::Test {
  test::Folder folder;

  CardFiles hostile(const std::string& shared_object = "hostile/hostile") { return test::files_of(folder, "P9", shared_object); }
  ProcessConfig config(const std::string& shared_object = "hostile/hostile", std::vector<std::string> host = {test::kHost}) {
    return test::config_of({hostile(shared_object), test::files_of(folder, "P7", "paycard-plain")}, std::move(host));
  }
  static tl::expected<Reply, Trouble> ask(Port& port, const std::string& behaviour) {
    return port.call("P9", Call::authorize, kNothing, {{"secret", behaviour}});
  }
  /// What the hostile Paycard says its attempt came to.
  std::string attempt(const std::string& behaviour, std::vector<std::string> host = {test::kHost}) {
    ProcessPort port(config("hostile/hostile", std::move(host)));
    const auto reply = ask(port, behaviour);
    return reply ? reply->out : "trouble: " + std::string(text_of(reply.error()));
  }
  static bool other_answers(Port& port) {
    const auto reply =
        port.call("P7", Call::remove, {std::string(32, 'a')}, {{"secret", "s"}, {"wallet", "W"}, {"paycard", "P7"}});
    return reply && reply->result == Result::done && !reply->out.empty();
  }
};

// QP-ADM-006, QP-PAY-010: each attack, what it is told to be, and that the Wallet goes on with either Paycard.
TEST_F(HostileTest, WhateverItDoesTheWalletGoesOn) {
  const std::vector<std::pair<std::string, Trouble>> attacks = {
      {"crash", Trouble::died},
      {"abort", Trouble::died},
      {"exit", Trouble::died},
      {"hang", Trouble::out_of_time},
      {"close", Trouble::died},
      {"garbage", Trouble::broke_rules},
      {"half-a-frame", Trouble::out_of_time},
      {"endless-frame", Trouble::broke_rules},
      {"second-answer", Trouble::broke_rules},
  };
  for (const auto& [attack, expected] : attacks) {
    auto made = config();
    if (expected == Trouble::out_of_time) made.deadline = kShort;
    ProcessPort port(std::move(made));
    ASSERT_TRUE(port.start("P9")) << attack;
    const auto begun = std::chrono::steady_clock::now();
    const auto reply = ask(port, attack);
    ASSERT_FALSE(reply.has_value()) << attack;
    EXPECT_EQ(reply.error(), expected) << attack << ": " << text_of(reply.error());
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30)) << attack;
    EXPECT_TRUE(other_answers(port)) << attack;
    const auto again = ask(port, "good");
    ASSERT_TRUE(again.has_value()) << attack;
    EXPECT_EQ(again->out, "Z29vZA==");
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // no process is left
}

TEST_F(HostileTest, AnswersThatAreNoneCountAsFailures) {
  ProcessPort port(config());
  for (const std::string attack : {"too-much", "unknown-result"}) {
    const auto reply = ask(port, attack);
    ASSERT_TRUE(reply.has_value()) << attack;
    EXPECT_EQ(reply->result, Result::failed) << attack;
    EXPECT_TRUE(reply->out.empty()) << attack;
  }
}

TEST_F(HostileTest, WhatItPrintsGoesNowhere) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(attempt("print"), "done");
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
}

TEST_F(HostileTest, TheStoreHasLimits) {
  ProcessPort port(config());
  const auto reply = ask(port, "store");
  ASSERT_TRUE(reply.has_value());
  EXPECT_FALSE(reply->changed.empty());
  EXPECT_TRUE(within_limits(reply->changed));
}

// After too many troubles it is asked no more, so that it cannot take the Wallet's time for ever.
TEST_F(HostileTest, IsGivenUp) {
  auto made = config();
  std::vector<Trouble> seen;
  made.on_trouble = [&](std::string_view, Trouble trouble) { seen.push_back(trouble); };
  ProcessPort port(std::move(made));
  for (unsigned i = 0; i < kMaxTroubles; ++i) EXPECT_EQ(ask(port, "crash").error(), Trouble::died);
  EXPECT_EQ(ask(port, "good").error(), Trouble::given_up);
  EXPECT_EQ(seen.size(), kMaxTroubles);
  EXPECT_TRUE(other_answers(port));
}

TEST_F(HostileTest, WhatIsNoPaycardIsNotRun) {
  const auto trouble = [&](const std::string& shared_object) {
    ProcessPort port(config(shared_object));
    const auto reply = ask(port, "good");
    EXPECT_FALSE(reply.has_value()) << shared_object;
    EXPECT_TRUE(other_answers(port)) << shared_object;
    return reply ? Trouble{} : reply.error();
  };
  EXPECT_EQ(trouble("hostile/hostile-abi"), Trouble::other_abi);
  EXPECT_EQ(trouble("hostile/hostile-incomplete"), Trouble::not_loadable);
  EXPECT_EQ(trouble("hostile/hostile-loading"), Trouble::died);
  EXPECT_EQ(trouble("hostile/hostile-name"), Trouble::describes_otherwise);
  // a file that is signed, and no shared object
  CardFiles text = hostile();
  text.shared_object = folder.write("text.so", "not a shared object");
  text.manifest =
      folder.write("text.manifest", test::signed_manifest(test::manifest_of("hostile"), "not a shared object", "B9"));
  ProcessPort port(test::config_of({text}));
  EXPECT_EQ(ask(port, "good").error(), Trouble::not_loadable);
}

// Each pair: refused in the container as it ships, done in the twin that lacks the protection.
TEST_F(HostileTest, ItStartsNothingAndReachesNobody) {
  for (const std::string attack : {"fork", "socket", "signal", "read"}) {
    EXPECT_EQ(attempt(attack), "no1") << attack;  // EPERM
    EXPECT_EQ(attempt(attack, {test::kBareHost, "syscalls", "files"}), "done") << attack;
  }
  EXPECT_EQ(attempt("exec"), "no1");
  EXPECT_EQ(attempt("exec", {test::kBareHost, "syscalls", "files"}),
            "trouble: the Paycard ended");  // it became another program
}

TEST_F(HostileTest, ItWritesNoFile) {
  EXPECT_EQ(attempt("write"), "no1");
  EXPECT_EQ(attempt("write", {test::kBareHost, "syscalls", "files"}), "done");
}

TEST_F(HostileTest, ItGetsNoMoreMemoryThanItMay) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer needs more addresses than a Paycard may have";
#endif
  EXPECT_EQ(attempt("memory"), "no12");  // ENOMEM
  EXPECT_EQ(attempt("memory", {test::kBareHost, "limits"}), "done");
}

// The code of a shared object that runs while it is loaded, when the loader may still open files.
TEST_F(HostileTest, ItReadsNoFileWhileItIsLoaded) {
  const auto seen = [&](std::vector<std::string> host) {
    ProcessPort port(config("hostile/hostile-reading", std::move(host)));
    const auto reply = ask(port, "seen");
    return reply ? reply->out : std::string(text_of(reply.error()));
  };
  EXPECT_EQ(seen({test::kBareHost, "files"}), "done");
  EXPECT_EQ(seen({test::kHost}), "no");
}

// Nor may it touch the limits of the Wallet, or undo that it ends with the Wallet.
TEST_F(HostileTest, ItChangesNoLimitWhileItIsLoaded) {
  const auto open = [&](std::vector<std::string> host) {
    ProcessPort port(config("hostile/hostile-limiting", std::move(host)));
    const auto reply = ask(port, "seen");
    return reply ? reply->out : std::string(text_of(reply.error()));
  };
  EXPECT_EQ(open({test::kBareHost, "syscalls"}), "done");
  EXPECT_EQ(open({test::kHost}), "no");
}

TEST_F(HostileTest, ItInheritsNothing) {
  ::setenv("QP_TEST_ENVIRONMENT", "secret", 1);
  EXPECT_EQ(attempt("environment").substr(0, 2), "no");
  const int left_open = ::fcntl(0, F_DUPFD, 100);  // not closed by exec
  ASSERT_GE(left_open, 100);
  const std::vector<std::string> may_look{test::kBareHost, "syscalls", "limits"};
  EXPECT_EQ(attempt("descriptors", may_look), "no9");  // EBADF
  EXPECT_EQ(attempt("own-descriptors", may_look), "done");
  ::close(left_open);
}

}  // namespace
}  // namespace quickpay::paycard
