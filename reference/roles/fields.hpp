// The fields of a record: text, numbers, and structures of the specification kept as XML fragments.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/ledger/ledger.hpp"

namespace quickpay::roles {

/// The field `name`, empty if it is not there. Valid until the record changes.
std::string_view field(const ledger::Record& record, const std::string& name);
bool has_field(const ledger::Record& record, const std::string& name);

/// The field as a number; nothing if it is not there or is none.
std::optional<std::int64_t> number(const ledger::Record& record, const std::string& name);
void set_number(ledger::Record& record, const std::string& name, std::int64_t value);

/// Keeps a structure under the name of its element.
template <class T>
void keep(ledger::Record& record, const std::string& element, const codec::StructType& type, const T& value) {
  record.fields[element] = codec::write_fragment(element, type, &value);
}

/// Limits of stored structures: wide enough for whatever a family admits.
inline constexpr codec::Family kRecordFamily{"record", 1 << 24, 1 << 18, 8};

/// The structure kept under the name of its element; nothing if there is none.
template <class T>
std::optional<T> recall(const ledger::Record& record, const std::string& element, const codec::StructType& type) {
  if (!has_field(record, element)) return std::nullopt;
  T value{};
  if (!codec::read_fragment(field(record, element), element, type, &value, kRecordFamily)) return std::nullopt;
  return value;
}

}  // namespace quickpay::roles
