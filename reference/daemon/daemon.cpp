#include "reference/daemon/daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <set>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::daemon {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::int64_t kLongestSleepMs = 3600 * 1000;  // so that a clock that jumps is noticed within an hour
constexpr std::int64_t kDrainStepMs = 20;
constexpr std::int64_t kRestMs = 10;  // when a node says that something is due and does nothing about it

// Items whose URL is only a path are delivered by this daemon itself.
bool is_own_path(const std::string& url) { return !url.empty() && url.front() == '/'; }

transport::PathTable paths_of(const roles::NodeConfig& node) {
  transport::PathTable paths = message_paths();
  for (const auto& item : node.items) {
    if (is_own_path(item.url)) paths[item.url] = {transport::Method::get, 0, transport::kRequestMs, kTicketField};
  }
  return paths;
}

std::string authority_of(const std::string& address, std::uint16_t port) {
  if (address.find(':') != std::string::npos) return fmt::format("[{}]:{}", address, port);
  return fmt::format("{}:{}", address, port);
}

/// How long the answer to a request of this path may be; 0 if no message has the path.
std::size_t answer_limit(std::string_view path) {
  const auto messages = msg::messages();
  const auto found = std::find_if(messages.begin(), messages.end(), [&](const auto* one) { return one->path == path; });
  return found == messages.end() ? 0 : (*found)->response->family->max_body_bytes;
}

roles::CallResult node_result(transport::CallResult result) {
  return {result.delivered, result.http_status, std::move(result.content_type), std::move(result.body)};
}

// As long as its client waits (docs/protocol.md, section 2).
constexpr std::int64_t kBatchMs = protocol::T_call_batch_default * 1000;

}  // namespace

transport::PathTable message_paths() {
  transport::PathTable paths;
  for (const auto* message : msg::messages()) {
    transport::PathRule rule;
    rule.max_body = message->request->family->max_body_bytes;
    if (message->request->family == msg::batch::kSettleWithBrokerMessage.request->family) rule.request_ms = kBatchMs;
    paths.emplace(std::string(message->path), rule);
  }
  return paths;
}

std::int64_t SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class Daemon::Impl {
 public:
  Impl(DaemonConfig config, Surroundings surroundings, Listeners listeners)
      : config_(std::move(config)),
        to_(surroundings),
        listeners_(std::move(listeners)),
        timer_(surroundings.io),
        drain_timer_(surroundings.io) {}

  tl::expected<void, std::string> open();
  void touch();
  void touch(std::function<void()> durable) {
    durable_.push_back(std::move(durable));
    touch();
  }
  void on_time();
  void stop(std::function<void()> done);
  bool busy() const { return flush_pending_ || due_now_ || calls_ > 0 || !waiting_.empty(); }
  std::uint16_t port() const { return server_ ? server_->port() : std::uint16_t{0}; }
  roles::Node& node() { return *node_; }

 private:
  tl::expected<void, std::string> listen();
  void open_client();
  void on_request(const transport::Request& request);
  void on_disconnect(transport::RequestToken token);
  void hand_out(const transport::Request& request);
  void flush();
  bool trace(const roles::Output& output);
  void release(roles::Output output);
  void send(roles::OutgoingCall call);
  void fetch(roles::OutgoingFetch fetch);
  std::optional<roles::Endpoint> endpoint_of(const std::string& receiver);
  void note_result(const roles::OutgoingCall& call, const transport::CallResult& result);
  void wait_for_due();
  void fail(const char* event, const std::string& why);
  void drain(std::int64_t left_ms);
  void finish();
  void log(Level level, std::string event, std::vector<std::pair<std::string, std::string>> fields = {}) {
    if (listeners_.log) listeners_.log({level, std::move(event), std::move(fields)});
  }
  template <class F>
  auto guarded(F work) {  // for handlers of the io_context that may come when the daemon is gone
    return [alive = std::weak_ptr<bool>(alive_), work = std::move(work)](auto&&... arguments) mutable {
      if (!alive.expired()) work(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  DaemonConfig config_;
  Surroundings to_;
  Listeners listeners_;
  asio::steady_timer timer_;
  asio::steady_timer drain_timer_;
  std::unique_ptr<transport::HttpServer> server_;
  std::unique_ptr<transport::HttpClient> client_;
  std::optional<roles::Node> node_;
  std::set<transport::RequestToken> waiting_;
  std::vector<std::function<void()>> durable_;  // what is to be done after the next flush
  std::map<std::string, std::size_t> next_endpoint_;  // of players that could not be reached at the one before
  std::size_t calls_ = 0;
  bool flush_pending_ = false;
  bool due_now_ = false;  // on_time will come without anybody asking for it
  bool progress_ = true;  // the last flush let something out
  bool over_ = false;     // failed or stopped: nothing is done any more
  std::function<void()> stopped_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

tl::expected<void, std::string> Daemon::Impl::listen() {
  if (config_.listen_address.empty()) return {};
  transport::ServerConfig server;
  server.address = config_.listen_address;
  server.port = config_.listen_port;
  server.paths = paths_of(config_.node);
  server.content_type = kContentType;
  server.authorities = config_.authorities;
  server.limits = config_.server_limits;
  server.observer = config_.observer;
  server.hook = config_.hook;
  auto listening = transport::HttpServer::listen(
      to_.io, std::move(server), [this](const transport::Request& request) { on_request(request); },
      [this](transport::RequestToken token) { on_disconnect(token); });
  if (!listening) return tl::make_unexpected(listening.error());
  server_ = std::move(*listening);
  if (config_.source_address.empty() && config_.listen_address != "0.0.0.0" && config_.listen_address != "::") {
    config_.source_address = config_.listen_address;
  }
  return {};
}

void Daemon::Impl::open_client() {
  transport::ClientConfig client;
  client.content_type = kContentType;
  client.limits = config_.client_limits;
  client.keep_alive = config_.keep_alive;
  client.observer = config_.observer;
  client.hook = config_.hook;
  client_ = transport::HttpClient::create(to_.io, std::move(client));
}

tl::expected<void, std::string> Daemon::Impl::open() {
  if (auto listening = listen(); !listening) return listening;
  open_client();
  for (auto& item : config_.node.items) {
    if (is_own_path(item.url)) item.url = "http://" + authority_of(config_.listen_address, port()) + item.url;
  }
  node_.emplace(config_.node, to_.ledger, to_.clock, to_.random, to_.directory);
  log(Level::info, "started", {{"role", config_.node.role}, {"player", config_.node.id}});
  if (server_) log(Level::info, "listening", {{"at", authority_of(config_.listen_address, port())}});
  on_time();
  return {};
}

void Daemon::Impl::on_request(const transport::Request& request) {
  if (over_) return;
  waiting_.insert(request.token);
  if (request.method == transport::Method::get) return hand_out(request);
  node_->on_request(request.token, request.peer_address, request.path, request.body);
  touch();
}

void Daemon::Impl::on_disconnect(transport::RequestToken token) {
  waiting_.erase(token);
  if (over_) return;
  node_->on_disconnect(token);
  touch();
}

void Daemon::Impl::hand_out(const transport::Request& request) {
  waiting_.erase(request.token);
  const auto goods = node_->redeem(request.ticket);
  if (!goods) return server_->answer(request.token, 404, {});
  server_->answer(request.token, 200, goods->data, goods->media_type);
}

// Inputs that are ready together share one flush. It is put behind what is ready now, and once more behind what the
// network brings meanwhile.
void Daemon::Impl::touch() {
  if (flush_pending_ || over_) return;
  flush_pending_ = true;
  asio::post(to_.io, guarded([this] { asio::post(to_.io, guarded([this] { flush(); })); }));
}

void Daemon::Impl::flush() {
  flush_pending_ = false;
  if (over_) return;
  auto output = node_->flush();
  if (!output) return fail("ledger failed", output.error().what);
  if (!trace(*output)) return fail("trace failed", "it cannot be written");
  progress_ = !output->answers.empty() || !output->calls.empty() || !output->fetches.empty() || !output->user.empty();
  release(std::move(*output));
  wait_for_due();
}

bool Daemon::Impl::trace(const roles::Output& output) {
  if (!listeners_.trace) return true;
  return std::all_of(output.trace.begin(), output.trace.end(), listeners_.trace);
}

void Daemon::Impl::release(roles::Output output) {
  for (const auto& say : std::exchange(durable_, {})) say();
  for (auto& answer : output.answers) {
    waiting_.erase(answer.connection);
    if (server_) server_->answer(answer.connection, answer.http_status, std::move(answer.body));
  }
  for (auto& call : output.calls) send(std::move(call));
  for (auto& one : output.fetches) fetch(std::move(one));
  for (const auto& event : output.user) {
    if (listeners_.user) listeners_.user(event);
  }
}

std::optional<roles::Endpoint> Daemon::Impl::endpoint_of(const std::string& receiver) {
  const auto endpoints = node_->directory().endpoints_of(receiver);
  if (endpoints.empty()) return std::nullopt;
  const auto turn = next_endpoint_.find(receiver);
  return endpoints[turn == next_endpoint_.end() ? 0 : turn->second % endpoints.size()];
}

void Daemon::Impl::send(roles::OutgoingCall call) {
  ++calls_;
  const std::optional<roles::Endpoint> endpoint = call.at ? call.at : endpoint_of(call.receiver);
  transport::CallSpec spec;
  spec.address = endpoint ? endpoint->address : "no endpoint in the directory";
  spec.port = endpoint ? endpoint->port : std::uint16_t{0};
  spec.source_address = config_.source_address;
  spec.path = call.path;
  spec.body = std::move(call.body);
  spec.timeout_ms = call.timeout_ms;
  spec.answer_bytes = answer_limit(call.path);
  client_->post(std::move(spec), [this, call = std::move(call)](transport::CallResult result) {
    --calls_;
    if (over_) return;
    note_result(call, result);
    node_->on_call_result(call.msg_id, node_result(std::move(result)));
    touch();
  });
}

// A player that cannot be reached at one endpoint is tried at the next one.
void Daemon::Impl::note_result(const roles::OutgoingCall& call, const transport::CallResult& result) {
  if (result.delivered) return;
  ++next_endpoint_[call.receiver];
  log(Level::warning, "call failed",
      {{"message", call.message}, {"receiver", call.receiver}, {"msg_id", call.msg_id}, {"why", result.why}});
}

void Daemon::Impl::fetch(roles::OutgoingFetch wanted) {
  ++calls_;
  transport::FetchSpec spec;
  spec.url = wanted.url;
  spec.ticket_field = kTicketField;
  spec.ticket = wanted.ticket;
  spec.source_address = config_.source_address;
  spec.timeout_ms = wanted.timeout_ms > 0 ? wanted.timeout_ms : transport::kRequestMs;
  client_->get(std::move(spec), [this, id = wanted.id](transport::CallResult result) {
    --calls_;
    if (over_) return;
    if (!result.delivered) log(Level::warning, "fetch failed", {{"order", id}, {"why", result.why}});
    node_->on_fetch_result(id, result.delivered, std::move(result.body));
    touch();
  });
}

void Daemon::Impl::on_time() {
  due_now_ = false;
  if (over_) return;
  const auto due = node_->next_due_ms();
  if (due && *due <= to_.clock.now_ms()) node_->on_time();
  touch();
}

// A daemon that follows the clock sleeps until something is due. With a clock that is moved by hand, what is due now
// is done now, and the rest waits for clock_moved().
void Daemon::Impl::wait_for_due() {
  timer_.cancel();
  due_now_ = false;
  const auto due = node_->next_due_ms();
  if (!due) return;
  std::int64_t left = *due - to_.clock.now_ms();
  if (left > 0 && !config_.follows_clock) return;
  due_now_ = left <= 0;
  if (due_now_ && progress_) return asio::post(to_.io, guarded([this] { on_time(); }));
  if (due_now_) left = kRestMs;
  timer_.expires_after(std::chrono::milliseconds(std::min(left, kLongestSleepMs)));
  timer_.async_wait(guarded([this](error_code error) {
    if (!error) on_time();
  }));
}

void Daemon::Impl::fail(const char* event, const std::string& why) {
  over_ = true;
  log(Level::error, event, {{"why", why}});
  server_.reset();
  client_.reset();
  timer_.cancel();
  drain_timer_.cancel();
  if (listeners_.failed) listeners_.failed(why);
}

void Daemon::Impl::stop(std::function<void()> done) {
  stopped_ = std::move(done);
  log(Level::info, "stopping");
  if (server_) server_->stop_accepting();
  drain(kDrainMs);
}

// What is in progress are requests without an answer, and what the node does for them; calls that only repeat a notice
// are in the ledger and go on after the next start.
void Daemon::Impl::drain(std::int64_t left_ms) {
  const bool done = waiting_.empty() && !flush_pending_ && (!server_ || server_->connections() == 0);
  if (over_ || done || left_ms <= 0) return finish();
  drain_timer_.expires_after(std::chrono::milliseconds(kDrainStepMs));
  drain_timer_.async_wait(guarded([this, left_ms](error_code error) {
    if (!error) drain(left_ms - kDrainStepMs);
  }));
}

void Daemon::Impl::finish() {
  if (!over_ && flush_pending_) flush();
  over_ = true;
  timer_.cancel();
  if (client_) client_->close();
  if (server_) server_->close();
  log(Level::info, "stopped", {{"unanswered", std::to_string(waiting_.size())}});
  const auto done = std::exchange(stopped_, nullptr);
  if (done) done();
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;

tl::expected<std::unique_ptr<Daemon>, std::string> Daemon::start(DaemonConfig config, Surroundings surroundings,
                                                                 Listeners listeners) {
  auto impl = std::make_unique<Impl>(std::move(config), surroundings, std::move(listeners));
  if (auto opened = impl->open(); !opened) return tl::make_unexpected(opened.error());
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

std::uint16_t Daemon::port() const { return impl_->port(); }
roles::Node& Daemon::node() { return impl_->node(); }
void Daemon::touch() { impl_->touch(); }
void Daemon::touch(std::function<void()> durable) { impl_->touch(std::move(durable)); }
void Daemon::clock_moved() { impl_->on_time(); }
bool Daemon::busy() const { return impl_->busy(); }
void Daemon::stop(std::function<void()> done) { impl_->stop(std::move(done)); }

}  // namespace quickpay::daemon
