// Text surgery on written messages: broken implementations may not rely on a writer that keeps them honest.
#pragma once

#include <string>
#include <string_view>

namespace quickpay::conformance::mutants {

/// The first <name>…</name> in `document`, tags included; empty if there is none.
std::string_view element(std::string_view document, std::string_view name);

/// `document` with its first element `name` replaced; unchanged if there is none.
std::string with_element(std::string document, std::string_view name, std::string_view replacement);

/// The text of the first element `name`; empty if there is none.
std::string_view text_of(std::string_view document, std::string_view name);

/// A response document turned into a refusal: another Status, no result fields.
std::string as_refusal(std::string document, std::string_view code, std::string_view retry);

}  // namespace quickpay::conformance::mutants
