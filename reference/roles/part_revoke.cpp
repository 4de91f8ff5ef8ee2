#include "reference/roles/parts.hpp"
#include "reference/roles/revoke_broker.hpp"
#include "reference/roles/revoke_host.hpp"
#include "reference/roles/revoke_vendor.hpp"

namespace quickpay::roles {

void link_revoke(Parts& parts) {
  put_in<VendorRevoke>(parts.vendor_revokes);
  put_in<BrokerRevoke>(parts.broker_revokes);
  put_in<HostRevoke>(parts.host_revokes);
}

}  // namespace quickpay::roles
