// quickpay-paycard-host: the process in which one Paycard runs. A Wallet starts it; it has no use for people.
#include "reference/paycard/host/container.hpp"

int main() { return quickpay::paycard::run_container({}); }
