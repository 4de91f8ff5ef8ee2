#include "reference/roles/parts.hpp"
#include "reference/roles/registration_host.hpp"
#include "reference/roles/registration_vendor.hpp"

namespace quickpay::roles {

void link_registration(Parts& parts) {
  put_in<VendorRegistration>(parts.vendor_joining);
  put_in<Registrar>(parts.host_registrar);
}

}  // namespace quickpay::roles
