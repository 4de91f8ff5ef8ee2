// Reader against libxml2 with the generated schema, on any bytes. The first byte picks the document type, the rest is the
// document. Whatever the reader accepts must be valid for the judge with the same values and must survive writing and
// reading; whatever it refuses must be refused by the judge too, but for the differences by design.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reference/codec/oracle/any_document.hpp"
#include "reference/codec/oracle/differences.hpp"

namespace quickpay {
namespace {

constexpr std::size_t kMaxInput = 512 * 1024;  // twice the largest body of a family

[[noreturn]] void found(std::string_view what, std::string_view document) {
  std::fprintf(stderr, "finding: %.*s\n%.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(document.size()), document.data());
  std::abort();
}

#ifdef QP_PLANTED_BUG
// Makes the reader look as if it skipped the character DEL, which no valid document and so no valid seed holds.
std::string as_the_reader_sees_it(std::string_view document) {
  std::string skipped(document);
  std::erase(skipped, '\x7f');
  return skipped;
}
#else
std::string_view as_the_reader_sees_it(std::string_view document) { return document; }
#endif

const codec::XsdJudges& judges() {
  static const codec::XsdJudges loaded = [] {
    auto result = codec::XsdJudges::load();
    if (!result) found(result.error(), "");
    return std::move(*result);
  }();
  return loaded;
}

void check(const codec::AnyDocument& document, std::string_view bytes) {
  const codec::AnyReading reading = document.read(as_the_reader_sees_it(bytes));
  const codec::ReadError* error = reading.error ? &*reading.error : nullptr;
  if (error == nullptr && !reading.round_trips) found("what was read does not survive writing", bytes);
  if (error != nullptr && error->offset > bytes.size()) found("the breach lies behind the end", bytes);
  const codec::Comparison comparison =
      codec::compare(bytes, *document.type, error, reading.leaves, judges().of(*document.type).judge(bytes));
  if (!comparison.defect.empty()) found(comparison.defect, bytes);
}

}  // namespace
}  // namespace quickpay

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > quickpay::kMaxInput) return 0;
  const auto documents = quickpay::codec::any_documents();
  quickpay::check(documents[data[0] % documents.size()], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
