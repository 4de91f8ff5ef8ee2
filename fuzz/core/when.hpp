// Points in time as the oracle reckons and spells them; the cores have functions of their own for that.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace quickpay::fuzz {

inline constexpr std::int64_t kSecond = 1000;

/// The whole second in which a time lies: what a message can say of it. Milliseconds, as everywhere here.
inline std::int64_t second_of(std::int64_t ms) { return ms - ms % kSecond; }

/// When a deadline that messages spell is over: its last second is still in time (QP-ADD-27).
inline std::int64_t over_after(std::int64_t deadline) { return second_of(deadline) + kSecond; }

/// "YYYY-MM-DDThh:mm:ssZ".
inline std::string spell(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / kSecond);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts));
}

}  // namespace quickpay::fuzz
