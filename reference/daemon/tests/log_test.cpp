// Lines of log and trace.
#include "reference/daemon/log.hpp"

#include <gtest/gtest.h>

namespace quickpay::daemon {
namespace {

TEST(Log, WritesOneObjectALine) {
  const LogLine line{Level::warning, "call failed", {{"why", "timeout"}}};
  EXPECT_EQ(to_json(line, 1795348800123),
            R"({"time":"2026-11-22T12:00:00.123Z","level":"warning","event":"call failed","why":"timeout"})");
}

// XML-38: what peers send cannot forge a line.
TEST(Log, EscapesWhatCouldForgeALine) {
  const std::string text = to_json(LogLine{Level::info, "x", {{"from", "a\n{\"level\":\"info\"}\x1b[2J\xFF"}}}, 0);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  for (const char byte : text) EXPECT_GE(byte, ' ');
}

}  // namespace
}  // namespace quickpay::daemon
