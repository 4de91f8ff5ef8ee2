#include "tools/speccompiler/emit/promela_fairness.hpp"

#include <utility>

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec::promela {

std::size_t Fairness::add(std::vector<Due> cases) {
  labels_.push_back(std::move(cases));
  return labels_.size();
}

std::string Fairness::taken(std::size_t label) { return fmt::format("    TAKEN({})\n", label); }

std::string Fairness::declarations() {
  return "#ifdef FAIR\n"
         "#define TAKEN(label) taken = label;\n"
         "short taken;    // label of this move\n"
         "short counter;  // labels that were taken, or were neither possible nor due, since the counter came round\n"
         "bit going;\n"
         "bit round;      // with this move the counter came round\n"
         "#else\n"
         "#define TAKEN(label)\n"
         "#endif\n\n";
}

std::string Fairness::before() { return "#ifdef FAIR\n  :: atomic { if\n#endif\n"; }

// As far as labels allow it the counter goes on at once: fewer states, and the same runs are fair.
std::string Fairness::behind() const {
  std::string text = "#ifdef FAIR\n  :: skip\n    fi;\n    d_step {\n    going = 1;\n";
  for (std::size_t i = 0; i < labels_.size(); ++i)
    for (const auto& [when, condition] : labels_[i]) {
      const std::string line = fmt::format(
          "    if :: (going && counter < {0}) -> if :: (taken == {0} || !({1})) -> counter = {0} :: else -> going = 0 fi :: else fi;\n", i + 1, when);
      text += condition.empty() ? line : "#if " + condition + "\n" + line + "#endif\n";
    }
  return text + "    round = going; counter = (going -> 0 : counter); going = 0; taken = 0\n    }\n     }\n#endif\n";
}

std::string leads_to(const Names& names) {
  std::string text;
  for (const Property& property : names.set().properties)
    if (property.kind == "inevitable")
      text += fmt::format("#ifdef LIVE_{}\n  && [] (({}) -> <> ({}))\n#endif\n", identifier(property.id), names.expression(property.from, {}),
                          names.expression(property.holds, {}));
  return text;
}

std::string liveness(const std::string& conjuncts) {
  return "\n#ifdef FAIR\n#ifdef UNFAIR\n#define FAIRLY\n#else\n#define FAIRLY ([] <> (round == 1)) ->\n#endif\n"
         "ltl live { FAIRLY (true\n" + conjuncts + ") }\n#endif\n";
}

}  // namespace quickpay::spec::promela
