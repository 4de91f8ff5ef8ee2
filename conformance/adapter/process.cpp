#include "conformance/adapter/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

extern char** environ;

namespace quickpay::conformance {

namespace {

struct Pipe {
  int read = -1;
  int write = -1;
  Pipe() = default;
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(read);
    close_end(write);
  }
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      return false;
    }
    read = ends[0];
    write = ends[1];
    return true;
  }
  static int release(int& end) { return std::exchange(end, -1); }
  static void close_end(int& end) {
    if (end >= 0) {
      ::close(std::exchange(end, -1));
    }
  }
};

/// The child gets default signals, its own group, three pipes and no other descriptor: an inherited socket of a peer
/// would keep that peer's connections open.
int spawn_shell(const std::string& command, const Pipe& in, const Pipe& out, const Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.read, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.write, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.write, STDERR_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  std::array<char*, 4> arguments = {const_cast<char*>("sh"), const_cast<char*>("-c"),
                                    const_cast<char*>(command.c_str()), nullptr};
  const int result = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return result;
}

}  // namespace

std::string quotable(std::string_view bytes, std::size_t limit) {
  std::string text(bytes.substr(0, limit));
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

std::string last_words(const std::string& errors) {
  const std::size_t end = errors.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) {
    return {};
  }
  const std::size_t before = errors.find_last_of('\n', end);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  return quotable(std::string_view(errors).substr(start, end + 1 - start), kMaxLastWords);
}

tl::expected<std::unique_ptr<Process>, std::string> Process::start(boost::asio::io_context& io,
                                                                   const std::string& command, OnOutput on_output) {
  Pipe in, out, err;
  if (!in.open() || !out.open() || !err.open()) {
    return tl::unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  }
  pid_t pid = 0;
  if (const int failed = spawn_shell(command, in, out, err, pid); failed != 0) {
    return tl::unexpected(fmt::format("cannot start: {}", std::strerror(failed)));
  }
  std::unique_ptr<Process> process(new Process(io, pid, Pipe::release(in.write), Pipe::release(out.read),
                                               Pipe::release(err.read), std::move(on_output)));
  process->read_output();
  process->read_errors();
  return process;
}

Process::Process(boost::asio::io_context& io, pid_t pid, int in, int out, int err, OnOutput on_output)
    : pid_(pid), in_(io, in), out_(io, out), err_(io, err), on_output_(std::move(on_output)) {}

Process::~Process() {
  *alive_ = false;
  kill();
}

void Process::kill() {
  if (reaped_) {
    ::kill(-pid_, SIGKILL);  // what the child may have left behind in its group
    return;
  }
  ::kill(-pid_, SIGKILL);
  if (::waitpid(pid_, &wait_status_, 0) == pid_) {
    reaped_ = true;
  }
}

std::string Process::status() {
  if (!reaped_ && ::waitpid(pid_, &wait_status_, WNOHANG) == pid_) {
    reaped_ = true;
  }
  if (!reaped_) {
    return "running";
  }
  return WIFSIGNALED(wait_status_) ? fmt::format("signal {}", WTERMSIG(wait_status_))
                                   : fmt::format("exit status {}", WEXITSTATUS(wait_status_));
}

void Process::read_output() {
  out_.async_read_some(boost::asio::buffer(out_buffer_),
                       [this, alive = alive_](const boost::system::error_code& error, std::size_t count) {
                         if (!*alive) {
                           return;
                         }
                         on_output_(error ? std::string_view() : std::string_view(out_buffer_.data(), count));
                         if (*alive && !error) {
                           read_output();
                         }
                       });
}

void Process::read_errors() {
  err_.async_read_some(boost::asio::buffer(err_buffer_),
                       [this, alive = alive_](const boost::system::error_code& error, std::size_t count) {
                         if (!*alive || error) {
                           return;
                         }
                         errors_->append(err_buffer_.data(), std::min(count, kMaxStderrBytes - errors_->size()));
                         read_errors();
                       });
}

bool Process::write(std::string bytes) {
  if (!in_.is_open() || close_when_written_ || queued_bytes_ + bytes.size() > kMaxStdinBytes) {
    return false;
  }
  queued_bytes_ += bytes.size();
  queue_.push_back(std::move(bytes));
  if (queue_.size() == 1) {
    write_next();
  }
  return true;
}

void Process::write_next() {
  boost::asio::async_write(in_, boost::asio::buffer(queue_.front()),
                           [this, alive = alive_](const boost::system::error_code& error, std::size_t) {
                             if (!*alive) {
                               return;
                             }
                             if (error) {  // the process does not read any more; its stdout will say so
                               boost::system::error_code ignored;
                               in_.close(ignored);
                               return;
                             }
                             queued_bytes_ -= queue_.front().size();
                             queue_.pop_front();
                             if (!queue_.empty()) {
                               write_next();
                             } else if (close_when_written_) {
                               boost::system::error_code ignored;
                               in_.close(ignored);
                             }
                           });
}

void Process::close_input() {
  close_when_written_ = true;
  if (queue_.empty() && in_.is_open()) {
    boost::system::error_code ignored;
    in_.close(ignored);
  }
}

}  // namespace quickpay::conformance
