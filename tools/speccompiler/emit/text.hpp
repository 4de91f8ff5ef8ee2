// Names and quoting: how ids of a specification become words of the generated languages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quickpay::spec {

/// A C++ identifier made of `id`: characters outside [A-Za-z0-9_] become `_`, `!` is dropped, a keyword gets a `_`
/// behind and a leading digit one before it.
std::string identifier(std::string_view id);

/// Identifiers of `ids`, in order; where two ids give the same word, the later one gets a number.
std::vector<std::string> identifiers(const std::vector<std::string>& ids);

/// `OrderId` → `order_id`, as a C++ identifier.
std::string snake(std::string_view camel);

/// `GetOrder` → `get-order`.
std::string kebab(std::string_view camel);

/// A C++ string literal; text that could end early or be read as a trigraph is escaped, UTF-8 is kept.
std::string cpp_string(std::string_view text);

/// Text as XML character data or attribute value.
std::string xml_escape(std::string_view text);

/// Text inside a cell of a Markdown table.
std::string md_cell(std::string_view text);

/// Text in back quotes inside a cell of a Markdown table.
std::string md_code(std::string_view text);

/// Text inside a quoted DOT string.
std::string dot_escape(std::string_view text);

/// Parts joined with `separator`.
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Text as it may stand in a line comment: nothing in it continues the line.
std::string comment_text(std::string_view text);

/// A line comment folded to lines of at most 120 columns, each beginning with `prefix`.
std::string comment(std::string_view prefix, std::string_view text);

/// Bytes in padded Base64.
std::string base64(std::string_view bytes);

}  // namespace quickpay::spec
