// INTERNAL: many jobs on all processors, whose results are told in their order.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

namespace quickpay::check {

/// What a job gave, and how many seconds it took.
template <class Result>
struct Done {
  Result result;
  double seconds = 0;
};

/// Does `job(0)` … `job(count - 1)` on all processors. `tell(i, wait)` is called here for each in order, at once; `wait()` gives
/// what became of it. Jobs do not throw.
template <class Result, class Job, class Tell>
void in_order(std::size_t count, Job job, Tell tell) {
  std::vector<std::promise<Done<Result>>> promises(count);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      const auto start = std::chrono::steady_clock::now();
      Result result = job(i);
      promises[i].set_value({std::move(result), std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  for (std::size_t i = 0; i < count; ++i) tell(i, [&] { return promises[i].get_future().get(); });
  for (std::thread& worker : workers) worker.join();
}

}  // namespace quickpay::check
