// Raw ends of a connection for tests: they send any bytes and keep all that they get.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::transport::tests {

/// Runs until something has come true; tests wait for events, never for time.
class Loop {
 public:
  boost::asio::io_context io;
  /// False if it has not come true after a generous while.
  bool until(const std::function<bool()>& condition);
  /// Runs what is ready, without waiting.
  void settle();
};

/// The client's end of a connection.
class Wire {
 public:
  Wire(Loop& loop, std::uint16_t port, const std::string& source = "127.0.0.1", int receive_buffer = 0);
  ~Wire();

  void send(std::string bytes);
  void finish_sending();
  void reset();
  void stop_reading();

  const std::string& received() const;
  bool closed() const;
  std::string local_port() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Statuses of the complete responses in `bytes`, in order; 0 for something that is none.
std::vector<unsigned> statuses_in(std::string_view bytes);
/// Bodies of the complete responses in `bytes`.
std::vector<std::string> bodies_in(std::string_view bytes);

/// A server that gives fixed bytes to each connection once a whole request has come.
class ScriptedServer {
 public:
  struct Script {
    std::string answer;
    bool close = true;         ///< after the answer
    bool at_once = false;      ///< answer before the request is there
    std::size_t requests = 1;  ///< answered on one connection
  };
  ScriptedServer(Loop& loop, std::vector<Script> scripts);
  std::uint16_t port() const;
  std::size_t connections() const;
  const std::vector<std::string>& requests() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quickpay::transport::tests
