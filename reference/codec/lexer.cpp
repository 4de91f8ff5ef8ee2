#include "reference/codec/lexer.hpp"

#include <algorithm>

#include "reference/codec/reasons.hpp"
#include "reference/codec/swar.hpp"

namespace quickpay::codec {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kTooShort = "the document ends too early";

struct Reference {
  std::string_view text;
  char character;
};
constexpr std::array<Reference, 5> kReferences{
    {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};

constexpr bool is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_name_byte(unsigned char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
constexpr bool is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The first index from `at` whose byte needs a second look: all but blank and visible ASCII without `&`, `<` and `]`.
std::size_t skip_plain(std::string_view bytes, std::size_t at) {
  return swar::skip(bytes, at, [](std::uint64_t eight) {
    return swar::has_below(eight, 0x20) | (eight & swar::each(0x80)) | swar::has(eight, '&') | swar::has(eight, '<') |
           swar::has(eight, ']');
  });
}

bool is_xml_character(std::uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c < 0xD800 || (c > 0xDFFF && c < 0xFFFE) || (c > 0xFFFF && c <= 0x10FFFF);
}

}  // namespace

CodePoint decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::uint8_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - at < bytes) return {0, 0};
  std::uint32_t value = lead & (0x7F >> bytes);
  for (std::uint8_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0, 0};
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < kLeast[bytes] || value > 0x10FFFF || surrogate) return {0, 0};
  return {value, bytes};
}

void unescape(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t next = std::min(raw.find('&', at), raw.size());
    out.append(raw, at, next - at);
    at = next;
    for (const Reference& reference : kReferences) {
      if (raw.compare(at, reference.text.size(), reference.text) != 0) continue;
      out.push_back(reference.character);
      at += reference.text.size();
      break;
    }
  }
}

std::size_t raw_index(std::string_view raw, std::size_t index) {
  std::size_t at = 0;
  for (; index > 0 && at < raw.size(); --index) at = raw[at] == '&' ? raw.find(';', at) + 1 : at + 1;
  return std::min(at, raw.size());
}

Lexer::Lexer(std::string_view bytes, std::uint32_t max_elements, std::uint32_t max_depth, std::string_view name_space)
    : bytes_(bytes),
      name_space_(name_space),
      elements_left_(max_elements),
      max_depth_(std::min<std::uint32_t>(max_depth, kMaxDepth)) {}

Lexer::Token Lexer::fail(std::size_t offset, std::string_view reason) {
  error_ = {Fault::xml, offset, reason};
  stage_ = Stage::over;
  return {Kind::broken, offset, {}, false};
}

Lexer::Token Lexer::next() {
  switch (stage_) {
    case Stage::prolog:
      return prolog();
    case Stage::inside:
      return inside();
    case Stage::epilog:
      return epilog();
    case Stage::over:
      break;
  }
  return {error_.reason.empty() ? Kind::done : Kind::broken, at_, {}, false};
}

Lexer::Token Lexer::prolog() {
  if (looking_at(kXmlDeclaration)) at_ += kXmlDeclaration.size();
  skip_space();
  if (at_end()) return fail(at_, kTooShort);
  if (bytes_[at_] != '<') return fail(at_, "something else than white space before the root element");
  stage_ = Stage::inside;
  return markup(at_);
}

Lexer::Token Lexer::epilog() {
  skip_space();
  if (!at_end()) return fail(at_, kReasonAfterRoot);
  stage_ = Stage::over;
  return {Kind::done, at_, {}, false};
}

Lexer::Token Lexer::inside() {
  if (end_due_) {
    end_due_ = false;
    return close(empty_at_);
  }
  const std::size_t text_from = at_;
  if (text_given_) {
    text_given_ = false;
    return end_tag();
  }
  if (children_) {
    skip_space();
  } else if (!scan_text()) {
    return {Kind::broken, error_.offset, {}, false};
  }
  if (at_end()) return fail(at_, kTooShort);
  if (bytes_[at_] != '<') return fail(at_, "text beside elements");
  return markup(text_from);
}

// At a `<`; the text from `text_from` to here has been scanned but belongs to no token yet.
Lexer::Token Lexer::markup(std::size_t text_from) {
  const char next = at_ + 1 < bytes_.size() ? bytes_[at_ + 1] : '\0';
  if (next == '!') return fail(at_, "a comment, a CDATA section or a document type");
  if (next == '?') return fail(at_, "a processing instruction, or another XML declaration than the one allowed");
  const std::string_view text = bytes_.substr(text_from, at_ - text_from);
  if (next != '/') {
    if (!children_ && text.find_first_not_of(kSpace) != std::string_view::npos) {
      return fail(at_, "an element beside text");
    }
    return start_tag();
  }
  if (children_ || text.empty()) return end_tag();
  text_given_ = true;
  return {Kind::text, text_from, text, references_};
}

Lexer::Token Lexer::start_tag() {
  const std::size_t offset = at_;
  if (depth_ >= max_depth_) return fail(offset, kReasonDepth);
  if (elements_left_ == 0) return fail(offset, kReasonElements);
  ++at_;
  std::string_view name;
  if (!scan_name(name) || !scan_attributes()) return {Kind::broken, error_.offset, {}, false};
  if (bytes_[at_] == '/') {
    end_due_ = true;
    empty_at_ = offset;
    ++at_;
  }
  if (at_end()) return fail(at_, kTooShort);
  if (bytes_[at_] != '>') return fail(at_, "an attribute, or a byte that has no place in a tag");
  ++at_;
  --elements_left_;
  open_[depth_++] = {name.data(), name.size()};
  children_ = false;
  return {Kind::start, offset, name, false};
}

Lexer::Token Lexer::end_tag() {
  const std::size_t offset = at_;
  if (depth_ == 0) return fail(offset, "an end tag without a start tag");
  at_ += 2;
  const std::string_view name = open_[depth_ - 1].text();
  if (!looking_at(name) || (at_ + name.size() < bytes_.size() && is_name_byte(bytes_[at_ + name.size()]))) {
    return fail(offset, "an end tag that does not match the start tag");
  }
  at_ += name.size();
  skip_space();
  if (at_end()) return fail(at_, kTooShort);
  if (bytes_[at_] != '>') return fail(at_, "a byte that has no place in an end tag");
  ++at_;
  return close(offset);
}

Lexer::Token Lexer::close(std::size_t offset) {
  const std::string_view name = open_[--depth_].text();
  children_ = true;
  if (depth_ == 0) stage_ = Stage::epilog;
  return {Kind::end, offset, name, false};
}

// Reads text up to a `<` or the end.
bool Lexer::scan_text() {
  references_ = false;
  for (;;) {
    at_ = skip_plain(bytes_, at_);
    if (at_end() || bytes_[at_] == '<') return true;
    if (bytes_[at_] == '&') {
      if (!scan_reference()) return false;
    } else if (!scan_character()) {
      return false;
    }
  }
}

bool Lexer::scan_reference() {
  for (const Reference& reference : kReferences) {
    if (!looking_at(reference.text)) continue;
    at_ += reference.text.size();
    references_ = true;
    return true;
  }
  fail(at_, "a reference other than the five that are allowed");
  return false;
}

bool Lexer::scan_character() {
  if (looking_at("]]>")) {
    fail(at_, "the end of a CDATA section");
    return false;
  }
  const CodePoint point = decode(bytes_, at_);
  if (point.bytes == 0) {
    fail(at_, "not UTF-8");
    return false;
  }
  if (!is_xml_character(point.value)) {
    fail(at_, "not a character of XML");
    return false;
  }
  at_ += point.bytes;
  return true;
}

bool Lexer::scan_name(std::string_view& name) {
  const std::size_t from = at_;
  if (at_end()) return fail(at_, kTooShort), false;
  if (!is_letter(bytes_[at_])) return fail(at_, "a name that does not start with a letter"), false;
  while (!at_end() && is_name_byte(bytes_[at_])) ++at_;
  if (at_ - from > kMaxNameBytes) return fail(from + kMaxNameBytes, "a name that is too long"), false;
  if (at_end()) return fail(at_, kTooShort), false;
  name = bytes_.substr(from, at_ - from);
  return true;
}

// What stands between the name and the end of a start tag: on the root the namespace, elsewhere nothing.
bool Lexer::scan_attributes() {
  if (depth_ == 0 && !name_space_.empty() && !scan_namespace()) return false;
  skip_space();
  if (at_end()) return fail(at_, kTooShort), false;
  return true;
}

bool Lexer::scan_namespace() {
  constexpr std::string_view kMissing = "the root has no declaration of the default namespace where it belongs";
  const std::size_t before = at_;
  skip_space();
  if (at_ == before || !looking_at("xmlns")) {
    return fail(at_, at_end() ? kTooShort : kMissing), false;
  }
  const std::size_t attribute = at_;
  at_ += 5;
  skip_space();
  if (at_end()) return fail(at_, kTooShort), false;
  if (bytes_[at_] != '=') return fail(attribute, "an attribute other than the namespace"), false;
  ++at_;
  skip_space();
  if (at_end()) return fail(at_, kTooShort), false;
  const char quote = bytes_[at_];
  if (quote != '"' && quote != '\'') return fail(at_, "an attribute without quotes"), false;
  ++at_;
  if (!scan_literal(name_space_, "another namespace")) return false;
  if (!scan_literal({&quote, 1}, "another namespace")) return false;
  if (!at_end() && !is_space(bytes_[at_]) && bytes_[at_] != '/' && bytes_[at_] != '>') {
    return fail(at_, "a byte that has no place in a tag"), false;
  }
  return true;
}

// Takes `expected`; otherwise fails at the first byte that differs.
bool Lexer::scan_literal(std::string_view expected, std::string_view reason) {
  for (const char c : expected) {
    if (at_end()) return fail(at_, kTooShort), false;
    if (bytes_[at_] != c) return fail(at_, reason), false;
    ++at_;
  }
  return true;
}

void Lexer::skip_space() {
  while (!at_end() && is_space(bytes_[at_])) ++at_;
}

bool Lexer::take_leaf(std::string_view name, Token& text) {
  if (stage_ != Stage::inside || end_due_ || text_given_ || depth_ == 0) return false;
  if (depth_ >= max_depth_ || elements_left_ == 0) return false;
  std::size_t at = at_;
  while (at < bytes_.size() && is_space(bytes_[at])) ++at;
  const std::size_t tag = name.size() + 2;
  if (bytes_.size() - at < 2 * tag + 1 || bytes_[at] != '<' || bytes_[at + tag - 1] != '>') return false;
  if (!swar::same(bytes_.data() + at + 1, name.data(), name.size())) return false;
  const std::size_t from = at + tag;
  const std::size_t to = skip_plain(bytes_, from);
  if (to == from || bytes_.size() - to < tag + 1 || bytes_[to] != '<' || bytes_[to + 1] != '/') return false;
  if (!swar::same(bytes_.data() + to + 2, name.data(), name.size()) || bytes_[to + tag] != '>') return false;
  at_ = to + tag + 1;
  --elements_left_;
  children_ = true;
  text = {Kind::text, from, bytes_.substr(from, to - from), false};
  return true;
}

}  // namespace quickpay::codec
