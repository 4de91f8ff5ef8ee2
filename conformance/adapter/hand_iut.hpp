// An implementation in the hands of a person: what an adapter would do is asked for on a terminal, without deadlines.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/streambuf.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxHandLine = 64U << 10;  ///< bytes of one answer
inline constexpr std::size_t kMaxHandTries = 100;       ///< answers to one question that cannot be understood

/// Asks a person and waits for lines, while the io_context is served. Lives in the thread of its io_context.
class Hand {
 public:
  using Say = std::function<void(std::string_view)>;
  using Stop = std::function<bool()>;  ///< true: give up waiting

  /// `fd` is duplicated and must be a terminal or a pipe.
  Hand(boost::asio::io_context& io, int fd, Say say);
  /// Says something and waits for nothing.
  void say(std::string_view text) { say_(text); }
  /// The next line without its end. An error: there is none, since the input ended or `stop` holds.
  IutResult<std::string> ask(std::string_view question, const Stop& stop);

 private:
  boost::asio::io_context& io_;
  std::unique_ptr<boost::asio::posix::stream_descriptor> in_;
  Say say_;
  boost::asio::streambuf buffer_{kMaxHandLine};
};

/// One session of a product that a person configures, drives and looks at. It claims a real clock and no observation.
class HandIut final : public Iut {
 public:
  HandIut(Hand& hand, Hello hello, Hand::Stop stop);

  const Hello& hello() const override { return hello_; }
  bool alive() const override { return !gone_; }
  bool has_adapter() const override { return true; }
  IutResult<Ready> setup(const Setup& setup) override;
  IutResult<void> directory(const Json& players) override;
  IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<CallId> begin(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<Outcome> finish(CallId call) override;
  IutResult<Outcome> await(const std::string& ref, std::int64_t deadline_ms) override;
  IutResult<Observation> observe(const std::string& what) override;
  IutResult<void> fence() override;
  IutResult<ClockState> clock(std::int64_t advance_ms) override;
  IutResult<Ready> restart(bool hard) override;
  IutResult<void> teardown() override;

 private:
  IutResult<std::string> ask(std::string_view question);
  IutResult<Ready> ready(std::string_view question);

  Hand& hand_;
  Hello hello_;
  Hand::Stop stop_;
  bool serves_ = false;
  bool gone_ = false;
};

/// What is known of such a product before anybody has said anything.
Hello hello_by_hand(const std::string& role, const std::string& profile);

}  // namespace quickpay::conformance
