#include "tools/speccompiler/loader/source.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "tools/speccompiler/loader/loader.hpp"

namespace quickpay::spec {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

Source::Source(std::string file, std::string bytes) : file_(std::move(file)), bytes_(std::move(bytes)) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (bytes_[i] == '\n') line_starts_.push_back(i + 1);
  }
}

Location Source::locate(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<int>(after - line_starts_.begin());
  return {file_, line, static_cast<int>(offset - *(after - 1)) + 1};
}

std::size_t Source::attribute_offset(std::size_t element, std::string_view name) const {
  std::size_t at = element;
  char quote = 0;
  for (; at < bytes_.size(); ++at) {
    const char c = bytes_[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      break;
    } else if (blank(c) && bytes_.compare(at + 1, name.size(), name) == 0) {
      const std::size_t end = at + 1 + name.size();
      if (end < bytes_.size() && (bytes_[end] == '=' || blank(bytes_[end]))) return at + 1;
    }
  }
  return element;
}

tl::expected<Source, Diagnostic> read_source(const std::filesystem::path& path, const std::string& name) {
  const auto failure = [&](std::string why) {
    return tl::make_unexpected(Diagnostic{{name, 1, 1}, Severity::error, std::move(why), {}});
  };
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return failure("there is no such file");
  const auto size = std::filesystem::file_size(path, error);
  if (error || size > kMaxFileBytes) return failure("the file is too large");
  std::ifstream stream(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (!stream && !stream.eof()) return failure("the file cannot be read");
  return Source(name, std::move(bytes));
}

}  // namespace quickpay::spec
