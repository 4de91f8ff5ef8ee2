// Steps 5 to 14 of the processing order, opening what is sealed: what every role checks of every request before its own rules.
#pragma once

#include <optional>
#include <string_view>

#include "reference/roles/answers.hpp"
#include "reference/roles/seals.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kNewcomersProtocol = "registration";  ///< all that a player without an id answers

/// The gate of a node. Changes no state: what it refuses leaves no trace but the answer.
class Front {
 public:
  Front(Facts& facts, Store& store, Answers& answers)
      : facts_(facts), keys_(facts.config), seals_(facts), store_(store), answers_(answers) {}

  /// The request if its rules are to be applied now; otherwise it has been answered.
  std::optional<Request> admit(ConnectionToken connection, std::string_view peer_address, std::string_view path,
                               std::string_view body);

 private:
  bool serves(const codec::MessageType& type) const;
  std::string_view check_head(const codec::MessageType& type, const AnyDocument& request, const msg::Head& head) const;
  bool keeps_profile(const codec::MessageType& type, const AnyDocument& request, const msg::Head& head) const;
  std::string_view check_sender(const codec::MessageType& type, const msg::Head& head,
                                std::string_view peer_address) const;
  std::string address_of(std::string_view peer_address) const;
  bool address_fits(const Player& player, std::string_view peer_address) const;
  /// Whether requests of this message end with an Auth here.
  bool authenticates(const codec::MessageType& type, const msg::Head& head) const;
  bool auth_right(const codec::MessageType& type, AnyDocument& request) const;
  /// Opens what is sealed. Why the request is refused; empty if it is not, or has nothing sealed.
  std::string_view unseal(Request& request);
  bool fresh(const msg::Head& head) const;
  bool checks(int step, const codec::MessageType& type) const;
  bool first_time(Request& request) const;

  Facts& facts_;
  SharedKeys keys_;
  Seals seals_;
  Store& store_;
  Answers& answers_;
};

}  // namespace quickpay::roles
