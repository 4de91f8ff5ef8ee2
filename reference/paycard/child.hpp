// The process of one Paycard, seen from the Wallet: started with nothing, asked with a deadline, ended for good.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/paycard/frame.hpp"

namespace quickpay::paycard {

/// Ends the process with the object, and whatever it has started.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  /// Starts the program `command` (its path and arguments) with the bytes of the shared object in a file that nobody
  /// can change. It gets no environment, and no descriptors but that file, the stream and /dev/null.
  tl::expected<void, Trouble> start(const std::vector<std::string>& command, std::string_view shared_object);

  /// Sends a request and waits for its response, both within `deadline`. After a trouble the process has ended.
  tl::expected<Response, Trouble> ask(const Request& request, std::chrono::milliseconds deadline);

  bool running() const { return process_ > 0; }
  /// Kills the process group and waits until it is gone.
  void end();

 private:
  using Clock = std::chrono::steady_clock;
  tl::expected<void, Trouble> send(std::string_view bytes, Clock::time_point until);
  tl::expected<std::string, Trouble> receive(std::size_t size, Clock::time_point until);
  tl::expected<Response, Trouble> exchange(const Request& request, Clock::time_point until);

  int process_ = 0;
  int socket_ = -1;
};

}  // namespace quickpay::paycard
