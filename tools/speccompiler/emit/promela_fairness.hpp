// INTERNAL to the Promela emitter: what is done at last if it stays possible or due, as Spin's LTL can speak of it.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/emit/promela_names.hpp"

namespace quickpay::spec::promela {

/// Labels of moves that machines, time and the network make at last. Of each the model knows when it is possible or due, and a counter
/// waits for one after the other: until it is taken, or is neither. A run is weakly fair if the counter comes round again and again.
class Fairness {
 public:
  /// When a label is possible or due, where the preprocessor finds `condition`; empty: always. No constants in it: tcc, which
  /// compiles what Spin makes, does not always get a conjunction with one right.
  struct Due {
    std::string when, condition;
  };

  /// A label of its own. Of `cases` at most one is what the preprocessor finds; without any the label is never due. Returns its number.
  std::size_t add(std::vector<Due> cases);

  /// What notes that a label is taken, a line of a move.
  static std::string taken(std::size_t label);

  /// Macros and variables that all of this needs; before the process.
  static std::string declarations();
  /// What stands around the moves, before and behind them: where FAIR is defined each move is followed by a look at the counter, and
  /// nothing may happen at all.
  static std::string before();
  std::string behind() const;

 private:
  std::vector<std::vector<Due>> labels_;
};

/// Properties of the kind `inevitable` of one order as conjuncts of an LTL formula, each where LIVE_<property> is defined.
std::string leads_to(const Names& names);

/// The formula that Spin checks: whatever the conjuncts say, of weakly fair runs; where UNFAIR is defined, of all runs.
std::string liveness(const std::string& conjuncts);

}  // namespace quickpay::spec::promela
