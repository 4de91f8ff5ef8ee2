#include "reference/transport/http_server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <unordered_map>

#include "reference/transport/server_session.hpp"

namespace quickpay::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

constexpr int kBacklog = 1024;
constexpr std::int64_t kMinTickMs = 5;
constexpr std::int64_t kMaxTickMs = 250;
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

// Deadlines are looked at this often: one timer for all connections costs less than one a request.
std::chrono::milliseconds tick_of(const ServerLimits& limits) {
  const auto least = std::min({limits.header_ms, limits.idle_ms, limits.write_ms, limits.answer_ms, limits.linger_ms});
  return std::chrono::milliseconds(std::clamp(least / 4, kMinTickMs, kMaxTickMs));
}

class Server final : public HttpServer, public SessionOwner {
 public:
  Server(asio::io_context& io, ServerConfig config, RequestHandler on_request, DisconnectHandler on_disconnect)
      : config_(std::move(config)),
        on_request_(std::move(on_request)),
        on_disconnect_(std::move(on_disconnect)),
        acceptor_(io),
        ticker_(io) {}
  ~Server() override { close_quietly(); }

  tl::expected<void, std::string> open();

  std::uint16_t port() const override { return port_; }
  void answer(RequestToken token, unsigned status, std::string body, std::string_view content_type) override;
  void stop_accepting() override;
  std::size_t connections() const override { return sessions_.size(); }
  void close() override;

  const ServerConfig& config() const override { return config_; }
  const RequestRules& rules() const override { return rules_; }
  RequestToken adopt(Session& session) override;
  void dispatch(const Request& request) override { on_request_(request); }
  void settled(RequestToken token) override { waiting_.erase(token); }
  void lost(RequestToken token) override;
  void closed(Session& session) override { sessions_.erase(&session); }

 private:
  void fill_rules(const Tcp::endpoint& local);
  void accept();
  void on_accept(error_code error, Tcp::socket socket);
  bool make_room();
  void tick();
  void close_quietly();
  std::vector<std::shared_ptr<Session>> all() const;

  ServerConfig config_;
  RequestRules rules_;
  RequestHandler on_request_;
  DisconnectHandler on_disconnect_;
  Tcp::acceptor acceptor_;
  asio::steady_timer ticker_;
  bool ticking_ = false;
  std::uint16_t port_ = 0;
  RequestToken next_token_ = 1;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  std::unordered_map<RequestToken, Session*> waiting_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // handlers that come late see that it is gone
};

tl::expected<void, std::string> Server::open() {
  error_code error;
  const auto address = asio::ip::make_address(config_.address, error);
  if (error) return tl::make_unexpected(fmt::format("cannot listen at \"{}\": not an address", config_.address));
  const Tcp::endpoint wanted(address, config_.port);
  const auto failed = [&](const char* step) {
    return tl::make_unexpected(
        fmt::format("cannot listen at {}: {}: {}", endpoint_text(wanted), step, error.message()));
  };
  if (acceptor_.open(wanted.protocol(), error); error) return failed("open");
  if (acceptor_.set_option(Tcp::acceptor::reuse_address(true), error); error) return failed("option");
  if (acceptor_.bind(wanted, error); error) return failed("bind");
  if (acceptor_.listen(kBacklog, error); error) return failed("listen");
  const auto local = acceptor_.local_endpoint(error);
  if (error) return failed("address");
  port_ = local.port();
  fill_rules(local);
  accept();
  return {};
}

void Server::fill_rules(const Tcp::endpoint& local) {
  rules_.paths = &config_.paths;
  rules_.content_type = config_.content_type;
  rules_.max_header_bytes = config_.limits.header_bytes;
  rules_.authorities = config_.authorities;
  const bool any = std::find(rules_.authorities.begin(), rules_.authorities.end(), "*") != rules_.authorities.end();
  if (any) rules_.authorities.clear();
  if (!any && rules_.authorities.empty() && !local.address().is_unspecified()) {
    rules_.authorities.push_back(endpoint_text(local));
  }
}

void Server::accept() {
  acceptor_.async_accept([this, alive = std::weak_ptr<bool>(alive_)](error_code error, Tcp::socket socket) {
    if (!alive.expired()) on_accept(error, std::move(socket));
  });
}

void Server::on_accept(error_code error, Tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (!error && make_room()) {
    auto session = std::make_shared<Session>(std::move(socket), *this);
    sessions_.emplace(session.get(), session);
    session->start();
    tick();
  } else if (!error) {
    socket.non_blocking(true, error);
    socket.write_some(asio::buffer(kFull), error);
  } else if (!sessions_.empty()) {
    make_room();  // most likely no descriptor is left
  }
  accept();
}

// At the cap the connection that has been idle for longest makes room.
bool Server::make_room() {
  if (sessions_.size() < config_.limits.connections) return true;
  std::shared_ptr<Session> oldest;
  for (const auto& [pointer, session] : sessions_) {
    if (session->idle() && (!oldest || session->idle_since() < oldest->idle_since())) oldest = session;
  }
  if (!oldest) return false;
  oldest->close(true);
  return true;
}

std::vector<std::shared_ptr<Session>> Server::all() const {
  std::vector<std::shared_ptr<Session>> copy;
  copy.reserve(sessions_.size());
  for (const auto& [pointer, session] : sessions_) copy.push_back(session);
  return copy;
}

// Runs while there are connections, so that an idle server lets its io_context come to an end.
void Server::tick() {
  if (ticking_ || sessions_.empty()) return;
  ticking_ = true;
  ticker_.expires_after(tick_of(config_.limits));
  ticker_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](error_code error) {
    if (error || alive.expired()) return;
    ticking_ = false;
    const auto now = std::chrono::steady_clock::now();
    for (const auto& session : all()) {
      if (sessions_.count(session.get()) > 0) session->tick(now);
    }
    tick();
  });
}

RequestToken Server::adopt(Session& session) {
  waiting_.emplace(next_token_, &session);
  return next_token_++;
}

void Server::answer(RequestToken token, unsigned status, std::string body, std::string_view content_type) {
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return;
  const auto session = sessions_.at(found->second);
  session->answer(token, status, std::move(body), content_type);
}

void Server::lost(RequestToken token) {
  if (waiting_.erase(token) > 0 && on_disconnect_) on_disconnect_(token);
}

void Server::stop_accepting() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& session : all()) session->retire();
}

void Server::close() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& session : all()) session->close(true);
  ticker_.cancel();
}

void Server::close_quietly() {
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& session : all()) session->close(false);
  sessions_.clear();
  ticker_.cancel();
}

}  // namespace

tl::expected<std::unique_ptr<HttpServer>, std::string> HttpServer::listen(asio::io_context& io, ServerConfig config,
                                                                          RequestHandler on_request,
                                                                          DisconnectHandler on_disconnect) {
  auto server = std::make_unique<Server>(io, std::move(config), std::move(on_request), std::move(on_disconnect));
  if (auto opened = server->open(); !opened) return tl::make_unexpected(opened.error());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace quickpay::transport
