// L4 with Spin: what is inevitable, as a formula of LTL about weakly fair runs of the generated Promela.
#include <algorithm>
#include <fstream>

#include "tools/check/in_order.hpp"
#include "tools/check/seeded.hpp"
#include "tools/check/spin_run.hpp"
#include "tools/check/timed.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/slices.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

constexpr std::uint64_t kMaxQuickStates = 5'000;    ///< of a configuration that is always asked about
constexpr std::string_view kLosses = "losses";     ///< so is this one, whatever its size

/// Properties of one configuration that are asked about together, and the verdict that is expected.
struct Question {
  const CompositionTable* table = nullptr;
  const ConfigurationInfo* configuration = nullptr;
  std::vector<std::string_view> properties;
  bool must_hold = true;
  std::string_view defect;  ///< empty: the machines as they are
};

std::string asked(const Question& question) {
  std::string text(question.configuration->id);
  if (!question.defect.empty()) text += " with " + std::string(question.defect);
  for (const std::string_view id : question.properties) text += " " + std::string(id);
  return text;
}

/// The model of a property set with a defect, or why there is none.
tl::expected<std::string, std::string> model_with(const spec::Spec& spec, const CompositionTable& table, std::string_view defect) {
  for (const spec::PropertySet& set : spec.property_sets) {
    if (set.id != table.id) continue;
    return seeded(spec::composition_slice(spec, set), defect).map([](const spec::Spec& changed) { return spec::composition_pml(changed); });
  }
  return tl::unexpected<std::string>("there is no such set of properties");
}

/// What became of one question.
struct Answer {
  std::uint64_t states = 0;  ///< of the product of model, counter and formula
  std::string wrong;
};

Answer judged(const Question& question, const Output& output) {
  Answer answer;
  answer.states = stored(output.text);
  const bool cycle = output.text.find("acceptance cycle") != std::string::npos;
  const bool through = output.text.find("errors: 0") != std::string::npos && is_finished(output.text) && answer.states != 0;
  if (question.must_hold ? through : cycle) return answer;
  const char* said = cycle ? "Spin has a run that never comes to it" : through ? "Spin has no run that never comes to it" : "Spin did not finish";
  answer.wrong = asked(question) + ": " + said;
  if (!cycle && !through) answer.wrong += ":\n" + output.text.substr(0, 800);
  return answer;
}

Answer ask(const std::filesystem::path& model, const Question& question, std::string_view more) {
  const Scratch scratch;
  std::string defines = settings(*question.table, *question.configuration) + " -DFAIR" + std::string(more);
  for (const std::string_view id : question.properties) defines += " -DLIVE_" + word(id);
  return judged(question, shell("cd " + quoted(scratch.path()) + " && spin -a -o1 -o2 -o3 -o5" + defines + " " + quoted(std::filesystem::absolute(model)) +
                                " 2>&1 && tcc -w -DNOREDUCE -DVECTORSZ=2048 -o pan pan.c 2>&1 && ./pan -a -m2000000 -w22 2>&1"));
}

Answer answer(const Options& options, const spec::Spec& spec, const Question& question) {
  if (question.defect.empty()) return ask(model_of_set(options.root, *question.table), question, options.unfair ? " -DUNFAIR" : "");
  const auto text = model_with(spec, *question.table, question.defect);
  if (!text) return {0, asked(question) + ": " + text.error()};
  const Scratch scratch;
  const std::filesystem::path model = scratch.path() / "model.pml";
  std::ofstream(model) << *text;
  return ask(model, question, "");
}

bool has_failed(const Explored& known, std::size_t property) {
  const auto& failed = known.result.found.failed;
  return std::any_of(failed.begin(), failed.end(), [&](const PropertyFinding& item) { return item.property == property; });
}

bool is_small(const Options& options, const Explored& known) {
  const Exploration& found = known.result.found;
  if (!found.complete || found.keep != Keep::every || known.configuration->orders > kMaxSpinOrders) return false;
  return found.states <= (options.deep || known.configuration->id == kLosses ? kMaxSpinStates : kMaxQuickStates);
}

// What holds is asked about together, what fails one by one.
void add_verdicts(const Options& options, const Explored& known, std::vector<Question>& questions) {
  if (!is_small(options, known)) return;
  Question held{known.table, known.configuration, {}, true, {}};
  for (const std::size_t i : claimed_in(*known.table, known.configuration->id)) {
    const PropertyInfo& property = known.table->properties[i];
    if (property.kind != PropertyKind::inevitable) continue;
    if (has_failed(known, i)) questions.push_back({known.table, known.configuration, {property.id}, false, {}});
    else held.properties.push_back(property.id);
  }
  if (!held.properties.empty()) questions.push_back(std::move(held));
}

std::vector<Question> defects(const Evidence& evidence) {
  std::vector<Question> questions;
  for (const Explored& known : evidence.explored)
    for (const PropertyInfo& property : known.table->properties)
      for (std::size_t i = 0; property.kind == PropertyKind::inevitable && i < property.twin.size(); ++i)
        if (property.twin_in[i] == known.configuration->id && known.result.found.states <= kMaxSpinStates)
          questions.push_back({known.table, known.configuration, {property.id}, false, property.twin[i]});
  return questions;
}

void ask_all(const Options& options, const std::vector<Question>& questions, Claim& claim) {
  if (shell("command -v spin && command -v tcc").code != 0) return claim.wrong.emplace_back("spin or tcc is not installed"), void();
  const auto spec = spec::compile_spec(options.root / options.spec);
  if (!spec) return claim.wrong.emplace_back("the specification cannot be read"), void();
  in_order<Answer>(questions.size(), [&](std::size_t i) { return answer(options, *spec, questions[i]); }, [&](std::size_t, const auto& wait) {
    const Answer said = wait().result;
    claim.states += said.states;
    if (!said.wrong.empty()) claim.wrong.push_back(said.wrong);
  });
  if (questions.empty()) claim.wrong.emplace_back("nothing was asked");
}

}  // namespace

void check_live(const Options& options, const Progress& progress, Evidence& evidence) {
  if (options.without_spin) return;
  std::vector<Question> questions;
  for (const Explored& known : evidence.explored) add_verdicts(options, known, questions);
  timed(progress, evidence, "L4", "what is inevitable to the explorer is inevitable to Spin, in LTL of weakly fair runs",
        [&](Claim& claim) { ask_all(options, questions, claim); });
  const std::vector<Question> broken = defects(evidence);
  timed(progress, evidence, "L4", "Spin has a fair run that shows each defect which breaks what is inevitable",
        [&](Claim& claim) { ask_all(options, broken, claim); });
}

}  // namespace quickpay::check
