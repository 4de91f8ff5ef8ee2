// The Host's mail: messages that players leave for each other. Nothing else in a node reads what they say
// (QP-CM-010, QP-ADD-25): this file and mailbox.cpp are the only ones that name the structures of communication.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kProducerMachine = "message.producer";  ///< a producer's messages that are kept, counted
inline constexpr std::size_t kMailPage = 256;           ///< records read from the ledger at a time
inline constexpr std::size_t kMaxMailScanned = 10000;   ///< records that one request looks at
inline constexpr std::size_t kMaxMailBytes = 192 * 1024;  ///< of messages in one answer; the rest of the family's limit is head room
inline constexpr std::size_t kMaxMailElements = 3600;     ///< likewise

/// The machine host.message.
class HostMessage : public Actor {
 public:
  using Actor::Actor;

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// The number of the last message taken; 0: none was.
  std::int64_t last_number();

 private:
  bool sender_removed(const Turn& turn) const;
  bool quota_used(const std::string& producer);
  bool is_named(const std::string& producer) const;
  std::int64_t kept_of(const std::string& producer);
  void count(const std::string& producer, std::int64_t change);
  void post(Turn& turn);
  void forget(Turn& turn);
  void start_expiry(Turn& turn);
};

/// The machine host.mailbox.
class HostMailbox : public Actor {
 public:
  HostMailbox(Machine machine, Stage& stage, HostMessage& messages)
      : Actor(std::move(machine), stage), messages_(messages) {}

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

 private:
  /// Shows the messages behind `after` that are kept, in order, until `visit` says no. The number of the last message
  /// shown or passed over.
  std::int64_t scan(std::int64_t after, const std::function<bool(const Turn&)>& visit);
  bool is_for(const msg::Mail& mail, const std::string& reader) const;
  void discard(Turn& turn);

  HostMessage& messages_;
};

/// Both machines together.
class Mail : public HostMail {
 public:
  explicit Mail(Stage& stage);
  bool serve(Request& request) override;
  void alert(std::string_view kind, const std::string& player, const msg::OrderRef& order, const std::string& ref) override;

 private:
  Stage& stage_;
  HostMessage messages_;
  HostMailbox mailbox_;
};

}  // namespace quickpay::roles
