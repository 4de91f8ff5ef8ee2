#include "reference/daemon/log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

namespace quickpay::daemon {
namespace {

using Json = nlohmann::ordered_json;

// Foreign bytes may be no UTF-8; what is none becomes U+FFFD.
std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

}  // namespace

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "info";
}

std::string time_text(std::int64_t utc_ms) {
  using namespace std::chrono;
  const auto point = sys_time<milliseconds>(milliseconds(utc_ms));
  const auto day = floor<days>(point);
  const year_month_day date(day);
  const hh_mm_ss<milliseconds> clock(point - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string to_json(const LogLine& line, std::int64_t now_ms) {
  Json json = {{"time", time_text(now_ms)}, {"level", name_of(line.level)}, {"event", line.event}};
  for (const auto& [name, value] : line.fields) json[name] = value;
  return dump(json);
}

}  // namespace quickpay::daemon
