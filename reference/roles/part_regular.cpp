#include "reference/roles/parts.hpp"
#include "reference/roles/regular_broker.hpp"
#include "reference/roles/regular_host.hpp"
#include "reference/roles/regular_vendor.hpp"
#include "reference/roles/regular_wallet.hpp"

namespace quickpay::roles {

void link_regular(Parts& parts) {
  put_in<WalletPurchase>(parts.wallet_purchases);
  put_in<VendorSale>(parts.vendor_sales);
  put_in<BrokerCommitment>(parts.broker_commitments);
  put_in<HostPurchase>(parts.host_purchases);
}

}  // namespace quickpay::roles
