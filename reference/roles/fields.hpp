// The fields of a record: text, numbers, structures of the specification kept as XML fragments, and lists of each.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// Limits of stored structures: wide enough for whatever a family admits.
inline constexpr codec::Family kRecordFamily{"record", 1 << 24, 1 << 18, 8};

/// A value as a field holds it: a text, a number, or a structure under the name of its element.
inline std::string stored(const std::string&, const std::string& text) { return text; }
inline std::string stored(const std::string&, std::int64_t number) { return std::to_string(number); }
template <class T>
std::string stored(const std::string& element, const T& value, const codec::StructType& type) {
  return codec::write_fragment(element, type, &value);
}

/// Reads such a value back; false if the field holds none.
bool restore(std::string_view stored, const std::string& element, std::string& text);
bool restore(std::string_view stored, const std::string& element, std::int64_t& number);
template <class T>
bool restore(std::string_view stored, const std::string& element, T& value, const codec::StructType& type) {
  return codec::read_fragment(stored, element, type, &value, kRecordFamily).has_value();
}

/// Keeps a structure under the name of its element.
template <class T>
void keep(ledger::Record& record, const std::string& element, const codec::StructType& type, const T& value) {
  record.fields[element] = stored(element, value, type);
}

/// The structure kept under the name of its element; nothing if there is none.
template <class T>
std::optional<T> recall(const ledger::Record& record, const std::string& element, const codec::StructType& type) {
  T value{};
  if (!has_field(record, element) || !restore(field(record, element), element, value, type)) return std::nullopt;
  return value;
}

/// The field of the n-th member of a list, counted from 0.
std::string nth(const std::string& name, std::size_t n);
/// Forgets the list of that name.
void forget_all(ledger::Record& record, const std::string& name);

/// Keeps a list in place of the one of that name that was there: of texts, of numbers (std::int64_t), or of structures, whose
/// type is given and whose element is the name.
template <class T, class... Type>
void keep_all(ledger::Record& record, const std::string& name, const std::vector<T>& values, const Type&... type) {
  forget_all(record, name);
  for (std::size_t n = 0; n < values.size(); ++n) record.fields[nth(name, n)] = stored(name, values[n], type...);
}

/// The list kept under that name, up to the first member that cannot be read; empty if there is none.
template <class T, class... Type>
std::vector<T> recall_all(const ledger::Record& record, const std::string& name, const Type&... type) {
  std::vector<T> values;
  for (T value{}; has_field(record, nth(name, values.size())); value = T{}) {
    if (!restore(field(record, nth(name, values.size())), name, value, type...)) break;
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace quickpay::roles
