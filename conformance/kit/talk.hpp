// One adapter process and the lines to and from it, with nothing in between.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "conformance/adapter/lines.hpp"
#include "conformance/adapter/process.hpp"
#include "conformance/model/iut.hpp"

namespace quickpay::conformance::kit {

inline constexpr std::size_t kMaxStray = 16;  ///< kept of what is wrong on stdout

/// The channel to one process. What comes is kept by its number; what is no reply to anything is kept as stray.
class Talk {
 public:
  using Stop = std::function<bool()>;  ///< true: give up waiting

  Talk(boost::asio::io_context& io, std::string command, Stop stop)
      : io_(io), command_(std::move(command)), stop_(std::move(stop)) {}

  /// Starts a process in place of the one there is. The error says why there is none.
  tl::expected<void, std::string> start();
  void kill() { process_.reset(); }
  bool running();

  /// Sends bytes as they are.
  void raw(std::string bytes);
  void close_input();
  /// Sends a command under its number, or a number of this channel's own, which it returns.
  std::uint64_t send(Json command);
  /// The reply, or what became of it in words. Waits `deadline_ms` at most.
  tl::expected<Json, std::string> receive(std::uint64_t number, std::int64_t deadline_ms);
  tl::expected<Json, std::string> call(const Json& command, std::int64_t deadline_ms);

  /// True once the process has ended; waits `deadline_ms` at most for that.
  bool ended_within(std::int64_t deadline_ms);
  /// How the process ended, and the last line that it wrote to stderr.
  std::string end_words();
  /// What was on stdout and is no reply, of all processes.
  const std::vector<std::string>& stray() const { return stray_; }

 private:
  void on_output(std::string_view bytes);
  void on_line(std::string_view line);
  void stray(std::string what);

  boost::asio::io_context& io_;
  std::string command_;
  Stop stop_;
  std::unique_ptr<Process> process_;
  LineSplitter lines_;
  bool closed_ = false;  ///< stdout has ended
  std::uint64_t next_ = 1;
  std::set<std::uint64_t> open_, late_;
  std::map<std::uint64_t, Json> replies_;
  std::vector<std::string> stray_;
};

}  // namespace quickpay::conformance::kit
