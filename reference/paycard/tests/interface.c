/* The header is C: this file is compiled as such, and takes the address of every function with its type. */
#include "reference/paycard/generated/qp_paycard.h"

int qp_interface_is_c(void);
int qp_interface_is_c(void) { return QP_PAYCARD_ABI == 1u && sizeof(qp_store_api) > 0 && QP_PAYCARD_DONE == 0; }
