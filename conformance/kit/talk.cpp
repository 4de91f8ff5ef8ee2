#include "conformance/kit/talk.hpp"

#include <fmt/format.h>

#include "conformance/adapter/adapter.hpp"
#include "conformance/adapter/protocol.hpp"
#include "conformance/model/serve.hpp"

namespace quickpay::conformance::kit {

namespace {

std::chrono::steady_clock::time_point in(std::int64_t milliseconds) {
  return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

}  // namespace

tl::expected<void, std::string> Talk::start() {
  kill();
  lines_ = LineSplitter{};
  closed_ = false;
  open_.clear();
  late_.clear();
  replies_.clear();
  auto started = Process::start(io_, command_, [this](std::string_view bytes) { on_output(bytes); });
  if (!started) {
    return tl::unexpected(started.error());
  }
  process_ = std::move(*started);
  return {};
}

bool Talk::running() { return process_ != nullptr && !closed_ && process_->status() == "running"; }

void Talk::raw(std::string bytes) {
  if (process_ != nullptr) {
    (void)process_->write(std::move(bytes));  // a process that reads no more will not answer either
  }
}

void Talk::close_input() {
  if (process_ != nullptr) {
    process_->close_input();
  }
}

std::uint64_t Talk::send(Json command) {
  if (!command.contains("id")) {
    command["id"] = next_++;
  }
  const auto number = command["id"].get<std::uint64_t>();
  open_.insert(number);
  raw(command.dump() + "\n");
  return number;
}

tl::expected<Json, std::string> Talk::receive(std::uint64_t number, std::int64_t deadline_ms) {
  const auto done = [&] { return replies_.count(number) != 0 || closed_ || process_ == nullptr; };
  const bool came = serve_until(io_, done, in(deadline_ms), stop_);
  open_.erase(number);
  if (const auto found = replies_.find(number); found != replies_.end()) {
    Json reply = std::move(found->second);
    replies_.erase(found);
    return reply;
  }
  if (came) {
    return tl::unexpected("the adapter ended instead of answering: " + end_words());
  }
  late_.insert(number);
  return tl::unexpected(fmt::format("no reply within {} ms", deadline_ms));
}

tl::expected<Json, std::string> Talk::call(const Json& command, std::int64_t deadline_ms) {
  return receive(send(command), deadline_ms);
}

bool Talk::ended_within(std::int64_t deadline_ms) {
  return process_ == nullptr || serve_until(io_, [&] { return process_->status() != "running"; }, in(deadline_ms), stop_);
}

std::string Talk::end_words() {
  if (process_ == nullptr) {
    return "it does not run";
  }
  (void)ended_within(kReapMs);
  drain(io_);
  const std::string words = last_words(process_->errors());
  return process_->status() + (words.empty() ? "" : fmt::format(", stderr: {}", words));
}

void Talk::on_output(std::string_view bytes) {
  if (bytes.empty()) {
    closed_ = true;
  } else if (!lines_.feed(bytes, LineSplitter::Clock::now(), [this](std::string_view line) { on_line(line); })) {
    stray(fmt::format("more than {} bytes in a line or {} lines in a second", kMaxLineBytes, kMaxLinesPerSecond));
    closed_ = true;
  }
}

void Talk::on_line(std::string_view line) {
  if (line.find_first_not_of(" \t") == std::string_view::npos) {
    return;
  }
  auto reply = qpap::parse_line(line);
  if (!reply) {
    return stray(fmt::format("{}: {}", reply.error(), quotable(line, kMaxQuotedLine)));
  }
  const auto number = (*reply)["id"].get<std::uint64_t>();
  if (late_.erase(number) != 0) {
    return;
  }
  if (open_.count(number) == 0 || replies_.count(number) != 0) {
    return stray(fmt::format("a reply with the number {}, which was not sent or has been answered", number));
  }
  replies_.emplace(number, std::move(*reply));
}

void Talk::stray(std::string what) {
  if (stray_.size() < kMaxStray) {
    stray_.push_back(std::move(what));
  }
}

}  // namespace quickpay::conformance::kit
