// What a Broker, a Vendor or a Wallet does that registers itself: what is fresh for each request, proofs of its keys, its own
// places and addresses, and a Vendor's secret for nobody but who probes it for that request (QP-ADD-26, QP-ADD-18).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

class NewcomerJudge final : public Judge {
 public:
  explicit NewcomerJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("registration"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  void asked(World& world, std::size_t index, const Facts& facts);
  void asked_as_vendor(World& world, std::size_t index, const Facts& facts);
  void asked_sealed(World& world, std::size_t index, const Facts& facts);
  void changed(World& world, std::size_t index, const Facts& facts);
  void fresh(World& world, std::size_t index, const Facts& facts, const std::string& name, const std::string& drawn);
  void proven(World& world, std::size_t index, const Element& key, const std::string& name, const std::string& of_request);
  void answered(const Facts& facts);
  void showed(World& world, std::size_t index, const Facts& probe, const Facts& facts);
  void keeps_secrets(World& world, std::size_t index, const Entry& entry);

  std::shared_ptr<const Exchanges> exchanges_;
  /// ProbeTags and ReplyKeys: the request that each was drawn for, whatever it was sent again as.
  std::map<std::string, std::string> drawn_;
  std::string changed_at_;                   ///< of the last change of a Broker
  std::string open_;                         ///< ProbeTag of the request that waits for its answer; empty: none does
  std::set<std::string> secrets_;            ///< that it gave
};

/// The judge of registrations of a Host, or of who registers itself.
std::shared_ptr<Observer> make_registration_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

}  // namespace quickpay::conformance
