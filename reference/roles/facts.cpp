#include "reference/roles/facts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "reference/codec/generated/protocol.hpp"

namespace quickpay::roles {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;

std::int64_t chosen(std::int64_t set, std::int64_t standard) { return set < 0 ? standard : set; }

/// The bytes of an address, 4 or 16; none if it is no address.
std::string bytes_of(std::string_view address) {
  const std::string text(address);
  std::array<char, kIpv6Bytes> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), kIpv4Bytes};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), kIpv6Bytes};
  return {};
}

bool bit(const std::string& bytes, std::size_t i) { return (static_cast<unsigned char>(bytes[i / 8]) >> (7 - i % 8) & 1) != 0; }

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
          chosen(p.n_tries, protocol::N_tries_default)};
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

bool bound_by(std::string_view bound, std::string_view address) {
  const std::size_t cut = bound.find('/');
  const std::string_view base = plain_address(bound.substr(0, cut)), plain = plain_address(address);
  if (cut == std::string_view::npos) return base == plain;
  const std::string_view prefix = bound.substr(cut + 1);
  std::size_t bits = 0;
  const auto [end, fault] = std::from_chars(prefix.data(), prefix.data() + prefix.size(), bits);
  const std::string net = bytes_of(base), one = bytes_of(plain);
  const bool readable = fault == std::errc{} && end == prefix.data() + prefix.size() && !net.empty() && net.size() == one.size();
  if (!readable || bits == 0 || bits > 8 * net.size()) return false;
  std::size_t same = 0;
  while (same < bits && bit(net, same) == bit(one, same)) ++same;
  return same == bits;
}

}  // namespace quickpay::roles
