// One session of the reference adapter: a player of the reference with its own ledger, clock and addresses.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "conformance/mutants/fault.hpp"
#include "conformance/reference_adapter/additions.hpp"
#include "conformance/reference_adapter/membership.hpp"
#include "conformance/reference_adapter/purchases.hpp"
#include "conformance/reference_adapter/waiters.hpp"
#include "reference/daemon/daemon.hpp"
#include "reference/daemon/object_reader.hpp"
#include "reference/daemon/trace_file.hpp"

namespace quickpay::conformance {

inline constexpr std::chrono::milliseconds kPatience{300};  ///< that a fence waits for answers of other players
inline constexpr std::size_t kMaxClockSteps = 64;           ///< timers fired one by one in one move of the clock
inline constexpr std::chrono::milliseconds kClockPatience{2000};  ///< that a move of the clock waits for others in all

/// Which implementation the reference adapter shows.
struct AdapterSettings {
  std::string role;      ///< empty: any
  std::string fault;     ///< known to mutants::make_fault; empty: none
  bool interpreted = false;  ///< machines run by the interpreter instead of the compiled tables
  std::string trace;         ///< folder for the steps of machines, a file a session; empty: none
  std::vector<std::string> protocols = {};  ///< that it claims and serves; empty: all
  std::function<std::unique_ptr<roles::Deviation>()> deviation = {};  ///< how each session deviates; empty: as the fault says
};

class ReferenceSession {
 public:
  using Reply = std::function<void(OrderedJson)>;

  /// `command`: the setup command. The error is for the adapter's `error` field.
  static tl::expected<std::unique_ptr<ReferenceSession>, std::string> start(boost::asio::io_context& io, Waiters& waiters,
                                                                            const AdapterSettings& settings,
                                                                            const OrderedJson& command,
                                                                            const std::string& folder);
  ~ReferenceSession();

  /// {"ready": true, "listen"?}
  OrderedJson ready() const;
  tl::expected<void, std::string> set_directory(const OrderedJson& command);
  void act(const OrderedJson& command, Reply reply);
  void await(const std::string& ref, std::chrono::milliseconds limit, Reply reply);
  OrderedJson observe(const std::string& what) const;
  void fence(Reply reply);
  void clock(std::int64_t advance_ms, Reply reply);
  void restart(bool hard, Reply reply);

 private:
  ReferenceSession(boost::asio::io_context& io, Waiters& waiters, mutants::Fault fault, std::string folder);

  tl::expected<void, std::string> configure(const AdapterSettings& settings, const OrderedJson& command);
  tl::expected<void, std::string> give_cards(const OrderedJson& command);
  void look_up(const OrderedJson& fixtures);
  tl::expected<void, std::string> open_ledger();
  tl::expected<void, std::string> open_daemon(std::uint16_t port);
  void begin_again(bool hard, const Reply& reply);
  /// Takes out of the ledger what this fault does not keep in a crash.
  tl::expected<void, std::string> lose_in_crash();
  /// Runs `done` when the player rests, or when its patience with others is over.
  void when_quiet(std::chrono::milliseconds patience, std::function<void()> done);
  void step_clock(std::int64_t target_ms, std::size_t steps, Waiters::Clock::time_point patience_end, Reply reply);
  /// Of a purchase, of a Paycard that is added, or of what a Vendor's owner has it do at the Host. Nothing while it goes on.
  std::optional<PurchaseEnd> end_of(const std::string& ref) const;
  void pay(Purchases::Kind kind, const OrderedJson& args, std::chrono::milliseconds limit, const Reply& reply);
  void settle(const Reply& reply);
  OrderedJson refused(const std::string& reason) const;
  OrderedJson outcome_of(const std::string& ref, const PurchaseEnd& end) const;
  void react(OrderedJson outcome, const Reply& reply) const;

  boost::asio::io_context& io_;
  Waiters& waiters_;
  mutants::Fault fault_;
  std::string folder_;
  std::size_t ledgers_ = 0;
  bool fresh_ = true;  ///< the ledger is new
  std::string trace_path_;
  daemon::TraceFile trace_;
  daemon::DaemonConfig config_;
  std::unique_ptr<daemon::ManualClock> clock_;
  std::unique_ptr<crypto::Random> random_;
  roles::TableDirectory directory_;
  std::vector<std::string> listed_;
  std::unique_ptr<ledger::Ledger> ledger_;
  CardFiles card_files_;
  Purchases purchases_;
  Additions additions_;
  Membership membership_;
  std::unique_ptr<daemon::Daemon> daemon_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace quickpay::conformance
