#include "reference/roles/keys_host.hpp"
#include "reference/roles/keys_player.hpp"
#include "reference/roles/parts.hpp"

namespace quickpay::roles {

void link_keys(Parts& parts) {
  parts.own_keys = make_player_keys;
  put_in<HostKeys>(parts.host_keys);
}

}  // namespace quickpay::roles
