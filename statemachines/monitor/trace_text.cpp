#include "statemachines/monitor/trace_text.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace quickpay::statemachines::monitor {
namespace {

using Json = nlohmann::ordered_json;

// The members of each kind of line, in the order in which they are written.
template <class Line, class Visit>
void each_member(Line& line, Visit visit) {
  using Plain = std::remove_const_t<Line>;
  if constexpr (std::is_same_v<Plain, BeginLine>) {
    visit("spec", line.spec), visit("role", line.role), visit("player", line.player);
    visit("profile", line.profile), visit("fresh", line.fresh);
  } else if constexpr (std::is_same_v<Plain, StepLine>) {
    visit("at_ms", line.at_ms), visit("player", line.player), visit("machine", line.machine), visit("key", line.key);
    visit("event", line.event), visit("holds", line.holds), visit("outcome", line.outcome), visit("row", line.row);
    visit("before", line.before), visit("after", line.after), visit("variables_before", line.variables_before);
    visit("variables_after", line.variables_after), visit("effects", line.effects);
  }
}

constexpr const char* kKind = "trace";

const char* kind_of(const BeginLine&) { return "begin"; }
const char* kind_of(const StepLine&) { return "step"; }
const char* kind_of(const EndLine&) { return "end"; }

bool take(const Json& json, std::string& value) {
  if (json.is_string()) value = json.get<std::string>();
  return json.is_string();
}
bool take(const Json& json, bool& value) {
  if (json.is_boolean()) value = json.get<bool>();
  return json.is_boolean();
}
bool take(const Json& json, std::int64_t& value) {
  const bool fits = json.is_number_integer() && (!json.is_number_unsigned() || json.get<std::uint64_t>() <= INT64_MAX);
  if (fits) value = json.get<std::int64_t>();
  return fits;
}
bool take(const Json& json, std::vector<std::string>& value) {
  if (!json.is_array() || json.size() > kMaxNames) return false;
  for (const Json& entry : json) {
    if (!entry.is_string()) return false;
    value.push_back(entry.get<std::string>());
  }
  return true;
}

// A line is one object of texts, numbers and lists of texts; deeper ones and repeated members end the reading.
struct Watch {
  std::set<std::string> seen = {};
  std::string what = {};
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > 2 && what.empty()) what = "nested too deeply";
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(parsed.get<std::string>()).second &&
        what.empty()) {
      what = "member \"" + parsed.get<std::string>() + "\" occurs twice";
    }
    return what.empty();
  }
};

tl::expected<Json, LineFault> parse(std::string_view text) {
  Watch watch;
  try {
    Json json = Json::parse(text, std::ref(watch));
    if (!watch.what.empty()) return tl::unexpected(LineFault{0, watch.what});
    if (!json.is_object()) return tl::unexpected(LineFault{0, "no JSON object"});
    return json;
  } catch (const Json::parse_error& error) {
    return tl::unexpected(LineFault{error.byte == 0 ? 0 : error.byte - 1, "no JSON"});
  } catch (const Json::exception&) {
    return tl::unexpected(LineFault{0, "no JSON that can be read"});
  }
}

template <class Line>
tl::expected<TraceLine, LineFault> fill(const Json& json) {
  Line line;
  std::string what;
  std::size_t known = 1;
  each_member(line, [&](const char* name, auto& value) {
    ++known;
    const auto found = json.find(name);
    if (found == json.end() && what.empty()) what = std::string("member \"") + name + "\" is missing";
    if (found != json.end() && !take(*found, value) && what.empty()) {
      what = std::string("member \"") + name + "\" has the wrong type or size";
    }
  });
  if (what.empty() && json.size() != known) what = "there is a member that no such line has";
  if (!what.empty()) return tl::unexpected(LineFault{0, what});
  return TraceLine(std::move(line));
}

}  // namespace

std::string to_text(const TraceLine& line) {
  return std::visit(
      [](const auto& one) {
        Json json = {{kKind, kind_of(one)}};
        each_member(one, [&](const char* name, const auto& value) { json[name] = value; });
        return json.dump(-1, ' ', true, Json::error_handler_t::replace);
      },
      line);
}

tl::expected<TraceLine, LineFault> read_line(std::string_view text) {
  if (text.size() > kMaxLineBytes) return tl::unexpected(LineFault{kMaxLineBytes, "longer than a line may be"});
  const auto json = parse(text);
  if (!json) return tl::unexpected(json.error());
  const std::string kind = json->contains(kKind) && (*json)[kKind].is_string() ? (*json)[kKind].get<std::string>() : "";
  if (kind == kind_of(BeginLine{})) return fill<BeginLine>(*json);
  if (kind == kind_of(StepLine{})) return fill<StepLine>(*json);
  if (kind == kind_of(EndLine{})) return fill<EndLine>(*json);
  return tl::unexpected(LineFault{0, "member \"trace\" is neither \"begin\" nor \"step\" nor \"end\""});
}

}  // namespace quickpay::statemachines::monitor
