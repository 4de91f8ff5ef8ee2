#include "reference/transport/server_session.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include "reference/transport/beast_reader.hpp"

namespace quickpay::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kMaxDrainBytes = 256 * 1024;  // that a refused peer may still send before it is cut off
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string_view phrase_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
  }
  return "Other";
}

std::string refusal_text(const HttpRefusal& refusal) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", refusal.status, phrase_of(refusal.status));
  if (!refusal.allow.empty()) text += fmt::format("Allow: {}\r\n", refusal.allow);
  return text + "Connection: close\r\nContent-Length: 0\r\n\r\n";
}

std::string answer_text(unsigned status, std::string_view content_type, std::string_view body, bool last) {
  std::string text;
  text.reserve(128 + body.size());
  text += fmt::format("HTTP/1.1 {} {}\r\n", status, phrase_of(status));
  if (status == 200) text += fmt::format("Content-Type: {}\r\n", content_type);
  if (status == 429 || status == 503) text += "Retry-After: 1\r\n";
  if (last) text += "Connection: close\r\n";
  text += fmt::format("Content-Length: {}\r\n\r\n", body.size());
  text += body;
  return text;
}

}  // namespace

std::string address_text(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  v6.scope_id(0);
  return v6.to_string();
}

std::string endpoint_text(const asio::ip::tcp::endpoint& endpoint) {
  const std::string address = address_text(endpoint.address());
  if (address.find(':') != std::string::npos) return fmt::format("[{}]:{}", address, endpoint.port());
  return fmt::format("{}:{}", address, endpoint.port());
}

Session::Session(Tcp::socket socket, SessionOwner& owner)
    : socket_(std::move(socket)),
      owner_(&owner),
      pause_(socket_.get_executor()),
      scanner_(owner.config().limits.header_bytes),
      idle_since_(Clock::now()) {}

void Session::start() {
  error_code error;
  const auto remote = socket_.remote_endpoint(error);
  if (error) return close(true);
  peer_address_ = address_text(remote.address());
  remote_ = endpoint_text(remote);
  local_ = endpoint_text(socket_.local_endpoint(error));
  socket_.set_option(Tcp::no_delay(true), error);
  read();
}

std::string_view Session::input() const {
  const auto data = in_.data();
  return {static_cast<const char*>(data.data()), data.size()};
}

void Session::read() {
  if (!open_ || read_pending_ || dispatching_ || end_of_input_) return;
  if (state_ != State::draining && slots_.size() >= owner_->config().limits.pipelined) return;
  read_pending_ = true;
  socket_.async_read_some(in_.prepare(kReadBytes), [self = shared_from_this()](error_code error, std::size_t size) {
    self->on_read(error, size);
  });
}

void Session::on_read(error_code error, std::size_t size) {
  read_pending_ = false;
  if (!open_) return;
  if (error == asio::error::eof) return on_end_of_input();
  if (error) return close(true);
  in_.commit(size);
  if (state_ == State::draining) {
    drained_ += in_.size();
    in_.consume(in_.size());
    if (drained_ > kMaxDrainBytes) return close(true);
  } else {
    process();
  }
  read();
}

// The peer may only have finished sending: it still gets the answers to its complete requests.
void Session::on_end_of_input() {
  end_of_input_ = true;
  began_ = false;
  if (lingering_ || (slots_.empty() && out_.empty() && !write_pending_)) close(true);
}

void Session::process() {
  const auto self = shared_from_this();  // a handler may close this session
  const std::size_t limit = owner_->config().limits.pipelined;
  while (open_ && state_ != State::draining && slots_.size() < limit) {
    const bool went_on = state_ == State::head ? process_head() : process_body();
    if (!went_on) return;
  }
}

bool Session::process_head() {
  if (in_.size() == 0 || (retiring_ && !began_)) return false;
  if (!began_) {
    began_ = true;
    reading_ = Reading();
    reading_.since = Clock::now();
  }
  const auto size = scanner_.scan(input());
  if (!size) return refuse(size.error()), false;
  if (*size == 0) return false;
  const std::string_view raw = input().substr(0, *size);
  const auto head = judge_request_head(raw, owner_->rules());
  if (!head) return refuse(head.error()), false;
  if (!beast_agrees(raw, *head)) return refuse({400, "two readers differ about the header", {}}), false;
  accept_head(*head, *size);
  return true;
}

void Session::accept_head(const RequestHead& head, std::size_t size) {
  reading_.path = head.path;
  reading_.ticket = head.ticket;
  reading_.rule = head.rule;
  reading_.length = head.content_length;
  reading_.keep_alive = head.keep_alive;
  if (head.chunked) reading_.chunks.emplace(head.rule->max_body);
  const bool waits = head.expects_continue && in_.size() == size && (head.chunked || head.content_length > 0);
  note_raw(size);
  in_.consume(size);
  scanner_.restart();
  state_ = State::body;
  if (!waits) return;
  Slot interim;
  interim.done = true;
  interim.answer = kContinue;
  slots_.push_back(std::move(interim));
  pump();
}

bool Session::process_body() {
  if (reading_.chunks) return process_chunks();
  const auto length = static_cast<std::size_t>(reading_.length);
  if (in_.size() < length) return false;
  complete(input().substr(0, length), length);
  return true;
}

bool Session::process_chunks() {
  ChunkedReader& chunks = *reading_.chunks;
  const std::size_t used = chunks.feed(input(), reading_.body);
  note_raw(used);
  in_.consume(used);
  if (chunks.refusal()) return refuse(*chunks.refusal()), false;
  if (!chunks.done()) return false;
  const std::string body = std::move(reading_.body);
  complete(body, 0);
  return true;
}

void Session::note_raw(std::size_t size) {
  if (owner_->config().observer) reading_.raw += input().substr(0, size);
}

void Session::complete(std::string_view body, std::size_t consumed) {
  note_raw(consumed);
  Slot slot;
  slot.token = owner_->adopt(*this);
  slot.since = Clock::now();
  slot.last = !reading_.keep_alive || retiring_;
  slot.path = reading_.path;
  slot.request = std::move(reading_.raw);
  state_ = slot.last ? State::draining : State::head;
  began_ = false;
  const RequestToken token = slot.token;
  slots_.push_back(std::move(slot));
  const Reading request = std::move(reading_);
  dispatching_ = true;  // the handler looks at the input buffer: nothing may be read into it now
  owner_->dispatch({token, peer_address_, request.rule->method, request.path, body, request.ticket});
  dispatching_ = false;
  if (open_) in_.consume(state_ == State::draining ? in_.size() : consumed);
}

void Session::refuse(const HttpRefusal& refusal) {
  note_raw(in_.size());
  Slot slot;
  slot.done = slot.last = true;
  slot.path = reading_.path;
  slot.request = std::move(reading_.raw);
  slot.answer = refusal_text(refusal);
  slots_.push_back(std::move(slot));
  state_ = State::draining;
  began_ = false;
  in_.consume(in_.size());
  pump();
}

void Session::answer(RequestToken token, unsigned status, std::string body, std::string_view content_type) {
  for (auto& slot : slots_) {
    if (slot.token != token || slot.done) continue;
    slot.done = true;
    const std::string_view type = content_type.empty() ? owner_->config().content_type : content_type;
    slot.answer = answer_text(status, type, status == 200 ? body : std::string(), slot.last);
    return pump();
  }
}

void Session::pump() {
  move_answers();
  write();
  read();
}

// Moves the answers at the front, as far as they are there, to the output.
void Session::move_answers() {
  while (open_ && !end_ && !slots_.empty() && slots_.front().done) {
    Slot slot = std::move(slots_.front());
    slots_.pop_front();
    send(slot);
  }
}

void Session::send(Slot& slot) {
  if (slot.token != 0) owner_->settled(slot.token);
  const ServerConfig& config = owner_->config();
  RawBytes bytes;
  if (config.hook && slot.token != 0) {
    bytes = config.hook(Direction::incoming, slot.path, std::move(slot.answer));
  } else {
    bytes.pieces.push_back(std::move(slot.answer));
  }
  if (slot.last && bytes.afterwards == Afterwards::go_on) bytes.afterwards = Afterwards::close;
  if (config.observer && !slot.request.empty()) {
    std::string sent;
    for (const auto& piece : bytes.pieces) sent += piece;
    config.observer({Direction::incoming, local_, remote_, std::move(slot.request), std::move(sent)});
  }
  queue(std::move(bytes));
}

// Answers without pauses are joined, so that many of them leave with one system call.
void Session::queue(RawBytes bytes) {
  bool first = true;
  if (bytes.pieces.empty()) bytes.pieces.emplace_back();
  for (auto& piece : bytes.pieces) {
    const std::int64_t pause = first ? 0 : bytes.pause_ms;
    first = false;
    const std::size_t untouched = write_pending_ ? 1 : 0;  // the piece in front may be on its way
    if (pause == 0 && out_.size() > untouched) {
      out_.back().bytes += piece;
    } else {
      out_.push_back({std::move(piece), pause});
    }
  }
  if (bytes.afterwards != Afterwards::go_on) end_ = bytes.afterwards;
}

void Session::write() {
  if (!open_ || write_pending_) return;
  if (out_.empty()) return when_all_is_written();
  write_pending_ = true;
  write_since_ = Clock::now();
  if (out_.front().pause_ms == 0) return write_piece();
  write_since_ += std::chrono::milliseconds(out_.front().pause_ms);
  pause_.expires_at(write_since_);
  pause_.async_wait([self = shared_from_this()](error_code) {
    if (self->open_) self->write_piece();
  });
}

void Session::write_piece() {
  asio::async_write(socket_, asio::buffer(out_.front().bytes),
                    [self = shared_from_this()](error_code error, std::size_t) { self->on_written(error); });
}

void Session::on_written(error_code error) {
  write_pending_ = false;
  if (!open_) return;
  if (error) return close(true);
  out_.pop_front();
  idle_since_ = Clock::now();
  move_answers();
  process();  // what was left unread while too many requests were waiting
  pump();
}

void Session::when_all_is_written() {
  if (end_ && !lingering_) return finish();
  const bool nothing_more = end_of_input_ || (retiring_ && !began_);
  if (nothing_more && slots_.empty() && !end_) close(true);
}

// Closing a socket with unread input tears the connection down and may take the answer with it, so the peer gets a
// little time to read it and to close first.
void Session::finish() {
  error_code ignored;
  end_since_ = Clock::now();
  switch (*end_) {
    case Afterwards::go_on:
    case Afterwards::close:
      if (end_of_input_) return close(true);
      lingering_ = true;
      state_ = State::draining;
      socket_.shutdown(Tcp::socket::shutdown_send, ignored);
      return read();
    case Afterwards::reset:
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
      return close(true);
    case Afterwards::stall:
      state_ = State::draining;
      lingering_ = true;
      return read();
  }
}

bool Session::late(Time since, std::int64_t limit_ms, Time now) const {
  return now - since > std::chrono::milliseconds(limit_ms);
}

void Session::tick(Time now) {
  const ServerLimits& limits = owner_->config().limits;
  if (lingering_) {
    const auto limit = end_ == Afterwards::stall ? limits.answer_ms : limits.linger_ms;
    if (late(end_since_, limit, now)) close(true);
    return;
  }
  if (write_pending_ && late(write_since_, limits.write_ms, now)) return close(true);
  if (!slots_.empty() && !slots_.front().done && late(slots_.front().since, limits.answer_ms, now)) return close(true);
  if (began_) {
    const auto limit = state_ == State::head ? limits.header_ms : reading_.rule->request_ms;
    if (late(reading_.since, limit, now)) refuse({408, "the request takes too long", {}});
  } else if (idle() && !write_pending_ && late(idle_since_, limits.idle_ms, now)) {
    close(true);
  }
}

void Session::retire() {
  retiring_ = true;
  if (idle() && out_.empty() && !write_pending_) close(true);
}

void Session::close(bool tell) {
  if (!open_) return;
  const auto self = shared_from_this();
  open_ = false;
  error_code ignored;
  pause_.cancel();
  socket_.close(ignored);
  SessionOwner* owner = std::exchange(owner_, nullptr);
  if (!tell) return;
  for (const auto& slot : slots_) {
    if (slot.token != 0) owner->lost(slot.token);
  }
  if (owner->config().observer) {
    for (auto& slot : slots_) {
      if (slot.token == 0) continue;
      owner->config().observer({Direction::incoming, local_, remote_, std::move(slot.request), {}});
    }
  }
  owner->closed(*self);
}

}  // namespace quickpay::transport
