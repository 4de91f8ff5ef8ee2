#include "conformance/peers/marks.hpp"

#include <algorithm>
#include <utility>

#include "conformance/model/session.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kCheckDigits = 12;
constexpr std::size_t kDigestDigits = 64;

std::string check_of(std::string_view what, std::string_view text, std::size_t digits) {
  return sha256_of("QuickPay conformance " + std::string(what) + ' ' + std::string(text)).substr(0, digits);
}

std::string digest_mark(std::string_view run, Element ref) {
  set_text(ref, "Digest", std::string(run));
  return std::string(run) + check_of("order", to_xml(ref), kDigestDigits - kRunDigits);
}

}  // namespace

std::string marked_id(std::string_view run, Random& random) {
  const std::string text = std::string(run) + random.hex(kIdDigits - kRunDigits - kCheckDigits);
  return text + check_of("id", text, kCheckDigits);
}

std::optional<std::string> run_of_id(std::string_view id) {
  if (id.size() != kIdDigits ||
      check_of("id", id.substr(0, kIdDigits - kCheckDigits), kCheckDigits) != id.substr(kIdDigits - kCheckDigits)) {
    return std::nullopt;
  }
  return std::string(id.substr(0, kRunDigits));
}

Element marked_ref(std::string_view run, Element ref) {
  set_text(ref, "Digest", digest_mark(run, ref));
  return ref;
}

std::optional<std::string> run_of_ref(const Element& ref) {
  const std::string digest = text_at(ref, "Digest");
  const std::string run = digest.substr(0, kRunDigits);
  return digest.size() == kDigestDigits && digest == digest_mark(run, ref) ? std::optional(run) : std::nullopt;
}

std::optional<std::string> run_of_request(const Element& request) {
  if (request.name == "RegisterCommit") {
    const Element* ref = at(request, "Body/OrderRef");
    return ref == nullptr ? std::nullopt : run_of_ref(*ref);
  }
  if (request.name == "CheckCommit") {
    return run_of_id(text_at(request, "Body/EndorsementId"));
  }
  return request.name == "RegisterDelivery" ? run_of_id(text_at(request, "Body/CommitId")) : std::nullopt;
}

MarkingRandom::MarkingRandom(std::string run, std::uint64_t seed) : run_(std::move(run)), ids_(seed), plain_(seed) {}

void MarkingRandom::fill(std::span<std::uint8_t> out) {
  if (out.size() != kIdDigits / 2) {
    return plain_.fill(out);
  }
  const std::string bytes = bytes_of_hex(marked_id(run_, ids_));
  std::copy(bytes.begin(), bytes.end(), out.begin());
}

}  // namespace quickpay::conformance
