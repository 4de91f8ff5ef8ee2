#include "reference/paycard/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "reference/paycard/host/container.hpp"

namespace quickpay::paycard {
namespace {

constexpr int kAbove = 64;  // copies of the descriptors lie here until the child has put them into their places

/// A descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

/// The bytes as a file in memory that cannot be written, grown or shrunk: what was checked is what is loaded.
int sealed_file(std::string_view bytes) {
  Descriptor file(::memfd_create("paycard", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  for (std::string_view left = bytes; file.get() >= 0 && !left.empty();) {
    const ssize_t n = ::write(file.get(), left.data(), left.size());
    if (n <= 0) return -1;
    left.remove_prefix(static_cast<std::size_t>(n));
  }
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
  if (file.get() < 0 || ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return -1;
  return file.release();
}

/// What the new process finds, and nothing else.
class Surroundings {
 public:
  Surroundings(int socket, int shared_object) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    for (const int fd : {0, 1, 2}) good(::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", O_RDWR, 0));
    good(::posix_spawn_file_actions_adddup2(&actions_, socket, kWalletSocket));
    good(::posix_spawn_file_actions_adddup2(&actions_, shared_object, kSharedObjectFile));
    good(::posix_spawn_file_actions_addclosefrom_np(&actions_, kFirstClosed));
    sigset_t all, none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    good(::posix_spawnattr_setsigdefault(&attributes_, &all));
    good(::posix_spawnattr_setsigmask(&attributes_, &none));
    good(::posix_spawnattr_setpgroup(&attributes_, 0));
    good(::posix_spawnattr_setflags(&attributes_,
                                    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP));
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;
  ~Surroundings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }

  /// The process id; 0 if it did not start.
  int spawn(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    char* nothing[] = {nullptr};
    pid_t process = 0;
    if (!good_ || ::posix_spawn(&process, arguments[0], &actions_, &attributes_, arguments.data(), nothing) != 0)
      return 0;
    return process;
  }

 private:
  void good(int error) { good_ = good_ && error == 0; }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  bool good_ = true;
};

/// Waits until the socket is ready for `events`; false when the time is up.
bool ready(int socket, short events, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    pollfd one{socket, events, 0};
    const int count = ::poll(&one, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (count > 0) return true;
    if (count == 0 && left <= 0) return false;
    if (count < 0 && errno != EINTR) return false;
  }
}

}  // namespace

tl::expected<void, Trouble> Child::start(const std::vector<std::string>& command, std::string_view shared_object) {
  end();
  int pair[2];
  if (command.empty() || ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return tl::unexpected(Trouble::cannot_start);
  }
  Descriptor ours(pair[0]), theirs(pair[1]);
  const Descriptor file(sealed_file(shared_object));
  // copies above, so that putting one into its place never overwrites another
  const Descriptor high_socket(::fcntl(theirs.get(), F_DUPFD_CLOEXEC, kAbove));
  const Descriptor high_file(::fcntl(file.get(), F_DUPFD_CLOEXEC, kAbove));
  if (high_socket.get() < 0 || high_file.get() < 0 || ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) {
    return tl::unexpected(Trouble::cannot_start);
  }
  process_ = Surroundings(high_socket.get(), high_file.get()).spawn(command);
  if (process_ == 0) return tl::unexpected(Trouble::cannot_start);
  socket_ = ours.release();
  return {};
}

tl::expected<Response, Trouble> Child::ask(const Request& request, std::chrono::milliseconds deadline) {
  auto response = exchange(request, Clock::now() + deadline);
  if (!response) end();
  return response;
}

tl::expected<Response, Trouble> Child::exchange(const Request& request, Clock::time_point until) {
  const auto frame = write_request(request);
  if (!frame) return tl::unexpected(Trouble::broke_rules);
  if (auto sent = send(*frame, until); !sent) return tl::unexpected(sent.error());
  const auto head = receive(kFrameHead, until);
  if (!head) return tl::unexpected(head.error());
  const auto length = read_head(*head);
  if (!length) return tl::unexpected(Trouble::broke_rules);
  const auto content = receive(*length, until);
  if (!content) return tl::unexpected(content.error());
  auto response = read_response(request.call, *content);
  if (!response) return tl::unexpected(Trouble::broke_rules);
  // nobody asked for more
  char more = 0;
  if (::recv(socket_, &more, 1, MSG_PEEK | MSG_DONTWAIT) > 0) return tl::unexpected(Trouble::broke_rules);
  return std::move(*response);
}

tl::expected<void, Trouble> Child::send(std::string_view bytes, Clock::time_point until) {
  while (!bytes.empty()) {
    if (!ready(socket_, POLLOUT, until)) return tl::unexpected(Trouble::out_of_time);
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return tl::unexpected(Trouble::died);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

tl::expected<std::string, Trouble> Child::receive(std::size_t size, Clock::time_point until) {
  std::string bytes(size, '\0');
  for (std::size_t got = 0; got < size;) {
    if (!ready(socket_, POLLIN, until)) return tl::unexpected(Trouble::out_of_time);
    const ssize_t n = ::recv(socket_, bytes.data() + got, size - got, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return tl::unexpected(Trouble::died);
    got += static_cast<std::size_t>(n);
  }
  return bytes;
}

void Child::end() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  if (process_ <= 0) return;
  ::kill(-process_, SIGKILL);
  ::kill(process_, SIGKILL);  // if it is not yet the first of its group
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
  process_ = 0;
}

}  // namespace quickpay::paycard
