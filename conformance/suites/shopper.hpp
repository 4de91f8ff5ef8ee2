// The words of the Wallet's suite: a user who buys, and the players who answer the Wallet.
#pragma once

#include <optional>
#include <string>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// A purchase by the Wallet under test.
class Shopper {
 public:
  explicit Shopper(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  Peer* vendor() { return world_.peer(world_.cast().vendor); }
  Peer* broker() { return world_.peer(world_.cast().broker); }
  Peer* host() { return world_.peer(world_.cast().host); }

  /// Starts `pay-micro`; `confirm` is what the user answers. `vendor` empty: the first one.
  IutResult<CallId> begin(const std::string& confirm = "yes", const std::string& vendor = {}, std::size_t item = 0);
  /// Starts `pay-micro` with the bytes of a PurchaseLink.
  IutResult<CallId> begin_link(const std::string& link);
  /// Starts `pay-regular`.
  IutResult<CallId> begin_regular(const std::string& confirm = "yes");
  IutResult<Outcome> finish(const IutResult<CallId>& call);
  IutResult<Outcome> buy(const std::string& confirm = "yes", const std::string& vendor = {}, std::size_t item = 0);
  IutResult<Outcome> buy_regular() { return finish(begin_regular()); }
  IutResult<CallId> begin_again(const std::string& ref);
  IutResult<Outcome> try_again(const std::string& ref);
  IutResult<Outcome> activate(const std::string& paycard);
  /// A plain purchase after all scripts were cleared; true: accepted.
  bool buys();
  bool buys_regular();
  /// Removes all scripts and lets go what was held.
  void calm();

  /// Waits for a message that carries this mutation label, or for a failure with it as reason.
  std::optional<std::size_t> delivered(std::size_t from, const std::string& label);
  /// Waits for the n-th attempt (0 the first) of a request of the Wallet.
  std::optional<std::size_t> attempt(std::string_view message, std::size_t n, std::size_t from = 0);
  /// What the second attempt of a request of the Wallet is like: `the same bytes` as that first one, or else.
  std::string again(std::string_view message, std::size_t first);

 private:
  IutResult<CallId> begin(const char* operation, const std::string& confirm, const std::string& vendor, std::size_t item);

  Session& session_;
  World& world_;
};

inline constexpr const char* kSameBytes = "the same bytes";  ///< of Shopper::again

/// What the Wallet's user was told, for reports.
std::string outcome_text(const IutResult<Outcome>& outcome);
bool is_accepted(const IutResult<Outcome>& outcome);
bool is_rejected(const IutResult<Outcome>& outcome);

}  // namespace quickpay::conformance
