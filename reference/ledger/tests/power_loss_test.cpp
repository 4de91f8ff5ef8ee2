// The power fails at every single operation on the disk: what was flushed is there afterwards, and nothing by halves.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "reference/ledger/sqlite_options.hpp"
#include "reference/ledger/testing/forgetful_disk.hpp"

namespace quickpay::ledger {
namespace {

constexpr int kFlushes = 14;
constexpr int kUnitsAFlush = 3;
constexpr int kFewPages = 6;  // so that the log is copied into the database many times in a run

SqliteOptions options_for(const ForgetfulDisk& disk, Sync sync) {
  SqliteOptions options;
  options.path = "power.ledger";
  options.vfs = disk.vfs_name();
  options.sync = sync;
  options.checkpoint_pages = kFewPages;
  return options;
}

// One unit touches every table, so that half a unit would show; the third of each flush is undone.
Result<void> one_unit(Ledger& ledger, int flush, int unit) {
  const std::string key = fmt::format("k{}", (flush * kUnitsAFlush + unit) % 10);
  const std::string now = fmt::format("{}.{}", flush, unit);
  if (auto done = ledger.begin_unit(); !done) return done;
  if (auto done = ledger.put({"m", key, "S", {"at=" + now}, {{"pad", std::string(700, 'x')}}}); !done) return done;
  if (auto done = ledger.put_answer("/p", key, "id", {now, "body" + now, true, flush}); !done) return done;
  if (auto done = ledger.put_call({key, "m", key, "M", "R", "/p", now, false, 0, flush, 0, 1}); !done) return done;
  if (auto done = ledger.put_parked({"m", key, "/p", "s", "id", now}); !done) return done;
  if (auto done = ledger.put_timer({"m", key, "t", flush * 10 + unit}); !done) return done;
  return unit == 2 ? ledger.undo_unit() : ledger.end_unit();
}

Result<void> one_flush(Ledger& ledger, int flush) {
  for (int unit = 0; unit < kUnitsAFlush; ++unit) {
    if (auto done = one_unit(ledger, flush, unit); !done) return done;
  }
  return ledger.flush();
}

// Everything that a ledger holds, as one text.
std::string contents(Ledger& ledger) {
  std::string all;
  const auto records = ledger.list("m", "", kMaxListed).value();
  const auto calls = ledger.due_calls(kFlushes, kMaxListed).value();
  const auto timers = ledger.due_timers(kFlushes * 10, kMaxListed).value();
  for (const auto& record : records) {
    const auto answer = ledger.find_answer("/p", record.key, "id").value().value_or(StoredAnswer{});
    const auto parked = ledger.parked_of("m", record.key).value();
    all += fmt::format("{} {} {}", record.key, record.variables.at(0), answer.body);
    for (const auto& entry : parked) all += " parked " + entry.digest;
    all += "\n";
  }
  for (const auto& call : calls) all += call.msg_id + " " + call.body + "\n";
  for (const auto& timer : timers) all += fmt::format("{} {}\n", timer.key, timer.due_ms);
  return all;
}

// What a ledger holds after each number of flushes.
std::vector<std::string> expected_contents() {
  ForgetfulDisk disk;
  auto ledger = open_sqlite_with(options_for(disk, Sync::full)).value();
  std::vector<std::string> expected = {contents(*ledger)};
  for (int flush = 0; flush < kFlushes; ++flush) {
    EXPECT_TRUE(one_flush(*ledger, flush));
    expected.push_back(contents(*ledger));
  }
  return expected;
}

// Works until the power fails; the number of flushes that were acknowledged.
int work_until_cut(const SqliteOptions& options) {
  auto ledger = open_sqlite_with(options);
  if (!ledger) return 0;
  int acknowledged = 0;
  while (acknowledged < kFlushes && one_flush(**ledger, acknowledged)) ++acknowledged;
  return acknowledged;
}

// Cuts the power at operation n: an empty text, or how the survivor differs from what was acknowledged.
std::string broken_promise(const std::vector<std::string>& expected, std::uint64_t seed, int n, Sync sync) {
  ForgetfulDisk disk(seed);
  disk.cut_at(n);
  const auto options = options_for(disk, sync);
  const int acknowledged = work_until_cut(options);
  disk.power_on();
  auto survivor = open_sqlite_with(options);
  if (!survivor) return survivor.error().what;
  const std::string found = contents(**survivor);
  if (found == expected[static_cast<std::size_t>(acknowledged)]) return {};
  // The flush that was cut may have reached the disk whole.
  if (acknowledged < kFlushes && found == expected[static_cast<std::size_t>(acknowledged) + 1]) return {};
  return fmt::format("{} flushes acknowledged, found:\n{}", acknowledged, found);
}

int operations_of_a_whole_run(Sync sync) {
  ForgetfulDisk disk;
  EXPECT_EQ(work_until_cut(options_for(disk, sync)), kFlushes);
  return disk.writes();
}

std::uint64_t base_seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

// QP-ADD-20: no acknowledged change is lost.
TEST(PowerLoss, KeepsEveryAcknowledgedFlushWhenAllElseIsLost) {
  const auto expected = expected_contents();
  const int operations = operations_of_a_whole_run(Sync::full);
  ASSERT_GT(operations, 5 * kFlushes);
  for (int n = 1; n <= operations + 1; ++n) ASSERT_EQ(broken_promise(expected, 0, n, Sync::full), "") << "cut at " << n;
}

TEST(PowerLoss, KeepsEveryAcknowledgedFlushWhateverElseSurvives) {
  const auto expected = expected_contents();
  const int operations = operations_of_a_whole_run(Sync::full);
  const std::uint64_t seed = base_seed();
  for (std::uint64_t round = 1; round <= 2; ++round) {
    for (int n = 1; n <= operations + 1; ++n) {
      ASSERT_EQ(broken_promise(expected, seed + round, n, Sync::full), "") << "seed " << seed << " cut at " << n;
    }
  }
}

TEST(PowerLoss, SurvivesASecondCutWhileItRecovers) {
  const auto expected = expected_contents();
  const std::uint64_t seed = base_seed();
  const int operations = operations_of_a_whole_run(Sync::full);
  for (int n = 1; n <= operations; n += 3) {
    ForgetfulDisk disk(seed + static_cast<std::uint64_t>(n));
    disk.cut_at(n);
    const auto acknowledged = static_cast<std::size_t>(work_until_cut(options_for(disk, Sync::full)));
    disk.power_on();
    disk.cut_at(disk.writes() + 1 + n % 7);
    open_sqlite_with(options_for(disk, Sync::full));
    disk.power_on();
    const std::string found = contents(*open_sqlite_with(options_for(disk, Sync::full)).value());
    ASSERT_TRUE(found == expected[acknowledged] || found == expected[acknowledged + 1]) << "cut at " << n << found;
  }
}

// The twin: a ledger that does not wait for the disk breaks its promise, and the comparison above sees it.
TEST(PowerLoss, NoticesALedgerThatDoesNotSync) {
  const auto expected = expected_contents();
  const int operations = operations_of_a_whole_run(Sync::off);
  int broken = 0;
  for (int n = 1; n <= operations; ++n) {
    if (!broken_promise(expected, 0, n, Sync::off).empty()) ++broken;
  }
  EXPECT_GT(broken, operations / 2);
}

}  // namespace
}  // namespace quickpay::ledger
