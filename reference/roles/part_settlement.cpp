#include "reference/roles/parts.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_host.hpp"
#include "reference/roles/settlement_vendor.hpp"

namespace quickpay::roles {

void link_settlement(Parts& parts) {
  put_in<VendorSettlement>(parts.vendor_claims);
  put_in<BrokerSettlement>(parts.broker_batches);
  put_in<HostSettlement>(parts.host_hearings);
}

}  // namespace quickpay::roles
