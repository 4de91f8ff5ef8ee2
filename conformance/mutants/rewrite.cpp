#include "conformance/mutants/rewrite.hpp"

#include <fmt/format.h>

namespace quickpay::conformance::mutants {

std::string_view element(std::string_view document, std::string_view name) {
  const std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  const std::size_t begin = document.find(open);
  const std::size_t end = begin == std::string_view::npos ? begin : document.find(close, begin);
  return end == std::string_view::npos ? std::string_view() : document.substr(begin, end + close.size() - begin);
}

std::string with_element(std::string document, std::string_view name, std::string_view replacement) {
  const std::string_view old = element(document, name);
  if (!old.empty()) {
    document.replace(static_cast<std::size_t>(old.data() - document.data()), old.size(), std::string(replacement));
  }
  return document;
}

std::string_view text_of(std::string_view document, std::string_view name) {
  const std::string_view whole = element(document, name);
  return whole.empty() ? whole : whole.substr(name.size() + 2, whole.size() - 2 * name.size() - 5);
}

std::string as_refusal(std::string document, std::string_view code, std::string_view retry) {
  return with_element(std::move(document), "Body",
                      fmt::format("<Body><Status><Code>{}</Code><Retry>{}</Retry></Status></Body>", code, retry));
}

}  // namespace quickpay::conformance::mutants
