// QPC1: the bytes that digests, authentication codes and signatures cover.
#pragma once

#include <string>
#include <string_view>

#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// E(X): the canonical encoding of element `name` with the content of `object`. It is made from typed values, so it does
/// not depend on how the XML was spelled. `left_out` names a direct child that is not covered: the Auth or Sig itself.
std::string canonical(std::string_view name, const StructType& type, const void* object,
                      std::string_view left_out = {});

/// Reads E(X) of element `name` into `object`, a default-constructed object of the struct that `type` describes. True only
/// if canonical() makes exactly these bytes of it and its values are what the tables admit, within the limits of
/// `family`; otherwise `object` must not be used.
bool read_canonical(std::string_view bytes, std::string_view name, const StructType& type, void* object,
                    const Family& family);

/// The bytes that are hashed or signed: prefix, NUL, purpose, NUL, E(X).
std::string signing_input(std::string_view purpose, std::string_view canonical);

}  // namespace quickpay::codec
