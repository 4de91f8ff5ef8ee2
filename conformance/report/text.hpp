// Making hostile text harmless: what an implementation sends or says ends up in terminals, HTML, XML and file names.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxShownText = 2000;   ///< bytes shown of a text that is not a message
inline constexpr std::size_t kMaxShownBody = 65536;  ///< bytes shown of a message

/// `bytes` as text of printable characters: controls, ill-formed UTF-8 and invisible or direction-changing characters
/// become \x{…}; at most `limit` bytes are read, the rest is counted. LF and TAB stay if `lines` is set.
std::string printable(std::string_view bytes, std::size_t limit = kMaxShownText, bool lines = false);

/// printable(), with & < > " ' escaped: text and attribute values of HTML and XML.
std::string escaped(std::string_view bytes, std::size_t limit = kMaxShownText, bool lines = false);

/// A file name made of [a-z0-9.-], for an id.
std::string file_name(std::string_view id);

/// `word` quoted for a POSIX shell; printable() first, so that a terminal is safe.
std::string shell_quoted(std::string_view word);

}  // namespace quickpay::conformance
