#include "statemachines/monitor/judge.hpp"

#include "statemachines/all/generated/all.hpp"
#include "statemachines/monitor/trace_text.hpp"

namespace quickpay::statemachines::monitor {
namespace {

enum class Got : std::uint8_t { line, cut_off, too_long, end };

Got next_line(std::istream& input, std::string& line) {
  line.clear();
  for (int byte = input.get(); byte != std::istream::traits_type::eof(); byte = input.get()) {
    if (byte == '\n') return Got::line;
    if (line.size() == kMaxLineBytes) return Got::too_long;
    line.push_back(static_cast<char>(byte));
  }
  return line.empty() ? Got::end : Got::cut_off;
}

std::optional<Finding> judge_line(Monitor& monitor, Got got, const std::string& line) {
  if (got == Got::too_long)
    return Finding{Blame::evidence, "the line is longer than " + std::to_string(kMaxLineBytes) + " bytes"};
  if (got == Got::cut_off) return Finding{Blame::evidence, "the last line is cut off: it has no line end"};
  const auto read = read_line(line);
  if (!read)
    return Finding{Blame::evidence, "byte " + std::to_string(read.error().offset) + ": " + read.error().what};
  return monitor.take(*read);
}

}  // namespace

Judgement judge(std::istream& input, std::span<const MachineTable* const> tables, std::string_view spec_id) {
  Monitor monitor(tables, std::string(spec_id));
  Judgement judgement;
  for (Got got = next_line(input, judgement.line); got != Got::end && !judgement.finding;) {
    ++judgement.lines;
    judgement.finding = judge_line(monitor, got, judgement.line);
    if (!judgement.finding) got = next_line(input, judgement.line);
  }
  if (!judgement.finding) judgement.finding = monitor.finish();
  judgement.coverage = monitor.coverage();
  return judgement;
}

std::span<const MachineTable* const> all_tables() {
  static const std::vector<const MachineTable*> kTables = [] {
    std::vector<const MachineTable*> tables;
    for (const MachineEntry& entry : all::machines()) tables.push_back(&entry.table());
    return tables;
  }();
  return kTables;
}

}  // namespace quickpay::statemachines::monitor
