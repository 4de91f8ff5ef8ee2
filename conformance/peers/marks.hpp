// Ids and digests by which the suite knows again what it made itself, in another run, too: a server that is certified
// twice (level E) still sends notices about the orders of the first time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "conformance/model/random.hpp"
#include "conformance/peers/element.hpp"
#include "reference/crypto/random.hpp"

namespace quickpay::conformance {

/// An id of 32 hex digits: the run (Session::run), random digits, and a check over both. A mark is no secret: it tells
/// what came from a run of this suite from what an implementation made up by mistake, not from what it forged.
std::string marked_id(std::string_view run, Random& random);
/// The run of an id that was made by marked_id; nothing: it was made otherwise.
std::optional<std::string> run_of_id(std::string_view id);

/// `ref` with a Digest that names the run and covers all other fields: for orders whose Digest nobody computes.
Element marked_ref(std::string_view run, Element ref);
/// The run of an OrderRef that is exactly as marked_ref made it.
std::optional<std::string> run_of_ref(const Element& ref);

/// The run whose players gave the implementation what it speaks of in `request`: the OrderRef of RegisterCommit, the
/// EndorsementId of CheckCommit, the CommitId of RegisterDelivery. Nothing: no run of this suite.
std::optional<std::string> run_of_request(const Element& request);

/// Randomness of the players' role cores: ids (16 bytes) are marked, all else is plain.
class MarkingRandom final : public crypto::Random {
 public:
  /// `seed` decides all bytes; `run` as in marked_id.
  MarkingRandom(std::string run, std::uint64_t seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::string run_;
  conformance::Random ids_;
  crypto::SeededRandom plain_;
};

}  // namespace quickpay::conformance
