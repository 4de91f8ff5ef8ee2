#include "reference/roles/mailbox.hpp"
#include "reference/roles/parts.hpp"

namespace quickpay::roles {

void link_communication(Parts& parts) {
  put_in<Mail>(parts.host_mail);
}

}  // namespace quickpay::roles
