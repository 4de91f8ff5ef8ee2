#include "reference/roles/fees.hpp"

#include "reference/roles/deviation.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/sums.hpp"

namespace quickpay::roles {
namespace {

const std::string kFee = "fee";

}  // namespace

std::int64_t Fees::commission_bp(std::string_view broker, std::int64_t committed_ms) const {
  const Lookup entry = stage_.facts.directory.find(broker);
  const std::int64_t otherwise = stage_.facts.config.commission_bp;
  return entry.found == Found::known ? commission_at(*entry.player, committed_ms).value_or(otherwise) : otherwise;
}

/// A deliberately broken implementation takes the rate of now.
bool Fees::by_commitment() const {
  Deviation* deviation = stage_.facts.config.deviation;
  return !deviation || deviation->override_predicate(kFeeMachine, "rate_of_the_commitment", true);
}

void Fees::charge(const std::string& case_key, const msg::OrderRef& ref, std::string_view broker,
                  std::int64_t committed_ms, ledger::Record& record) {
  const std::int64_t fee_bp = stage_.facts.config.fee_bp;
  if (fee_bp == 0 || stage_.store.find(kFeeMachine, case_key)) return;
  const std::int64_t at_ms = by_commitment() ? committed_ms : stage_.facts.now_ms;
  const std::int64_t fee = money::charge(ref.amount, commission_bp(broker, at_ms), fee_bp).fee;
  if (fee == 0 || revokes_.record_of(case_key) == RevokeRecord::standing) return;
  ledger::Record charged{std::string(kFeeMachine), case_key, "CHARGED", {}, {}};
  set_number(charged, kFee, fee);
  set_number(record, kFee, fee);
  stage_.store.put(charged);
}

std::int64_t fee_charged(Store& store, const std::string& case_key) {
  const auto charged = store.find(kFeeMachine, case_key);
  return charged ? number(*charged, kFee).value_or(0) : 0;
}

}  // namespace quickpay::roles
