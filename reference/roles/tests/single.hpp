// One node alone: tests speak to it with typed requests and read typed answers.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/random.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/node.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {

namespace micro = msg::micro;

inline const std::string kWallet = "W0123456789abcdef0123456789abcdef";
inline const std::string kOtherWallet = "Wffffffffffffffffffffffffffffffff";
inline const std::string kWalletAddress = "127.0.4.1";
inline const std::string kVendorAddress = "127.0.3.1";
inline const std::string kBrokerAddress = "127.0.2.1";
inline const std::string kSecret = "the secret of the paycard, long.";
inline constexpr std::int64_t kNoon = 1'795'348'800'000;  // 2026-11-22T12:00:00Z

class TestClock : public Clock {
 public:
  std::int64_t now = kNoon;
  std::int64_t now_ms() const override { return now; }
};

/// Rows and defaults that machines took in any test of this program, as "machine row".
std::set<std::string>& rows_taken();

/// A node with its surroundings: Host H1, Brokers B7 and B8, Vendors V1001 and V1002, two Wallets, accounts, items.
class Single {
 public:
  /// `seed`: of what it chooses at random.
  explicit Single(NodeConfig config, std::uint64_t seed = 1);

  TestClock clock;
  crypto::SeededRandom random;
  crypto::SeededRandom ids{std::uint64_t{2}};
  TableDirectory directory;
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<Node> node;
  Output last;  ///< what the last input let out

  void restart();
  void restart_as(NodeConfig config) { config_ = std::move(config), restart(); }
  Output& flush();
  void pass(std::int64_t ms);  ///< the clock goes on, then on_time()

  std::string fresh_id() { return crypto::random_hex(ids, 16); }
  msg::Head head(std::string sender, std::string receiver);
  msg::Head anonymous(std::string receiver);

  /// Sends bytes and returns the answer's, empty if there is none yet. `connection` names the exchange.
  std::string raw(std::string_view path, std::string_view body, std::string_view address, ConnectionToken connection);
  std::string raw(std::string_view path, std::string_view body, std::string_view address);

  /// Sends a request; the answer if there is one at once.
  template <class Response, class Request>
  std::optional<Response> ask(const Request& request, const codec::MessageType& type, std::string_view address) {
    const std::string answer = raw(type.path, codec::write_document(*type.request, &request), address);
    auto read = codec::read<Response>(answer, *type.response);
    if (!read) return std::nullopt;
    return *read;
  }
  /// The answer in the last output to the exchange.
  template <class Response>
  std::optional<Response> answer_to(ConnectionToken connection, const codec::MessageType& type) {
    for (const Answer& answer : last.answers) {
      if (answer.connection != connection) continue;
      auto read = codec::read<Response>(answer.body, *type.response);
      if (read) return *read;
    }
    return std::nullopt;
  }
  /// Answers a call of the node.
  template <class Response>
  void reply(const OutgoingCall& call, Response response, const codec::MessageType& type) {
    give(call, {true, 200, "application/quickpay+xml", codec::write_document(*type.response, &response)});
  }
  void give(const OutgoingCall& call, const CallResult& result);
  /// The Head of an answer to the call.
  msg::Head answer_head(const OutgoingCall& call, std::string receiver);

  ConnectionToken next_connection = 1;

 private:
  NodeConfig config_;
};

NodeConfig broker_config();
NodeConfig vendor_config();
NodeConfig host_config();
NodeConfig wallet_config();

/// An order of V1001 that B7 can be asked to pay.
msg::OrderRef some_ref(const std::string& order_id = "2026-000042", std::int64_t amount = 125);

/// The Status of a refusal.
inline msg::Status refusal(std::string_view code, msg::Retry retry) {
  msg::Status status;
  status.code = std::string(code);
  status.retry = retry;
  return status;
}
inline msg::Status success() {
  msg::Status status;
  status.code = std::string(protocol::QP_OK);
  return status;
}

}  // namespace quickpay::roles
