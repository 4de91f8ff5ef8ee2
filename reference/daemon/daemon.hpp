// A node on the network: HTTP server and client, clock, randomness and ledger around a role core. Programs embed it;
// `quickpay serve` is one of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "reference/crypto/random.hpp"
#include "reference/daemon/log.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/roles/node.hpp"
#include "reference/transport/http_client.hpp"
#include "reference/transport/http_server.hpp"

namespace quickpay::daemon {

inline constexpr std::int64_t kDrainMs =
    15000;  ///< that requests in progress may take after the daemon was told to stop
inline constexpr const char* kContentType = "application/quickpay+xml";
inline constexpr const char* kTicketField = "QuickPay-Ticket";

struct DaemonConfig {
  roles::NodeConfig node;
  std::string listen_address;            ///< empty for a Wallet: it serves nobody
  std::uint16_t listen_port = 0;         ///< 0: any that is free
  std::string source_address;            ///< sends from here; empty: the address it listens at, a Wallet: any
  std::vector<std::string> authorities;  ///< see transport::ServerConfig
  bool follows_clock = true;             ///< false: the clock is moved by hand, and clock_moved() says so
  bool keep_alive = true;                ///< connections to other players are used again
  transport::ServerLimits server_limits;
  transport::ClientLimits client_limits;
  transport::ExchangeObserver observer;  ///< may be empty; sees both directions
  transport::ByteHook hook;              ///< may be empty
};

/// What a daemon stands on. Everything must outlive it.
struct Surroundings {
  boost::asio::io_context& io;
  ledger::Ledger& ledger;
  const roles::Clock& clock;
  crypto::Random& random;
  const roles::Directory& directory;
};

/// Whom a daemon tells what; each may be empty. All run inside the io_context.
struct Listeners {
  std::function<void(const roles::UserEvent&)> user;
  /// Gets every step before what it caused leaves. False: it is not kept, and the daemon fails as with its ledger.
  std::function<bool(const roles::TraceLine&)> trace;
  LogSink log;
  /// The ledger failed, or the trace. Nothing has left that was not durable and traced, and nothing will leave any more;
  /// the process must end.
  std::function<void(const std::string& why)> failed;
};

/// One player. Its handlers run inside the io_context, one at a time: inputs that are ready together share one flush,
/// and answers and calls leave only after it. Destroy it while the io_context is not running.
class Daemon {
 public:
  /// Listens at once. An error is one line for an operator.
  static tl::expected<std::unique_ptr<Daemon>, std::string> start(DaemonConfig config, Surroundings surroundings,
                                                                  Listeners listeners);
  ~Daemon();

  /// 0 if it does not listen.
  std::uint16_t port() const;
  /// For the actions of users and operators. Call touch() afterwards.
  roles::Node& node();
  /// The node was given something: flushes soon, then lets out what may leave.
  void touch();
  /// The same, and runs `durable` once all that the node was given before is; never, if the ledger or the trace fails.
  void touch(std::function<void()> durable);
  /// The clock stands elsewhere now: fires what is due. Only for daemons that do not follow it themselves.
  void clock_moved();
  /// Something is still going on: a flush, a call, a request without answer. False is what a fence waits for.
  bool busy() const;

  /// Takes no more requests, ends those in progress within kDrainMs, flushes, and calls `done` once.
  void stop(std::function<void()> done);

 private:
  class Impl;
  explicit Daemon(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Paths of all networked messages with their limits, for a player of any role.
transport::PathTable message_paths();

/// The time of this machine.
class SystemClock final : public roles::Clock {
 public:
  std::int64_t now_ms() const override;
};

/// A clock that stands still until it is moved.
class ManualClock final : public roles::Clock {
 public:
  explicit ManualClock(std::int64_t now_ms) : now_ms_(now_ms) {}
  std::int64_t now_ms() const override { return now_ms_; }
  void advance(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::int64_t now_ms_;
};

}  // namespace quickpay::daemon
