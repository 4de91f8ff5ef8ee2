// requirements.md: every requirement, where the specification refers to it, or why it does not.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kMaxShown = 12;  // references listed for one requirement; the rest is counted

/// Collects who refers to which requirement.
class Collector {
 public:
  explicit Collector(const Spec& spec) {
    for (const Protocol& protocol : spec.protocols) add(protocol.requirements, "protocol " + protocol.id);
    for (const Message& message : spec.messages) add_message(message);
    for (const Machine& machine : spec.machines) add_machine(machine);
    for (const Struct& record : spec.structs) add_struct(record);
    for (const Type& type : spec.types) add(type.requirements, fmt::format("[{0}](types.md#type-{0})", type.id));
    for (const Profile& profile : spec.profiles) add(profile.requirements, "profile " + profile.id);
    for (const Family& family : spec.families) add(family.requirements, "family " + family.id);
    for (const Role& role : spec.roles) add(role.requirements, "role " + role.id);
    for (const ProcessingStep& step : spec.processing)
      add(step.requirements, fmt::format("[step {}](errors.md)", step.number));
    for (const ErrorCode& error : spec.errors) add(error.requirements, fmt::format("[{0}](errors.md#{0})", error.id));
    for (const Parameter& parameter : spec.parameters)
      add(parameter.requirements, fmt::format("[{0}](parameters.md#{0})", parameter.id));
    for (const Scenario& scenario : spec.scenarios)
      add(scenario.requirements, fmt::format("[{0}](machines.md#scenario-{0})", scenario.id));
    for (const Plugin& plugin : spec.plugins) add_plugin(plugin);
    for (const Decision& decision : spec.decisions)
      add(decision.requirements, fmt::format("[{0}](decisions.md#{0})", decision.id));
  }

  const std::vector<std::string>& of(const std::string& id) const {
    static const std::vector<std::string> none;
    const auto found = references_.find(id);
    return found == references_.end() ? none : found->second;
  }

 private:
  void add(const std::vector<std::string>& ids, const std::string& where) {
    for (const std::string& id : ids) {
      auto& list = references_[id];
      if (std::find(list.begin(), list.end(), where) == list.end()) list.push_back(where);
    }
  }
  void add_fields(const std::vector<Field>& fields, const std::string& owner, const std::string& link) {
    for (const Field& field : fields) add(field.requirements, fmt::format("[{}.{}]({})", owner, field.id, link));
  }
  void add_struct(const Struct& record) {
    const std::string link = (record.plugin.empty() ? "messages.md#struct-" : "plugins.md#struct-") + record.id;
    add(record.requirements, fmt::format("[{}]({})", record.id, link));
    if (record.of.empty()) add_fields(record.fields, record.id, link);
  }
  void add_message(const Message& message) {
    const std::string link = "messages.md#" + message_anchor(message);
    add(message.requirements, fmt::format("[{}]({})", message.id, link));
    for (const Rule& rule : message.sender) add(rule.requirements, fmt::format("[{} sender]({})", message.id, link));
    for (const Rule& rule : message.receiver)
      add(rule.requirements, fmt::format("[{} receiver]({})", message.id, link));
    add_fields(message.request.body, message.request.root, link);
    add_fields(message.response.body, message.response.root, link);
  }
  void add_plugin(const Plugin& plugin) {
    const std::string link = "plugins.md#plugin-" + plugin.id;
    add(plugin.requirements, fmt::format("[plug-in {}]({})", plugin.id, link));
    const auto add_all = [&](const auto& elements) {
      for (const auto& element : elements)
        add(element.requirements, fmt::format("[{} {}]({})", plugin.id, element.id, link));
    };
    add_all(plugin.results);
    add_all(plugin.entries);
    add_all(plugin.services);
    add_all(plugin.calls);
  }
  void add_machine(const Machine& machine) {
    const std::string link = "machines.md#" + machine.id;
    add(machine.requirements, fmt::format("[{}]({})", machine.id, link));
    for (const Block& block : machine.blocks) {
      for (const Case& each : block.cases)
        add(each.requirements, fmt::format("[row {}](machines.md#row-{}-{})", each.id, machine.id, each.id));
    }
    const auto add_all = [&](const auto& elements) {
      for (const auto& element : elements)
        add(element.requirements, fmt::format("[{} {}]({})", machine.id, element.id, link));
    };
    add_all(machine.states);
    add_all(machine.variables);
    add_all(machine.events);
    add_all(machine.predicates);
    add_all(machine.actions);
    add_all(machine.ports);
    for (const Default& fallback : machine.defaults)
      add(fallback.requirements, fmt::format("[{} defaults]({})", machine.id, link));
  }

  std::map<std::string, std::vector<std::string>> references_;
};

std::string shown(const std::vector<std::string>& list) {
  if (list.size() <= kMaxShown) return join(list, ", ");
  const std::vector<std::string> first(list.begin(), list.begin() + kMaxShown);
  return fmt::format("{} and {} more", join(first, ", "), list.size() - kMaxShown);
}

std::string exclusion_of(const Spec& spec, const std::string& id) {
  for (const Exclusion& exclusion : spec.exclusions) {
    const auto& ids = exclusion.requirements;
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) continue;
    return fmt::format("excluded{}: {}", exclusion.until.empty() ? "" : " until " + exclusion.until, exclusion.reason);
  }
  return {};
}

std::string summary(const Spec& spec, const Collector& references) {
  std::map<std::string, std::array<int, 3>> levels;
  for (const Requirement& requirement : spec.requirements) {
    auto& counts = levels[requirement.level];
    ++counts[0];
    if (!references.of(requirement.id).empty()) ++counts[1];
    if (!exclusion_of(spec, requirement.id).empty()) ++counts[2];
  }
  std::string out = "| level | requirements | referred to | excluded |\n|---|---|---|---|\n";
  for (const auto& [level, counts] : levels)
    out += fmt::format("| {} | {} | {} | {} |\n", level, counts[0], counts[1], counts[2]);
  return out;
}

}  // namespace

std::string requirements_md(const Spec& spec) {
  const Collector references(spec);
  std::string out =
      "\n# Requirements\n\n" + summary(spec, references) +
      "\n*reading*: whether the source text states it, implies it, or it was added. *section*: of the source text.\n\n"
      "| id | level | reading | section | roles | requirement | where |\n|---|---|---|---|---|---|---|\n";
  for (const Requirement& requirement : spec.requirements) {
    std::vector<std::string> where;
    if (!references.of(requirement.id).empty()) where.push_back(shown(references.of(requirement.id)));
    if (!exclusion_of(spec, requirement.id).empty()) where.push_back(exclusion_of(spec, requirement.id));
    out += fmt::format("| {}{} | {} | {} | {} | {} | {} | {} |\n", anchor(requirement.id), requirement.id,
                       requirement.level, requirement.reading, requirement.section, join(requirement.roles, " "),
                       md_cell(requirement.text), join(where, "; "));
  }
  return out;
}

}  // namespace quickpay::spec
