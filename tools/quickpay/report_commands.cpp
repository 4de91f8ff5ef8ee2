#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "conformance/certificate/files.hpp"
#include "conformance/report/stored.hpp"
#include "conformance/report/text.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

using namespace conformance;

constexpr int kWorse = 1;

void print(std::FILE* file, const std::string& text) { std::fwrite(text.data(), 1, text.size(), file); }

int diff(const std::string& before, const std::string& after) {
  const auto first = read_report(before);
  const auto second = first ? read_report(after) : tl::unexpected(first.error());
  if (!second) {
    print(stderr, fmt::format("quickpay diff: {}\n", printable(second.error())));
    return kUsage;
  }
  const Difference difference = difference_of(*first, *second);
  print(stdout, difference_text(difference, ::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr));
  return difference.worse.empty() ? 0 : kWorse;
}

int matrix(const std::vector<std::string>& folders, const std::string& out) {
  std::vector<StoredReport> reports;
  for (const std::string& folder : folders) {
    auto report = reports.size() < kMaxReports ? read_report(folder)
                                               : tl::unexpected(fmt::format("more than {} reports", kMaxReports));
    if (!report) {
      print(stderr, fmt::format("quickpay matrix: {}\n", printable(report.error())));
      return kUsage;
    }
    reports.push_back(std::move(*report));
  }
  print(stdout, matrix_text(reports));
  if (const auto written = write_file(out, matrix_html(reports)); !written) {
    print(stderr, fmt::format("quickpay matrix: {}\n", printable(written.error())));
    return kUsage;
  }
  print(stdout, fmt::format("matrix: {}\n", out));
  return 0;
}

}  // namespace

void add_reports(CommandLine& line) {
  CLI::App* two = line.app.add_subcommand("diff", "Compare the reports of two runs");
  auto before = std::make_shared<std::string>();
  auto after = std::make_shared<std::string>();
  two->add_option("BEFORE", *before, "folder of a report")->required();
  two->add_option("AFTER", *after, "folder of a report")->required();
  two->footer("Exit codes: 0 nothing got worse, 1 something did, 2 usage or a report that cannot be read.");
  two->callback([=, &line] { line.chosen = [=] { return diff(*before, *after); }; });
  CLI::App* many = line.app.add_subcommand("matrix", "Show the reports of several runs side by side");
  auto folders = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>("matrix.html");
  many->add_option("DIR", *folders, "folders of reports")->required();
  many->add_option("--out", *out, "file")->capture_default_str();
  many->callback([=, &line] { line.chosen = [=] { return matrix(*folders, *out); }; });
}

}  // namespace quickpay::cli
