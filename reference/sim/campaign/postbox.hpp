// Players that leave mail at the Host, fetch it and discard it, and what the Host promises of it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Asks in the name of players and remembers what they were told. No node of a player acts on mail; what is looked at is that the Host hands out
/// what was left there, to whom it is for, in order, without the name of a Wallet, and loses none (goal "CM", QP-CM-003, QP-CM-007,
/// QP-CM-011, QP-ANON-010). Whether anything else changes because of mail is seen by playing without it (goal "G14").
class Postbox {
 public:
  static constexpr unsigned kEverything = 2;  ///< of `collect`: from the first message, with a name, as many as fit

  /// `authenticated`: profile H, where everybody has a key that is shared with the Host.
  Postbox(World& world, bool authenticated) : world_(world), authenticated_(authenticated) {}

  /// `who` leaves a message; `what` chooses for whom it is and whether it expires.
  void post(const std::string& who, unsigned what);
  /// `who` fetches what is behind some number; `what` chooses which, how many, and whether nobody is named.
  void collect(const std::string& who, unsigned what);
  /// `who` discards what it was told of.
  void discard(const std::string& who);
  /// What is wrong so far: "CM: …", or nothing.
  const std::string& wrong() const { return wrong_; }
  std::size_t left() const { return left_.size(); }
  /// Messages that the Host has taken, and that readers were shown.
  std::size_t taken() const { return taken_; }
  std::size_t shown() const { return shown_; }

 private:
  struct Left {
    std::string producer, kind;
    msg::Audience audience;
    std::int64_t expires_ms = 0;           ///< 0: it does not
    std::int64_t number = 0;               ///< 0: its producer was not told
    std::int64_t above = 0;                ///< numbers that were known when it was left
    std::set<std::string> discarded = {};  ///< who has asked to discard it
  };
  struct Fetching {
    std::string reader;  ///< empty: nobody is named
    std::int64_t since = 0, limit = 0, begun_ms = 0, known = 0;
  };

  template <class T>
  void ask(const std::string& who, bool named, T request, const std::string& path, std::function<void(const std::string&)> told);
  void taken(const std::string& ref, const std::string& body);
  void fetched(const Fetching& fetching, const std::string& body);
  void judge(const Fetching& fetching, const msg::Mail& mail);
  bool is_for(const Left& left, const std::string& reader);
  bool must_be_shown(const Left& left, const Fetching& fetching);
  void note(const std::string& what) {
    if (wrong_.empty()) wrong_ = "CM: " + what;
  }

  World& world_;
  bool authenticated_;
  std::map<std::string, Left> left_;                ///< by Ref
  std::map<std::string, std::int64_t> last_shown_;  ///< by reader
  std::int64_t highest_ = 0;                        ///< number that anybody was told
  std::uint64_t asked_ = 0;
  std::size_t taken_ = 0, shown_ = 0;
  std::string wrong_;
};

}  // namespace quickpay::sim
