#include "conformance/judges/schema_oracle.hpp"

#include <utility>

#include "conformance/judges/reading.hpp"

namespace quickpay::conformance {

SchemaOracle::SchemaOracle() {
  thread_local const tl::expected<codec::XsdJudges, std::string> kJudges = codec::XsdJudges::load();
  if (kJudges) {
    judges_ = &*kJudges;
  } else {
    defect_ = kJudges.error();
  }
}

std::optional<std::string> SchemaOracle::complaint(std::string_view message, std::string_view bytes) const {
  const codec::MessageType* type = message_type(message);
  if (type == nullptr) {
    return "no such message";
  }
  if (judges_ == nullptr) {
    return "no schema: " + defect_;
  }
  codec::XsdVerdict verdict = judges_->of(*type->request).judge(bytes);
  if (verdict.schema_valid) {
    return std::nullopt;
  }
  return verdict.message.empty() ? std::string("not valid") : std::move(verdict.message);
}

}  // namespace quickpay::conformance
