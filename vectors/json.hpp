// How this room holds JSON.
#pragma once

#include <nlohmann/json.hpp>

namespace quickpay::vectors {

using Json = nlohmann::json;

}  // namespace quickpay::vectors
