// What pugixml lets pass and a specification must not contain.
#include <array>
#include <cstdint>

#include "tools/speccompiler/loader/source.hpp"

namespace quickpay::spec {
namespace {

using Verdict = tl::expected<void, Diagnostic>;

class Scanner {
 public:
  explicit Scanner(const Source& source) : source_(source), bytes_(source.bytes()) {}

  Verdict run() {
    if (bytes_.substr(0, 3) == "\xEF\xBB\xBF") return fail("a byte order mark is not allowed");
    if (bytes_.substr(0, 5) == "<?xml") at_ = bytes_.find("?>");
    if (at_ == std::string_view::npos) return fail_at(0, "the XML declaration does not end");
    while (at_ < bytes_.size()) {
      if (auto verdict = step(); !verdict) return verdict;
    }
    return {};
  }

 private:
  Verdict fail_at(std::size_t offset, std::string message) const {
    return tl::make_unexpected(Diagnostic{source_.locate(offset), Severity::error, std::move(message), {}});
  }
  Verdict fail(std::string message) const { return fail_at(at_, std::move(message)); }
  bool starts(std::string_view text) const { return bytes_.substr(at_, text.size()) == text; }

  Verdict step() {
    if (starts("<!--")) return skip_comment();
    if (starts("<![CDATA[")) return fail("CDATA sections are not allowed");
    if (starts("<!")) return fail("a DOCTYPE is not allowed");
    if (starts("<?")) return fail("processing instructions are not allowed");
    const char c = bytes_[at_];
    if (c == '<' && quote_ != 0) return fail("'<' must be written &lt; in an attribute value");
    if (c == '<') in_tag_ = true;
    if (c == '>' && quote_ == 0) in_tag_ = false;
    if (in_tag_ && (c == '"' || c == '\'')) quote_ = quote_ == 0 ? c : (quote_ == c ? '\0' : quote_);
    return c == '&' ? entity() : character();
  }

  Verdict skip_comment() {
    const std::size_t end = bytes_.find("-->", at_ + 4);
    if (end == std::string_view::npos) return fail("the comment does not end");
    if (bytes_.substr(at_ + 4, end - at_ - 4).find("--") != std::string_view::npos) {
      return fail("'--' is not allowed in a comment");
    }
    at_ = end + 3;
    return {};
  }

  Verdict entity() {
    static constexpr std::array<std::string_view, 5> kKnown{"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
    for (const std::string_view known : kKnown) {
      if (!starts(known)) continue;
      at_ += known.size();
      return {};
    }
    return fail("only the entities amp, lt, gt, quot and apos are known");
  }

  Verdict character() {
    const auto byte = static_cast<std::uint8_t>(bytes_[at_]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') return fail("control characters are not allowed");
    if (byte < 0x80) {
      ++at_;
      return {};
    }
    return multibyte(byte);
  }

  Verdict multibyte(std::uint8_t lead) {
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at_ + length > bytes_.size()) return fail("the file is not UTF-8");
    std::uint32_t point = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<std::uint8_t>(bytes_[at_ + i]);
      if ((next & 0xC0U) != 0x80) return fail("the file is not UTF-8");
      point = (point << 6U) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (overlong || surrogate || point > 0x10FFFF) return fail("the file is not UTF-8");
    at_ += length;
    return {};
  }

  const Source& source_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool in_tag_ = false;
  char quote_ = 0;
};

}  // namespace

tl::expected<void, Diagnostic> check_bytes(const Source& source) { return Scanner(source).run(); }

}  // namespace quickpay::spec
