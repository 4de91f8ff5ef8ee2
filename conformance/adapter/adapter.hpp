// The runner's end of the adapter channel: one adapter process, commands out, replies in.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/adapter/lines.hpp"
#include "conformance/adapter/process.hpp"
#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

inline constexpr std::int64_t kHelloMs = 10'000;    ///< deadline of hello: includes starting the process
inline constexpr std::int64_t kCommandMs = 10'000;  ///< deadline of every other command, unless it carries one
inline constexpr std::int64_t kTeardownMs = 3'000;  ///< deadline of teardown and bye
inline constexpr std::int64_t kReapMs = 500;        ///< from the end of its stdout to the end of a process
inline constexpr std::int64_t kGraceMs = 500;       ///< beyond a deadline that the command carries
inline constexpr std::size_t kMaxLateIds = 1024;    ///< replies that may still come after their deadline

/// One adapter process at a time; started on demand, started again after it ended. Not thread-safe.
class Adapter {
 public:
  using Clock = std::chrono::steady_clock;
  using Stop = std::function<bool()>;  ///< true: give up waiting

  /// `patience`: every deadline is so many times as long, on this side of the channel.
  Adapter(boost::asio::io_context& io, std::string command, int patience = 1);
  ~Adapter();

  /// Starts the process and says hello if none runs.
  IutResult<void> ensure_running();
  bool running() const { return process_ != nullptr && !down_; }
  const Hello& hello() const { return hello_; }

  /// Sends a command (without its "id") and returns the number of the call.
  IutResult<CallId> send(Json command);
  /// Waits for the reply of a call while the io_context is served. The reply passed reply_fault and is neither
  /// "unsupported" nor "error". One wait a call.
  IutResult<Json> receive(CallId call, std::int64_t deadline_ms, const Stop& stop = {});
  IutResult<Json> call(Json command, std::int64_t deadline_ms, const Stop& stop = {});

  /// Asks the process to end, then ends it.
  void bye();
  /// Ends the process at once. The next ensure_running starts a new one.
  void kill();
  /// What all processes of this adapter wrote to stderr, cut at kMaxStderrBytes.
  std::string errors() const;
  std::size_t starts() const { return starts_; }
  /// Of the running process; 0: none runs.
  int pid() const { return running() ? static_cast<int>(process_->pid()) : 0; }
  std::size_t late_replies() const { return late_replies_; }

 private:
  void on_output(std::string_view bytes);
  void on_line(std::string_view line);
  void fail(IutFault fault, std::string what);
  IutResult<Json> checked(CallId call, Json reply);
  IutError down_error();

  boost::asio::io_context& io_;
  std::string command_;
  int patience_;
  std::unique_ptr<Process> process_;
  LineSplitter lines_;
  Hello hello_;
  CallId next_call_ = 1;
  std::map<CallId, std::string> open_;  ///< command word of calls without a reply
  std::map<CallId, Json> replies_;
  std::set<CallId> late_;               ///< calls nobody waits for any more
  bool down_ = false;
  IutError down_because_;
  std::string past_errors_;
  std::size_t starts_ = 0;
  std::size_t late_replies_ = 0;
};

}  // namespace quickpay::conformance
