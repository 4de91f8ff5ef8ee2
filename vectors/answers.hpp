// What the reference answers to the questions of the vectors.
#pragma once

#include <string>

#include "vectors/json.hpp"

namespace quickpay::vectors {

/// The reference's answer; {"unsupported": why} to a question that it does not understand.
Json answer(const std::string& kind, const Json& asked);

// The parts of it, by kind. They throw nlohmann's exceptions at what is no question.
Json answer_codec(const Json& asked);
Json answer_crypto(const Json& asked);
Json answer_ledger(const Json& asked);
Json answer_vote(const Json& asked);
/// Both engines step; {"differ": true} if they do not agree.
Json answer_state(const Json& asked);
Json answer_scenario(const Json& asked);

}  // namespace quickpay::vectors
