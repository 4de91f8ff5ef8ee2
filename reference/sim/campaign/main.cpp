// sim_campaign: plays scripts until a goal is missed or the runs are over. For tools/test --deep and for whoever looks for a
// fault.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reference/sim/campaign/coverage.hpp"
#include "reference/sim/campaign/search.hpp"

namespace {

using namespace quickpay::sim;

volatile std::sig_atomic_t interrupted = 0;

struct Options {
  std::uint64_t seed = 1;
  std::size_t runs = 1000;
  const Defect* defect = nullptr;
};

int usage() {
  std::fputs("usage: sim_campaign [--runs N] [--seed N] [--defect NAME]\n"
             "exit codes: 0 no goal missed (with a defect: it was found), 1 a goal missed (not found), 2 usage\ndefects:\n",
             stderr);
  for (const Defect& one : defects())
    std::fprintf(stderr, "  %-8s a %s %s\n", std::string(one.id).c_str(), std::string(one.role).c_str(),
                 std::string(one.text).c_str());
  return 2;
}

bool read(int argc, char** argv, Options& options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    char* end = nullptr;
    const std::uint64_t number = std::strtoull(argv[i + 1], &end, 10);
    const bool is_number = *end == '\0' && end != argv[i + 1];
    if (name == "--runs" && is_number) options.runs = number;
    else if (name == "--seed" && is_number) options.seed = number;
    else if (name == "--defect" && find_defect(argv[i + 1]) != nullptr) options.defect = find_defect(argv[i + 1]);
    else return false;
  }
  return argc % 2 == 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read(argc, argv, options)) return usage();
  std::signal(SIGINT, [](int) { interrupted = 1; });
  const Search found = search(options.seed, options.runs, options.defect != nullptr ? sown(*options.defect) : Sown{}, [](std::size_t run) {
    if (run % 1000 == 0) std::fprintf(stderr, "%zu runs\n", run);
    return interrupted == 0;
  });
  std::printf("seed %llu: %zu runs, %zu with a liar, %zu settled, %zu in profile H, %zu deliveries, %zu receipts, %zu orders taken back in %zu runs, %zu revokes held or void, %zu messages read, %zu newcomers registered, %zu played without mail, too, %zu steps judged\n",
              static_cast<unsigned long long>(options.seed), found.runs, found.with_liar, found.settled, found.authenticated, found.deliveries, found.receipts, found.revoked, found.with_revoke, found.not_revoked, found.mails, found.registered, found.compared, found.steps);
  const Counts predicates = count_predicates(found.abstracted), effects = count_effects(found.abstracted);
  std::printf("%zu of %zu predicates compared, of these seen true and false: %zu; recomputed: %zu\n%zu of %zu effects compared\n%s", predicates.compared, predicates.all,
              predicates.both, predicates.recomputed, effects.compared, effects.all, table_of_predicates(found.abstracted).c_str());
  for (const auto& [id, times] : found.abstracted.ghosts) std::printf("  %s: not 0 %zu times\n", id.c_str(), times);
  if (found.miss)
    std::printf("run %zu: %s\n%s", found.miss->run, found.miss->wrong.c_str(), to_text(found.miss->script).c_str());
  if (options.defect != nullptr) return found.miss ? 0 : 1;
  return found.miss || found.runs == 0 ? 1 : 0;
}
