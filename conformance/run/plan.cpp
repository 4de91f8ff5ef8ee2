#include "conformance/run/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <numeric>
#include <set>

#include "conformance/model/random.hpp"

namespace quickpay::conformance {

namespace {

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

bool read_patterns(const std::string& path, std::vector<std::string>& patterns) {
  std::ifstream file(path);
  if (!file) {
    return false;
  }
  for (std::string line; std::getline(file, line);) {
    if (const std::string pattern = trimmed(std::string_view(line).substr(0, line.find('#'))); !pattern.empty()) {
      patterns.push_back(pattern);
    }
  }
  return true;
}

/// Of the first few positive scenarios of each protocol that are twins: themselves and the first refusal that rests on them.
std::set<std::string> smoke_of(const std::vector<Scenario>& suite) {
  std::map<std::string, std::set<std::string>> twins;  // by protocol
  std::set<std::string> ids;
  for (const Scenario& scenario : suite) {
    std::set<std::string>& seen = twins[scenario.info.protocol];
    if (scenario.info.negative && seen.size() < kSmokeTwins && seen.insert(scenario.info.twin).second) {
      ids.insert({scenario.info.id, scenario.info.twin});
    }
  }
  return ids;
}

bool applies(const ScenarioInfo& info, const Selection& selection) {
  return info.role == selection.role && (info.profile.empty() || info.profile == selection.profile) &&
         (selection.protocols.empty() || std::find(selection.protocols.begin(), selection.protocols.end(),
                                                   info.protocol) != selection.protocols.end());
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
      ++p;
      ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

tl::expected<std::vector<std::string>, std::string> patterns_of(const std::string& select) {
  std::vector<std::string> patterns;
  for (std::size_t begin = 0; begin <= select.size();) {
    const std::size_t end = std::min(select.find(',', begin), select.size());
    const std::string part = trimmed(std::string_view(select).substr(begin, end - begin));
    begin = end + 1;
    if (part.empty()) {
      continue;
    }
    if (part.front() != '@') {
      patterns.push_back(part);
    } else if (!read_patterns(part.substr(1), patterns)) {
      return tl::unexpected(fmt::format("cannot read {}", part.substr(1)));
    }
  }
  return patterns;
}

Plan make_plan(const std::vector<Scenario>& suite, const Selection& selection) {
  const std::set<std::string> smoke = smoke_of(suite);
  std::set<std::string> chosen, twins;
  std::vector<bool> used(selection.patterns.size(), false);
  std::size_t applicable = 0;
  for (const Scenario& scenario : suite) {
    if (!applies(scenario.info, selection)) {
      continue;
    }
    ++applicable;
    bool selected = selection.patterns.empty();
    for (std::size_t i = 0; i < selection.patterns.size(); ++i) {
      const bool fits = selection.patterns[i] == kSmoke ? smoke.count(scenario.info.id) != 0
                                                        : glob_matches(selection.patterns[i], scenario.info.id);
      if (fits) {
        used[i] = selected = true;
      }
    }
    if (selected) {
      chosen.insert(scenario.info.id);
      twins.insert(scenario.info.twin);
    }
  }
  Plan plan;
  plan.complete = chosen.size() == applicable && selection.protocols.empty();
  for (const Scenario& scenario : suite) {
    const bool selected = chosen.count(scenario.info.id) != 0;
    if (selected || (twins.count(scenario.info.id) != 0 && applies(scenario.info, selection))) {
      plan.scenarios.push_back({&scenario, !selected});
    }
  }
  std::sort(plan.scenarios.begin(), plan.scenarios.end(),
            [](const Planned& a, const Planned& b) { return a.scenario->info.id < b.scenario->info.id; });
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) {
      plan.unused_patterns.push_back(selection.patterns[i]);
    }
  }
  return plan;
}

std::vector<std::string> leave_out_unclaimed(Plan& plan, const std::vector<std::string>& claimed) {
  std::set<std::string> unclaimed;
  const auto is_claimed = [&](const ScenarioInfo& info) {
    return std::find(claimed.begin(), claimed.end(), info.protocol) != claimed.end();
  };
  for (const Planned& planned : plan.scenarios) {
    const ScenarioInfo& info = planned.scenario->info;
    if (!is_claimed(info)) {
      unclaimed.insert(info.protocol);
    }
  }
  std::erase_if(plan.scenarios, [&](const Planned& planned) {
    return is_claimed(planned.scenario->info) == denies_protocol(planned.scenario->info);
  });
  return {unclaimed.begin(), unclaimed.end()};
}

std::vector<std::string> protocols_of(const Plan& plan) {
  std::set<std::string> protocols;
  for (const Planned& planned : plan.scenarios) {
    if (!denies_protocol(planned.scenario->info)) {
      protocols.insert(planned.scenario->info.protocol);
    }
  }
  return {protocols.begin(), protocols.end()};
}

std::vector<std::size_t> order_of(const Plan& plan, std::uint64_t seed) {
  std::vector<std::size_t> order(plan.scenarios.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random::derived(seed, "order").shuffle(order);
  return order;
}

}  // namespace quickpay::conformance
