// The words of the Host's suite on mail: players that leave messages for each other and fetch them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// What a player leaves at the Host.
struct Letter {
  std::string from;  ///< the producer
  std::string kind = "batch-call";
  std::string role;              ///< audience: a role, or …
  std::vector<std::string> ids;  ///< … these players
  Element order;                 ///< an OrderRef; empty name: none
  std::string ref;
  std::string begins;  ///< From
  std::string ends;    ///< To
  std::string text;
  Element sealed;  ///< empty name: none
  std::string expires_at;
};

/// Registers, retrieves and discards at the Host under test.
class Correspondent {
 public:
  explicit Correspondent(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  /// From the Broker to the Vendor, with a text of its own.
  Letter letter();
  /// The same with all that a message may have.
  Letter full_letter();
  Sending posting(const Letter& letter);
  /// `reader` empty: nobody who says his name.
  Sending retrieval(const std::string& reader, std::string since = "0", int limit = 100, const std::string& kind = {});
  Sending discarding(const std::string& reader, const std::string& up_to);

  /// Registers the letter; its MessageNo, empty if it was not taken.
  std::string post(const Letter& letter);
  /// Everything that the reader gets behind `since`, by as many requests as it takes; nothing: an answer was no QP-OK.
  std::optional<std::vector<Element>> mail_of(const std::string& reader, std::string since = "0");
  /// Whether a message with that number is among all that the reader gets. `failed`: it could not be fetched.
  enum class Found : std::uint8_t { yes, no, failed };
  Found finds(const std::string& reader, const std::string& number);
  /// A letter is registered and found by its addressee.
  bool delivers();

 private:
  Session& session_;
  World& world_;
};

}  // namespace quickpay::conformance
