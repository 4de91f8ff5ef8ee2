#include "conformance/certify/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::array<std::string_view, 4> kRoles = {"wallet", "vendor", "broker", "host"};

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return std::nullopt;
  }
  return port;
}

/// http://HOST:PORT with or without a final slash; the host is resolved to an IPv4 address.
std::optional<Address> address_of(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) {
    return std::nullopt;
  }
  std::string_view authority = url.substr(kScheme.size());
  if (!authority.empty() && authority.back() == '/') {
    authority.remove_suffix(1);
  }
  const std::size_t colon = authority.rfind(':');
  const auto port = colon == std::string_view::npos ? std::nullopt : port_of(authority.substr(colon + 1));
  if (!port) {
    return std::nullopt;
  }
  boost::asio::io_context io;
  boost::system::error_code error;
  const auto found = boost::asio::ip::tcp::resolver(io).resolve(boost::asio::ip::tcp::v4(),
                                                                std::string(authority.substr(0, colon)), "", error);
  if (error || found.empty()) {
    return std::nullopt;
  }
  return Address{found.begin()->endpoint().address().to_string(), *port};
}

/// The JSON object in a file; discarded if there is none.
Json object_in(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  Json object = Json::parse(text.str(), nullptr, false);
  return file && object.is_object() ? object : Json(Json::value_t::discarded);
}

/// A directory file that the fixture names, relative to itself, instead of repeating it.
tl::expected<void, std::string> include_directory(const std::string& fixture_path, Json& fixture) {
  const auto named = fixture.find("directory");
  if (named == fixture.end() || !named->is_string()) {
    return {};
  }
  const auto path = std::filesystem::path(fixture_path).parent_path() / named->get<std::string>();
  const Json file = object_in(path.string());
  if (file.is_discarded() || !file.contains("players")) {
    return tl::unexpected(fmt::format("--fixture: {} is not a directory file", path.string()));
  }
  *named = file["players"];
  return {};
}

tl::expected<Json, std::string> fixture_of(const CertifyOptions& options) {
  Json fixture = object_in(options.fixture);
  if (fixture.is_discarded()) {
    return tl::unexpected(fmt::format("--fixture: {} is not a JSON object", options.fixture));
  }
  if (const auto included = include_directory(options.fixture, fixture); !included) {
    return tl::unexpected(included.error());
  }
  if (fixture.value("role", Json()) != options.role) {
    return tl::unexpected(fmt::format("--fixture: {} is not for the role {}", options.fixture, options.role));
  }
  for (const char* field : {"player", "host"}) {
    if (!fixture.contains(field) || !fixture[field].is_string()) {
      return tl::unexpected(fmt::format("--fixture: \"{}\" is missing", field));
    }
  }
  for (const auto& [field, empty] : {std::pair<const char*, Json>{"directory", Json::array()},
                                     std::pair<const char*, Json>{"fixtures", Json::object()}}) {
    if (!fixture.contains(field) || fixture[field].type() != empty.type()) {
      return tl::unexpected(fmt::format("--fixture: \"{}\" is missing", field));
    }
  }
  return fixture;
}

}  // namespace

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> items;
  std::stringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    if (!item.empty()) {
      items.push_back(item);
    }
  }
  return items;
}

std::optional<std::string> options_fault(const CertifyOptions& options) {
  if (std::find(kRoles.begin(), kRoles.end(), options.role) == kRoles.end()) {
    return "--role is one of wallet, vendor, broker, host";
  }
  if (options.profile != "F" && options.profile != "H") {
    return "--profile is F or H";
  }
  if (options.list) {
    return std::nullopt;
  }
  if (static_cast<int>(options.reference) + static_cast<int>(!options.adapter.empty()) +
          static_cast<int>(!options.endpoint.empty()) + static_cast<int>(options.by_hand) != 1) {
    return "say which implementation: --reference, --adapter 'CMD', or --endpoint URL with --fixture FILE";
  }
  if (!options.trace.empty() && !options.reference) {
    return "--trace goes with --reference: other implementations write no trace";
  }
  if (options.fail_fast && !options.baseline.empty()) {
    return "--baseline takes a whole run, not one that ends at the first failure (--fail-fast)";
  }
  if (options.fail_fast && !options.sign.empty()) {
    return "--sign takes a whole run, not one that ends at the first failure (--fail-fast)";
  }
  if (options.endpoint.empty() != options.fixture.empty()) {
    return "--endpoint and --fixture go together";
  }
  if (!options.endpoint.empty() && options.role == "wallet") {
    return "a wallet has no endpoint; it needs --adapter";
  }
  return std::nullopt;
}

tl::expected<Target, std::string> target_of(const CertifyOptions& options) {
  Target target;
  if (options.reference) {
    target.adapter = fmt::format("exec {} reference-adapter --role {}", shell_quoted(options.self), options.role);
    if (!options.trace.empty()) {
      target.adapter += " --trace " + shell_quoted(options.trace);
    }
    return target;
  }
  if (options.by_hand) {
    target.by_hand = true;
    target.fixture = {{"role", options.role}, {"profile", options.profile}};
    return target;
  }
  if (options.endpoint.empty()) {
    target.adapter = options.adapter;
    return target;
  }
  const auto address = address_of(options.endpoint);
  if (!address) {
    return tl::unexpected(std::string("--endpoint: not an http URL with a host and a port"));
  }
  auto fixture = fixture_of(options);
  if (!fixture) {
    return tl::unexpected(fixture.error());
  }
  target.endpoint = *address;
  target.fixture = std::move(*fixture);
  target.level_e = true;
  return target;
}

namespace {

std::string implementation_words(const CertifyOptions& options) {
  if (options.reference) {
    return "--reference";
  }
  if (options.by_hand) {
    return "--peer-only";
  }
  if (!options.adapter.empty()) {
    return "--adapter " + shell_quoted(options.adapter);
  }
  return "--endpoint " + shell_quoted(options.endpoint) + " --fixture " + shell_quoted(options.fixture);
}

}  // namespace

std::string target_words(const CertifyOptions& options) {
  return implementation_words(options) + (options.trail.empty() ? std::string() : " --trail " + shell_quoted(options.trail));
}

std::optional<std::string> claims_fault(const Hello& hello, const CertifyOptions& options) {
  if (!contains(hello.roles, options.role)) {
    return fmt::format("the implementation does not claim the role {}", options.role);
  }
  if (!contains(hello.profiles, options.profile)) {
    return fmt::format("the implementation does not claim profile {}", options.profile);
  }
  for (const std::string& protocol : split_list(options.protocols)) {
    if (!contains(hello.protocols, protocol)) {
      return fmt::format("the implementation does not claim the protocol {}", printable(protocol));
    }
  }
  return std::nullopt;
}

}  // namespace quickpay::conformance
