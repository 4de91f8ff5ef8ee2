#include "reference/roles/fields.hpp"

#include <charconv>

namespace quickpay::roles {

std::string_view field(const ledger::Record& record, const std::string& name) {
  const auto at = record.fields.find(name);
  return at == record.fields.end() ? std::string_view{} : std::string_view{at->second};
}

bool has_field(const ledger::Record& record, const std::string& name) { return record.fields.contains(name); }

std::optional<std::int64_t> number(const ledger::Record& record, const std::string& name) {
  const std::string_view text = field(record, name);
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void set_number(ledger::Record& record, const std::string& name, std::int64_t value) {
  record.fields[name] = std::to_string(value);
}

}  // namespace quickpay::roles
