// What a Broker, Vendor or Wallet does about its own keys: those that it publishes are proven and vouched for, what it set out to
// take back signs nothing more, its questions are fresh, and its codes are of the last epoch that it has (QP-ADD-18, QP-ADD-21).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/reply_boxes.hpp"

namespace quickpay::conformance {

class OwnKeysJudge final : public Judge {
 public:
  explicit OwnKeysJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("keys"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// A document of the implementation.
  struct Said {
    World& world;
    std::size_t index;
    const Facts& facts;
  };

  void asked(const Said& said);
  void published(const Said& said);
  void took_back(const Said& said);
  void wished(const Said& said);
  void spoke(const Said& said);
  void signatures(const Said& said, const Element& element);
  void signature(const Said& said, const Element& sig);
  void answered(World& world, const Facts& facts);
  void listed(World& world, const Element& key);
  void given(World& world, const Facts& asked, const Facts& answer);

  std::shared_ptr<const Exchanges> exchanges_;
  ReplyBoxes boxes_;
  std::set<std::string> seen_;                    ///< MsgIds of its requests
  std::set<std::string> values_;                  ///< of its signatures
  std::set<std::string> withdrawn_;               ///< KeyIds
  std::map<std::string, std::int64_t> used_from_; ///< KeyId → from when on a key to sign that it published may sign
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> given_ms_;  ///< when the key of an epoch with a player came
  std::set<std::string> fresh_;                   ///< ReplyKeys and Nonces
};

}  // namespace quickpay::conformance
