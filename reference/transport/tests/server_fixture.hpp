// A server on loopback whose handler does what a test says.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "reference/transport/http_server.hpp"
#include "reference/transport/tests/http_cases.hpp"
#include "reference/transport/tests/wire.hpp"

namespace quickpay::transport::tests {

class ServerTest : public ::testing::Test {
 protected:
  struct Seen {
    RequestToken token;
    std::string peer, path, body, ticket;
  };

  void SetUp() override {
    config_.address = "127.0.0.1";
    config_.paths = case_paths();
    config_.content_type = kType;
  }

  // Starts the server with what the test put into config_.
  void start() {
    auto listening = HttpServer::listen(
        loop_.io, config_,
        [this](const Request& request) {
          seen_.push_back({request.token, std::string(request.peer_address), std::string(request.path),
                           std::string(request.body), std::string(request.ticket)});
          if (answers_at_once_) server_->answer(request.token, 200, "re:" + std::string(request.body));
        },
        [this](RequestToken token) { lost_.push_back(token); });
    ASSERT_TRUE(listening) << listening.error();
    server_ = std::move(*listening);
  }

  std::string host() const { return fmt::format("127.0.0.1:{}", server_->port()); }
  std::string post(const std::string& body, const std::string& fields = "", const char* path = kPath) const {
    return fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n{}Content-Length: {}\r\n\r\n{}", path,
                       host(), kType, fields, body.size(), body);
  }

  Loop loop_;
  ServerConfig config_;
  bool answers_at_once_ = true;
  std::vector<Seen> seen_;
  std::vector<RequestToken> lost_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace quickpay::transport::tests
