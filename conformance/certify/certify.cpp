#include "conformance/certify/certify.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "conformance/certify/progress.hpp"
#include "conformance/certify/sign.hpp"
#include "conformance/certify/target.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/plan.hpp"
#include "conformance/run/runner.hpp"

namespace quickpay::conformance {

namespace {

std::uint64_t drawn() {
  std::random_device source;
  return std::uint64_t{source()} << 32U | source();
}

std::size_t default_jobs() {
  constexpr std::size_t kMost = 8;
  return std::min<std::size_t>(kMost, std::max(1U, std::thread::hardware_concurrency()));
}

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Prepared {
  std::vector<Scenario> suite;
  Plan plan;
  std::vector<std::string> first;
  std::vector<BaselineEntry> baseline;
  Target target;
  std::optional<Issuer> issuer;  ///< a certificate is asked for
};

tl::expected<std::vector<BaselineEntry>, std::string> baseline_of(const CertifyOptions& options,
                                                                  const std::vector<Scenario>& suite) {
  if (options.baseline.empty()) {
    return std::vector<BaselineEntry>{};
  }
  std::ifstream file(options.baseline);
  if (!file) {
    return tl::unexpected(fmt::format("--baseline: cannot read {}", options.baseline));
  }
  std::stringstream text;
  text << file.rdbuf();
  return read_baseline(text.str(), suite).map_error([](const std::string& what) { return "--baseline: " + what; });
}

/// Why no report can be written to a folder, found out before anything runs; the folder is made.
std::optional<std::string> folder_fault(const std::string& folder) {
  std::error_code error;
  if (!folder.empty()) {
    std::filesystem::create_directories(folder, error);
  }
  return error ? std::optional(fmt::format("{}: {}", folder, error.message())) : std::nullopt;
}

/// Everything that can be wrong before anything runs.
tl::expected<Prepared, std::string> prepare(const CertifyOptions& options, const CertifyParts& parts) {
  if (const auto fault = options_fault(options)) {
    return tl::unexpected(*fault);
  }
  const auto patterns = patterns_of(options.select);
  if (!patterns) {
    return tl::unexpected("--select: " + patterns.error());
  }
  const auto first = patterns_of(options.first);
  if (!first) {
    return tl::unexpected("--first: " + first.error());
  }
  Prepared prepared;
  prepared.first = *first;
  prepared.suite = parts.suite(options.role);
  auto baseline = baseline_of(options, prepared.suite);
  if (!baseline) {
    return tl::unexpected(baseline.error());
  }
  prepared.baseline = std::move(*baseline);
  prepared.plan = make_plan(prepared.suite, {options.role, split_list(options.protocols), options.profile, *patterns});
  if (!options.list) {
    if (const auto fault = folder_fault(options.out)) {
      return tl::unexpected("--out: " + *fault);
    }
    auto target = target_of(options);
    if (!target) {
      return tl::unexpected(target.error());
    }
    prepared.target = std::move(*target);
    const bool judged = prepared.target.level_e && parts.worlds.fixture_fault;
    if (const auto fault = judged ? parts.worlds.fixture_fault(prepared.target.fixture) : std::nullopt) {
      return tl::unexpected("--fixture: " + *fault);
    }
    auto issuer = issuer_of(options, prepared.target);
    if (!issuer) {
      return tl::unexpected(issuer.error());
    }
    prepared.issuer = std::move(*issuer);
  }
  return prepared;
}

std::string pause_words(const ScenarioInfo& info, int pid) {
  const std::string process = pid == 0 ? std::string() : fmt::format("; the adapter is process {}", pid);
  return fmt::format("{} is next{}", info.id, process);
}

std::uint64_t seed_of(const CertifyOptions& options, const std::optional<Issuer>& issuer) {
  if (issuer && issuer->subject.challenge) {
    return issuer->subject.challenge->seed;
  }
  return options.seed ? *options.seed : std::random_device{}();
}

RunResult execute(const CertifyOptions& options, const CertifyParts& parts, const Prepared& prepared,
                  const IutResult<Hello>& hello, std::ostream& out, const std::atomic<bool>* stop) {
  RunSettings settings;
  settings.target = prepared.target;
  settings.role = options.role;
  settings.profile = options.profile;
  settings.seed = seed_of(options, prepared.issuer);
  settings.salt = prepared.target.level_e ? drawn() : 0;
  settings.jobs = options.jobs == 0 ? default_jobs() : options.jobs;
  settings.stop = stop;
  settings.patience = options.patience;
  settings.person = options.person;
  settings.first = prepared.first;
  settings.until_failure = options.fail_fast;
  if (!options.pause_before.empty()) {
    settings.jobs = 1;
    settings.before = [&](const ScenarioInfo& info, int pid) {
      if (glob_matches(options.pause_before, info.id)) {
        options.pause(pause_words(info, pid));
      }
    };
  }
  Progress progress(out, options.terminal, options.colour, steady_ms);
  settings.on_done = [&](const ScenarioResult& scenario, std::size_t done, std::size_t total) {
    progress.show(scenario, done, total);
  };
  RunResult result = run(prepared.plan, parts.worlds, settings, hello);
  progress.end();
  result.protocols = protocols_of(prepared.plan);
  result.target = target_words(options);
  result.folder = options.out;
  result.baseline = !prepared.baseline.empty();
  result.stale = apply_baseline(result.scenarios, prepared.baseline);
  apply_disputes(result.scenarios, result.implementation.disputes);
  return result;
}

}  // namespace

CertifyEnd certify(const CertifyOptions& options, const CertifyParts& parts, std::ostream& out, std::ostream& err,
                   const std::atomic<bool>* stop) {
  auto prepared = prepare(options, parts);
  if (!prepared) {
    err << "quickpay certify: " << printable(prepared.error()) << "\n";
    return {ExitCode::usage, false};
  }
  const std::vector<std::string> faults = suite_faults(prepared->suite, options.role);
  for (const std::string& fault : faults) {
    err << "defect of the suite: " << fault << "\n";
  }
  if (options.list) {
    for (const Planned& planned : prepared->plan.scenarios) {
      out << (planned.support ? "" : planned.scenario->info.id + "\n");
    }
    return {faults.empty() ? ExitCode::as_expected : ExitCode::suite_broke, false};
  }
  if (prepared->plan.scenarios.empty()) {
    err << "quickpay certify: nothing to run\n";
    return {faults.empty() ? ExitCode::nothing_ran : ExitCode::suite_broke, false};
  }
  const IutResult<Hello> hello = probe(prepared->target);
  for (const auto& fault : {hello ? claims_fault(*hello, options) : std::nullopt,
                            hello ? disputes_fault(*hello, prepared->suite, options.role) : std::nullopt}) {
    if (fault) {
      err << "quickpay certify: " << printable(*fault) << "\n";
      return {ExitCode::usage, false};
    }
  }
  if (!hello && !prepared->target.level_e) {
    err << "quickpay certify: no hello from the adapter: " << printable(hello.error().what) << "\n"
        << "  it can be judged alone: quickpay check-adapter --role " << options.role << " " << target_words(options) << "\n";
  }
  const auto unclaimed = hello ? leave_out_unclaimed(prepared->plan, hello->protocols) : std::vector<std::string>{};
  if (protocols_of(prepared->plan).empty()) {
    err << "quickpay certify: nothing to run, since the implementation claims no such protocol\n";
    return {ExitCode::nothing_ran, false};
  }
  RunResult result = execute(options, parts, *prepared, hello, out, stop);
  result.unclaimed = unclaimed;
  const bool hangs = !result.defects.empty();
  result.defects.insert(result.defects.end(), faults.begin(), faults.end());
  if (options.on_result) {
    options.on_result(result);
  }
  out << summary(result, parts.spec, options.colour);
  if (!options.out.empty()) {
    if (const auto written = write_reports(result, parts.spec, options.out); !written) {
      err << "quickpay certify: cannot write " << printable(written.error()) << "; the verdict above stands without a report\n";
      return {ExitCode::suite_broke, hangs};
    }
    out << "report: " << options.out << "/report.html\n";
    if (prepared->issuer && !sign_run(*prepared->issuer, result, parts.spec, options.out, out, err)) {
      return {ExitCode::usage, hangs};
    }
  }
  return {exit_code(result), hangs};
}

}  // namespace quickpay::conformance
