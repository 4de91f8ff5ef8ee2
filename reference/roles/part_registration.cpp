#include "reference/roles/parts.hpp"
#include "reference/roles/registration_host.hpp"
#include "reference/roles/registration_player.hpp"

namespace quickpay::roles {

void link_registration(Parts& parts) {
  parts.own_registration = make_registration;
  put_in<Registrar>(parts.host_registrar);
}

}  // namespace quickpay::roles
