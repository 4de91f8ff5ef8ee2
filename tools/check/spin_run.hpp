// INTERNAL: what Spin is asked with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tools/check/check.hpp"

namespace quickpay::check {

inline constexpr std::uint64_t kMaxSpinStates = 60'000; ///< larger configurations are left to the explorer
inline constexpr std::size_t kMaxSpinOrders = 2;        ///< that the generated Promela has
inline constexpr std::size_t kFewInstances = 16;        ///< of a set whose model Spin reads in no time

/// What a command said, and its exit code; -1 if it could not be run.
struct Output {
  int code = -1;
  std::string text;
};

Output shell(const std::string& command);

/// A folder that goes with the object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// The text with everything replaced that no name in Promela may have.
std::string word(std::string_view text);

/// What a configuration is for the preprocessor of the model, as options of a command.
std::string settings(const statemachines::CompositionTable& table, const statemachines::ConfigurationInfo& configuration);

/// The number before "states, stored" in what Spin's verifier said, or 0.
std::uint64_t stored(const std::string& output);

/// Whether Spin's verifier did not give up.
bool is_finished(const std::string& output);

/// The path for a shell.
std::string quoted(const std::filesystem::path& path);

/// The generated model of a property set.
std::filesystem::path model_of_set(const std::filesystem::path& root, const statemachines::CompositionTable& table);

}  // namespace quickpay::check
