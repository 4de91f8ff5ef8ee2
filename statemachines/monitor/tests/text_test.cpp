// Traces as bytes: what is written is read back, and what is no trace is refused with words and place.
#include "statemachines/monitor/trace_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "statemachines/monitor/judge.hpp"
#include "statemachines/monitor/tests/walk.hpp"

namespace quickpay::statemachines::monitor::tests {
namespace {

using ::testing::HasSubstr;

std::string whole_trace(std::size_t machine, int steps) {
  const MachineEntry& entry = all::machines()[machine];
  std::string text = to_text(begin_of(entry.table())) + "\n";
  for (const StepLine& step : walk(entry, 1, steps)) text += to_text(step) + "\n";
  return text + to_text(EndLine{}) + "\n";
}

Judgement judged(const std::string& text) {
  std::istringstream input(text);
  return judge(input, all_tables(), kSpec);
}

std::string told(const std::string& text) {
  const Judgement judgement = judged(text);
  return judgement.finding ? std::to_string(judgement.lines) + ": " + judgement.finding->what : "";
}

TEST(TraceText, IsReadAsItWasWritten) {
  EXPECT_TRUE(rc::check([](const std::string& key, const std::vector<std::string>& names, std::int64_t at, bool fresh) {
    StepLine step;
    step.at_ms = at;
    for (const char c : key) step.key += static_cast<char>(c & 0x7F);
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), kMaxNames); ++i) step.effects.push_back(step.key);
    RC_ASSERT(std::get<StepLine>(*read_line(to_text(step))) == step);
    const BeginLine begin{step.key, "host", "H1", "F", fresh};
    RC_ASSERT(std::get<BeginLine>(*read_line(to_text(begin))) == begin);
  }));
}

TEST(TraceText, ForgedLinesStayOneLine) {
  StepLine step;
  step.key = "a\n{\"trace\":\"end\"}\xFF\x1b";
  for (const char byte : to_text(step)) EXPECT_GE(byte, ' ');
}

TEST(TraceText, IsRefusedWithWordsAndPlace) {
  const std::string trace = whole_trace(0, 3);
  ASSERT_EQ(told(trace), "");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = trace;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_EQ(told(""), "0: the trace is empty");
  EXPECT_THAT(told(trace + "{\"trace\":\"step\",\"at"), HasSubstr("6: the last line is cut off"));
  EXPECT_THAT(told("\x01\x02garbage\n"), HasSubstr("1: byte 0: no JSON"));
  EXPECT_THAT(told("\n"), HasSubstr("no JSON"));
  EXPECT_THAT(told("[]\n"), HasSubstr("no JSON object"));
  EXPECT_THAT(told("{\"trace\":\"other\"}\n"), HasSubstr("neither \"begin\" nor"));
  EXPECT_THAT(told("{\"trace\":[[[]]]}\n"), HasSubstr("nested too deeply"));
  EXPECT_THAT(told(std::string(kMaxLineBytes + 1, ' ') + "\n"), HasSubstr("longer than 65536 bytes"));
  EXPECT_THAT(told(changed("\"key\":", "\"yek\":")), HasSubstr("2: byte 0: member \"key\" is missing"));
  EXPECT_THAT(told(changed("\"key\":", "\"more\":1,\"key\":")), HasSubstr("member that no such line has"));
  EXPECT_THAT(told(changed("\"key\":", "\"row\":\"\",\"key\":")), HasSubstr("\"row\" occurs twice"));
  EXPECT_THAT(told(changed("\"at_ms\":0", "\"at_ms\":18446744073709551615")), HasSubstr("wrong type or size"));
  EXPECT_THAT(told(changed("\"at_ms\":0", "\"at_ms\":1.5")), HasSubstr("wrong type or size"));
  std::string many;
  for (std::size_t i = 0; i <= kMaxNames; ++i) many += (i == 0 ? "\"x\"" : ",\"x\"");
  EXPECT_THAT(told("{\"trace\":\"step\",\"holds\":[" + many + "]}\n"), HasSubstr("missing"));
}

// No change of one byte is taken for the same trace with other content: it is refused, or only the clock or a key moved.
TEST(TraceText, OneChangedByteIsSeen) {
  const std::string trace = whole_trace(1, 6);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    for (const int flip : {1, 0x80}) {
      std::string text = trace;
      text[i] = static_cast<char>(text[i] ^ flip);
      if (!judged(text).finding) ++taken;
    }
  }
  EXPECT_LT(taken, trace.size() / 10);
}

// docs/trace.schema.json says the same about members as the reader.
TEST(TraceText, HasTheMembersOfItsSchema) {
  const auto schema = nlohmann::json::parse(std::ifstream("docs/trace.schema.json"));
  const auto members = [](const TraceLine& line) {
    const auto json = nlohmann::json::parse(to_text(line));
    std::set<std::string> names;
    for (const auto& [name, value] : json.items()) names.insert(name);
    return names;
  };
  for (const auto& [kind, line] : {std::pair<std::string, TraceLine>{"begin", BeginLine{}}, {"step", StepLine{}}, {"end", EndLine{}}}) {
    const auto& definition = schema["$defs"][kind];
    EXPECT_EQ(definition["required"].get<std::set<std::string>>(), members(line)) << kind;
    EXPECT_EQ(definition["properties"].size(), members(line).size()) << kind;
    EXPECT_FALSE(definition["additionalProperties"].get<bool>()) << kind;
    EXPECT_EQ(definition["properties"]["trace"]["const"], kind);
    for (const auto& name : members(line)) EXPECT_TRUE(definition["properties"].contains(name)) << kind << " " << name;
  }
}

}  // namespace
}  // namespace quickpay::statemachines::monitor::tests
