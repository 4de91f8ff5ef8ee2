// Lines from a file descriptor, without blocking the io_context it is served by.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string_view>

namespace quickpay::daemon {

/// Reads until the end. Lines longer than the limit are dropped whole. The descriptor stays open. Destroy it while the
/// io_context is not running.
class LineInput {
 public:
  LineInput(boost::asio::io_context& io, int fd, std::size_t max_line, std::function<void(std::string_view)> on_line,
            std::function<void()> on_end);
  ~LineInput();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quickpay::daemon
