// The recording proxy: everything that passes between implementations goes through it and stands in one transcript.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/transcript.hpp"
#include "conformance/peers/wire.hpp"

namespace quickpay::conformance {

inline constexpr std::chrono::milliseconds kForwardLimit{20'000};  ///< of one exchange; clients give up after T_call
inline constexpr const char* kWrongSource = "sent from an address that is not the sender's";  ///< what judges look for

/// Stands before each server at a port of its own and the server's address, and calls it from the caller's address, so that
/// players know each other as without it. Start lines, headers and bodies pass as they are, except that a body in
/// chunks gets a length, and that a Host which names the front names the server. Lives in the thread of its io_context.
class Recorder {
 public:
  /// Whether the answer to this request is to be lost. Asked once for each answer.
  using Loses = std::function<bool(const Entry& request)>;

  explicit Recorder(boost::asio::io_context& io);
  ~Recorder();

  /// A player at this address. Servers (port not 0) get a front: its address is returned.
  tl::expected<Address, std::string> stand_before(const std::string& player, const Address& server);
  void lose(Loses loses) { loses_ = std::move(loses); }
  void note(std::string text) { transcript_.note(std::move(text)); }

  const std::vector<Entry>& entries() const { return transcript_.entries(); }
  std::size_t dropped() const { return transcript_.dropped(); }
  /// Requests that have no answer yet.
  std::size_t open() const { return open_; }

 private:
  void forward(const std::string& player, ConnectionId connection, const std::string& source, const HttpMessage& request);
  void answered(const std::string& player, ConnectionId connection, const Entry& request, const WireReply& reply);
  std::string player_at(const std::string& address) const;

  boost::asio::io_context& io_;
  Transcript transcript_;
  Loses loses_;
  std::map<std::string, Address> servers_;                   ///< by player
  std::map<std::string, Address> front_at_;                  ///< by player
  std::map<std::string, std::string> players_;               ///< by address
  std::map<std::string, std::unique_ptr<WireServer>> fronts_;
  std::uint64_t exchanges_ = 0;
  std::size_t open_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< callbacks hold it weakly
};

}  // namespace quickpay::conformance
