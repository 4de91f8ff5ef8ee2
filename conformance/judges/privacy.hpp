// Judge of what is told to whom: canaries that must not turn up where they have no business (QP-ANON-010, QP-ANON-014,
// QP-ADD-12, QP-ADD-13).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class PrivacyJudge final : public Judge {
 public:
  explicit PrivacyJudge(std::shared_ptr<const Exchanges> exchanges);
  void on_entry(World& world, std::size_t entry) override;

 private:
  void forbid(World& world, std::size_t index, const Entry& entry, const std::string& canary, const char* what);
  void to_vendor(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void to_others(World& world, std::size_t index, const Entry& entry);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, std::string> tags_;  ///< BuyerTag or BuyerSecret → order or MsgId that it belongs to
  std::set<std::string> secrets_;            ///< BuyerSecrets and Salts: between Wallet and Vendor only
};

}  // namespace quickpay::conformance
