#include "conformance/adapter/hand_iut.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/read_until.hpp>
#include <charconv>
#include <chrono>
#include <istream>
#include <optional>

#include "conformance/adapter/protocol.hpp"
#include "conformance/model/serve.hpp"

namespace quickpay::conformance {

namespace {

std::string shown(const Json& json) { return json.dump(1, ' ', false, Json::error_handler_t::replace); }

/// "127.0.0.1:8080".
std::optional<Address> address_in(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return std::nullopt;
  }
  return Address{std::string(text.substr(0, colon)), port};
}

/// "accepted", "rejected" or "rejected amount-mismatch"; the first letter is enough.
std::optional<Outcome> outcome_in(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const std::string_view rest = word.size() < text.size() ? text.substr(word.size() + 1) : std::string_view();
  Outcome outcome;
  outcome.ref = "by-hand";
  if (word.empty()) {
    return std::nullopt;
  }
  if (std::string_view("accepted").rfind(word, 0) == 0 && rest.empty()) {
    outcome.kind = OutcomeKind::accepted;
  } else if (std::string_view("pending").rfind(word, 0) == 0 && rest.empty()) {
    outcome.kind = OutcomeKind::pending;
  } else if (std::string_view("rejected").rfind(word, 0) == 0) {
    outcome.kind = OutcomeKind::rejected;
    outcome.reason = rest.empty() ? RejectReason::unspecified : reject_reason_of(rest);
    return outcome.reason ? std::optional(outcome) : std::nullopt;
  } else {
    return std::nullopt;
  }
  return outcome;
}

tl::unexpected<IutError> unsupported(std::string what) {
  return tl::unexpected(IutError{IutFault::unsupported, std::move(what)});
}

}  // namespace

Hand::Hand(boost::asio::io_context& io, int fd, Say say) : io_(io), say_(std::move(say)) {
  const int own = ::dup(fd);
  auto in = std::make_unique<boost::asio::posix::stream_descriptor>(io);
  boost::system::error_code error;
  if (own >= 0 && !in->assign(own, error)) {
    in_ = std::move(in);
  } else if (own >= 0) {
    ::close(own);
  }
}

IutResult<std::string> Hand::ask(std::string_view question, const Stop& stop) {
  if (!in_) {
    return tl::unexpected(IutError{IutFault::crashed, "nobody can be asked: the input is neither a terminal nor a pipe"});
  }
  say_(question);
  bool done = false;
  boost::system::error_code failed;
  boost::asio::async_read_until(*in_, buffer_, '\n', [&](const boost::system::error_code& error, std::size_t) {
    failed = error;
    done = true;
  });
  constexpr std::chrono::hours kForEver{24};
  if (!serve_until(io_, [&] { return done; }, std::chrono::steady_clock::now() + kForEver, stop)) {
    boost::system::error_code ignored;
    in_->cancel(ignored);
    serve_until(io_, [&] { return done; }, std::chrono::steady_clock::now() + std::chrono::seconds(1), {});
    return tl::unexpected(IutError{IutFault::timeout, "nobody answered before the end of the run"});
  }
  if (failed) {
    return tl::unexpected(IutError{IutFault::crashed, "the input ended"});
  }
  std::string line;
  std::istream stream(&buffer_);
  std::getline(stream, line);
  return line;
}

HandIut::HandIut(Hand& hand, Hello hello, Hand::Stop stop)
    : hand_(hand), hello_(std::move(hello)), stop_(std::move(stop)) {}

IutResult<std::string> HandIut::ask(std::string_view question) {
  auto line = hand_.ask(question, stop_);
  gone_ = gone_ || (!line && line.error().fault == IutFault::crashed);
  return line;
}

IutResult<Ready> HandIut::ready(std::string_view question) {
  for (std::size_t tries = 0; tries < kMaxHandTries; ++tries) {
    const auto line = ask(fmt::format("{} {}: ", question, serves_ ? "ADDRESS:PORT at which it listens" : "Enter when it is ready"));
    if (!line) {
      return tl::unexpected(line.error());
    }
    if (!serves_) {
      return Ready{};
    }
    if (auto address = address_in(*line)) {
      return Ready{std::move(*address)};
    }
    hand_.say("Not an address and a port, such as 127.0.0.1:8080.\n");
  }
  return tl::unexpected(IutError{IutFault::protocol, "no address was given"});
}

IutResult<Ready> HandIut::setup(const Setup& setup) {
  serves_ = !setup.listen.empty();
  hand_.say(fmt::format("\nConfigure your product so (docs/adapter-protocol.md, section 4):\n{}\n", shown(qpap::setup_command(setup))));
  return ready("Start it.");
}

IutResult<void> HandIut::directory(const Json& players) {
  const auto line = ask(fmt::format("\nThe players are at\n{}\nEnter when your product knows them: ", shown(players)));
  return line ? IutResult<void>() : tl::unexpected(line.error());
}

IutResult<Outcome> HandIut::act(const std::string& op, const Json& args, std::int64_t deadline_ms) {
  return begin(op, args, deadline_ms).and_then([this](CallId call) { return finish(call); });
}

IutResult<CallId> HandIut::begin(const std::string& op, const Json& args, std::int64_t) {
  hand_.say(fmt::format("\nDo this now: {} {}\n", op, args.dump()));
  return CallId{1};
}

IutResult<Outcome> HandIut::finish(CallId) {
  for (std::size_t tries = 0; tries < kMaxHandTries; ++tries) {
    const auto line = ask("How did it end (accepted, rejected [REASON], pending): ");
    if (!line) {
      return tl::unexpected(line.error());
    }
    if (auto outcome = outcome_in(*line)) {
      return std::move(*outcome);
    }
    hand_.say("Not one of these; reasons are those of docs/adapter-protocol.md, section 5.\n");
  }
  return tl::unexpected(IutError{IutFault::protocol, "no outcome was given"});
}

IutResult<Outcome> HandIut::await(const std::string&, std::int64_t) { return finish(CallId{1}); }

IutResult<Observation> HandIut::observe(const std::string&) {
  return Observation{Json(), "a product that is driven by hand is not observed"};
}

IutResult<void> HandIut::fence() { return unsupported("nobody can say when a product that is driven by hand is quiet"); }
IutResult<ClockState> HandIut::clock(std::int64_t) { return unsupported("a product that is driven by hand keeps real time"); }

IutResult<Ready> HandIut::restart(bool hard) {
  return ready(hard ? "\nKill your product and start it again, with the same memory." : "\nStop your product and start it again, with the same memory.");
}

IutResult<void> HandIut::teardown() {
  hand_.say("\nThe session is over: stop your product and forget its memory.\n");
  return {};
}

Hello hello_by_hand(const std::string& role, const std::string& profile) {
  Hello hello;
  hello.name = "driven by hand";
  hello.roles = {role};
  hello.profiles = {profile};
  hello.protocols = {"micropayment", "communication"};
  return hello;
}

}  // namespace quickpay::conformance
