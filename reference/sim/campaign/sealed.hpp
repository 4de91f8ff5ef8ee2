// What is sealed to the Host of a world, opened and sealed again by who knows its key.
#pragma once

#include <optional>
#include <utility>

#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/sim/keys.hpp"

namespace quickpay::sim {

/// The inner document of a sealed request; nothing if it does not open.
template <class Inner>
std::optional<Inner> opened(const msg::Sealed& sealed, const msg::Head& head, const codec::MessageType& type) {
  crypto::SeededRandom random(1);  // blinds, and changes no result
  crypto::CryptoCounters counters;
  const auto plain = crypto::open(world_key("seal"), {sealed.key_id, sealed.wrapped_key, {sealed.nonce, sealed.box}},
                                  crypto::box_context(type.request->root, msg::kHeadType, &head), random, counters);
  auto inner = plain ? codec::read<Inner>(plain->view(), *type.request_inner) : tl::unexpected(codec::ReadError{});
  return inner ? std::optional(std::move(*inner)) : std::nullopt;
}

/// The inner document sealed to the Host for a request with this Head; nothing if it is too large.
template <class Inner>
std::optional<msg::Sealed> sealed(const Inner& inner, const msg::Head& head, const codec::MessageType& type, crypto::Random& random) {
  crypto::CryptoCounters counters;
  const auto made = crypto::seal(world_key("seal").public_key(), codec::write_document(*type.request_inner, &inner),
                                 crypto::box_context(type.request->root, msg::kHeadType, &head), random, counters);
  if (!made) return std::nullopt;
  return msg::Sealed{made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
}

}  // namespace quickpay::sim
