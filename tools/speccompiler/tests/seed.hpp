// One seed for all random tests: printed, and taken from QP_SEED.
#pragma once

namespace quickpay::spec::test {

/// Makes RapidCheck use QP_SEED, or a seed drawn now, and prints it. To be called before the first property.
bool use_seed();

}  // namespace quickpay::spec::test
