// Which properties a world cannot break, whatever is wrong with the machines' behaviour in the states that it has.
#include <algorithm>
#include <optional>
#include <vector>

#include "tools/check/check.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

/// What is known of a value without looking at single states.
struct Known {
  std::optional<int> value;                ///< the same in all states
  std::optional<std::size_t> state_of{};   ///< else: of which instance it is the state
};

class Judge {
 public:
  explicit Judge(const Explored& explored) : table_(*explored.table), seen_(explored.result.found.seen) {}

  std::optional<bool> settled(FormulaCode code) const {
    std::vector<Known> stack;
    for (const FormulaOp& op : code) step(op, stack);
    if (stack.size() != 1 || !stack.back().value) return std::nullopt;
    return *stack.back().value != 0;
  }

 private:
  void step(const FormulaOp& op, std::vector<Known>& stack) const {
    using Code = FormulaOp::Code;
    if (op.code < Code::negation) return stack.push_back(leaf(op));
    if (op.code == Code::negation) {
      if (stack.back().value) stack.back() = {*stack.back().value == 0 ? 1 : 0};
      else stack.back() = {};
      return;
    }
    const Known right = stack.back();
    stack.pop_back();
    stack.back() = both(op.code, stack.back(), right);
  }

  Known leaf(const FormulaOp& op) const {
    if (op.code == FormulaOp::Code::constant) return {op.value};
    if (op.code == FormulaOp::Code::state) return {std::nullopt, op.instance};
    return op.code == FormulaOp::Code::ghost && never_changes(op.index) ? Known{0} : Known{};
  }

  // No observation of it can come about. One that counts or sets without a condition may.
  bool never_changes(std::uint8_t ghost) const {
    return std::all_of(table_.observations.begin(), table_.observations.end(), [&](const ObservationInfo& item) {
      return item.ghost != ghost || (!item.when.empty() && settled(item.when) == false);
    });
  }

  Known both(FormulaOp::Code code, const Known& left, const Known& right) const {
    using Code = FormulaOp::Code;
    const auto is = [](const Known& known, bool wanted) { return known.value && (*known.value != 0) == wanted; };
    switch (code) {
      case Code::conjunction: return is(left, false) || is(right, false) ? Known{0} : is(left, true) && is(right, true) ? Known{1} : Known{};
      case Code::disjunction: return is(left, true) || is(right, true) ? Known{1} : is(left, false) && is(right, false) ? Known{0} : Known{};
      case Code::implication: return is(left, false) || is(right, true) ? Known{1} : is(left, true) && is(right, false) ? Known{0} : Known{};
      case Code::equal:
      case Code::unequal: return compared(left, right, code == Code::equal);
      default: return {};
    }
  }

  Known compared(const Known& left, const Known& right, bool equal) const {
    if (left.value && right.value) return {(*left.value == *right.value) == equal ? 1 : 0};
    const Known& one = left.state_of ? left : right;
    const Known& other = left.state_of ? right : left;
    if (!one.state_of || !other.value) return {};
    const std::vector<bool>& states = seen_[*one.state_of];
    const auto at = static_cast<std::size_t>(*other.value);
    if (at < states.size() && states[at]) return {};
    return {equal ? 0 : 1};
  }

  const CompositionTable& table_;
  const std::vector<std::vector<bool>>& seen_;
};

}  // namespace

bool is_vacuous(const PropertyInfo& property, const Explored& explored) {
  const Judge judge(explored);
  return judge.settled(property.holds) == true || (!property.from.empty() && judge.settled(property.from) == false);
}

}  // namespace quickpay::check
