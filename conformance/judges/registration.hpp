// What a Host does about newcomers: Probes that go where they have to, identifiers that nobody had, answers that open under the
// key of their request, and nobody listed who did not show where it listens (QP-REL-001, QP-REL-002, QP-ADD-23, QP-ADD-26).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "conformance/judges/exchanges.hpp"
#include "conformance/judges/judge.hpp"
#include "conformance/judges/reply_boxes.hpp"

namespace quickpay::conformance {

class RegistrationJudge final : public Judge {
 public:
  explicit RegistrationJudge(std::shared_ptr<const Exchanges> exchanges)
      : Judge("registration"), exchanges_(std::move(exchanges)) {}
  void on_entry(World& world, std::size_t entry) override;

 private:
  /// A RegisterVendor or UpdateVendor that nothing refuses before its rules, by its ProbeTag.
  struct Asked {
    std::string msg_id;
    std::string vendor;            ///< Sender; empty: a newcomer
    std::set<std::string> places;  ///< "address port"
    std::set<std::string> shown;   ///< those of them that gave the secret
    std::string named;             ///< Receiver of its Probes
  };
  /// One QP-OK to a registration or change.
  struct Given {
    World& world;
    std::size_t index;
    const Facts& asked;
    const Facts& facts;
  };

  void asked(const World& world, const Facts& facts);
  void probed(World& world, std::size_t index, const Entry& entry, const Facts& facts);
  void shown(const Entry& entry, const Facts& probe, const Facts& facts);
  void accepted(const Given& given);
  void vendor_accepted(const Given& given);
  void newcomer_named(const Given& given, const std::string& id);
  void box_opened(const Given& given);
  void shared(const Given& given, const Element& told);

  std::shared_ptr<const Exchanges> exchanges_;
  std::map<std::string, Asked> open_;             ///< by ProbeTag
  std::map<std::string, std::int64_t> asked_ms_;  ///< when a request came, by MsgId
  std::map<std::string, std::string> named_;      ///< whom an identifier was meant for: MsgId of the request
  std::map<std::string, std::string> nonces_;     ///< of Probes: MsgId
  std::set<std::string> secrets_;                 ///< keys and tickets that were given
  ReplyBoxes boxes_;
};

}  // namespace quickpay::conformance
