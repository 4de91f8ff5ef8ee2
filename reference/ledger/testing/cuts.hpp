// A run played again and again, each time with the power of one disk cut at another operation.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace quickpay::ledger {

/// How the disk of a run forgets.
struct Cut {
  int at = -1;        ///< the power fails in this operation, counted from 1; negative: never
  bool lazy = false;  ///< the ledger says that it is durable before it is (LazyLedger), which has to be found
  std::uint64_t seed =
      0;  ///< what was not synced is lost (0), or survives in pieces (any other), as ForgetfulDisk has it
};

/// What came of a run that was cut everywhere.
struct Cuts {
  int writes = 0;                  ///< operations of the run without a cut
  int cuts = 0;                    ///< runs in which the power failed
  std::vector<std::string> wrong;  ///< what is wrong, with the place of the cut
};

/// Plays what `make(n)` makes a pointer to without a cut (-1), and then with one at every `step`-th operation, and
/// prints how often. Such a run has run(), verdict(), which is empty if nothing is wrong, and cutting(), which has
/// writes() and was_cut().
template <class Make>
Cuts cut_everywhere(const std::string& label, Make make, int step = 1) {
  Cuts all;
  const auto whole = make(-1);
  whole->run();
  all.writes = whole->cutting().writes();
  if (const std::string found = whole->verdict(); !found.empty()) all.wrong.push_back("without a cut: " + found);
  for (int n = 1; n <= all.writes; n += step) {
    const auto one = make(n);
    one->run();
    all.cuts += one->cutting().was_cut();
    const std::string found = one->verdict();
    if (!found.empty()) all.wrong.push_back("cut at write " + std::to_string(n) + ": " + found);
  }
  std::printf("%s: %d writes, %d cuts, %zu wrong\n", label.c_str(), all.writes, all.cuts, all.wrong.size());
  return all;
}

}  // namespace quickpay::ledger
