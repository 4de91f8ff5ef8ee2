// A trail of the explorer, as `quickpay check --trail` writes it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxTrailBytes = 1U << 20U;  ///< of a file; longer ones are not read
inline constexpr std::size_t kMaxTrailSteps = 200;

/// One thing that happens in a trail.
struct TrailStep {
  enum class Kind : std::uint8_t {
    request,
    late_request,  ///< one that its sender has given up
    answer,
    no_answer,  ///< the sender of the request hears that there is none
    lose_request,
    lose_answer,
    crash,   ///< of `player`, which starts again
    action,  ///< of `player`'s user
    time,    ///< `timer` of `player` is over
    other,   ///< nothing that anybody sees
    fault    ///< a word that this program does not know
  };
  Kind kind = Kind::other;
  bool forged = false;   ///< a liar wrote it
  std::string protocol = {};  ///< of the message
  std::string message = {};  ///< "CheckCommit"; of an answer: of the request
  std::string variant = {};  ///< "received", where a message has kinds
  std::string from = {}, to = {};      ///< roles: of the request, also where this is its answer; "outside": a stranger
  std::string text = {};               ///< for a reader
  std::vector<std::string> rows = {};  ///< taken, "vendor.order V15@CHECKING"
  std::string player = {};  ///< role: who crashes, or whose user acts
  std::string action = {};  ///< "confirm"
  std::string timer = {};   ///< "HoldUntil"
  std::string code = {};    ///< of an answer that nobody forged
  bool other = false;       ///< forged: about other terms, or another revoke
  bool again = false;       ///< a request: the same bytes as before
};

/// A run of the model.
struct Trail {
  std::string id;             ///< property that fails, "v=DELIVERED" or "hk:D14"
  std::string configuration;  ///< in which it was found
  std::string says;           ///< what the property says, or what is reached; one sentence
  std::string end;            ///< the state at its end, for a reader
  std::string profile;        ///< of the configuration: "F", "H", or empty where it makes no difference
  std::vector<std::string> requirements;
  std::vector<std::string> liars;    ///< roles, or "network"
  std::vector<std::string> options;  ///< of the configuration: "literal", …
  bool witness = false;              ///< it shows that something can be reached, not that a property fails
  std::vector<TrailStep> steps;

  bool lies(std::string_view who) const;
  bool has(std::string_view option) const;
};

/// Reads a trail of the specification `spec_id`. The error is one sentence: no JSON, a member that is missing or of another kind,
/// another specification, too long.
tl::expected<Trail, std::string> read_trail(std::string_view text, std::string_view spec_id);

}  // namespace quickpay::conformance
