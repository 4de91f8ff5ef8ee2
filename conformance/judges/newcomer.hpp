// What a Vendor does that registers itself: a fresh secret for each request, a proof of its key, and the secret for nobody but
// who probes it for that request (QP-ADD-26, QP-ADD-18).
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
  void proven(World& world, std::size_t index, const Element& key, const std::string& tag);
  void answered(const Facts& facts);
  void showed(World& world, std::size_t index, const Facts& probe, const Facts& facts);
  void keeps_secrets(World& world, std::size_t index, const Entry& entry);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, std::string> tags_;  ///< of its requests: the request, whatever it was sent again as
  std::string open_;                         ///< ProbeTag of the request that waits for its answer; empty: none does
  std::set<std::string> secrets_;            ///< that it gave
};

/// The judge of registrations of a Host or a Vendor; of others nothing is judged.
std::shared_ptr<Observer> make_registration_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role);

}  // namespace quickpay::conformance
