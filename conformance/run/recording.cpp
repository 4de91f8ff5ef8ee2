#include "conformance/run/recording.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "conformance/run/base64.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::array<std::string_view, 4> kKinds = {"request", "response", "failure", "note"};

/// Text as it is if it is printable ASCII, else in base64: nobody has to trust who reads it.
Json exact(const std::string& text) {
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e) {
      return {{"base64", base64(text)}};
    }
  }
  return text;
}

/// Throws, as access to a missing member does: read_recording() tells both alike.
std::string bytes_of(const Json& json) {
  auto bytes = from_base64(json.get<std::string>());
  if (!bytes) {
    throw std::invalid_argument("no base64");
  }
  return *std::move(bytes);
}

std::string exact_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : bytes_of(json.at("base64"));
}

Json hello_json(const Hello& hello) {
  return {{"roles", hello.roles},       {"profiles", hello.profiles},
          {"observes", hello.observes}, {"protocols", hello.protocols},
          {"features", hello.features}, {"clock", hello.virtual_clock ? "virtual" : "wall"},
          {"fence", hello.fence}};
}

Hello hello_from(const Json& json) {
  Hello hello;
  hello.roles = json.at("roles").get<std::vector<std::string>>();
  hello.profiles = json.at("profiles").get<std::vector<std::string>>();
  hello.observes = json.at("observes").get<std::vector<std::string>>();
  hello.protocols = json.at("protocols").get<std::vector<std::string>>();
  hello.features = json.at("features").get<std::map<std::string, bool>>();
  hello.virtual_clock = json.at("clock") == "virtual";
  hello.fence = json.at("fence");
  return hello;
}

Json headers_json(const Entry& entry) {
  Json headers = Json::array();
  for (const auto& [name, value] : entry.headers) {
    headers.push_back({exact(name), exact(value)});
  }
  return headers;
}

Json texts(const std::vector<std::string>& list) {
  Json array = Json::array();
  for (const std::string& text : list) {
    array.push_back(exact(text));
  }
  return array;
}

Json entry_json(const Entry& entry, std::size_t number) {
  return {{"n", number},
          {"kind", kKinds[static_cast<std::size_t>(entry.kind)]},
          {"at_us", entry.at_us},
          {"from", exact(entry.from)},
          {"to", exact(entry.to)},
          {"by_iut", entry.by_iut},
          {"exchange", entry.exchange},
          {"path", exact(entry.path)},
          {"status", entry.http_status},
          {"headers", headers_json(entry)},
          {"message", exact(entry.message)},
          {"msg_id", exact(entry.msg_id)},
          {"code", exact(entry.code)},
          {"mutation", exact(entry.mutation)},
          {"summary", exact(entry.summary)},
          {"findings", texts(entry.findings)},
          {"bytes", entry.body_bytes},
          {"body_base64", base64(entry.body)}};
}

Entry entry_from(const Json& json) {
  Entry entry;
  const auto kind = std::find(kKinds.begin(), kKinds.end(), json.at("kind").get<std::string>());
  entry.kind = kind == kKinds.end() ? EntryKind::note : static_cast<EntryKind>(kind - kKinds.begin());
  entry.from = exact_of(json.at("from"));
  entry.to = exact_of(json.at("to"));
  entry.by_iut = json.at("by_iut");
  entry.exchange = json.at("exchange");
  entry.path = exact_of(json.at("path"));
  entry.http_status = json.at("status");
  for (const Json& header : json.at("headers")) {
    entry.headers.emplace_back(exact_of(header.at(0)), exact_of(header.at(1)));
  }
  entry.mutation = exact_of(json.at("mutation"));
  entry.summary = exact_of(json.at("summary"));
  entry.body = bytes_of(json.at("body_base64"));
  return entry;
}

std::string line_of(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n"; }

void read_line(const Json& json, Recording& recording) {
  if (json.contains("session")) {
    const Json& session = json["session"];
    recording.scenario = session.at("scenario");
    recording.profile = session.at("profile");
    recording.seed = session.at("seed");
    recording.number = session.at("number");
    recording.hello = hello_from(session.at("hello"));
  } else if (json.contains("step")) {
    recording.steps.push_back({json["step"], json.at("begin"), json.at("end"), json.at("result")});
  } else {
    recording.entries.push_back(entry_from(json));
  }
}

}  // namespace

std::string recording_text(const RunResult& result, const ScenarioResult& scenario) {
  std::string text = line_of({{"session",
                               {{"scenario", scenario.info.id},
                                {"profile", result.profile},
                                {"seed", result.seed},
                                {"number", scenario.number},
                                {"hello", hello_json(result.implementation)}}}});
  for (std::size_t i = 0; i < scenario.transcript.size(); ++i) {
    text += line_of(entry_json(scenario.transcript[i], i));
  }
  for (const Step& step : scenario.steps) {
    text += line_of({{"step", step.what}, {"begin", step.begin}, {"end", step.end}, {"result", step.result}});
  }
  return text;
}

tl::expected<Recording, std::string> read_recording(std::string_view text) {
  Recording recording;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    ++number;
    try {
      read_line(Json::parse(text.substr(begin, end - begin)), recording);
    } catch (const std::exception&) {  // what is no JSON, has no such member, or is no base64
      return tl::unexpected(fmt::format("line {} is not one of a transcript", number));
    }
    begin = end + 1;
  }
  return recording;
}

}  // namespace quickpay::conformance
