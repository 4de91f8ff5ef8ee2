#include "conformance/report/bundle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "conformance/run/base64.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

using Problem = tl::unexpected<std::string>;

bool is_slug(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  });
}

bool is_text(const Json& value, std::size_t limit = kMaxBundleText) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= limit;
}

/// JSON of bounded depth; discarded if it is none.
Json parsed(std::string_view text) {
  bool deep = false;
  const auto shallow = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > static_cast<int>(kMaxBundleDepth);
    return !deep;
  };
  Json json = Json::parse(text, shallow, false);
  return deep ? Json(Json::value_t::discarded) : json;
}

/// Why an object does not have exactly these members, or nothing.
std::string members_fault(const Json& object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) {
    return "not an object";
  }
  for (const std::string_view name : names) {
    if (!object.contains(name)) {
      return fmt::format("\"{}\" is missing", name);
    }
  }
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return fmt::format("a member that no bundle has: {}", printable(name, 60));
    }
  }
  return {};
}

Json message_json(const Entry& entry) {
  Json headers = Json::array();
  for (std::size_t i = 0; i < std::min(entry.headers.size(), kMaxBundledHeaders); ++i) {
    headers.push_back({printable(entry.headers[i].first), printable(entry.headers[i].second)});
  }
  return {{"request", entry.kind == EntryKind::request}, {"by_iut", entry.by_iut},
          {"from", printable(entry.from, 200)},          {"to", printable(entry.to, 200)},
          {"path", printable(entry.path)},               {"mutation", printable(entry.mutation)},
          {"headers", headers},                          {"body", base64(entry.body)}};
}

Json messages_json(const ScenarioResult& scenario) {
  Json list = Json::array();
  std::size_t bytes = 0;
  for (const Entry& entry : scenario.transcript) {
    const bool message = entry.kind == EntryKind::request || entry.kind == EntryKind::response;
    bytes += message ? entry.body.size() : 0;
    if (list.size() >= kMaxBundledMessages || bytes > kMaxBundledBodies) {
      break;
    }
    if (message) {
      list.push_back(message_json(entry));
    }
  }
  return list;
}

tl::expected<BundledMessage, std::string> message_of(const Json& json) {
  const std::string fault =
      members_fault(json, {"request", "by_iut", "from", "to", "path", "mutation", "headers", "body"});
  if (!fault.empty()) {
    return Problem("a message: " + fault);
  }
  BundledMessage message;
  for (const auto& [name, target] : {std::pair{"from", &message.from}, std::pair{"to", &message.to}, std::pair{"path", &message.path},
                                     std::pair{"mutation", &message.mutation}}) {
    if (!is_text(json[name])) {
      return Problem(fmt::format("a message: \"{}\" is not a text", name));
    }
    *target = json[name].get<std::string>();
  }
  const auto body = is_text(json["body"], kMaxBundleBytes) ? from_base64(json["body"].get<std::string>()) : std::nullopt;
  if (!json["request"].is_boolean() || !json["by_iut"].is_boolean() || !body || !json["headers"].is_array() ||
      json["headers"].size() > kMaxBundledHeaders) {
    return Problem("a message is not what a bundle holds");
  }
  message.request = json["request"].get<bool>();
  message.by_iut = json["by_iut"].get<bool>();
  message.body = *body;
  for (const Json& header : json["headers"]) {
    if (!header.is_array() || header.size() != 2 || !is_text(header[0]) || !is_text(header[1])) {
      return Problem("a message: a header is not a pair of texts");
    }
    message.headers.emplace_back(header[0].get<std::string>(), header[1].get<std::string>());
  }
  return message;
}

tl::expected<BundledFinding, std::string> finding_of(const Json& json) {
  const std::string fault = members_fault(json, {"check", "verdict", "reason"});
  if (!fault.empty()) {
    return Problem("a finding: " + fault);
  }
  if (!is_text(json["check"]) || !is_text(json["verdict"]) || !is_text(json["reason"])) {
    return Problem("a finding is not made of texts");
  }
  return BundledFinding{json["check"].get<std::string>(), json["verdict"].get<std::string>(), json["reason"].get<std::string>()};
}

/// Appends what `read` makes of each item; an error ends it.
template <class T, class Read>
std::string read_list(const Json& list, std::vector<T>& items, std::size_t most, Read read) {
  if (!list.is_array() || list.size() > most) {
    return "a list is missing or too long";
  }
  for (const Json& json : list) {
    auto item = read(json);
    if (!item) {
      return item.error();
    }
    items.push_back(std::move(*item));
  }
  return {};
}

/// Why the bundle is for another suite or specification, or nothing.
std::string stranger(const Json& json, const SpecFacts& spec) {
  if (json["bundle"] != kBundleKind) {
    return fmt::format("not a bundle of the kind {}", kBundleKind);
  }
  if (json["suite"] != kSuiteName || json["suite_version"] != spec.suite_version) {
    return fmt::format("made by another suite than {} {}", kSuiteName, spec.suite_version);
  }
  return json["spec"] == spec.id ? std::string() : "made for another specification than " + spec.id.substr(0, 16);
}

/// Headers that curl writes itself, and names that curl would take for something else: an @ names a file.
bool curl_says(const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
  return !plain || name == "Host" || name == "Content-Length" || name == "Transfer-Encoding";
}

}  // namespace

bool has_bundle(const ScenarioResult& scenario) { return !bundled_findings(scenario).empty(); }

std::vector<BundledFinding> bundled_findings(const ScenarioResult& scenario) {
  std::vector<BundledFinding> findings;
  for (const CheckResult& check : scenario.checks) {
    if ((!check.apart || !check.disputed.empty()) && check.verdict != Verdict::pass && check.verdict != Verdict::not_applicable) {
      findings.push_back({check.info.id, std::string(name_of(check.verdict)), std::string(name_of(check.evidence.reason))});
    }
  }
  return findings;
}

std::string bundle_path(const std::string& folder, const ScenarioResult& scenario) {
  return folder + "/repro/" + file_name(scenario.info.id) + std::string(kBundleEnding);
}

std::string bundle_text(const RunResult& result, const SpecFacts& spec, const ScenarioResult& scenario) {
  Json findings = Json::array();
  for (const BundledFinding& finding : bundled_findings(scenario)) {
    findings.push_back({{"check", finding.check}, {"verdict", finding.verdict}, {"reason", finding.reason}});
  }
  const Json bundle = {{"bundle", kBundleKind},     {"suite", kSuiteName},       {"suite_version", spec.suite_version},
                       {"spec", spec.id},           {"role", result.role},       {"profile", result.profile},
                       {"scenario", scenario.info.id}, {"seed", result.seed},    {"findings", std::move(findings)},
                       {"messages", messages_json(scenario)}};
  return bundle.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

tl::expected<Bundle, std::string> read_bundle(std::string_view text, const SpecFacts& spec) {
  constexpr std::size_t kMaxFindings = 256;
  static constexpr std::array<std::string_view, 4> kRoles = {"wallet", "vendor", "broker", "host"};
  if (text.size() > kMaxBundleBytes) {
    return Problem(fmt::format("longer than {} bytes", kMaxBundleBytes));
  }
  const Json json = parsed(text);
  std::string fault = members_fault(json, {"bundle", "suite", "suite_version", "spec", "role", "profile", "scenario", "seed",
                                           "findings", "messages"});
  fault = fault.empty() ? stranger(json, spec) : fault;
  if (!fault.empty()) {
    return Problem(std::move(fault));
  }
  Bundle bundle;
  const bool named = is_text(json["role"]) && is_text(json["profile"]) && is_text(json["scenario"]) && json["seed"].is_number_unsigned();
  if (!named || std::find(kRoles.begin(), kRoles.end(), json["role"].get<std::string>()) == kRoles.end() ||
      (json["profile"] != "F" && json["profile"] != "H") || !is_slug(json["scenario"].get<std::string>())) {
    return Problem("role, profile, scenario or seed is not what a bundle holds");
  }
  bundle.role = json["role"].get<std::string>();
  bundle.profile = json["profile"].get<std::string>();
  bundle.scenario = json["scenario"].get<std::string>();
  bundle.seed = json["seed"].get<std::uint64_t>();
  fault = read_list(json["findings"], bundle.findings, kMaxFindings, finding_of);
  fault = fault.empty() ? read_list(json["messages"], bundle.messages, kMaxBundledMessages, message_of) : fault;
  return fault.empty() ? tl::expected<Bundle, std::string>(std::move(bundle)) : Problem(std::move(fault));
}

std::string curl_lines(const Bundle& bundle) {
  std::string text = fmt::format("# {}: what the suite sent to the implementation under test\n"
                                 "IUT=${{IUT:?set IUT to http://ADDRESS:PORT}}\n", bundle.scenario);
  std::set<std::string> under_test;
  for (const BundledMessage& message : bundle.messages) {
    if (message.by_iut) {
      under_test.insert(message.from);
    }
  }
  for (const BundledMessage& message : bundle.messages) {
    const bool between_players = !under_test.empty() && under_test.count(message.to) == 0;
    if (!message.request || message.by_iut || between_players) {
      continue;
    }
    text += fmt::format("\n# {} to {}{}\n", printable(message.from, 60), printable(message.to, 60),
                        message.mutation.empty() ? "" : ", changed: " + printable(message.mutation, 200));
    if (message.path.empty() || message.path.front() != '/' || message.mutation.rfind("http ", 0) == 0) {
      text += "# (its HTTP is malformed on purpose: curl cannot send it; see the transcript)\n";
      continue;
    }
    text += fmt::format("printf %s '{}' | base64 -d | curl -sS -i -g --path-as-is --data-binary @-", base64(message.body));
    for (const auto& [name, value] : message.headers) {
      text += curl_says(name) ? std::string() : " -H " + shell_quoted(name + ": " + value);
    }
    text += " \"$IUT\"" + shell_quoted(message.path) + "; echo\n";
  }
  return text;
}

}  // namespace quickpay::conformance
