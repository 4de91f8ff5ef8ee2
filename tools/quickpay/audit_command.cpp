#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "reference/daemon/config_file.hpp"
#include "reference/roles/host_audit.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {
namespace {

constexpr int kClean = 0;
constexpr int kFound = 1;
constexpr int kNothingToAudit = 3;  // no ledger of a Host, or one that cannot be read

int cannot(const std::string& why) {
  std::fprintf(stderr, "quickpay audit: %s\n", why.c_str());
  return kNothingToAudit;
}

void show_progress(std::int64_t entries) {
  std::fprintf(stderr, "\rquickpay audit: %lld entries", static_cast<long long>(entries));
}

int tell(const std::string& file, const roles::AuditReport& report) {
  if (report.finding) {
    std::printf("%s: %s\n", report.finding->where.c_str(), report.finding->what.c_str());
    return kFound;
  }
  if (report.entries == 0) return cannot(file + " has no log: it is no Host's ledger, or nobody registered anything");
  std::printf("%lld entries, %lld inputs replayed, %lld records compared: all follow\nchain %s\n",
              static_cast<long long>(report.entries), static_cast<long long>(report.inputs),
              static_cast<long long>(report.records), report.chain.c_str());
  return kClean;
}

/// The keys that the Host shares with others, from its configuration; a problem: nothing, and it was told.
std::optional<std::vector<roles::SharedKeyConfig>> keys_in(const std::string& config) {
  if (config.empty()) return std::vector<roles::SharedKeyConfig>{};
  std::ifstream stream(config, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const auto read = daemon::parse_config("host", text);
  if (read) return read->daemon.node.shared_keys;
  cannot(config + ": " + read.error());
  return std::nullopt;
}

int run(const std::string& file, const std::string& chain, const std::string& config) {
  roles::AuditOptions options;
  options.chain = chain;
  auto keys = keys_in(config);
  if (!keys) return kUsage;
  options.shared_keys = std::move(*keys);
  const auto ledger = ledger::open_sqlite(file);
  if (!ledger) return cannot(ledger.error().what);
  const auto scratch = ledger::open_sqlite(":memory:");
  if (!scratch) return cannot(scratch.error().what);
  const bool terminal = ::isatty(STDERR_FILENO) == 1;
  options.progress = terminal ? roles::AuditProgress(show_progress) : roles::AuditProgress{};
  const auto report = roles::audit_host(**ledger, **scratch, options);
  if (terminal) std::fputs("\r\x1b[K", stderr);
  return report ? tell(file, *report) : cannot(report.error().what);
}

}  // namespace

void add_audit(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("audit", "Replay the log of a Host and name the first record that does not follow");
  auto file = std::make_shared<std::string>();
  auto chain = std::make_shared<std::string>();
  auto config = std::make_shared<std::string>();
  command->add_option("LEDGER", *file, "ledger of a Host that is not running")->required()->check(CLI::ExistingFile);
  command->add_option("--chain", *chain, "chain value of an earlier audit, which the log has to contain");
  command->add_option("--config", *config, "configuration of the Host: its keys check the receipts in claims (profile H)")
      ->check(CLI::ExistingFile);
  command->footer("Exit codes: 0 all follows, 1 something does not, 2 usage, 3 there is nothing to audit");
  command->callback([&line, file, chain, config] {
    line.chosen = [file, chain, config] { return run(*file, *chain, *config); };
  });
}

}  // namespace quickpay::cli
