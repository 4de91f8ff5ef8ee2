#include "reference/roles/suspensions.hpp"

#include <algorithm>

#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {

bool Suspensions::suspended() { return store_.find(kSuspensionMachine, "now").has_value(); }

void Suspensions::begin() {
  ledger::Record record{std::string(kSuspensionMachine), "now", "SUSPENDED", {}, {}};
  set_number(record, "from", facts_.now_ms);
  if (!suspended()) store_.put(record);
}

void Suspensions::end() {
  auto record = store_.find(kSuspensionMachine, "now");
  if (!record) return;
  store_.erase(kSuspensionMachine, "now");
  record->key = "log/" + format_time(number(*record, "from").value_or(0)) + "/" + facts_.fresh_id();
  record->state = "OVER";
  set_number(*record, "to", facts_.now_ms);
  store_.put(*record);
}

std::int64_t Suspensions::between(std::int64_t from_ms, std::int64_t to_ms) {
  std::int64_t total = 0;
  for (const ledger::Record& record : store_.list(kSuspensionMachine, "log/", kMaxSuspensions)) {
    const std::int64_t from = std::max(number(record, "from").value_or(0), from_ms);
    const std::int64_t to = std::min(number(record, "to").value_or(0), to_ms);
    if (to > from) total += to - from;
  }
  return total;
}

}  // namespace quickpay::roles
