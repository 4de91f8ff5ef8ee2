#include "conformance/judges/schema_oracle.hpp"

#include <utility>

namespace quickpay::conformance {

SchemaOracle::SchemaOracle() {
  auto judge = codec::XsdJudge::load(codec::micro_xsd());
  if (judge) {
    judge_.emplace(std::move(*judge));
  } else {
    defect_ = judge.error();
  }
}

std::optional<std::string> SchemaOracle::complaint(std::string_view bytes) const {
  if (!judge_) {
    return "no schema: " + defect_;
  }
  codec::XsdVerdict verdict = judge_->judge(bytes);
  if (verdict.schema_valid) {
    return std::nullopt;
  }
  return verdict.message.empty() ? std::string("not valid") : std::move(verdict.message);
}

}  // namespace quickpay::conformance
