// What every call of the ledger does, and what a flush costs.
#include "reference/ledger/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/promises.hpp"

namespace quickpay::ledger {
namespace {

using ::testing::ElementsAre;

class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override { reopen(); }

  void reopen() {
    ledger_.reset();
    auto opened = open_sqlite("test.ledger", disk_.vfs_name());
    ASSERT_TRUE(opened) << opened.error().what;
    ledger_ = std::move(*opened);
  }

  template <class F>
  void unit(F&& writes) {
    ASSERT_TRUE(ledger_->begin_unit());
    writes();
    ASSERT_TRUE(ledger_->end_unit());
  }

  std::vector<std::string> keys(std::string_view machine, std::string_view after = "", std::size_t limit = 100) {
    std::vector<std::string> result;
    const auto records = ledger_->list(machine, after, limit).value();
    for (const auto& record : records) result.push_back(record.key);
    return result;
  }

  ForgetfulDisk disk_;
  std::unique_ptr<Ledger> ledger_;
};

Record record(std::string key, std::string state = "OPEN") {
  return {
      "shop.order", std::move(key), std::move(state), {"paid=no", "kind=small"}, {{"blob", std::string("\0\xFF<", 3)}}};
}

Call call(std::string id, std::int64_t next_ms, std::string key = "k1") {
  return {
      std::move(id), "shop.order", std::move(key), "AskPrice", "S9", "/ask", std::string("\0body", 5), true, 3, next_ms,
      9000,          5000};
}

TEST_F(LedgerTest, GivesBackARecordExactlyAsItWasPut) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("k1"))); });
  EXPECT_EQ(ledger_->find("shop.order", "k1").value(), record("k1"));
  EXPECT_EQ(ledger_->find("shop.order", "k2").value(), std::nullopt);
  EXPECT_EQ(ledger_->find("other", "k1").value(), std::nullopt);
}

TEST_F(LedgerTest, ReplacesAndErasesRecords) {
  unit([&] {
    ASSERT_TRUE(ledger_->put(record("k1")));
    ASSERT_TRUE(ledger_->put(record("k1", "SHUT")));
    ASSERT_TRUE(ledger_->put(record("k2")));
    ASSERT_TRUE(ledger_->erase("shop.order", "k2"));
    ASSERT_TRUE(ledger_->erase("shop.order", "never there"));
  });
  EXPECT_EQ(ledger_->find("shop.order", "k1").value()->state, "SHUT");
  EXPECT_THAT(keys("shop.order"), ElementsAre("k1"));
}

TEST_F(LedgerTest, ListsByKeyInPages) {
  unit([&] {
    for (const char* key : {"b", "a", "d", "c"}) ASSERT_TRUE(ledger_->put(record(key)));
  });
  EXPECT_THAT(keys("shop.order"), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(keys("shop.order", "a", 2), ElementsAre("b", "c"));
  EXPECT_THAT(keys("other"), ElementsAre());
}

TEST_F(LedgerTest, KeepsAnswersByPathSenderAndMessage) {
  const StoredAnswer open{"d1", "", false, 100};
  const StoredAnswer final_answer{"d1", std::string("<a/>\0", 5), true, 200};
  unit([&] {
    ASSERT_TRUE(ledger_->put_answer("/p", "A", "m1", open));
    ASSERT_TRUE(ledger_->put_answer("/p", "", "m1", open));
    ASSERT_TRUE(ledger_->put_answer("/p", "A", "m1", final_answer));
  });
  EXPECT_EQ(ledger_->find_answer("/p", "A", "m1").value(), final_answer);
  EXPECT_EQ(ledger_->find_answer("/p", "", "m1").value(), open);
  EXPECT_EQ(ledger_->find_answer("/q", "A", "m1").value(), std::nullopt);
}

TEST_F(LedgerTest, PurgesAnswersOnlyAfterTheirTime) {
  unit([&] {
    ASSERT_TRUE(ledger_->put_answer("/p", "A", "m1", {"d", "x", true, 100}));
    ASSERT_TRUE(ledger_->purge_answers(100));
  });
  EXPECT_TRUE(ledger_->find_answer("/p", "A", "m1").value()) << "an answer is good until its time has passed";
  unit([&] { ASSERT_TRUE(ledger_->purge_answers(101)); });
  EXPECT_FALSE(ledger_->find_answer("/p", "A", "m1").value());
}

TEST_F(LedgerTest, KeepsCallsAndFindsThoseThatAreDue) {
  EXPECT_EQ(ledger_->next_call_ms().value(), std::nullopt);
  unit([&] {
    ASSERT_TRUE(ledger_->put_call(call("m2", 20)));
    ASSERT_TRUE(ledger_->put_call(call("m1", 20)));
    ASSERT_TRUE(ledger_->put_call(call("m0", 30, "k2")));
  });
  EXPECT_EQ(ledger_->find_call("m1").value(), call("m1", 20));
  EXPECT_EQ(ledger_->next_call_ms().value(), 20);
  EXPECT_TRUE(ledger_->due_calls(19, 10).value().empty());
  EXPECT_THAT(ledger_->due_calls(20, 10).value(), ElementsAre(call("m1", 20), call("m2", 20)));
  EXPECT_THAT(ledger_->due_calls(30, 1).value(), ElementsAre(call("m1", 20)));
  EXPECT_THAT(ledger_->calls_of("shop.order", "k2").value(), ElementsAre(call("m0", 30, "k2")));
}

TEST_F(LedgerTest, MovesAndErasesCalls) {
  unit([&] {
    ASSERT_TRUE(ledger_->put_call(call("m1", 20)));
    ASSERT_TRUE(ledger_->put_call(call("m1", 50)));
    ASSERT_TRUE(ledger_->put_call(call("m2", 60)));
    ASSERT_TRUE(ledger_->erase_call("m2"));
  });
  EXPECT_THAT(ledger_->due_calls(1000, 10).value(), ElementsAre(call("m1", 50)));
  EXPECT_EQ(ledger_->find_call("m2").value(), std::nullopt);
}

TEST_F(LedgerTest, KeepsParkedRequestsInTheirOrder) {
  const Parked first{"m", "k", "/p", "Z", "9", "d1"};
  const Parked second{"m", "k", "/p", "A", "1", "d2"};
  unit([&] {
    ASSERT_TRUE(ledger_->put_parked(first));
    ASSERT_TRUE(ledger_->put_parked(second));
    ASSERT_TRUE(ledger_->put_parked(first));
    ASSERT_TRUE(ledger_->put_parked({"m", "other", "/p", "A", "1", "d3"}));
  });
  EXPECT_THAT(ledger_->parked_of("m", "k").value(), ElementsAre(first, second));
  unit([&] { ASSERT_TRUE(ledger_->erase_parked("m", "k")); });
  EXPECT_TRUE(ledger_->parked_of("m", "k").value().empty());
  EXPECT_EQ(ledger_->parked_of("m", "other").value().size(), 1U);
}

TEST_F(LedgerTest, KeepsTimersAndFindsThoseThatAreDue) {
  EXPECT_EQ(ledger_->next_timer_ms().value(), std::nullopt);
  unit([&] {
    ASSERT_TRUE(ledger_->put_timer({"m", "k", "late", 90}));
    ASSERT_TRUE(ledger_->put_timer({"m", "k", "soon", 10}));
    ASSERT_TRUE(ledger_->put_timer({"m", "k", "late", 40}));
    ASSERT_TRUE(ledger_->put_timer({"m", "j", "soon", 10}));
  });
  EXPECT_EQ(ledger_->next_timer_ms().value(), 10);
  EXPECT_THAT(ledger_->due_timers(40, 10).value(),
              ElementsAre(Timer{"m", "j", "soon", 10}, Timer{"m", "k", "soon", 10}, Timer{"m", "k", "late", 40}));
  unit([&] { ASSERT_TRUE(ledger_->erase_timer("m", "k", "soon")); });
  EXPECT_THAT(ledger_->due_timers(39, 10).value(), ElementsAre(Timer{"m", "j", "soon", 10}));
}

TEST_F(LedgerTest, UndoTakesBackItsUnitAndNoOther) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("kept"))); });
  ASSERT_TRUE(ledger_->begin_unit());
  ASSERT_TRUE(ledger_->put(record("undone")));
  ASSERT_TRUE(ledger_->put(record("kept", "CHANGED")));
  ASSERT_TRUE(ledger_->put_timer({"shop.order", "undone", "t", 1}));
  ASSERT_TRUE(ledger_->undo_unit());
  unit([&] { ASSERT_TRUE(ledger_->put(record("after"))); });
  ASSERT_TRUE(ledger_->flush());
  reopen();
  EXPECT_THAT(keys("shop.order"), ElementsAre("after", "kept"));
  EXPECT_EQ(ledger_->find("shop.order", "kept").value()->state, "OPEN");
  EXPECT_EQ(ledger_->next_timer_ms().value(), std::nullopt);
}

TEST_F(LedgerTest, ReadsSeeWhatIsNotFlushedYet) {
  ASSERT_TRUE(ledger_->begin_unit());
  ASSERT_TRUE(ledger_->put(record("k1")));
  EXPECT_TRUE(ledger_->find("shop.order", "k1").value());
  ASSERT_TRUE(ledger_->end_unit());
  EXPECT_TRUE(ledger_->find("shop.order", "k1").value());
}

TEST_F(LedgerTest, OnlyFlushedUnitsSurvive) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("flushed"))); });
  ASSERT_TRUE(ledger_->flush());
  unit([&] { ASSERT_TRUE(ledger_->put(record("not flushed"))); });
  reopen();
  EXPECT_THAT(keys("shop.order"), ElementsAre("flushed"));
}

// Its twins are the ledgers of tools/killtables that lose a call each.
TEST_F(LedgerTest, KeepsWhatEveryLedgerPromises) {
  EXPECT_EQ(broken_promise([this]() -> Ledger& { return *ledger_; }, [this] { reopen(); }), "");
}

TEST_F(LedgerTest, ManyUnitsShareOneSync) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("warm"))); });
  ASSERT_TRUE(ledger_->flush());
  const int before = disk_.syncs();
  for (int i = 0; i < 100; ++i) {
    unit([&] { ASSERT_TRUE(ledger_->put(record(std::to_string(i)))); });
  }
  EXPECT_EQ(disk_.syncs(), before) << "ending a unit must not wait for the disk";
  ASSERT_TRUE(ledger_->flush());
  EXPECT_EQ(disk_.syncs(), before + 1);
}

// The twin of the count above: a flush after every unit pays a sync for each.
TEST_F(LedgerTest, AFlushAUnitCostsASyncAUnit) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("warm"))); });
  ASSERT_TRUE(ledger_->flush());
  const int before = disk_.syncs();
  for (int i = 0; i < 100; ++i) {
    unit([&] { ASSERT_TRUE(ledger_->put(record(std::to_string(i)))); });
    ASSERT_TRUE(ledger_->flush());
  }
  EXPECT_GE(disk_.syncs(), before + 100);
}

TEST_F(LedgerTest, AFlushOfNothingCostsNothing) {
  const int before = disk_.writes();
  ASSERT_TRUE(ledger_->flush());
  unit([] {});
  ASSERT_TRUE(ledger_->flush());
  EXPECT_EQ(disk_.writes(), before);
}

TEST_F(LedgerTest, AFailedFlushMakesItUnusable) {
  unit([&] { ASSERT_TRUE(ledger_->put(record("k1"))); });
  disk_.cut_at(0);
  const auto flushed = ledger_->flush();
  ASSERT_FALSE(flushed);
  EXPECT_FALSE(flushed.error().usable);
  EXPECT_THAT(flushed.error().what, ::testing::HasSubstr("flush"));
  EXPECT_FALSE(ledger_->find("shop.order", "k1"));
  EXPECT_FALSE(ledger_->begin_unit());
  EXPECT_FALSE(ledger_->flush());
  EXPECT_FALSE(ledger_->next_timer_ms());
}

TEST_F(LedgerTest, RefusesCallsOutOfOrderAndStaysUsable) {
  for (const auto& refused :
       {ledger_->put(record("k")), ledger_->end_unit(), ledger_->undo_unit(), ledger_->purge_answers(1)}) {
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().usable) << refused.error().what;
  }
  ASSERT_TRUE(ledger_->begin_unit());
  EXPECT_TRUE(ledger_->begin_unit().error().usable);
  EXPECT_TRUE(ledger_->flush().error().usable);
  ASSERT_TRUE(ledger_->put(record("k")));
  ASSERT_TRUE(ledger_->end_unit());
  EXPECT_TRUE(ledger_->flush());
}

TEST_F(LedgerTest, RefusesWhatIsTooLargeAndStaysUsable) {
  ASSERT_TRUE(ledger_->begin_unit());
  Record large = record("k");
  large.fields["f"].assign(kMaxRecordBytes, 'x');
  EXPECT_TRUE(ledger_->put(large).error().usable);
  EXPECT_TRUE(ledger_->put(record(std::string(kMaxNameBytes + 1, 'k'))).error().usable);
  EXPECT_TRUE(ledger_->put(record(std::string(kMaxNameBytes, 'k'))));
  EXPECT_TRUE(ledger_->put_answer("/p", "A", "m", {"d", std::string(kMaxBodyBytes + 1, 'x'), true, 1}).error().usable);
  ASSERT_TRUE(ledger_->end_unit());
  EXPECT_EQ(keys("shop.order").size(), 1U);
}

TEST_F(LedgerTest, TreatsEveryTextAsData) {
  for (const std::string& key :
       {std::string("a' OR 1=1 --"), std::string("nul\0nul", 7), std::string(), std::string("\xFF\xFE")}) {
    unit([&] { ASSERT_TRUE(ledger_->put(record(key))); });
    const auto found = ledger_->find("shop.order", key).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key, key);
  }
  EXPECT_EQ(keys("shop.order", "", 100).size(), 3U) << "the empty key comes after no key";
}

}  // namespace
}  // namespace quickpay::ledger
