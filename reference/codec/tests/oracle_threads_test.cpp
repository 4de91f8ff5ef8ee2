// The judge may be loaded by several threads at once, from the first moment of a process on: workers of a conformance
// run do. Needs fresh processes, since the library under it is set up once in each.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

#include "reference/codec/oracle/xsd_judge.hpp"

namespace quickpay::codec {
namespace {

constexpr int kThreads = 4;
constexpr int kProcesses = 25;      // without the lock four out of five hang
constexpr unsigned kMaxSeconds = 20;  // then the process is ended by SIGALRM

int threads_that_could_not_load() {
  std::atomic<int> failed = 0;
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      failed += XsdJudge::load(xsd_of("micro")) ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return failed;
}

TEST(XsdJudgeThreads, EachLoadsItsOwnAtTheSameTime) {
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::alarm(kMaxSeconds);
      ::_exit(threads_that_could_not_load());
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status)) << "process " << i << " ended by signal " << WTERMSIG(status);
    ASSERT_EQ(WEXITSTATUS(status), 0) << "process " << i;
  }
}

}  // namespace
}  // namespace quickpay::codec
