#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/run_process.hpp"
#include "tools/quickpay/vectors_program.hpp"
#include "tools/speccompiler/cli/commands.hpp"
#include "vectors/answers.hpp"
#include "vectors/lint.hpp"
#include "vectors/load.hpp"
#include "vectors/questions.hpp"

namespace quickpay::cli {
namespace {

constexpr std::size_t kMaxShown = 50;         ///< faults printed before the rest is only counted
constexpr std::size_t kProgressEvery = 500;   ///< questions between two signs of life
constexpr int kWrong = 1, kUnsupported = 4, kUnreachable = 5, kInterrupted = 130;

struct VectorOptions {
  std::string root = ".";
  std::string folder = "vectors";
  std::vector<std::string> kinds;
  std::string program;
  int timeout_s = 10;
  bool check = false;
};

// ---- build

int run_python(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  for (std::string& each : arguments) argv.push_back(each.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  int status = 0;
  std::fflush(nullptr);
  if (::posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0 || ::waitpid(child, &status, 0) != child) {
    std::fprintf(stderr, "quickpay vectors: cannot run python3, which makes a part of the vectors\n");
    return kUnreachable;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kWrong;
}

int build(const VectorOptions& options) {
  std::vector<std::string> arguments{"build", "--root", options.root};
  if (options.check) arguments.emplace_back("--check");
  const auto made = spec::run_spec_command(arguments, "quickpay spec");
  std::fwrite(made.out.data(), 1, made.out.size(), stdout);
  std::fwrite(made.err.data(), 1, made.err.size(), stderr);
  if (made.exit_code != 0 && !options.check) return made.exit_code;
  std::vector<std::string> python{"python3", "-B", options.root + "/vectors/make/make.py"};
  if (options.check) python.emplace_back("--check");
  return std::max(made.exit_code, run_python(std::move(python)));
}

// ---- lint

int lint(const VectorOptions& options) {
  const auto faults = vectors::lint(options.folder);
  for (std::size_t i = 0; i < faults.size() && i < kMaxShown; ++i) std::printf("%s\n", faults[i].c_str());
  if (!faults.empty()) {
    std::printf("%zu in all\n", faults.size());
    return kWrong;
  }
  std::vector<std::string> unread;
  const auto loaded = vectors::load_files(options.folder, unread);
  for (const char* kind : vectors::kKinds) {
    std::size_t count = 0, files = 0;
    for (const auto& file : loaded) {
      if (file.kind != kind) continue;
      ++files;
      count += file.json["vectors"].size();
    }
    std::printf("%-9s %6zu vectors in %zu files are in order\n", kind, count, files);
  }
  return 0;
}

// ---- run

struct Tally {
  std::size_t asked = 0, right = 0, wrong = 0, unsupported = 0;
};

/// Whoever answers: the reference in this process, or a program.
class Run {
 public:
  explicit Run(const VectorOptions& options) : options_(options), terminal_(::isatty(STDERR_FILENO) == 1) {}

  int all() {
    auto questions = vectors::questions_in(options_.folder, options_.kinds);
    if (!questions || questions->empty()) return cannot(questions ? "no vectors in " + options_.folder : questions.error(), kUsage);
    if (!options_.program.empty()) {
      auto started = AnsweringProgram::start(options_.program);
      if (!started) return cannot(started.error(), kUnreachable);
      program_ = std::move(*started);
    }
    watch_signals();
    for (const auto& question : *questions) {
      if (*interrupted()) return told(kInterrupted);
      if (!one(question)) return told(kUnreachable);
    }
    return told(0);
  }

 private:
  static int cannot(const std::string& why, int code) {
    std::fprintf(stderr, "quickpay vectors: %s\n", why.c_str());
    return code;
  }

  bool one(const vectors::Question& question) {
    Tally& tally = tallies_[question.kind];
    const auto given = ask(question);
    if (!given) {
      cannot(question.id + ": " + given.error(), kUnreachable);
      return false;
    }
    ++tally.asked;
    progress();
    if (given->contains("unsupported")) {
      ++tally.unsupported;
      return true;
    }
    const std::string found = vectors::difference(question, *given);
    ++(found.empty() ? tally.right : tally.wrong);
    if (!found.empty() && ++shown_ <= kMaxShown) std::printf("%s: %s\n", question.id.c_str(), found.c_str());
    return true;
  }

  tl::expected<vectors::Json, std::string> ask(const vectors::Question& question) {
    if (!program_) return vectors::answer(question.kind, question.asked);
    vectors::Json asked = question.asked;
    asked["n"] = ++number_;
    asked["kind"] = question.kind;
    return program_->ask(asked, std::chrono::seconds(options_.timeout_s));
  }

  void progress() {
    if (++done_ % kProgressEvery == 0 && terminal_) std::fprintf(stderr, "\r%zu asked", done_);
  }

  int told(int code) {
    if (terminal_) std::fprintf(stderr, "\r");
    Tally sum;
    for (const char* kind : vectors::kKinds) {
      const auto at = tallies_.find(kind);
      if (at == tallies_.end()) continue;
      const Tally& each = at->second;
      std::printf("%-9s %6zu asked  %6zu right  %6zu wrong  %6zu not supported\n", kind, each.asked, each.right, each.wrong, each.unsupported);
      sum.wrong += each.wrong;
      sum.unsupported += each.unsupported;
    }
    if (code != 0) return code;
    return sum.wrong != 0 ? kWrong : sum.unsupported != 0 ? kUnsupported : 0;
  }

  const VectorOptions& options_;
  bool terminal_;
  std::unique_ptr<AnsweringProgram> program_;
  std::map<std::string, Tally> tallies_;
  std::size_t number_ = 0, done_ = 0, shown_ = 0;
};

int run(const VectorOptions& options) { return Run(options).all(); }

}  // namespace

void add_vectors(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("vectors", "Build, check and run the offline vectors");
  command->require_subcommand(1);
  const auto options = std::make_shared<VectorOptions>();
  const auto add = [&](const char* name, const char* text, int (*act)(const VectorOptions&)) {
    CLI::App* sub = command->add_subcommand(name, text);
    sub->callback([&line, options, act] { line.chosen = [options, act] { return act(*options); }; });
    return sub;
  };
  CLI::App* making = add("build", "Write the vectors anew, with everything else that is generated, and name what differed", build);
  making->add_option("--root", options->root, "the tree")->capture_default_str();
  making->add_flag("--check", options->check, "write nothing; exit code 1 if something differs");
  CLI::App* linting = add("lint", "Schemas, ids, bases, mutations, notes, counts; exit code 1 if something is wrong", lint);
  CLI::App* running = add("run", "Ask the reference, or a program, every vector; exit code 1: wrong, 4: not supported, 5: the program failed", run);
  for (CLI::App* sub : {linting, running}) sub->add_option("--dir", options->folder, "the folder vectors")->capture_default_str();
  running->add_option("--kind", options->kinds, "only vectors of this kind; may be repeated")
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(vectors::kKinds), std::end(vectors::kKinds))));
  running->add_option("--program", options->program, "a command that answers a line of JSON for each (vectors/README.md)");
  running->add_option("--timeout", options->timeout_s, "seconds that one answer may take")->capture_default_str()->check(CLI::Range(1, 600));
}

}  // namespace quickpay::cli
