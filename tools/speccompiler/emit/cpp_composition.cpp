// The tables of a property set, as statemachines/composition reads them.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/expand/formula.hpp"

namespace quickpay::spec {
namespace {

using Kind = Formula::Kind;

template <class T>
std::size_t place(const std::vector<T>& items, const std::string& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return static_cast<std::size_t>(found - items.begin());
}

std::string code_name(Kind kind) {
  constexpr const char* kNames[] = {"constant", "state",       "variable",    "timer",       "call",      "ghost", "forged",
                                    "other",    "liar",        "profile",     "variant",     "option",      "via",       "negation", "conjunction",
                                    "disjunction", "implication", "sum",      "equal",       "unequal",   "less",  "less_equal"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// The name that an operation is told: a timer or message of an instance, a role, a profile.
std::string op_name(const Formula& formula) {
  if (formula.kind == Kind::timer || formula.kind == Kind::call) return formula.second;
  const bool named = formula.kind == Kind::liar || formula.kind == Kind::profile || formula.kind == Kind::variant ||
                     formula.kind == Kind::option;
  return named ? formula.first : "";
}

void postfix(const Formula& formula, std::vector<std::string>& ops) {
  for (const Formula& operand : formula.operands) postfix(operand, ops);
  ops.push_back(fmt::format("{{FormulaOp::Code::{}, {}, {}, {}, {}}}", code_name(formula.kind), formula.instance,
                            std::max(formula.index, 0), formula.value, cpp_string(op_name(formula))));
}

/// Arrays that entries refer to: each content once, called kPart1, kPart2, …
class Parts {
 public:
  std::string name_of(const std::string& type, const std::vector<std::string>& items) {
    if (items.empty()) return "{}";
    const std::string body = type + "|" + join(items, ", ");
    const auto found = std::find(bodies_.begin(), bodies_.end(), body);
    const auto index = static_cast<std::size_t>(found - bodies_.begin());
    if (found == bodies_.end()) {
      bodies_.push_back(body);
      text_ += fmt::format("constexpr {} kPart{}[] = {{{}}};\n", type, index + 1, join(items, ", "));
    }
    return fmt::format("kPart{}", index + 1);
  }
  std::string words(const std::vector<std::string>& ids) {
    std::vector<std::string> quoted;
    for (const std::string& id : ids) quoted.push_back(cpp_string(id));
    return name_of("std::string_view", quoted);
  }
  const std::string& text() const { return text_; }

 private:
  std::vector<std::string> bodies_;
  std::string text_;
};

/// Makes the entries of every array of a composition's table.
class Writer {
 public:
  Writer(const Spec& spec, const PropertySet& set) : spec_(spec), set_(set) {}

  std::string text() {
    std::string arrays = list("InstanceInfo", "kInstances", instances());  // in the order of the table's members
    arrays += list("GhostInfo", "kGhosts", ghosts());
    arrays += list("ObservationInfo", "kObservations", observations());
    arrays += list("FollowInfo", "kFollows", follows());
    arrays += list("PermissionInfo", "kPermissions", permissions());
    arrays += list("AssumptionInfo", "kAssumptions", assumptions());
    arrays += list("CodeClass", "kCodes", codes());
    arrays += list("AuthenticInfo", "kAuthentic", authentic());
    arrays += list("PropertyInfo", "kProperties", properties());
    arrays += list("ConfigurationInfo", "kConfigurations", configurations());
    arrays += list("UnreachedInfo", "kUnreached", unreached());
    arrays += list("AimInfo", "kAims", aims());
    arrays += list("ReportClaimInfo", "kClaims", claims());
    arrays += fmt::format("constexpr CompositionTable kTable{{{}, {}, {}}};\n", cpp_string(set_.id),
                          cpp_string(set_.text), join(names_, ", "));
    return "// clang-format off\n" + parts_.text() + "\n" + arrays + "// clang-format on\n";
  }

 private:
  std::string list(const std::string& type, const std::string& name, const std::vector<std::string>& entries) {
    names_.push_back(entries.empty() ? "{}" : name);
    if (entries.empty()) return "";
    return fmt::format("constexpr {} {}[] = {{\n    {},\n}};\n", type, name, join(entries, ",\n    "));
  }
  std::string formula(const std::string& text) {
    if (text.empty()) return "{}";
    std::vector<std::string> ops;
    postfix(*resolve_formula(text, spec_, set_), ops);
    return parts_.name_of("FormulaOp", ops);
  }
  const Machine& machine_of(const std::string& instance) const {
    const std::string& machine = set_.instances[place(set_.instances, instance)].machine;
    return spec_.machines[place(spec_.machines, machine)];
  }

  std::vector<std::string> instances() {
    std::vector<std::string> out;
    for (const PropertyInstance& item : set_.instances)
      out.push_back(fmt::format("{{{}, {}, {}, {}, {}, {}}}", cpp_string(item.id), cpp_string(item.machine), formula(item.content),
                                cpp_string(item.with), cpp_string(item.without), item.to.empty() ? -1 : static_cast<int>(place(set_.instances, item.to))));
    return out;
  }
  std::vector<std::string> ghosts() {
    std::vector<std::string> out;
    for (const Ghost& item : set_.ghosts)
      out.push_back(fmt::format("{{{}, {}, {}}}", cpp_string(item.id), item.max, parts_.words(item.shared)));
    return out;
  }
  std::vector<std::string> observations() {
    std::vector<std::string> out;
    for (const Observation& item : set_.observations)
      out.push_back(fmt::format("{{{}, {}, {}, GhostChange::{}, {}, {}}}", place(set_.instances, item.instance),
                                cpp_string(item.effect), place(set_.ghosts, item.ghost), item.change,
                                formula(item.value), formula(item.when)));
    return out;
  }
  std::vector<std::string> follows() {
    std::vector<std::string> out;
    for (const Follow& item : set_.follows)
      out.push_back(fmt::format("{{{}, {}, {}, {}, {}}}", place(set_.instances, item.instance), cpp_string(item.effect),
                                place(set_.instances, item.to), place(machine_of(item.to).events, item.event),
                                formula(item.when)));
    return out;
  }
  std::vector<std::string> permissions() {
    std::vector<std::string> out;
    for (const Permission& item : set_.permissions)
      out.push_back(fmt::format("{{{}, {}, {}}}", place(set_.instances, item.instance),
                                place(machine_of(item.instance).events, item.event), formula(item.when)));
    return out;
  }
  std::vector<std::string> claims() {
    std::vector<std::string> out;
    for (const ReportClaim& item : set_.claims) {
      const std::string verdict = item.verdict == "true" ? "holds" : item.verdict == "true-if" ? "holds_if" : "fails";
      out.push_back(fmt::format("{{{}, {}, {}, ReportVerdict::{}, {}, {}, {}}}", cpp_string(item.id), cpp_string(item.says),
                                cpp_string(item.text), verdict, parts_.words(item.holds), parts_.words(item.fails), parts_.words(item.tests)));
    }
    return out;
  }
  std::vector<std::string> aims() {
    std::vector<std::string> out;
    for (const Aim& item : set_.aims)
      out.push_back(fmt::format("{{{}, {}, {}, {}}}", cpp_string(item.id), cpp_string(item.text), parts_.words(item.by), parts_.words(item.tests)));
    return out;
  }
  std::vector<std::string> assumptions() {
    std::vector<std::string> out;
    for (const Assumption& item : set_.assumptions)
      out.push_back(fmt::format("{{{}, {}, {}, {}, {}}}", place(set_.instances, item.instance),
                                place(machine_of(item.instance).predicates, item.predicate), item.usual,
                                formula(item.meaning), formula(item.forged_open)));
    return out;
  }
  std::vector<std::string> codes() const {
    std::vector<std::string> out;
    for (const ErrorCode& item : spec_.errors)
      out.push_back(fmt::format("{{{}, {}}}", cpp_string(item.id), cpp_string(item.retry == "none" ? "ok" : item.retry)));
    return out;
  }
  // What the envelope's tail proves, and what the set says besides.
  std::vector<std::string> authentic() const {
    std::vector<std::string> out;
    const auto add = [&](const std::string& message, const std::string& protocol, const std::vector<std::string>& profiles) {
      for (const std::string& profile : profiles)
        out.push_back(fmt::format("{{{}, {}, {}}}", cpp_string(message), cpp_string(protocol), cpp_string(profile)));
    };
    for (const Message& message : spec_.messages) add(message.id, message.protocol, message.tail);
    for (const Authentic& item : set_.authentic) add(item.message, item.protocol, item.profiles);
    return out;
  }
  std::vector<std::string> properties() {
    std::vector<std::string> out;
    for (const Property& item : set_.properties) {
      const std::string kind = item.kind == "at-end" ? "at_end" : item.kind;
      out.push_back(fmt::format("{{{}, {}, {}, {}, PropertyKind::{}, {}, {}, {}, {}, {}, {}}}", cpp_string(item.id),
                                cpp_string(item.goal), cpp_string(item.text), cpp_string((item.from.empty() ? "" : item.from + " leads to ") + item.holds), kind,
                                formula(item.holds), formula(item.from), parts_.words(item.twin),
                                parts_.words(item.twin_in), parts_.words(item.within),
                                parts_.words(item.requirements)));
    }
    return out;
  }
  std::vector<std::string> configurations() {
    std::vector<std::string> out;
    for (const Configuration& item : set_.configurations)
      out.push_back(fmt::format("{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}}", cpp_string(item.id),
                                cpp_string(item.text), item.orders, item.loss, item.duplication, item.crashes,
                                item.forgeries, item.world == "any", item.timers == "lazy", cpp_string(item.profile),
                                parts_.words(item.liars), parts_.words(item.suspended), parts_.words(item.with), parts_.words(item.players), parts_.words(item.fails),
                                cpp_string(item.column), item.deep));
    return out;
  }
  std::vector<std::string> unreached() const {
    std::vector<std::string> out;
    for (const Unreached& item : set_.unreached)
      out.push_back(fmt::format("{{{}, {}, {}}}", cpp_string(item.machine), cpp_string(item.row), cpp_string(item.reason)));
    return out;
  }

  const Spec& spec_;
  const PropertySet& set_;
  Parts parts_;
  std::vector<std::string> names_;
};

}  // namespace

std::string composition_hpp(const PropertySet& set) {
  return fmt::format(R"(#pragma once

#include "statemachines/composition/table.hpp"

namespace quickpay::statemachines::composition_{0} {{

/// The machines of the set "{0}", what is assumed of them and what they must do.
const CompositionTable& table();

}}  // namespace quickpay::statemachines::composition_{0}
)",
                     identifier(set.id));
}

std::string composition_cpp(const Spec& spec, const std::string& folder) {
  const PropertySet& set = spec.property_sets.front();
  const std::string word = identifier(set.id);
  return fmt::format(R"(#include "{1}/{0}.hpp"

namespace quickpay::statemachines::composition_{0} {{
namespace {{

{2}
}}  // namespace

const CompositionTable& table() {{ return kTable; }}

}}  // namespace quickpay::statemachines::composition_{0}
)",
                     word, folder, Writer(spec, set).text());
}

/// The list of all sets.
std::string compositions_hpp() {
  return R"(#pragma once

#include <span>

#include "statemachines/composition/table.hpp"

namespace quickpay::statemachines::compositions {

/// The tables of all property sets, in the order of the specification.
std::span<const CompositionTable* const> all();

}  // namespace quickpay::statemachines::compositions
)";
}

std::string compositions_cpp(const Spec& spec, const std::string& folder) {
  std::string includes;
  std::string names;
  for (const PropertySet& set : spec.property_sets) {
    includes += fmt::format("#include \"{}/{}.hpp\"\n", folder, identifier(set.id));
    names += fmt::format("      &composition_{}::table(),\n", identifier(set.id));
  }
  return fmt::format(R"(#include "{}/all.hpp"

{}
namespace quickpay::statemachines::compositions {{

std::span<const CompositionTable* const> all() {{
  static const CompositionTable* const kAll[] = {{
{}  }};
  return kAll;
}}

}}  // namespace quickpay::statemachines::compositions
)",
                     folder, includes, names);
}

}  // namespace quickpay::spec
