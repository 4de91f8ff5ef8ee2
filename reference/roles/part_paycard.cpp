#include "reference/roles/parts.hpp"
#include "reference/roles/paycard_broker.hpp"
#include "reference/roles/paycard_wallet.hpp"

namespace quickpay::roles {

void link_paycard(Parts& parts) {
  put_in<WalletPaycard>(parts.wallet_additions);
  put_in<BrokerPaycards>(parts.broker_paycards);
}

}  // namespace quickpay::roles
