#include "conformance/adapter/adapter.hpp"

#include <fmt/format.h>

#include "conformance/adapter/protocol.hpp"
#include "conformance/model/serve.hpp"

namespace quickpay::conformance {

Adapter::Adapter(boost::asio::io_context& io, std::string command, int patience)
    : io_(io), command_(std::move(command)), patience_(patience) {}

Adapter::~Adapter() { kill(); }

IutResult<void> Adapter::ensure_running() {
  if (running()) {
    return {};
  }
  kill();
  auto started = Process::start(io_, command_, [this](std::string_view bytes) { on_output(bytes); });
  if (!started) {
    return tl::unexpected(IutError{IutFault::crashed, started.error()});
  }
  process_ = std::move(*started);
  down_ = false;
  ++starts_;
  auto reply = call({{"cmd", "hello"}, {"qpap", qpap::kVersion}}, kHelloMs);
  if (!reply) {
    kill();
    return tl::unexpected(reply.error());
  }
  hello_ = qpap::hello_of(*reply);
  return {};
}

/// A process that closed its stdout is given a moment to end, so that the error can say how, and its last words with it.
IutError Adapter::down_error() {
  if (process_ == nullptr) {
    return {IutFault::crashed, "the adapter does not run"};
  }
  if (down_because_.fault == IutFault::crashed) {
    (void)serve_until(io_, [this] { return process_->status() != "running"; }, Clock::now() + std::chrono::milliseconds(kReapMs), {});
    drain(io_);
  }
  const std::string words = last_words(process_->errors());
  return {down_because_.fault, fmt::format("{} ({}{})", down_because_.what, process_->status(),
                                           words.empty() ? "" : fmt::format(", stderr: {}", words))};
}

IutResult<CallId> Adapter::send(Json command) {
  if (!running()) {
    return tl::unexpected(down_error());
  }
  const CallId call = next_call_++;
  command["id"] = call;
  if (const auto fault = qpap::command_fault(command)) {
    return tl::unexpected(IutError{IutFault::protocol, fmt::format("defect of the runner: {}", *fault)});
  }
  open_[call] = command["cmd"].get<std::string>();
  if (!process_->write(command.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n")) {
    open_.erase(call);
    return tl::unexpected(IutError{IutFault::crashed, "the adapter does not read its stdin"});
  }
  return call;
}

IutResult<Json> Adapter::receive(CallId call, std::int64_t deadline_ms, const Stop& stop) {
  const auto done = [&] { return replies_.count(call) != 0 || !running(); };
  const bool answered = serve_until(io_, done, Clock::now() + std::chrono::milliseconds(deadline_ms) * patience_, stop);
  const std::string cmd = open_.count(call) != 0 ? open_[call] : std::string();
  if (const auto reply = replies_.find(call); reply != replies_.end()) {
    Json value = std::move(reply->second);
    replies_.erase(reply);
    return checked(call, std::move(value));
  }
  open_.erase(call);
  if (answered) {
    return tl::unexpected(down_error());
  }
  if (late_.size() < kMaxLateIds) {
    late_.insert(call);
  }
  return tl::unexpected(IutError{IutFault::timeout, fmt::format("no reply to {} within {} ms", cmd, deadline_ms)});
}

IutResult<Json> Adapter::call(Json command, std::int64_t deadline_ms, const Stop& stop) {
  auto sent = send(std::move(command));
  if (!sent) {
    return tl::unexpected(sent.error());
  }
  return receive(*sent, deadline_ms, stop);
}

IutResult<Json> Adapter::checked(CallId call, Json reply) {
  const std::string cmd = open_[call];
  open_.erase(call);
  if (const auto fault = qpap::reply_fault(cmd, reply)) {
    return tl::unexpected(IutError{IutFault::protocol, fmt::format("reply to {}: {}", cmd, *fault)});
  }
  if (reply.contains("unsupported")) {
    return tl::unexpected(IutError{IutFault::unsupported, reply["unsupported"].get<std::string>()});
  }
  if (reply.contains("error")) {
    return tl::unexpected(IutError{IutFault::protocol, fmt::format("{} failed: {}", cmd, reply["error"].get<std::string>())});
  }
  return reply;
}

void Adapter::on_output(std::string_view bytes) {
  if (bytes.empty()) {
    return fail(IutFault::crashed, "the adapter closed its stdout");
  }
  if (!lines_.feed(bytes, Clock::now(), [this](std::string_view line) { on_line(line); })) {
    fail(IutFault::protocol, fmt::format("more than {} bytes in a line or {} lines in a second", kMaxLineBytes,
                                         kMaxLinesPerSecond));
  }
}

void Adapter::on_line(std::string_view line) {
  if (down_ || line.find_first_not_of(" \t") == std::string_view::npos) {
    return;
  }
  auto reply = qpap::parse_line(line);
  if (!reply) {
    return fail(IutFault::protocol, fmt::format("a line on stdout is no reply: {}: {}", reply.error(), quotable(line, kMaxQuotedLine)));
  }
  const CallId call = (*reply)["id"].get<std::uint64_t>();
  if (late_.erase(call) != 0) {
    ++late_replies_;
    return;
  }
  if (open_.count(call) == 0 || replies_.count(call) != 0) {
    return fail(IutFault::protocol, "a reply to a command that was not sent or has been answered");
  }
  replies_.emplace(call, std::move(*reply));
}

void Adapter::fail(IutFault fault, std::string what) {
  if (!down_) {
    down_ = true;
    down_because_ = {fault, std::move(what)};
  }
}

void Adapter::bye() {
  if (running()) {
    (void)call({{"cmd", "bye"}}, kTeardownMs);
  }
  kill();
}

void Adapter::kill() {
  if (process_ == nullptr) {
    return;
  }
  drain(io_);  // what is still in the pipes, above all stderr
  past_errors_.append(process_->errors());
  if (past_errors_.size() > kMaxStderrBytes) {
    past_errors_.resize(kMaxStderrBytes);
  }
  process_.reset();
  open_.clear();
  replies_.clear();
  late_.clear();
  lines_ = LineSplitter{};
}

std::string Adapter::errors() const { return past_errors_ + (process_ ? process_->errors() : std::string()); }

}  // namespace quickpay::conformance
