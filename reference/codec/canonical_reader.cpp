// Canonical bytes that somebody else made: spelled as a document, so that the one reader judges them like any other, and
// made again, so that nothing passes that has two spellings.
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "reference/codec/canonical.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::codec {
namespace {

bool in_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Turns canonical bytes into tags from the left to the right.
class Spelling {
 public:
  Spelling(std::string_view bytes, std::size_t max_depth) : rest_(bytes), max_depth_(max_depth) {}

  /// The document; nothing if the bytes are no canonical encoding of anything.
  std::optional<std::string> run() {
    while (!rest_.empty()) {
      if (!(rest_.front() == '(' ? open() : close())) return std::nullopt;
    }
    if (!open_.empty()) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool open() {
    std::size_t end = 1;
    while (end < rest_.size() && in_name(rest_[end])) ++end;
    const std::string_view name = rest_.substr(1, end - 1);
    rest_.remove_prefix(end);
    if (name.empty() || rest_.empty() || open_.size() == max_depth_) return false;
    tag("<", name);
    if (rest_.front() == '=') return leaf(name);
    open_.push_back(name);
    return true;
  }

  bool leaf(std::string_view name) {
    std::size_t length = 0;
    const char* const end = rest_.data() + rest_.size();
    const auto [after, error] = std::from_chars(rest_.data() + 1, end, length);
    if (error != std::errc() || after == end || *after != ':') return false;
    rest_.remove_prefix(static_cast<std::size_t>(after - rest_.data()) + 1);
    if (rest_.size() <= length || rest_[length] != ')') return false;
    for (const char c : rest_.substr(0, length)) escape(c);
    rest_.remove_prefix(length + 1);
    tag("</", name);
    return true;
  }

  bool close() {
    if (rest_.front() != ')' || open_.empty()) return false;
    rest_.remove_prefix(1);
    tag("</", open_.back());
    open_.pop_back();
    return true;
  }

  void tag(std::string_view begin, std::string_view name) { out_.append(begin).append(name).append(">"); }

  void escape(char c) {
    switch (c) {
      case '&': out_ += "&amp;"; return;
      case '<': out_ += "&lt;"; return;
      case '>': out_ += "&gt;"; return;
      default: out_ += c;
    }
  }

  std::string_view rest_;
  std::size_t max_depth_;
  std::vector<std::string_view> open_;
  std::string out_;
};

}  // namespace

bool read_canonical(std::string_view bytes, std::string_view name, const StructType& type, void* object,
                    const Family& family) {
  if (bytes.size() > family.max_body_bytes) return false;
  const auto document = Spelling(bytes, family.max_depth).run();
  return document && read_fragment(*document, name, type, object, family) && canonical(name, type, object) == bytes;
}

}  // namespace quickpay::codec
