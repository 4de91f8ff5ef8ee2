#include "reference/daemon/line_input.hpp"

#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <string>

namespace quickpay::daemon {

namespace asio = boost::asio;
using boost::system::error_code;

struct LineInput::State : std::enable_shared_from_this<LineInput::State> {
  State(asio::io_context& io, int given, std::size_t limit) : descriptor(io), fd(given), max_line(limit) {}

  asio::posix::stream_descriptor descriptor;
  int fd;
  std::size_t max_line;
  std::function<void(std::string_view)> on_line;
  std::function<void()> on_end;
  std::array<char, 4096> buffer{};
  std::string line;
  bool too_long = false;
  bool plain_file = false;
  bool over = false;

  void start() {
    error_code error;
    const int own = ::dup(fd);
    descriptor.assign(own, error);
    plain_file = static_cast<bool>(error);  // files and /dev/null cannot be waited for, and never make anybody wait
    if (plain_file && own >= 0) ::close(own);
    next();
  }

  void next() {
    if (plain_file) return asio::post(descriptor.get_executor(), [self = shared_from_this()] { self->read_file(); });
    descriptor.async_read_some(asio::buffer(buffer), [self = shared_from_this()](error_code error, std::size_t size) {
      if (self->over) return;
      self->take({self->buffer.data(), size});
      if (self->over) return;
      if (error) return self->end();
      self->next();
    });
  }

  void read_file() {
    if (over) return;
    const auto size = ::read(fd, buffer.data(), buffer.size());
    if (size <= 0) return end();
    take({buffer.data(), static_cast<std::size_t>(size)});
    if (!over) next();
  }

  void take(std::string_view bytes) {
    for (const char byte : bytes) {
      if (byte != '\n') {
        too_long = too_long || line.size() >= max_line;
        if (!too_long) line.push_back(byte);
        continue;
      }
      if (!too_long) on_line(line);
      if (over) return;
      line.clear();
      too_long = false;
    }
  }

  void end() {
    if (!line.empty() && !too_long) on_line(line);
    if (!over) on_end();
  }
};

LineInput::LineInput(asio::io_context& io, int fd, std::size_t max_line, std::function<void(std::string_view)> on_line,
                     std::function<void()> on_end)
    : state_(std::make_shared<State>(io, fd, max_line)) {
  state_->on_line = std::move(on_line);
  state_->on_end = std::move(on_end);
  state_->start();
}

LineInput::~LineInput() {
  error_code ignored;
  state_->over = true;
  state_->descriptor.close(ignored);
}

}  // namespace quickpay::daemon
