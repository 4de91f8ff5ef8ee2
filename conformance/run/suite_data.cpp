// Suites and baselines as data: read and checked before anything runs.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "conformance/run/plan.hpp"

namespace quickpay::conformance {

namespace {

bool is_slug(std::string_view id, std::string_view role) {
  return id.size() > role.size() + 1 && id.substr(0, role.size()) == role && id[role.size()] == '.' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

bool same_meaning(const CheckInfo& a, const CheckInfo& b) {
  return a.requirements == b.requirements && a.level == b.level && a.title == b.title && a.rule == b.rule &&
         a.ambient == b.ambient && a.needs_adapter == b.needs_adapter;
}

tl::expected<BaselineEntry, std::string> entry_of(const nlohmann::json& line, const std::set<std::string>& known) {
  BaselineEntry entry;
  if (!line.is_object()) {
    return tl::unexpected(std::string("an entry is not an object"));
  }
  for (const auto& [name, value] : line.items()) {
    if (!value.is_string()) {
      return tl::unexpected(fmt::format("\"{}\" is not a string", name));
    }
    if (name == "check") {
      entry.check = value.get<std::string>();
    } else if (name == "scenario") {
      entry.scenario = value.get<std::string>();
    } else if (name == "reason") {
      entry.reason = value.get<std::string>();
    } else if (name != "issue") {
      return tl::unexpected(fmt::format("unknown field \"{}\"", name));
    }
  }
  if (entry.check.empty() || entry.reason.empty()) {
    return tl::unexpected(std::string("an entry needs \"check\" and \"reason\""));
  }
  if (known.count(entry.check) == 0) {
    return tl::unexpected(fmt::format("no such check: {}", entry.check));
  }
  return entry;
}

void scenario_faults(const Scenario& scenario, std::string_view role,
                     const std::map<std::string, const Scenario*>& by_id, std::vector<std::string>& faults) {
  const ScenarioInfo& info = scenario.info;
  const auto fault = [&](std::string_view what) { faults.push_back(fmt::format("{}: {}", info.id, what)); };
  if (!is_slug(info.id, role) || info.role != role) {
    fault("the id is not a slug of its role");
  }
  if (info.checks.empty() || !scenario.run) {
    fault("no checks or no body");
  }
  if (info.negative == info.twin.empty()) {
    fault("a negative scenario needs a twin, a positive one has none");
  }
  if (!info.twin.empty()) {
    const auto twin = by_id.find(info.twin);
    if (twin == by_id.end() || twin->second->info.negative) {
      fault("the twin is not there or not positive");
    } else if (info.level_e && !twin->second->info.level_e) {
      fault("can be run without an adapter, its twin cannot");
    }
  }
  for (const CheckInfo& check : info.checks) {
    if (!is_slug(check.id, role) || check.title.empty() || check.requirements.empty()) {
      fault(fmt::format("check {}: needs a slug of its role, a title and a requirement", check.id));
    }
  }
}

}  // namespace

tl::expected<std::vector<BaselineEntry>, std::string> read_baseline(const std::string& json,
                                                                    const std::vector<Scenario>& suite) {
  const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_array()) {
    return tl::unexpected(std::string("not a JSON list"));
  }
  std::set<std::string> known;
  for (const Scenario& scenario : suite) {
    for (const CheckInfo& check : scenario.info.checks) {
      known.insert(check.id);
    }
  }
  std::vector<BaselineEntry> entries;
  for (const nlohmann::json& line : list) {
    auto entry = entry_of(line, known);
    if (!entry) {
      return tl::unexpected(entry.error());
    }
    entries.push_back(std::move(*entry));
  }
  return entries;
}

std::optional<std::string> disputes_fault(const Hello& hello, const std::vector<Scenario>& suite, std::string_view role) {
  std::set<std::string> known;
  for (const Scenario& scenario : suite) {
    for (const CheckInfo& check : scenario.info.checks) {
      known.insert(check.id);
    }
  }
  for (const auto& [check, why] : hello.disputes) {
    const std::string whose = check.substr(0, check.find('.'));
    const bool claimed = std::find(hello.roles.begin(), hello.roles.end(), whose) != hello.roles.end();
    if (whose == role ? known.count(check) == 0 : !claimed) {
      return fmt::format("the implementation disputes {}: no such check", check);
    }
  }
  return std::nullopt;
}

std::vector<std::string> suite_faults(const std::vector<Scenario>& suite, std::string_view role) {
  std::vector<std::string> faults;
  std::map<std::string, const Scenario*> by_id;
  std::map<std::string, const CheckInfo*> checks;
  for (const Scenario& scenario : suite) {
    if (!by_id.emplace(scenario.info.id, &scenario).second) {
      faults.push_back(fmt::format("{}: the id is used twice", scenario.info.id));
    }
    for (const CheckInfo& check : scenario.info.checks) {
      const auto [known, added] = checks.emplace(check.id, &check);
      if (!added && !same_meaning(*known->second, check)) {
        faults.push_back(fmt::format("{}: check {} has another meaning elsewhere", scenario.info.id, check.id));
      }
    }
  }
  for (const Scenario& scenario : suite) {
    scenario_faults(scenario, role, by_id, faults);
  }
  return faults;
}

}  // namespace quickpay::conformance
