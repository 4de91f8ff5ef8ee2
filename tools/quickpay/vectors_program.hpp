// A program that answers the questions of the vectors, behind pipes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "vectors/json.hpp"

namespace quickpay::cli {

inline constexpr std::size_t kMaxAnswerBytes = 1U << 20;  ///< one line of answer

/// One process that reads a question a line and writes an answer a line. README.md of vectors/, "Ask your own program".
class AnsweringProgram {
 public:
  /// Runs `command` through `sh -c`. Error: why it does not start.
  static tl::expected<std::unique_ptr<AnsweringProgram>, std::string> start(const std::string& command);
  virtual ~AnsweringProgram() = default;
  /// Sends a question and waits for the line that answers it. Error: what the program did instead; then it is of no more use.
  virtual tl::expected<vectors::Json, std::string> ask(const vectors::Json& question, std::chrono::milliseconds limit) = 0;
};

}  // namespace quickpay::cli
