#include "reference/roles/facts.hpp"

#include <algorithm>
#include <array>

#include "reference/codec/generated/protocol.hpp"

namespace quickpay::roles {
namespace {

std::int64_t chosen(std::int64_t set, std::int64_t standard) { return set < 0 ? standard : set; }

}  // namespace

std::string served_version() { return std::string(kServedVersion); }

Spans spans_of(const Parameters& p) {
  return {chosen(p.t_order, protocol::T_order_default),
          chosen(p.t_endorse, protocol::T_endorse_default),
          chosen(p.t_redeliver, protocol::T_redeliver_default),
          chosen(p.t_register, protocol::T_register_default),
          chosen(p.t_settle, protocol::T_settle_default),
          chosen(p.t_claim, protocol::T_claim_default),
          chosen(p.t_answer, protocol::T_answer_default),
          chosen(p.t_call, protocol::T_call_default),
          chosen(p.t_call_check, protocol::T_call_check_default),
          chosen(p.t_ask, protocol::T_ask_default),
          chosen(p.t_cm, protocol::T_cm_default),
          chosen(p.n_cm, protocol::N_cm_default),
          chosen(p.t_skew, protocol::T_skew_default),
          chosen(p.t_receipt, protocol::T_receipt_default),
          chosen(p.t_arb, protocol::T_arb_default),
          chosen(p.t_broker, protocol::T_broker_default),
          chosen(p.n_broker, protocol::N_broker_default),
          chosen(p.t_batchmin, protocol::T_batchmin_default),
          chosen(p.t_stmt, protocol::T_stmt_default),
          chosen(p.t_call_batch, protocol::T_call_batch_default),
          chosen(p.t_hold, protocol::T_hold_default),
          chosen(p.t_dir, protocol::T_dir_default),
          chosen(p.t_dir_stale, protocol::T_dir_stale_default),
          chosen(p.t_session, protocol::T_session_default),
          chosen(p.t_lock, protocol::T_lock_default),
          chosen(p.n_tries, protocol::N_tries_default),
          chosen(p.t_probe, protocol::T_probe_default),
          chosen(p.t_epoch, protocol::T_epoch_default)};
}

std::uint64_t Facts::below(std::uint64_t bound) const {
  std::array<std::uint8_t, 8> bytes{};
  random.fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value % bound;
}

bool Facts::currency_active(std::string_view code) const {
  return std::find(config.currencies.begin(), config.currencies.end(), code) != config.currencies.end();
}

std::string_view plain_address(std::string_view address) {
  constexpr std::string_view kMapped = "::ffff:";
  const bool mapped = address.starts_with(kMapped) && address.find('.') != std::string_view::npos;
  return mapped ? address.substr(kMapped.size()) : address;
}

}  // namespace quickpay::roles
