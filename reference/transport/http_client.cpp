#include "reference/transport/http_client.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <deque>
#include <list>
#include <unordered_map>

#include "reference/transport/beast_reader.hpp"
#include "reference/transport/chunked.hpp"
#include "reference/transport/server_session.hpp"

namespace quickpay::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr int kMaxInterim = 8;  // answers 1xx before the real one
using LateBind = asio::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;

// One call, ready to be sent.
struct Order {
  Tcp::endpoint to;
  std::string source;
  std::string path;
  std::string request;
  std::string content_type;  // of the answer; empty: any
  std::size_t max_body = 0;
  std::int64_t timeout_ms = 0;
};

// Which connections a call may use.
std::string pool_key(const Order& order) { return endpoint_text(order.to) + " " + order.source; }

class Job;

// What a job needs of the client that it belongs to.
class JobOwner {
 public:
  virtual ~JobOwner() = default;
  virtual const ClientConfig& config() const = 0;
  virtual std::optional<Tcp::socket> take_idle(const std::string& key) = 0;
  virtual void keep_idle(const std::string& key, Tcp::socket socket) = 0;
  virtual void ended(Job& job) = 0;
};

class Job : public std::enable_shared_from_this<Job> {
 public:
  Job(asio::io_context& io, JobOwner& owner, Order order, CallHandler handler)
      : owner_(&owner),
        order_(std::move(order)),
        handler_(std::move(handler)),
        socket_(io),
        timer_(io),
        pause_(io),
        key_(pool_key(order_)) {}

  void watch();
  void run();
  void end(CallResult result);
  void fail(std::string why) { end({false, status_, {}, {}, std::move(why)}); }
  void drop();
  bool is_over() const { return !handler_; }

  bool running = false;  // for the owner: it holds one of the places

 private:
  void connect();
  bool bind_source(error_code& error);
  void send();
  void send_piece(std::size_t index);
  void on_all_sent();
  void read();
  void on_read(error_code error, std::size_t size);
  void on_broken(error_code error);
  bool is_stale(int attempt) const { return is_over() || attempt != attempt_; }
  void process();
  bool take_head();
  void take_body();
  void complete(std::string body);
  void observe();
  std::string_view input() const;

  JobOwner* owner_;
  Order order_;
  CallHandler handler_;
  Tcp::socket socket_;
  asio::steady_timer timer_;
  asio::steady_timer pause_;
  std::string key_;
  RawBytes out_;
  boost::beast::flat_buffer in_;
  HeadScanner scanner_;
  std::optional<ResponseHead> head_;
  std::optional<ChunkedReader> chunks_;
  std::string content_type_;
  std::string body_;
  std::string raw_;  // of the answer, if somebody observes
  std::string local_;
  unsigned status_ = 0;
  int attempt_ = 0;  // what a handler of an earlier one says is of no interest
  int interim_ = 0;
  bool reused_ = false;
  bool started_ = false;  // bytes may have left
  bool all_sent_ = false;
  bool heard_ = false;  // bytes of an answer came
};

void Job::watch() {
  timer_.expires_after(std::chrono::milliseconds(order_.timeout_ms));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->fail("timeout");
  });
}

void Job::run() {
  if (is_over()) return;
  if (auto idle = owner_->take_idle(key_)) {
    reused_ = true;
    socket_ = std::move(*idle);
    return send();
  }
  connect();
}

bool Job::bind_source(error_code& error) {
  if (order_.source.empty()) return true;
  const auto address = asio::ip::make_address(order_.source, error);
  if (error) return false;
  error_code ignored;  // older kernels lack the option, which only saves ports
  socket_.set_option(LateBind(true), ignored);
  socket_.bind(Tcp::endpoint(address, 0), error);
  return !error;
}

void Job::connect() {
  error_code error;
  reused_ = false;
  socket_.open(order_.to.protocol(), error);
  if (error || !bind_source(error)) return fail("cannot open a socket: " + error.message());
  socket_.async_connect(order_.to, [self = shared_from_this()](error_code failed) {
    if (self->is_over()) return;
    if (failed) return self->fail("cannot connect: " + failed.message());
    self->send();
  });
}

void Job::send() {
  error_code ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  local_ = endpoint_text(socket_.local_endpoint(ignored));
  const ClientConfig& config = owner_->config();
  if (config.hook) {
    out_ = config.hook(Direction::outgoing, order_.path, order_.request);
  } else {
    out_ = RawBytes();
    out_.pieces.push_back(order_.request);
  }
  ++attempt_;
  all_sent_ = heard_ = false;
  started_ = true;
  send_piece(0);
  read();
}

void Job::send_piece(std::size_t index) {
  if (index == out_.pieces.size()) return on_all_sent();
  const auto write = [self = shared_from_this(), index, attempt = attempt_](error_code) {
    if (self->is_stale(attempt)) return;
    asio::async_write(self->socket_, asio::buffer(self->out_.pieces[index]),
                      [self, index, attempt](error_code error, std::size_t) {
                        if (self->is_stale(attempt)) return;
                        if (error) return self->on_broken(error);
                        self->send_piece(index + 1);
                      });
  };
  if (index == 0 || out_.pause_ms == 0) return write({});
  pause_.expires_after(std::chrono::milliseconds(out_.pause_ms));
  pause_.async_wait(write);
}

void Job::on_all_sent() {
  all_sent_ = true;
  error_code ignored;
  switch (out_.afterwards) {
    case Afterwards::go_on:
    case Afterwards::stall:
      return;
    case Afterwards::close:
      socket_.shutdown(Tcp::socket::shutdown_send, ignored);
      return;
    case Afterwards::reset:
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
      return fail("torn down on purpose");
  }
}

void Job::read() {
  socket_.async_read_some(in_.prepare(kReadBytes),
                          [self = shared_from_this(), attempt = attempt_](error_code error, std::size_t size) {
                            if (!self->is_stale(attempt)) self->on_read(error, size);
                          });
}

std::string_view Job::input() const {
  const auto data = in_.data();
  return {static_cast<const char*>(data.data()), data.size()};
}

void Job::on_read(error_code error, std::size_t size) {
  if (error) return on_broken(error);
  in_.commit(size);
  heard_ = true;
  if (owner_->config().observer) raw_ += input().substr(input().size() - size);
  if (!all_sent_) return fail("answered before the request was complete");
  process();
  if (!is_over()) read();
}

// A kept connection may have been closed by the other side just now: then the call starts over on a fresh one, once.
void Job::on_broken(error_code error) {
  if (!reused_ || heard_) return fail("connection broken: " + error.message());
  observe();
  error_code ignored;
  ++attempt_;
  socket_.close(ignored);
  in_.clear();
  connect();
}

void Job::process() {
  while (!is_over() && !head_) {
    if (!take_head()) return;
  }
  if (!is_over()) take_body();
}

// True if a head was taken: the real one, or one of 1xx, which is forgotten.
bool Job::take_head() {
  const auto size = scanner_.scan(input());
  if (!size) return fail(std::string(size.error().reason)), false;
  if (*size == 0) return false;
  const std::string_view raw = input().substr(0, *size);
  const auto head = judge_response_head(raw);
  if (!head) return fail(std::string(head.error())), false;
  if (!beast_agrees(raw, *head)) return fail("two readers differ about the header"), false;
  content_type_ = head->content_type;
  in_.consume(*size);
  scanner_.restart();
  if (head->status < 200) {
    if (head->status == 101 || ++interim_ > kMaxInterim) return fail("too many interim answers"), false;
    return true;
  }
  status_ = head->status;
  head_ = *head;
  if (status_ != 200) return fail(fmt::format("status {}", status_)), false;
  if (head_->coded) return fail("content coding"), false;
  if (!order_.content_type.empty() && !is_content_type(content_type_, order_.content_type)) {
    return fail("wrong content type"), false;
  }
  if (head_->content_length > order_.max_body) return fail("answer is too long"), false;
  if (head_->chunked) chunks_.emplace(order_.max_body);
  return true;
}

void Job::take_body() {
  if (!chunks_) {
    if (input().size() < head_->content_length) return;
    std::string body(input().substr(0, static_cast<std::size_t>(head_->content_length)));
    in_.consume(body.size());
    return complete(std::move(body));
  }
  in_.consume(chunks_->feed(input(), body_));
  if (chunks_->refusal()) return fail(std::string(chunks_->refusal()->reason));
  if (chunks_->done()) complete(std::move(body_));
}

void Job::complete(std::string body) {
  if (in_.size() > 0) return fail("something follows the answer");
  const bool usual = out_.afterwards == Afterwards::go_on;
  if (owner_->config().keep_alive && head_->keep_alive && usual) owner_->keep_idle(key_, std::move(socket_));
  end({true, 200, content_type_, std::move(body), {}});
}

void Job::observe() {
  if (!started_ || !owner_->config().observer) return;
  std::string sent;
  for (const auto& piece : out_.pieces) sent += piece;
  owner_->config().observer({Direction::outgoing, local_, endpoint_text(order_.to), std::move(sent), std::move(raw_)});
  raw_.clear();
}

void Job::end(CallResult result) {
  if (is_over()) return;
  const auto self = shared_from_this();
  observe();
  const CallHandler handler = std::exchange(handler_, nullptr);
  JobOwner* owner = owner_;
  drop();
  owner->ended(*this);
  handler(std::move(result));
}

void Job::drop() {
  error_code ignored;
  handler_ = nullptr;
  timer_.cancel();
  pause_.cancel();
  socket_.close(ignored);
}

// A connection on which the other side has said something, or goodbye, while nothing was asked is of no use.
bool is_quiet(Tcp::socket& socket) {
  char byte = 0;
  return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

class Client final : public HttpClient, public JobOwner {
 public:
  Client(asio::io_context& io, ClientConfig config) : io_(io), config_(std::move(config)) {}
  ~Client() override {
    for (const auto& [pointer, job] : jobs_) job->drop();
  }

  void post(CallSpec spec, CallHandler handler) override;
  void get(FetchSpec spec, CallHandler handler) override;
  std::size_t calls() const override { return jobs_.size(); }
  void close() override;

  const ClientConfig& config() const override { return config_; }
  std::optional<Tcp::socket> take_idle(const std::string& key) override;
  void keep_idle(const std::string& key, Tcp::socket socket) override;
  void ended(Job& job) override;

 private:
  struct Idle {
    std::string key;
    Tcp::socket socket;
    Clock::time_point since;
  };
  void refuse(CallHandler handler, std::string why);
  void submit(Order order, CallHandler handler);
  void start_some();

  asio::io_context& io_;
  ClientConfig config_;
  std::unordered_map<Job*, std::shared_ptr<Job>> jobs_;
  std::deque<std::shared_ptr<Job>> waiting_;
  std::size_t running_ = 0;
  std::list<Idle> idle_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

void Client::refuse(CallHandler handler, std::string why) {
  asio::post(io_, [alive = std::weak_ptr<bool>(alive_), handler = std::move(handler), why = std::move(why)] {
    if (!alive.expired()) handler({false, 0, {}, {}, why});
  });
}

std::string request_text(std::string_view method, std::string_view target, std::string_view host,
                         std::string_view fields, std::string_view body) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}\r\n{}", method, target, host, fields, body);
}

void Client::post(CallSpec spec, CallHandler handler) {
  error_code error;
  const auto address = asio::ip::make_address(spec.address, error);
  if (error) return refuse(std::move(handler), fmt::format("\"{}\" is not an address", spec.address));
  Order order;
  order.to = Tcp::endpoint(address, spec.port);
  order.source = std::move(spec.source_address);
  const std::string host = spec.host.empty() ? endpoint_text(order.to) : spec.host;
  const std::string fields = fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n{}", config_.content_type,
                                         spec.body.size(), config_.keep_alive ? "" : "Connection: close\r\n");
  order.request = request_text("POST", spec.path, host, fields, spec.body);
  order.path = std::move(spec.path);
  order.content_type = config_.content_type;
  order.max_body = spec.answer_bytes != 0 ? spec.answer_bytes : config_.limits.body_bytes;
  order.timeout_ms = spec.timeout_ms;
  submit(std::move(order), std::move(handler));
}

void Client::get(FetchSpec spec, CallHandler handler) {
  const auto url = parse_http_url(spec.url);
  if (!url) return refuse(std::move(handler), "the URL is not plain http with an address");
  Order order;
  order.to = Tcp::endpoint(asio::ip::make_address(url->address), url->port);
  order.source = std::move(spec.source_address);
  std::string fields = "Connection: close\r\n";
  if (!spec.ticket_field.empty()) fields += fmt::format("{}: {}\r\n", spec.ticket_field, spec.ticket);
  order.request = request_text("GET", url->target, url->authority, fields, "");
  order.path = url->target;
  order.max_body = config_.limits.fetch_bytes;
  order.timeout_ms = spec.timeout_ms;
  submit(std::move(order), std::move(handler));
}

void Client::submit(Order order, CallHandler handler) {
  if (waiting_.size() >= config_.limits.waiting) return refuse(std::move(handler), "too many calls wait");
  auto job = std::make_shared<Job>(io_, *this, std::move(order), std::move(handler));
  jobs_.emplace(job.get(), job);
  waiting_.push_back(job);
  job->watch();
  asio::post(io_, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) start_some();
  });
}

void Client::start_some() {
  while (!waiting_.empty() && running_ < config_.limits.calls) {
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    if (job->is_over()) continue;  // it ran out of time in the queue
    ++running_;
    job->running = true;
    job->run();
  }
}

void Client::ended(Job& job) {
  if (job.running) --running_;
  jobs_.erase(&job);
  start_some();
}

std::optional<Tcp::socket> Client::take_idle(const std::string& key) {
  const auto oldest = Clock::now() - std::chrono::milliseconds(config_.limits.idle_ms);
  idle_.remove_if([&](const Idle& idle) { return idle.since < oldest; });
  while (true) {
    const auto found = std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.key == key; });
    if (found == idle_.end()) return std::nullopt;
    Tcp::socket socket = std::move(found->socket);
    idle_.erase(found);
    if (is_quiet(socket)) return socket;
  }
}

void Client::keep_idle(const std::string& key, Tcp::socket socket) {
  idle_.push_front({key, std::move(socket), Clock::now()});
  if (idle_.size() > config_.limits.idle_connections) idle_.pop_back();
}

void Client::close() {
  waiting_.clear();
  idle_.clear();
  const auto jobs = jobs_;
  for (const auto& [pointer, job] : jobs) job->fail("the client was closed");
  idle_.clear();
}

}  // namespace

std::unique_ptr<HttpClient> HttpClient::create(asio::io_context& io, ClientConfig config) {
  return std::make_unique<Client>(io, std::move(config));
}

}  // namespace quickpay::transport
