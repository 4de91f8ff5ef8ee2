#include "reference/roles/directory_host.hpp"
#include "reference/roles/parts.hpp"

namespace quickpay::roles {

void link_administration(Parts& parts) {
  put_in<HostDirectory>(parts.host_entries);
}

}  // namespace quickpay::roles
