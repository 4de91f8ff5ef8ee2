#include "reference/roles/parts.hpp"

#include <algorithm>

namespace quickpay::roles {

std::vector<std::string> linked_protocols() {
  const auto& names = linked_parts().protocols;
  return {names.begin(), names.end()};
}

std::string_view missing_protocol(const std::vector<std::string>& claimed) {
  const Parts& parts = linked_parts();
  if (claimed.empty()) return parts.first_left_out;
  const auto linked = [&](const std::string& name) {
    return std::find(parts.protocols.begin(), parts.protocols.end(), name) != parts.protocols.end();
  };
  const auto at = std::find_if_not(claimed.begin(), claimed.end(), linked);
  return at == claimed.end() ? std::string_view{} : std::string_view(*at);
}

}  // namespace quickpay::roles
