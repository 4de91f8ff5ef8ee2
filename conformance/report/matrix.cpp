// matrix.html: reports side by side.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "conformance/report/stored.hpp"
#include "conformance/report/style.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::array<std::string_view, 6> kWorstFirst = {"error", "fail", "inconclusive",
                                                         "warn",  "pass", "not_applicable"};

struct Tally {
  std::map<std::string, std::size_t> times;  ///< by verdict
  std::string worst() const {
    for (const std::string_view verdict : kWorstFirst) {
      if (times.count(std::string(verdict)) != 0) {
        return std::string(verdict);
      }
    }
    return {};
  }
  std::size_t all() const {
    std::size_t sum = 0;
    for (const auto& [verdict, number] : times) {
      sum += number;
    }
    return sum;
  }
};

using Row = std::map<std::size_t, Tally>;  // by report

std::map<std::string, Row> rows_of(const std::vector<StoredReport>& reports) {
  std::map<std::string, Row> rows;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    for (const auto& [key, verdict] : reports[i].verdicts) {
      ++rows[key.first][i].times[verdict];
    }
  }
  return rows;
}

bool is_bad(const Row& row) {
  return std::any_of(row.begin(), row.end(), [](const auto& cell) {
    const std::string worst = cell.second.worst();
    return worst != "pass" && worst != "not_applicable";
  });
}

std::string cell(const Row& row, std::size_t report) {
  const auto found = row.find(report);
  if (found == row.end()) {
    return "<td class=\"quiet\">–</td>";
  }
  const std::string worst = found->second.worst();
  return fmt::format("<td><span class=\"chip {0}\">{1} {2}/{3}</span></td>", worst.empty() ? "error" : worst,
                     worst.empty() ? "unknown" : worst, worst.empty() ? 0 : found->second.times.at(worst),
                     found->second.all());
}

std::string table(const std::map<std::string, Row>& rows, const std::vector<StoredReport>& reports, bool bad) {
  std::string body;
  for (const auto& [check, row] : rows) {
    if (is_bad(row) != bad) {
      continue;
    }
    body += fmt::format("<tr><th scope=\"row\"><code>{}</code></th>", escaped(check, 200));
    for (std::size_t i = 0; i < reports.size(); ++i) {
      body += cell(row, i);
    }
    body += "</tr>";
  }
  if (body.empty()) {
    return "<p class=\"quiet\">None.</p>";
  }
  std::string head = "<th scope=\"col\">Check</th>";
  for (const StoredReport& report : reports) {
    head += fmt::format("<th scope=\"col\">{}<br/>{} {}</th>", escaped(report.implementation, 60),
                        escaped(report.role, 20), escaped(report.profile, 4));
  }
  return fmt::format(
      "<figure tabindex=\"0\"><table class=\"matrix\"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></figure>",
      head, body);
}

std::string runs(const std::vector<StoredReport>& reports) {
  std::string rows;
  for (const StoredReport& report : reports) {
    Tally tally;
    for (const auto& [key, verdict] : report.verdicts) {
      ++tally.times[verdict];
    }
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{} {}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
        "class=\"n\">{}</td><td><code>{}</code></td></tr>",
        escaped(report.implementation, 100), escaped(report.role, 20), escaped(report.profile, 4),
        escaped(report.verdict, 80), tally.times["pass"], tally.times["fail"],
        tally.all() - tally.times["pass"] - tally.times["fail"], escaped(report.folder, 200));
  }
  return "<figure tabindex=\"0\"><table><thead><tr><th scope=\"col\">Implementation</th><th scope=\"col\">Role</th><th "
         "scope=\"col\">Run</th>"
         "<th scope=\"col\" class=\"n\">pass</th><th scope=\"col\" class=\"n\">fail</th><th scope=\"col\" "
         "class=\"n\">other</th>"
         "<th scope=\"col\">Folder</th></tr></thead><tbody>" +
         rows + "</tbody></table></figure>";
}

std::string remark_of(const std::vector<StoredReport>& reports) {
  std::set<std::string> specs, suites;
  for (const StoredReport& report : reports) {
    specs.insert(report.spec);
    suites.insert(report.suite);
  }
  return specs.size() > 1 || suites.size() > 1 ? "<p>These runs were not made by one suite against one specification: "
                                                 "their columns answer different questions.</p>"
                                               : "";
}

}  // namespace

std::string matrix_html(const std::vector<StoredReport>& reports) {
  const auto rows = rows_of(reports);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\"/>"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>"
      "<title>QuickPay conformance side by side</title><style>{}</style></head><body><a class=\"skip\" "
      "href=\"#main\">Skip to the runs</a>"
      "<header><h1>QuickPay conformance</h1><p class=\"verdict\">{} runs side by side</p></header><main id=\"main\">{}"
      "<section aria-labelledby=\"runs\"><h2 id=\"runs\">Runs</h2>{}</section>"
      "<section aria-labelledby=\"open\"><h2 id=\"open\">Checks that somebody does not pass</h2>{}</section>"
      "<section aria-labelledby=\"rest\"><h2 id=\"rest\">Checks that everybody "
      "passes</h2><details><summary>Show</summary>{}</details></section>"
      "</main><footer>A cell names the worst verdict and in how many of the check's scenarios it was "
      "given.</footer></body></html>\n",
      kReportStyle, reports.size(), remark_of(reports), runs(reports), table(rows, reports, true),
      table(rows, reports, false));
}

std::string matrix_text(const std::vector<StoredReport>& reports) {
  std::string text;
  for (const StoredReport& report : reports) {
    std::map<std::string, std::size_t> times;
    for (const auto& [key, verdict] : report.verdicts) {
      ++times[verdict];
    }
    text += fmt::format("{:30} {:7} {:2} {:5} pass {:4} fail {:4} inconclusive  {}\n",
                        printable(report.implementation, 60), printable(report.role, 20), printable(report.profile, 4),
                        times["pass"], times["fail"], times["inconclusive"], printable(report.verdict, 80));
  }
  return text;
}

}  // namespace quickpay::conformance
