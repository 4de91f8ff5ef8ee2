// A ledger that lies: flush() says yes and works later. The broken ordering that crash tests must notice.
#pragma once

#include <memory>
#include <utility>

#include "reference/ledger/ledger.hpp"

namespace quickpay::ledger {

/// Passes everything on, but flushes only when the next unit begins.
class LazyLedger : public Ledger {
  using View = std::string_view;

 public:
  explicit LazyLedger(std::unique_ptr<Ledger> inner) : inner_(std::move(inner)) {}

  Result<void> begin_unit() override {
    if (std::exchange(owed_, false)) {
      if (auto done = inner_->flush(); !done) return done;
    }
    return inner_->begin_unit();
  }
  Result<void> end_unit() override { return inner_->end_unit(); }
  Result<void> undo_unit() override { return inner_->undo_unit(); }
  Result<void> flush() override {
    owed_ = true;
    return {};
  }

  Result<std::optional<Record>> find(View m, View k) override { return inner_->find(m, k); }
  Result<void> put(const Record& r) override { return inner_->put(r); }
  Result<void> erase(View m, View k) override { return inner_->erase(m, k); }
  Result<std::vector<Record>> list(View m, View a, std::size_t n) override { return inner_->list(m, a, n); }
  Result<std::optional<StoredAnswer>> find_answer(View p, View s, View i) override {
    return inner_->find_answer(p, s, i);
  }
  Result<void> put_answer(View p, View s, View i, const StoredAnswer& a) override {
    return inner_->put_answer(p, s, i, a);
  }
  Result<void> purge_answers(std::int64_t now) override { return inner_->purge_answers(now); }
  Result<void> put_call(const Call& c) override { return inner_->put_call(c); }
  Result<std::optional<Call>> find_call(View i) override { return inner_->find_call(i); }
  Result<void> erase_call(View i) override { return inner_->erase_call(i); }
  Result<std::vector<Call>> calls_of(View m, View k) override { return inner_->calls_of(m, k); }
  Result<std::vector<Call>> due_calls(std::int64_t t, std::size_t n) override { return inner_->due_calls(t, n); }
  Result<std::optional<std::int64_t>> next_call_ms() override { return inner_->next_call_ms(); }
  Result<void> put_parked(const Parked& p) override { return inner_->put_parked(p); }
  Result<std::vector<Parked>> parked_of(View m, View k) override { return inner_->parked_of(m, k); }
  Result<void> erase_parked(View m, View k) override { return inner_->erase_parked(m, k); }
  Result<void> put_timer(const Timer& t) override { return inner_->put_timer(t); }
  Result<void> erase_timer(View m, View k, View n) override { return inner_->erase_timer(m, k, n); }
  Result<std::vector<Timer>> due_timers(std::int64_t t, std::size_t n) override {
    return inner_->due_timers(t, n);
  }
  Result<std::optional<std::int64_t>> next_timer_ms() override { return inner_->next_timer_ms(); }

 private:
  std::unique_ptr<Ledger> inner_;
  bool owed_ = false;
};

}  // namespace quickpay::ledger
