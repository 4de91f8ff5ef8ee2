#include "reference/roles/times.hpp"

#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace quickpay::roles {
namespace {

using Days = std::chrono::sys_days;

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  const char* begin = text.data() + at;
  const auto [end, fault] = std::from_chars(begin, begin + count, value);
  if (fault != std::errc{} || end != begin + count || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string format_time(std::int64_t ms) {
  const std::chrono::sys_seconds when{std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds{ms})};
  const Days day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const auto second = (when - day).count();
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), second / 3600,
                     second / 60 % 60, second % 60);
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.size() != 20) return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t ms = ((Days{date}.time_since_epoch().count() * 24LL + *hour) * 60 + *minute) * 60 + *second;
  if (format_time(ms * 1000) != text) return std::nullopt;
  return ms * 1000;
}

}  // namespace quickpay::roles
