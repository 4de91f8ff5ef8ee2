// Requests that carry a signed object: what is refused as a whole, and which of two faults is named. Brokers owe it for
// Claims, the Host for HostCases.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/odd_signatures.hpp"

namespace quickpay::conformance {

/// What the scenarios need to know about one message.
struct SignedBase {
  std::string slug;   ///< "settle-with-broker"
  std::string inner;  ///< the signed object inside: "Approval" or "Settlement"
  std::string twin;
  std::string key_row, signature_row;  ///< of the machine, before anything was accepted
  std::function<std::optional<Element>(Session&)> make;        ///< a right object, not signed
  std::function<std::optional<Element>(Session&)> make_inner;  ///< the same with a signed object inside
  std::function<Sending(Session&, Element)> send;              ///< a request with the signed object
  std::function<bool(Session&)> benign;
};

/// One fault of a whole request.
struct Spoilt {
  std::string id;
  const char* title;
  std::string row;          ///< of the machine, before anything was accepted
  std::string later_row;    ///< and when the batch is there; empty: not tried then
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  std::function<void(Session&, Element&)> change;                         ///< before it is signed
  Signer sign = {};                                                       ///< empty: by its Vendor
  std::function<void(World&, Element&)> after = {};                       ///< after it was signed
  std::function<void(World&, Sending&)> address = {};                     ///< changes the request around it
  std::vector<Part> parts = {};
  bool inner = false;  ///< works on an object with a signed one inside
  std::function<bool(const WorldPlan&)> fits = {};  ///< can be tried in this world; empty: in all
};

/// One item too many is tried only where max_batch is at most this: a request with more is too long a scenario.
inline constexpr std::int64_t kMostItems = 200;

/// Each fault alone, in a new batch and under the BatchId of one that was accepted.
void add_spoilt(Suite& suite, const SignedBase& base, const std::vector<Spoilt>& faults);
/// Two faults at once: the one whose code the message names first. `pairs`: ids in `faults`.
void add_spoilt_pairs(Suite& suite, const SignedBase& base, const std::vector<Spoilt>& faults,
                      const std::vector<std::pair<std::string, std::string>>& pairs);
/// Keys, purposes, changed bytes and encodings of signatures, of the object and of the one inside.
void add_signature_attacks(Suite& suite, const SignedBase& base);

/// Sends the request for the other Vendor.
void from_other_vendor(World& world, Sending& sending);

}  // namespace quickpay::conformance
