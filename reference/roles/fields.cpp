#include "reference/roles/fields.hpp"

#include <charconv>

namespace quickpay::roles {

std::string_view field(const ledger::Record& record, const std::string& name) {
  const auto at = record.fields.find(name);
  return at == record.fields.end() ? std::string_view{} : std::string_view{at->second};
}

bool has_field(const ledger::Record& record, const std::string& name) { return record.fields.contains(name); }

bool restore(std::string_view stored, const std::string&, std::string& text) {
  text = stored;
  return true;
}

bool restore(std::string_view stored, const std::string&, std::int64_t& number) {
  const auto [end, fault] = std::from_chars(stored.data(), stored.data() + stored.size(), number);
  return fault == std::errc{} && end == stored.data() + stored.size();
}

std::optional<std::int64_t> number(const ledger::Record& record, const std::string& name) {
  std::int64_t value = 0;
  return restore(field(record, name), name, value) ? std::optional(value) : std::nullopt;
}

void set_number(ledger::Record& record, const std::string& name, std::int64_t value) {
  record.fields[name] = stored(name, value);
}

std::string nth(const std::string& name, std::size_t n) { return name + "." + std::to_string(n); }

void forget_all(ledger::Record& record, const std::string& name) {
  for (std::size_t n = 0; record.fields.erase(nth(name, n)) != 0;) ++n;
}

}  // namespace quickpay::roles
