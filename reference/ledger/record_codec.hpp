// How the variables and fields of a record become one compact blob, and back.
#pragma once

#include <string>
#include <string_view>

#include "reference/ledger/ledger.hpp"

namespace quickpay::ledger {

/// The blob of a record: a count, then each variable; a count, then each field's name and value; every number is a
/// little-endian base-128 number, every text has its length in front.
std::string encode_contents(const Record& record);

/// Reads what encode_contents wrote into `record`. False, with `record` in an unspecified state, if `blob` is anything
/// else: cut short, with something behind it, or with fields out of order.
bool decode_contents(std::string_view blob, Record& record);

}  // namespace quickpay::ledger
