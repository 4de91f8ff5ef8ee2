// The XML profile: bytes in, tokens out. What the profile does not allow ends the stream of tokens (QP-E-XML).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "reference/codec/limits.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::codec {

/// Cuts a document into start tags, texts and end tags in one pass and never looks back.
///
/// What it guarantees of a stream that ends with `done`: valid UTF-8 of XML characters, one root, tags that match, no
/// element with both text and children, names of the profile, the namespace on the root and no other attribute, no
/// reference but the five, none of the constructs the profile excludes, and the limits of the family.
class Lexer {
 public:
  enum class Kind : std::uint8_t { start, text, end, done, broken };

  /// `offset` is that of the token's first byte; an empty element `<A/>` is a start and an end at the same offset.
  struct Token {
    Kind kind;
    std::size_t offset;
    std::string_view text;  ///< start, end: the name; text: the bytes as they stand, references unresolved
    bool references;        ///< text: whether it holds references
  };

  /// `name_space` empty: the root must have no attribute at all (fragments).
  Lexer(std::string_view bytes, std::uint32_t max_elements, std::uint32_t max_depth, std::string_view name_space);

  /// The next token. After `done` or `broken` the same again.
  Token next();

  /// Takes `<name>text</name>` at once if it stands next, spelled just so, and fills `text`; otherwise changes nothing.
  /// What it takes is what next() would have given as three tokens.
  bool take_leaf(std::string_view name, Token& text);

  /// Meaningful after `broken`.
  const ReadError& error() const { return error_; }

 private:
  enum class Stage : std::uint8_t { prolog, inside, epilog, over };

  Token fail(std::size_t offset, std::string_view reason);
  Token prolog();
  Token epilog();
  Token inside();
  Token markup(std::size_t text_from);
  Token start_tag();
  Token end_tag();
  Token close(std::size_t offset);
  bool scan_text();
  bool scan_reference();
  bool scan_character();
  bool scan_name(std::string_view& name);
  bool scan_attributes();
  bool scan_namespace();
  bool scan_literal(std::string_view expected, std::string_view reason);
  void skip_space();
  bool at_end() const { return at_ >= bytes_.size(); }
  bool looking_at(std::string_view text) const { return bytes_.compare(at_, text.size(), text) == 0; }

  std::string_view bytes_;
  std::string_view name_space_;
  std::size_t at_ = 0;
  std::size_t empty_at_ = 0;  ///< offset of `<A/>` while its end token is due
  std::uint32_t elements_left_;
  std::uint32_t max_depth_;
  std::uint32_t depth_ = 0;
  Stage stage_ = Stage::prolog;
  bool children_ = false;   ///< the innermost open element has had a child
  bool end_due_ = false;    ///< `<A/>` was given as a start
  bool text_given_ = false; ///< the text before the end tag at `at_` was given
  bool references_ = false;
  struct Name {  // without initial values: there is room for many, and few are used
    const char* data;
    std::size_t size;
    std::string_view text() const { return {data, size}; }
  };
  std::array<Name, kMaxDepth> open_;  ///< the first depth_ of them
  ReadError error_{Fault::xml, 0, {}};
};

/// The text with its references resolved. `raw` must have come from a text token.
void unescape(std::string_view raw, std::string& out);

/// The index in `raw` of what became byte `index` of the unescaped text.
std::size_t raw_index(std::string_view raw, std::size_t index);

/// The code point that starts at `text[at]`, and its length in bytes; length 0 if it is not well-formed UTF-8.
struct CodePoint {
  std::uint32_t value;
  std::uint8_t bytes;
};
CodePoint decode(std::string_view text, std::size_t at);

}  // namespace quickpay::codec
