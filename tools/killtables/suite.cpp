#include "tools/killtables/suite.hpp"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

namespace quickpay::killtables {
namespace {

constexpr int kFailure = 1;  // what certify ends with when a check failed

std::string in_quotes(const std::string& text) { return "'" + text + "'"; }  // ids and paths of ours have no quotes

std::string first_failure(const std::filesystem::path& report) {
  std::ifstream file(report);
  const auto json = nlohmann::json::parse(file, nullptr, false);
  if (json.is_discarded()) return {};
  for (const auto& check : json.value("checks", nlohmann::json::array()))
    if (check.value("verdict", "") == "fail") return check.value("id", "");
  return {};
}

}  // namespace

bool SuitePrograms::there() const { return std::filesystem::exists(quickpay) && std::filesystem::exists(adapter); }

std::string failing_check(const CodeMutant& mutant, const SuitePrograms& programs) {
  if (!mutant.deviation) return {};
  std::string name = (std::filesystem::temp_directory_path() / "quickpay-killtables-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return {};
  std::string found;
  for (const char* profile : {"F", "H"}) {
    const std::string command = in_quotes(programs.quickpay.string()) + " certify --role " + mutant.role + " --profile " + profile +
                                " --seed 1 --fail-fast --adapter \"" + in_quotes(programs.adapter.string()) + " " + in_quotes(mutant.id) + "\" --out " +
                                in_quotes(name) + " >/dev/null 2>&1";
    const int status = std::system(command.c_str());
    if (!WIFEXITED(status) || WEXITSTATUS(status) != kFailure) continue;
    found = first_failure(std::filesystem::path(name) / "report.json");
    if (!found.empty()) break;
  }
  std::error_code error;
  std::filesystem::remove_all(name, error);
  return found;
}

}  // namespace quickpay::killtables
