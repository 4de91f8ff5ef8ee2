// One connection of the server: reads requests, keeps their answers in order, and gives up in time.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reference/transport/chunked.hpp"
#include "reference/transport/http_server.hpp"

namespace quickpay::transport {

class Session;

/// What a session needs of the server that it belongs to.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  virtual const ServerConfig& config() const = 0;
  virtual const RequestRules& rules() const = 0;
  virtual RequestToken adopt(Session& session) = 0;  ///< a fresh token for a request of the session
  virtual void dispatch(const Request& request) = 0;
  virtual void settled(RequestToken token) = 0;  ///< the answer is with the transport
  virtual void lost(RequestToken token) = 0;     ///< no answer can be sent any more
  virtual void closed(Session& session) = 0;     ///< the session may be forgotten
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Tcp = boost::asio::ip::tcp;
  using Time = std::chrono::steady_clock::time_point;

  Session(Tcp::socket socket, SessionOwner& owner);

  void start();
  void answer(RequestToken token, unsigned status, std::string body, std::string_view content_type);
  /// Looks whether something takes too long.
  void tick(Time now);
  /// Serves what has begun, then closes.
  void retire();
  /// Closes now; with `tell` the owner hears of lost requests and of the end.
  void close(bool tell);
  bool idle() const { return open_ && slots_.empty() && !began_; }
  Time idle_since() const { return idle_since_; }

 private:
  enum class State : std::uint8_t { head, body, draining };

  // A request whose answer has not left yet, or (without token) something that must leave in its place.
  struct Slot {
    RequestToken token = 0;
    Time since;
    bool done = false;
    bool last = false;
    std::string path;
    std::string request;  // raw, if somebody observes
    std::string answer;   // raw
  };
  struct Piece {
    std::string bytes;
    std::int64_t pause_ms = 0;
  };
  // The request that is being read.
  struct Reading {
    Time since;
    std::string path;
    std::string ticket;
    const PathRule* rule = nullptr;
    std::uint64_t length = 0;
    bool keep_alive = true;
    std::optional<ChunkedReader> chunks;
    std::string body;  // of chunks
    std::string raw;   // if somebody observes
  };

  void read();
  void on_read(boost::system::error_code error, std::size_t size);
  void on_end_of_input();
  void process();
  bool process_head();
  bool process_body();
  bool process_chunks();
  void accept_head(const RequestHead& head, std::size_t size);
  void complete(std::string_view body, std::size_t consumed);
  void refuse(const HttpRefusal& refusal);
  void note_raw(std::size_t size);
  std::string_view input() const;

  void pump();
  void move_answers();
  void send(Slot& slot);
  void queue(RawBytes bytes);
  void write();
  void write_piece();
  void on_written(boost::system::error_code error);
  void when_all_is_written();
  void finish();
  bool late(Time since, std::int64_t limit_ms, Time now) const;

  Tcp::socket socket_;
  SessionOwner* owner_;
  boost::asio::steady_timer pause_;
  std::string local_;
  std::string remote_;
  std::string peer_address_;
  boost::beast::flat_buffer in_;
  HeadScanner scanner_;
  State state_ = State::head;
  bool began_ = false;  // a request is being read
  Reading reading_;
  std::deque<Slot> slots_;
  std::deque<Piece> out_;
  std::optional<Afterwards> end_;  // what happens when out_ is empty
  bool open_ = true;
  bool read_pending_ = false;
  bool dispatching_ = false;
  bool write_pending_ = false;
  bool end_of_input_ = false;
  bool retiring_ = false;
  bool lingering_ = false;
  std::size_t drained_ = 0;
  Time idle_since_;
  Time write_since_;
  Time end_since_;
};

/// Address of an endpoint as text; an IPv4-mapped IPv6 address as IPv4, no zone.
std::string address_text(const boost::asio::ip::address& address);
/// address:port, an IPv6 address in brackets.
std::string endpoint_text(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace quickpay::transport
