#include "tools/quickpay/vectors_program.hpp"

#include <boost/asio/io_context.hpp>

#include "conformance/adapter/process.hpp"

namespace quickpay::cli {
namespace {

using conformance::Process;
using vectors::Json;

class Program : public AnsweringProgram {
 public:
  tl::expected<void, std::string> begin(const std::string& command) {
    auto process = Process::start(io_, command, [this](std::string_view bytes) { take(bytes); });
    if (!process) return tl::unexpected(process.error());
    process_ = std::move(*process);
    return {};
  }

  tl::expected<Json, std::string> ask(const Json& question, std::chrono::milliseconds limit) override {
    if (!process_->write(question.dump() + "\n")) return tl::unexpected(gone("takes no question"));
    const auto end = std::chrono::steady_clock::now() + limit;
    while (lines_.find('\n') == std::string::npos) {
      if (lines_.size() > kMaxAnswerBytes) return tl::unexpected(std::string("an answer of more than a megabyte"));
      if (ended_) return tl::unexpected(gone("ended"));
      io_.restart();
      io_.run_one_until(end);
      if (std::chrono::steady_clock::now() >= end) return tl::unexpected(std::string("no answer in time"));
    }
    const std::string line = lines_.substr(0, lines_.find('\n'));
    lines_.erase(0, line.size() + 1);
    Json answer = Json::parse(line, nullptr, false);
    if (!answer.is_object()) return tl::unexpected("no JSON object: " + conformance::quotable(line, conformance::kMaxQuotedLine));
    if (answer.value("n", Json()) != question["n"]) return tl::unexpected(std::string("an answer to another question"));
    return answer;
  }

 private:
  void take(std::string_view bytes) {
    ended_ = bytes.empty();
    if (lines_.size() <= kMaxAnswerBytes) lines_ += bytes;
  }

  std::string gone(const char* how) {
    const std::string words = conformance::last_words(process_->errors());
    return std::string("the program ") + how + (words.empty() ? "" : ": " + words);
  }

  boost::asio::io_context io_;
  std::unique_ptr<Process> process_;
  std::string lines_;
  bool ended_ = false;
};

}  // namespace

tl::expected<std::unique_ptr<AnsweringProgram>, std::string> AnsweringProgram::start(const std::string& command) {
  auto program = std::make_unique<Program>();
  if (auto begun = program->begin(command); !begun) return tl::unexpected(begun.error());
  return program;
}

}  // namespace quickpay::cli
