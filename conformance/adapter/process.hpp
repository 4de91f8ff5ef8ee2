// A child process behind pipes, served by an io_context.
#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxStderrBytes = 256U << 10;  ///< kept of what a process writes to stderr
inline constexpr std::size_t kMaxLastWords = 160;           ///< quoted of its last line there
inline constexpr std::size_t kMaxQuotedLine = 80;           ///< quoted of a line that is no reply
inline constexpr std::size_t kMaxStdinBytes = 8U << 20;     ///< waiting to be read by the process

/// The first `limit` bytes as printable ASCII, everything else as '?': something of a process to quote in an error.
std::string quotable(std::string_view bytes, std::size_t limit);
/// The last line of `errors` that is not empty, quotable: what a process that ended had to say.
std::string last_words(const std::string& errors);

/// One child, started through `sh -c` in a process group of its own. The destructor ends the whole group.
/// Not thread-safe: lives in the thread of its io_context.
class Process {
 public:
  /// Called with each piece of stdout, and once with an empty piece when stdout ends.
  using OnOutput = std::function<void(std::string_view)>;

  static tl::expected<std::unique_ptr<Process>, std::string> start(boost::asio::io_context& io,
                                                                   const std::string& command, OnOutput on_output);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// Queues bytes for stdin. False: the queue is full or stdin is closed.
  bool write(std::string bytes);
  /// Closes stdin when everything queued was written.
  void close_input();
  /// What the process wrote to stderr, cut at kMaxStderrBytes.
  const std::string& errors() const { return *errors_; }
  /// "exit status 1", "signal 11", or "running". Reaps the child if it has ended.
  std::string status();
  /// Of the child, which is the shell or what the command line replaced it by.
  pid_t pid() const { return pid_; }
  /// Ends the process group at once.
  void kill();

 private:
  Process(boost::asio::io_context& io, pid_t pid, int in, int out, int err, OnOutput on_output);
  void read_output();
  void read_errors();
  void write_next();

  pid_t pid_;
  bool reaped_ = false;
  int wait_status_ = 0;
  boost::asio::posix::stream_descriptor in_, out_, err_;
  std::shared_ptr<std::string> errors_ = std::make_shared<std::string>();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // handlers outlive the object in the io_context's queue
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  bool close_when_written_ = false;
  OnOutput on_output_;
  std::array<char, 16384> out_buffer_{}, err_buffer_{};
};

}  // namespace quickpay::conformance
