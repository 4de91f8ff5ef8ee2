// A script: everything that happens in one simulated world, few enough words to be read when a goal is missed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quickpay::sim {

inline constexpr std::size_t kMaxActions = 40;   ///< of one script
inline constexpr std::size_t kMaxJoinings = 16;  ///< of one script

/// What may happen. The simplest comes first: shortened scripts tend towards it.
enum class Act : std::uint8_t {
  wait, buy, buy_wrongly, buy_regular, take_back, forge_revoke, post, collect, lose, duplicate, delay, crash, cut, suspend, calm, count
};

/// One thing that happens; what the numbers mean depends on it and on how many players there are.
struct Action {
  Act act = Act::wait;
  std::uint8_t who = 0;
  std::uint8_t what = 0;
};

/// What may happen to players that are to register at the Host, besides what happens to the others.
enum class Join : std::uint8_t {
  wait, enrol, change, leave, crash, strike_off, pretend, count
};

/// One thing of that kind; `who` chooses the newcomer.
struct Joining {
  Join join = Join::wait;
  std::uint8_t who = 0;
  std::uint8_t what = 0;
};

/// Who does not keep to the protocol: the first player of that role, somebody on the path to a Broker who writes what revokes are made of, or nobody.
enum class Liar : std::uint8_t { nobody, wallet, vendor, broker, network, count };

/// What becomes of the orders in the end: nothing, or money, over a network that is good, or loses and delays, or on which
/// Vendors do not reach Brokers until they have gone to the Host.
enum class Settles : std::uint8_t { no, plainly, through_a_storm, past_the_host, count };

struct Script {
  std::uint64_t seed = 0;  ///< of the network and of all identifiers
  Liar liar = Liar::nobody;
  bool host_only = false;  ///< accidents happen to the Host alone, the network to the others is perfect
  std::uint8_t players = 0;  ///< bits: a second Broker, Vendor, Wallet; a small limit
  std::uint8_t skew = 0;     ///< minutes by which the clocks of the players lie apart, at most 15
  Settles settles = Settles::no;
  bool authenticated = false;  ///< profile H
  bool regular = false;        ///< Brokers and Vendors sign, so that there are regular orders; otherwise these are bought as others
  bool takes_back = false;     ///< while it settles Vendors take orders back, and Wallets buy more
  bool plain = false;          ///< in profile F Vendors do not sign what they take back
  std::vector<Action> actions;
  std::vector<Joining> joinings;  ///< one with each action, and what is left after them; none: there are no newcomers
};

/// The script in words, a line each action.
std::string to_text(const Script& script);

}  // namespace quickpay::sim
