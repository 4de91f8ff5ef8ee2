#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/monitor/judge.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

namespace monitor = statemachines::monitor;

constexpr int kExitRight = 0;
constexpr int kExitConduct = 1;
constexpr int kExitEvidence = 3;
constexpr std::size_t kMaxShown = 2000;  // bytes of a bad line

// Traces are foreign bytes: what a terminal could obey is shown as a dot.
std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7F; }, '.');
  return text.size() > kMaxShown ? shown + " ..." : shown;
}

void print_finding(const std::string& name, const monitor::Judgement& judgement) {
  const monitor::Finding& finding = *judgement.finding;
  std::printf("%s:%llu: %s\n", name.c_str(), static_cast<unsigned long long>(judgement.lines),
              printable(finding.what).c_str());
  if (!judgement.line.empty()) std::printf("  the line: %s\n", printable(judgement.line).c_str());
  if (!finding.row.empty()) std::printf("  the row: %s\n", finding.row.c_str());
  for (const std::string& detail : finding.details) std::printf("  %s\n", detail.c_str());
  std::printf("  %s\n", finding.blame == monitor::Blame::conduct ? "The player did what the specification does not allow."
                                                                : "This trace is no evidence about the player.");
}

/// Exit code for one file; the coverage is added to `rows`.
int judge_file(const std::string& name, std::set<std::pair<std::string, std::string>>& rows) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    if (!file) {
      std::fprintf(stderr, "quickpay trace: %s: %s\n", name.c_str(), std::strerror(errno));
      return kUsage;
    }
  }
  const monitor::Judgement judgement =
      monitor::judge(name == "-" ? std::cin : file, monitor::all_tables(), protocol::kSpecId);
  rows.insert(judgement.coverage.rows.begin(), judgement.coverage.rows.end());
  if (judgement.finding) {
    print_finding(name, judgement);
    return judgement.finding->blame == monitor::Blame::conduct ? kExitConduct : kExitEvidence;
  }
  std::printf("%s: right: %llu steps, %llu lives, %llu unproven\n", name.c_str(),
              static_cast<unsigned long long>(judgement.coverage.steps),
              static_cast<unsigned long long>(judgement.coverage.lives),
              static_cast<unsigned long long>(judgement.coverage.unproven));
  return kExitRight;
}

std::size_t rows_of_all() {
  std::size_t count = 0;
  for (const auto* table : monitor::all_tables()) count += table->rows.size() + table->defaults.size();
  return count;
}

int run(const std::vector<std::string>& files) {
  std::set<std::pair<std::string, std::string>> rows;
  std::size_t right = 0;
  int code = kExitRight;
  for (const std::string& file : files) {
    const int one = judge_file(file, rows);
    if (one == kExitRight) ++right;
    if (code == kExitRight || one == kExitConduct) code = one;
  }
  if (files.size() > 1) {
    std::printf("%zu of %zu traces right; rows and defaults taken: %zu of %zu\n", right, files.size(), rows.size(),
                rows_of_all());
  }
  return code;
}

}  // namespace

void add_trace(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("trace", "Judge what players did, step by step, from their traces");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *files, "traces (NDJSON); - is standard input")->required();
  command->footer("Exit codes: 0 every step is the specification's, 1 a step is not, 2 usage or a file that cannot be read,\n"
                  "3 a trace that shows nothing: empty, cut off, of another specification, or no trace at all.");
  command->callback([&line, files] { line.chosen = [files] { return run(*files); }; });
}

}  // namespace quickpay::cli
