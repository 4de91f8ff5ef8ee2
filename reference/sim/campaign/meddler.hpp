// What whoever lies sends besides: its own requests again, each with one thing in it that is otherwise.
#pragma once

#include <cstddef>
#include <string>

#include "reference/crypto/random.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Of each kind of request that the liar's node has sent it sends some again, from its own address and in its own name, with another MsgId and one
/// element changed or left out: another player, amount, order, key. Profile H would let none of them in, so that it meddles in F alone.
class Meddler {
 public:
  /// `liar`: id of the player that is one, or empty.
  Meddler(World& world, const Script& script, const std::string& liar);

  /// Does so with what was sent since the last time.
  void meddle();

 private:
  void send_otherwise(const Sent& sent);
  std::size_t drawn(std::size_t bound);

  World& world_;
  const Script& script_;
  const std::string& liar_;
  crypto::SeededRandom random_;  ///< of its own: nothing else is drawn otherwise
  std::size_t seen_ = 0;
};

}  // namespace quickpay::sim
