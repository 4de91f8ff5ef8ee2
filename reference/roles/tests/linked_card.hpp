// The reference Paycard without its process, and what can go wrong with it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reference/paycard/linked.hpp"

namespace quickpay::roles {

/// The reference Paycard, linked into the test; notes what it is asked, and makes trouble if it is told to.
class LinkedCard : public paycard::LinkedCard {
 public:
  LinkedCard() : paycard::LinkedCard(std::string(64, '7')) {}

  /// Stands in for the answer of a call, or leaves it to the Paycard.
  using Harm = std::function<void(tl::expected<paycard::Reply, paycard::Trouble>&)>;

  tl::expected<paycard::Reply, paycard::Trouble> call(std::string_view name, paycard::Call call,
                                                      const std::vector<std::string>& in,
                                                      const paycard::State& state) override {
    asked.push_back(std::string(paycard::calls()[static_cast<std::size_t>(call)].name));
    auto reply = paycard::LinkedCard::call(name, call, in, state);
    last_in = in;
    last_state = state;
    last_name = name;
    if (const auto harm = harms.find(call); harm != harms.end()) harm->second(reply);
    return reply;
  }
  tl::expected<msg::Manifest, paycard::Trouble> start(std::string_view name) override {
    if (trouble) return tl::unexpected(*trouble);
    auto manifest = paycard::LinkedCard::start(name);
    if (manifest) manifest->paycard = only_for;
    return manifest;
  }

  std::map<paycard::Call, Harm> harms;
  std::optional<paycard::Trouble> trouble;  ///< of the file
  std::optional<std::string> only_for;      ///< in its manifest
  std::vector<std::string> asked;
  std::vector<std::string> last_in;
  paycard::State last_state;
  std::string last_name;
};

}  // namespace quickpay::roles
