#include "reference/ledger/testing/promises.hpp"

namespace quickpay::ledger {
namespace {

const Record kRecord = {"shop.order", "k1", "OPEN", {"paid=no"}, {{"blob", std::string("\0\xFF<", 3)}}};
const StoredAnswer kAnswer = {"digest", "body", true, 9000};
const Call kCall = {"m1", "shop.order", "k1", "AskPrice", "S9", "/ask", "body", true, 3, 1000, 9000, 5000};
const Parked kParked = {"shop.order", "k1", "/ask", "S9", "m2", "digest", 1};
const Timer kTimer = {"shop.order", "k1", "T_ask", 2000};

template <class Writes>
bool unit(Ledger& ledger, Writes writes) {
  return ledger.begin_unit() && writes() && ledger.end_unit();
}

template <class Found, class Wanted>
bool is(const Result<std::optional<Found>>& found, const Wanted& wanted) {
  return found && *found && **found == wanted;
}

template <class Found>
bool is_none(const Result<std::optional<Found>>& found) {
  return found && !*found;
}

template <class Found, class Wanted>
bool is_one(const Result<std::vector<Found>>& found, const Wanted& wanted) {
  return found && found->size() == 1 && found->front() == wanted;
}

// Everything that is written is read, and found where it is looked for.
std::string missing(Ledger& ledger) {
  if (!is(ledger.find("shop.order", "k1"), kRecord) || !is_one(ledger.list("shop.order", "", 10), kRecord)) return "put: the record is not there";
  if (!is(ledger.find_answer("/ask", "S9", "m2"), kAnswer)) return "put_answer: the answer is not there";
  if (!is(ledger.find_call("m1"), kCall) || !is_one(ledger.calls_of("shop.order", "k1"), kCall)) return "put_call: the call is not there";
  if (!is_one(ledger.due_calls(1000, 10), kCall) || !is(ledger.next_call_ms(), 1000)) return "put_call: the call is never due";
  if (!is_one(ledger.parked_of("shop.order", "k1"), kParked)) return "put_parked: the request is not there";
  if (!is_one(ledger.due_timers(2000, 10), kTimer) || !is(ledger.next_timer_ms(), 2000)) return "put_timer: the timer is never due";
  return {};
}

std::string left_over(Ledger& ledger) {
  if (!is_none(ledger.find("shop.order", "k1"))) return "erase: the record is still there";
  if (!is_none(ledger.find_answer("/ask", "S9", "m2"))) return "purge_answers: the answer is still there";
  if (!is_none(ledger.find_call("m1")) || !is_none(ledger.next_call_ms())) return "erase_call: the call is still there";
  const auto parked = ledger.parked_of("shop.order", "k1");
  if (!parked || !parked->empty()) return "erase_parked: the request is still there";
  if (!is_none(ledger.next_timer_ms())) return "erase_timer: the timer is still there";
  return {};
}

bool write_all(Ledger& ledger) {
  return unit(ledger, [&] {
    return ledger.put(kRecord) && ledger.put_answer("/ask", "S9", "m2", kAnswer) && ledger.put_call(kCall) && ledger.put_parked(kParked) &&
           ledger.put_timer(kTimer);
  });
}

bool erase_all(Ledger& ledger) {
  return unit(ledger, [&] {
    return ledger.erase("shop.order", "k1") && ledger.purge_answers(kAnswer.expires_ms + 1) && ledger.erase_call("m1") &&
           ledger.erase_parked("shop.order", "k1") && ledger.erase_timer("shop.order", "k1", "T_ask");
  });
}

}  // namespace

std::string broken_promise(const std::function<Ledger&()>& ledger, const std::function<void()>& cut) {
  if (!write_all(ledger())) return "put: a write is refused";
  if (std::string what = missing(ledger()); !what.empty()) return what;
  cut();
  if (!is_none(ledger().find("shop.order", "k1"))) return "flush: what was not flushed survives";
  if (!write_all(ledger()) || !ledger().flush()) return "flush: is refused";
  cut();
  if (std::string what = missing(ledger()); !what.empty()) return "flush: not durable; " + what;
  if (!erase_all(ledger())) return "erase: is refused";
  return left_over(ledger());
}

}  // namespace quickpay::ledger
