// Diagrams for Graphviz: the states of a machine, and a scenario as a sequence of messages.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

std::string nodes(const Machine& machine) {
  std::string out;
  for (const State& state : machine.states) {
    out += fmt::format(
        "  \"{}\" [shape={}{}, tooltip=\"{}\"];\n", dot_escape(state.id), state.terminal ? "doubleoctagon" : "box",
        state.id == machine.initial ? ", style=\"rounded,bold\"" : ", style=rounded", dot_escape(state.text));
  }
  return out;
}

/// Rows between the same two states by the same event share an arrow.
std::string edges(const Machine& machine) {
  struct Edge {
    std::string from, to, event;
    std::vector<std::string> cases;
  };
  std::vector<Edge> edges;
  for (const Row& row : machine.rows) {
    auto edge = std::find_if(edges.begin(), edges.end(), [&](const Edge& e) {
      return e.from == row.state && e.to == row.to && e.event == row.event;
    });
    if (edge == edges.end()) edge = edges.insert(edges.end(), Edge{row.state, row.to, row.event, {}});
    if (std::find(edge->cases.begin(), edge->cases.end(), row.case_id) == edge->cases.end())
      edge->cases.push_back(row.case_id);
  }
  std::string out;
  for (const Edge& edge : edges) {
    out += fmt::format("  \"{}\" -> \"{}\" [label=\"{}\\n{}\"];\n", dot_escape(edge.from), dot_escape(edge.to),
                       dot_escape(edge.event), dot_escape(join(edge.cases, " ")));
  }
  return out;
}

std::string point(const std::string& role, std::size_t step) {
  return fmt::format("\"{}@{}\"", dot_escape(role), step);
}

}  // namespace

std::string machine_dot(const Machine& machine) {
  return fmt::format("digraph \"{}\" {{\n  label=\"{}\\n{}\"; labelloc=t; fontname=\"Helvetica\";\n",
                     dot_escape(machine.id), dot_escape(machine.id), dot_escape(machine.text)) +
         "  node [fontname=\"Helvetica\", fontsize=11];\n  edge [fontname=\"Helvetica\", fontsize=9];\n" +
         nodes(machine) + edges(machine) + "}\n";
}

std::string scenario_dot(const Spec& spec, const Scenario& scenario) {
  const std::vector<ExecutedStep> steps = execute(spec, scenario);
  std::vector<std::string> roles;
  for (const ExecutedStep& step : steps) {
    if (std::find(roles.begin(), roles.end(), step.machine->role) == roles.end()) roles.push_back(step.machine->role);
  }
  std::string out = fmt::format("digraph \"{}\" {{\n  label=\"{}\"; labelloc=t; fontname=\"Helvetica\"; nodesep=1.2;\n",
                                dot_escape(scenario.id), dot_escape(scenario.text));
  out +=
      "  node [shape=point, fontname=\"Helvetica\"]; edge [arrowhead=none, style=dotted, fontname=\"Helvetica\", "
      "fontsize=9];\n";
  for (const std::string& role : roles) {
    out += fmt::format("  {} [shape=box, label=\"{}\"];\n ", point(role, 0), dot_escape(role));
    for (std::size_t i = 0; i <= steps.size(); ++i) out += (i == 0 ? " " : " -> ") + point(role, i);
    out += " [weight=100];\n";
  }
  for (std::size_t i = 0; i <= steps.size(); ++i) {
    out += "  { rank=same;";
    for (const std::string& role : roles) out += " " + point(role, i) + ";";
    out += " }\n";
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ExecutedStep& step = steps[i];
    std::string from = step.machine->role;
    for (const Message& message : spec.messages) {
      if (message.id != step.event->message || message.protocol != step.machine->protocol) continue;
      from = step.event->kind == EventKind::request ? message.from.front() : message.to;
    }
    const std::string label =
        fmt::format("{} [{}] {}", step.event->id, step.row == nullptr ? "-" : step.row->id, step.to);
    if (from != step.machine->role && std::find(roles.begin(), roles.end(), from) != roles.end()) {
      out += fmt::format("  {} -> {} [style=solid, arrowhead=normal, constraint=false, label=\"{}\"];\n",
                         point(from, i + 1), point(step.machine->role, i + 1), dot_escape(label));
    } else {
      out += fmt::format("  {} [xlabel=\"{}\"];\n", point(step.machine->role, i + 1), dot_escape(label));
    }
  }
  return out + "}\n";
}

}  // namespace quickpay::spec
