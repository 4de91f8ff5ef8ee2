// What Spin is asked with: commands, a folder for them, and what a configuration is for the preprocessor of a model.
#include "tools/check/spin_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace quickpay::check {
namespace {

using namespace statemachines;

constexpr std::size_t kMaxOutput = 1024 * 1024;    ///< bytes read of a command

void define(std::string& text, const std::string& name, int value) {
  text += " -D" + name + "=" + std::to_string(value);
}

}  // namespace

Output shell(const std::string& command) {
  Output output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  while (output.text.size() < kMaxOutput && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output.text += buffer.data();
  const int status = ::pclose(pipe);
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

Scratch::Scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "quickpay-spin-XXXXXX").string();
  if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
}

Scratch::~Scratch() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

std::string word(std::string_view text) {
  std::string out;
  for (const char c : text) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

std::string settings(const CompositionTable& table, const ConfigurationInfo& configuration) {
  std::string text;
  define(text, "ORDERS", configuration.orders);
  define(text, "LOSSES", configuration.loss);
  define(text, "COPIES", configuration.duplication);
  define(text, "CRASHES", configuration.crashes);
  define(text, "FORGERIES", configuration.forgeries);
  define(text, "ANY", configuration.any_world ? 1 : 0);
  define(text, "LAZY", configuration.lazy_timers ? 1 : 0);
  for (const std::string_view players : configuration.players)
    if (players.ends_with(":12")) define(text, "APART_" + word(players.substr(0, players.find(':'))), 1);
  for (const std::string_view option : configuration.options)
    for (std::size_t order = 0; order < kMaxSpinOrders; ++order)
      if (const auto id = option.substr(0, option.find(':')); has_option(configuration, id, order))
        define(text, "WITH_" + word(id) + std::to_string(order + 1), 1);
  for (const std::string_view liar : configuration.liars) define(text, "LIAR_" + word(liar), 1);
  for (const std::string_view role : configuration.suspended) define(text, "AWAY_" + word(role), 1);
  if (!configuration.profile.empty()) define(text, "PROFILE_" + word(configuration.profile), 1);
  return text;
}

std::uint64_t stored(const std::string& output) {
  const std::size_t end = output.find(" states, stored");
  if (end == std::string::npos) return 0;
  std::size_t start = end;
  while (start > 0 && std::isdigit(static_cast<unsigned char>(output[start - 1])) != 0) --start;
  return start == end ? 0 : std::strtoull(output.c_str() + start, nullptr, 10);
}

bool is_finished(const std::string& output) {
  return output.find("Search not completed") == std::string::npos && output.find("max search depth too small") == std::string::npos;
}

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

std::filesystem::path model_of_set(const std::filesystem::path& root, const CompositionTable& table) {
  return root / "statemachines/composition/generated" / (word(table.id) + ".pml");
}

}  // namespace quickpay::check
