// Judge (a): is every document what the XML profile and the tables of its message demand? Two readers have to agree.
#pragma once

#include <memory>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/schema_oracle.hpp"

namespace quickpay::conformance {

class DocumentsJudge final : public Judge {
 public:
  explicit DocumentsJudge(std::shared_ptr<const Exchanges> exchanges);
  void on_entry(World& world, std::size_t entry) override;

 private:
  void judge_own(World& world, std::size_t index, const Facts& facts);
  void judge_suite(World& world, std::size_t index, const Facts& facts);

  std::shared_ptr<const Exchanges> exchanges_;
  SchemaOracle oracle_;
};

}  // namespace quickpay::conformance
