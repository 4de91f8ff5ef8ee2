#include "conformance/judges/schema_oracle.hpp"

#include <utility>

#include "conformance/judges/reading.hpp"

namespace quickpay::conformance {

SchemaOracle::SchemaOracle() {
  thread_local const auto kJudges = std::make_shared<const tl::expected<codec::XsdJudges, std::string>>(codec::XsdJudges::load());
  judges_ = kJudges;
}

std::optional<std::string> SchemaOracle::complaint(std::string_view message, std::string_view bytes) const {
  const codec::MessageType* type = message_type(message);
  if (type == nullptr) {
    return "no such message";
  }
  if (!*judges_) {
    return "no schema: " + judges_->error();
  }
  codec::XsdVerdict verdict = (*judges_)->of(*type->request).judge(bytes);
  if (verdict.schema_valid) {
    return std::nullopt;
  }
  return verdict.message.empty() ? std::string("not valid") : std::move(verdict.message);
}

}  // namespace quickpay::conformance
