#include "conformance/adapter/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace quickpay::conformance::qpap {

namespace {

enum class Kind : std::uint8_t { name, text, integer, yes, boolean, names, flags, reasons, object, list, address, any, outcome, reason, clock, millis_or_null };

struct FieldRule {
  std::string_view name;
  Kind kind;
  bool required;
};

struct LineRule {
  std::string_view cmd;
  std::span<const FieldRule> fields;
};

// ---------------------------------------------------------------- what the runner sends
constexpr std::array kHelloCommand = {FieldRule{"qpap", Kind::integer, true}};
constexpr std::array kSetupCommand = {
    FieldRule{"session", Kind::name, true}, FieldRule{"role", Kind::name, true},    FieldRule{"player", Kind::name, true},
     FieldRule{"host", Kind::name, true},    FieldRule{"profile", Kind::name, true},
    FieldRule{"now", Kind::name, true},     FieldRule{"listen", Kind::name, false}, FieldRule{"source", Kind::name, true},
    FieldRule{"directory", Kind::list, true}, FieldRule{"currencies", Kind::names, true},
    FieldRule{"fixtures", Kind::object, true}};
constexpr std::array kDirectoryCommand = {FieldRule{"session", Kind::name, true},
                                          FieldRule{"directory", Kind::list, true}};
constexpr std::array kDoCommand = {FieldRule{"session", Kind::name, true}, FieldRule{"op", Kind::name, true},
                                   FieldRule{"args", Kind::object, true}, FieldRule{"deadline_ms", Kind::integer, true}};
constexpr std::array kAwaitCommand = {FieldRule{"session", Kind::name, true}, FieldRule{"ref", Kind::name, true},
                                      FieldRule{"deadline_ms", Kind::integer, true}};
constexpr std::array kObserveCommand = {FieldRule{"session", Kind::name, true}, FieldRule{"what", Kind::name, true}};
constexpr std::array kSessionCommand = {FieldRule{"session", Kind::name, true}};
constexpr std::array kClockCommand = {FieldRule{"session", Kind::name, true},
                                      FieldRule{"advance_ms", Kind::integer, true}};
constexpr std::array kRestartCommand = {FieldRule{"session", Kind::name, true}, FieldRule{"hard", Kind::boolean, true}};
constexpr std::array kCommands = {
    LineRule{"hello", kHelloCommand},     LineRule{"setup", kSetupCommand}, LineRule{"directory", kDirectoryCommand},
    LineRule{"do", kDoCommand},           LineRule{"await", kAwaitCommand}, LineRule{"observe", kObserveCommand},
    LineRule{"fence", kSessionCommand},   LineRule{"clock", kClockCommand}, LineRule{"restart", kRestartCommand},
    LineRule{"teardown", kSessionCommand}, LineRule{"bye", {}}};

// ---------------------------------------------------------------- what the adapter answers
constexpr std::array kHelloReply = {
    FieldRule{"impl", Kind::object, true},    FieldRule{"roles", Kind::names, true},
    FieldRule{"features", Kind::flags, false}, FieldRule{"disputes", Kind::reasons, false},
    FieldRule{"profiles", Kind::names, false},
    FieldRule{"protocols", Kind::names, false}, FieldRule{"observes", Kind::names, false},
    FieldRule{"clock", Kind::clock, false},   FieldRule{"max_sessions", Kind::integer, false},
    FieldRule{"fence", Kind::boolean, false}};
constexpr std::array kReadyReply = {FieldRule{"ready", Kind::yes, true}, FieldRule{"listen", Kind::address, false}};
constexpr std::array kOutcomeReply = {FieldRule{"outcome", Kind::outcome, true}, FieldRule{"reason", Kind::reason, false},
                                      FieldRule{"ref", Kind::name, false}, FieldRule{"details", Kind::object, false}};
constexpr std::array kValueReply = {FieldRule{"value", Kind::any, true}};
constexpr std::array kDoneReply = {FieldRule{"done", Kind::yes, true}};
constexpr std::array kClockReply = {FieldRule{"now", Kind::name, true},
                                    FieldRule{"next_due_ms", Kind::millis_or_null, false}};
constexpr std::array kReplies = {
    LineRule{"hello", kHelloReply},   LineRule{"setup", kReadyReply},   LineRule{"directory", kReadyReply},
    LineRule{"do", kOutcomeReply},    LineRule{"await", kOutcomeReply}, LineRule{"observe", kValueReply},
    LineRule{"fence", kDoneReply},    LineRule{"clock", kClockReply},   LineRule{"restart", kReadyReply},
    LineRule{"teardown", {}},         LineRule{"bye", {}}};

bool is_short(const Json& value, std::size_t limit) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= limit;
}

bool is_name(const Json& value) { return is_short(value, kMaxNameBytes); }

bool is_names(const Json& value) {
  return value.is_array() && value.size() <= kMaxListItems && std::all_of(value.begin(), value.end(), is_name);
}

bool is_flags(const Json& value) {
  return value.is_object() && value.size() <= kMaxListItems &&
         std::all_of(value.begin(), value.end(), [](const Json& flag) { return flag.is_boolean(); });
}

/// An object whose names and texts are bounded, and whose texts say something.
bool is_reasons(const Json& value) {
  if (!value.is_object() || value.size() > kMaxListItems) {
    return false;
  }
  return std::all_of(value.items().begin(), value.items().end(), [](const auto& item) {
    return item.key().size() <= kMaxNameBytes && is_short(item.value(), kMaxTextBytes) && item.value() != "";
  });
}

bool is_port(const Json& value) {
  return value.is_number_integer() && value.get<std::int64_t>() >= 1 && value.get<std::int64_t>() <= 65535;
}

bool is_address(const Json& value) {
  return value.is_object() && value.contains("address") && is_name(value["address"]) && value.contains("port") &&
         is_port(value["port"]);
}

bool is_outcome(const Json& value) { return value == "accepted" || value == "rejected" || value == "pending"; }

bool is_reason(const Json& value) {
  return value.is_string() && reject_reason_of(value.get_ref<const std::string&>()).has_value();
}

bool fits(Kind kind, const Json& value) {
  switch (kind) {
    case Kind::name: return is_name(value);
    case Kind::text: return is_short(value, kMaxTextBytes);
    case Kind::integer: return value.is_number_integer();
    case Kind::yes: return value == true;
    case Kind::boolean: return value.is_boolean();
    case Kind::names: return is_names(value);
    case Kind::flags: return is_flags(value);
    case Kind::reasons: return is_reasons(value);
    case Kind::object: return value.is_object();
    case Kind::list: return value.is_array();
    case Kind::address: return is_address(value);
    case Kind::any: return true;
    case Kind::outcome: return is_outcome(value);
    case Kind::reason: return is_reason(value);
    case Kind::clock: return value == "wall" || value == "virtual";
    case Kind::millis_or_null: return value.is_null() || (value.is_number_integer() && value.get<std::int64_t>() >= 0);
  }
  return false;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::name: return "a string of at most 256 bytes";
    case Kind::text: return "a string of at most 4096 bytes";
    case Kind::integer: return "an integer";
    case Kind::yes: return "true";
    case Kind::boolean: return "true or false";
    case Kind::names: return "a list of strings";
    case Kind::flags: return "an object of true and false";
    case Kind::reasons: return "an object of strings that are not empty";
    case Kind::object: return "an object";
    case Kind::list: return "a list";
    case Kind::address: return "{\"address\": string, \"port\": 1..65535}";
    case Kind::any: return "anything";
    case Kind::outcome: return "accepted, rejected or pending";
    case Kind::reason: return "one of the reject reasons";
    case Kind::clock: return "wall or virtual";
    case Kind::millis_or_null: return "milliseconds or null";
  }
  return "";
}

std::optional<std::string> fields_fault(std::span<const FieldRule> rules, const Json& line) {
  for (const FieldRule& rule : rules) {
    const auto found = line.find(rule.name);
    if (found == line.end()) {
      if (rule.required) {
        return fmt::format("\"{}\" is missing", rule.name);
      }
      continue;
    }
    if (!fits(rule.kind, *found)) {
      return fmt::format("\"{}\" is not {}", rule.name, describe(rule.kind));
    }
  }
  return std::nullopt;
}

template <std::size_t N>
const LineRule* find_rule(const std::array<LineRule, N>& rules, std::string_view cmd) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const LineRule& rule) { return rule.cmd == cmd; });
  return found == rules.end() ? nullptr : &*found;
}

/// Nesting outside strings; the JSON library has no limit of its own.
bool too_deep(std::string_view line) {
  std::size_t depth = 0;
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (inside) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        inside = false;
      }
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth) {
        return true;
      }
    } else if ((c == '}' || c == ']') && depth > 0) {
      --depth;
    }
  }
  return false;
}

std::vector<std::string> names_of(const Json& reply, std::string_view field) {
  const auto found = reply.find(field);
  return found == reply.end() ? std::vector<std::string>{} : found->get<std::vector<std::string>>();
}

std::string text_of(const Json& object, std::string_view field) {
  const auto found = object.find(field);
  if (found == object.end() || !found->is_string()) {
    return {};
  }
  return found->get<std::string>().substr(0, kMaxNameBytes);
}

}  // namespace

tl::expected<Json, std::string> parse_line(std::string_view line) {
  if (too_deep(line)) {
    return tl::unexpected(fmt::format("nested deeper than {}", kMaxDepth));
  }
  Json value = Json::parse(line, nullptr, false);
  if (value.is_discarded()) {
    return tl::unexpected(std::string("not JSON"));
  }
  if (!value.is_object()) {
    return tl::unexpected(std::string("not an object"));
  }
  if (!value.contains("id") || !value["id"].is_number_integer()) {
    return tl::unexpected(std::string("no integer \"id\""));
  }
  return value;
}

std::optional<std::string> command_fault(const Json& command) {
  const LineRule* rule = find_rule(kCommands, text_of(command, "cmd"));
  if (rule == nullptr) {
    return "unknown command";
  }
  if (!command.contains("id") || !command["id"].is_number_integer()) {
    return "no integer \"id\"";
  }
  return fields_fault(rule->fields, command);
}

std::optional<std::string> reply_fault(std::string_view cmd, const Json& reply) {
  for (const std::string_view refusal : {"unsupported", "error"}) {
    if (const auto found = reply.find(refusal); found != reply.end()) {
      return is_short(*found, kMaxTextBytes) ? std::nullopt
                                             : std::optional(fmt::format("\"{}\" is not a string of at most 4096 bytes", refusal));
    }
  }
  if (const auto found = reply.find("unverifiable"); cmd == "observe" && found != reply.end()) {
    return is_short(*found, kMaxTextBytes) ? std::nullopt : std::optional<std::string>("\"unverifiable\" is not a string");
  }
  const LineRule* rule = find_rule(kReplies, cmd);
  return rule == nullptr ? std::optional<std::string>("unknown command") : fields_fault(rule->fields, reply);
}

Hello hello_of(const Json& reply) {
  const Json& impl = reply["impl"];
  Hello hello;
  hello.name = text_of(impl, "name");
  hello.version = text_of(impl, "version");
  hello.vendor = text_of(impl, "vendor");
  hello.commit = text_of(impl, "commit");
  hello.url = text_of(impl, "url");
  hello.issues = text_of(impl, "issues");
  hello.roles = names_of(reply, "roles");
  hello.profiles = names_of(reply, "profiles");
  if (hello.profiles.empty()) {
    hello.profiles = {"F"};
  }
  hello.protocols = names_of(reply, "protocols");
  if (hello.protocols.empty()) {
    hello.protocols = {"micropayment"};
  }
  hello.observes = names_of(reply, "observes");
  if (const auto features = reply.find("features"); features != reply.end()) {
    hello.features = features->get<std::map<std::string, bool>>();
  }
  if (const auto disputes = reply.find("disputes"); disputes != reply.end()) {
    hello.disputes = disputes->get<std::map<std::string, std::string>>();
  }
  hello.virtual_clock = text_of(reply, "clock") == "virtual";
  hello.max_sessions = reply.value("max_sessions", 1);
  hello.fence = reply.value("fence", false);
  return hello;
}

Ready ready_of(const Json& reply) {
  const auto listen = reply.find("listen");
  if (listen == reply.end()) {
    return {};
  }
  return {Address{(*listen)["address"].get<std::string>(), (*listen)["port"].get<std::uint16_t>()}};
}

Outcome outcome_of(const Json& reply) {
  Outcome outcome;
  const std::string word = text_of(reply, "outcome");
  outcome.kind = word == "accepted"   ? OutcomeKind::accepted
                 : word == "rejected" ? OutcomeKind::rejected
                                      : OutcomeKind::pending;
  if (outcome.kind == OutcomeKind::rejected) {
    outcome.reason = reject_reason_of(text_of(reply, "reason")).value_or(RejectReason::unspecified);
  }
  outcome.ref = text_of(reply, "ref");
  outcome.details = reply.value("details", Json::object());
  return outcome;
}

Observation observation_of(const Json& reply) {
  if (reply.contains("unverifiable")) {
    const std::string why = text_of(reply, "unverifiable");
    return {nullptr, why.empty() ? "no reason given" : why};
  }
  return {reply["value"], {}};
}

ClockState clock_of(const Json& reply) {
  ClockState state{text_of(reply, "now"), std::nullopt};
  if (const auto due = reply.find("next_due_ms"); due != reply.end() && !due->is_null()) {
    state.next_due_ms = due->get<std::int64_t>();
  }
  return state;
}

Json setup_command(const Setup& setup) {
  Json command = {{"cmd", "setup"},         {"role", setup.role},           {"player", setup.id},
                  {"host", setup.host},     {"profile", setup.profile},     {"source", setup.source},
                  {"now", setup.now},       {"directory", setup.directory}, {"currencies", setup.currencies},
                  {"fixtures", setup.fixtures}};
  if (!setup.listen.empty()) {
    command["listen"] = setup.listen;
  }
  return command;
}

}  // namespace quickpay::conformance::qpap
