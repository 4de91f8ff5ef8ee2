// What the steps of check-adapter share: one adapter process, one session, and where things listen.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "conformance/kit/talk.hpp"

namespace quickpay::conformance::kit {

/// What is asked about: an adapter in one role, with so much patience for each reply.
struct BenchOptions {
  std::string command;
  std::string role;
  std::int64_t deadline_ms = 10'000;  ///< of each reply
  std::int64_t end_ms = 3'000;        ///< of ending after bye or the end of stdin
  std::function<bool()> stop;         ///< true: give up, also in the middle of a step
};

enum class Mark : std::uint8_t {
  ok,
  fault,   ///< the document demands something else
  note,    ///< allowed, and worth knowing
  absent,  ///< not there; checks that need it will be inconclusive
};

struct Answer {
  Mark mark = Mark::ok;
  std::string why;
};

/// The answer of a step that could not be taken because of what another one has said already.
inline Answer fault(std::string why) { return {Mark::fault, std::move(why)}; }

class Bench {
 public:
  Bench(boost::asio::io_context& io, BenchOptions options) : talk_(io, options.command, options.stop), options_(std::move(options)) {}

  const BenchOptions& options() const { return options_; }
  Talk& talk() { return talk_; }
  bool server() const { return options_.role != "wallet"; }
  /// What hello said, once it was right.
  const Json& hello() const { return hello_; }
  bool claims(const std::string& flag) const { return hello_.value(flag, Json()) == true; }
  bool virtual_clock() const { return hello_.value("clock", Json()) == "virtual"; }

  /// Starts the process and says hello. The error says what is wrong with that.
  tl::expected<void, std::string> greet();
  /// A process that has said hello, and a session that is set up; in place already, or new.
  tl::expected<void, std::string> session();
  /// A session that is not the one before, of a player of its own.
  tl::expected<void, std::string> new_session();
  void forget_session() { session_.clear(); }

  /// A command of the session; a reply that the protocol does not know is an error.
  tl::expected<Json, std::string> command(Json line, std::int64_t deadline_ms = 0);
  /// A reply to something that the runner would not send: any is right, as long as there is one.
  tl::expected<Json, std::string> odd_command(Json line);

  /// Takes over where the reply to setup or restart says that the product listens. What is wrong with it, or nothing.
  std::optional<std::string> take_listen(const Json& reply);
  /// Whether something accepts connections where the product listens.
  bool port_open() const;
  std::string where() const;
  Json directory(std::size_t others) const;
  std::string fresh_session_name();

 private:
  Json setup() const;

  Talk talk_;
  BenchOptions options_;
  Json hello_ = Json::object();
  std::string session_;
  std::string address_;
  std::uint16_t port_ = 0;
  std::size_t sessions_ = 0;
};

/// Reply is one of the two refusals that fit every command.
bool refused(const Json& reply);

}  // namespace quickpay::conformance::kit
