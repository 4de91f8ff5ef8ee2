// The port whose Paycards are shared objects, each in a process of its own.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/paycard/child.hpp"
#include "reference/paycard/manifest.hpp"

namespace quickpay::paycard {

inline constexpr std::chrono::milliseconds kCallDeadline{2000};  ///< of one call; loading has as much
inline constexpr unsigned kMaxTroubles = 3;  ///< in a row; then a Paycard is asked no more while this program runs

/// A Paycard and the files it comes in.
struct CardFiles {
  std::string broker;    ///< BrokerId
  std::string paycard;   ///< PaycardId; empty: whatever Paycard the user adds of this product
  std::string shared_object;   ///< path of the shared object
  std::string manifest;  ///< path of its manifest
  std::string product = {};  ///< what the manifest has to name, if not empty
};

struct ProcessConfig {
  std::vector<std::string> host;  ///< the program of the container: path and arguments
  std::vector<CardFiles> cards;
  std::chrono::milliseconds deadline = kCallDeadline;
  /// The signing keys of a Broker that are good now (SubjectPublicKeyInfo, DER). Asked each time a process starts, so
  /// that a key that was withdrawn counts no more.
  std::function<std::vector<std::string>(std::string_view broker)> keys;
  /// From which versions on a Broker lets its Paycards be used, as its entry says it (MinPaycard). Asked with the keys; may be
  /// empty: no entry says so.
  std::function<std::vector<msg::OldestPaycard>(std::string_view broker)> oldest = {};
  /// Told of every trouble; may be empty.
  std::function<void(std::string_view paycard, Trouble trouble)> on_trouble;
};

/// Starts the process of a Paycard when it is first asked, and again after it ended. Each start reads and checks the
/// files anew; what was checked is what is loaded. A call waits at most the deadline.
class ProcessPort final : public Port {
 public:
  explicit ProcessPort(ProcessConfig config);

  tl::expected<Reply, Trouble> call(std::string_view paycard, Call call, const std::vector<std::string>& in,
                                    const State& state) override;

  /// Starts the Paycard if it does not run.
  tl::expected<msg::Manifest, Trouble> start(std::string_view paycard) override;

 private:
  struct Card {
    CardFiles files;
    Child child;
    msg::Manifest manifest;
    unsigned troubles = 0;
  };

  Card* find(std::string_view paycard);
  tl::expected<void, Trouble> load(Card& card);
  tl::expected<void, Trouble> check_description(Card& card);
  tl::expected<Reply, Trouble> ask(Card& card, const Request& request);
  Trouble note(Card& card, Trouble trouble);

  ProcessConfig config_;
  std::map<std::string, Card, std::less<>> cards_;
  crypto::CryptoCounters crypto_;
};

}  // namespace quickpay::paycard
