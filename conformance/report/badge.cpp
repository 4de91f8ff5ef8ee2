// badge.svg: what became of a run, for the front page of a product.
#include <fmt/format.h>

#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/rollup.hpp"

namespace quickpay::conformance {

namespace {

constexpr int kDigitWidth = 7, kPadding = 10;  // pixels
constexpr std::size_t kShownDigits = 8;

int width_of(const std::string& text) { return kDigitWidth * static_cast<int>(text.size()) + 2 * kPadding; }

struct Words {
  std::string text;
  std::string_view colour;
};

/// A badge without a certificate never looks like one.
Words words_of(const RunResult& result, const std::string& certificate) {
  const Counts counts = count(result);
  const std::size_t failed = counts[static_cast<std::size_t>(Verdict::fail)];
  if (!certificate.empty()) {
    return {"certified " + certificate.substr(0, kShownDigits), "#1a6b3c"};
  }
  if (failed > 0) {
    return {fmt::format("{} failed", failed), "#a3221f"};
  }
  return {exit_code(result) == ExitCode::as_expected ? "no certificate" : std::string(name_of(exit_code(result))),
          "#5b6670"};
}

}  // namespace

std::string badge_svg(const RunResult& result, const std::string& certificate) {
  const std::string label = fmt::format("QuickPay {} {}", result.role, result.profile);
  const Words words = words_of(result, certificate);
  const int left = width_of(label), right = width_of(words.text);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"22\" role=\"img\" aria-label=\"{1}: "
      "{2}\"><title>{1}: {2}{3}</title>"
      "<rect width=\"{0}\" height=\"22\" rx=\"4\" fill=\"#2b3238\"/><path fill=\"{4}\" d=\"M{5} 0h{6}a4 4 0 0 1 4 "
      "4v14a4 4 0 0 1-4 4h-{6}z\"/>"
      "<g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">"
      "<text x=\"{7}\" y=\"15\">{1}</text><text x=\"{8}\" y=\"15\">{2}</text></g></svg>\n",
      left + right, escaped(label), escaped(words.text),
      certificate.empty() ? "" : ", certificate " + escaped(certificate), words.colour, left, right - 4, left / 2,
      left + right / 2);
}

}  // namespace quickpay::conformance
