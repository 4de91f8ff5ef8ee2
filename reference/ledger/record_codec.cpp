#include "reference/ledger/record_codec.hpp"

namespace quickpay::ledger {
namespace {

constexpr unsigned kBitsAByte = 7;
constexpr unsigned kMaxShift = 28;  // lengths fit 32 bits

void append_number(std::string& out, std::size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7F) | 0x80));
    value >>= kBitsAByte;
  }
  out.push_back(static_cast<char>(value));
}

void append_text(std::string& out, std::string_view text) {
  append_number(out, text.size());
  out.append(text);
}

class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  bool number(std::size_t& value) {
    value = 0;
    for (unsigned shift = 0; shift <= kMaxShift; shift += kBitsAByte) {
      if (bytes_.empty()) return false;
      const auto byte = static_cast<unsigned char>(bytes_.front());
      bytes_.remove_prefix(1);
      value |= static_cast<std::size_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

  bool text(std::string& out) {
    std::size_t size = 0;
    if (!number(size) || size > bytes_.size()) return false;
    out.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return true;
  }

  // A count of things that take at least `least` bytes each: a damaged blob cannot make the reader allocate more than
  // it has bytes.
  bool count(std::size_t& value, std::size_t least) { return number(value) && value <= bytes_.size() / least; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

bool read_fields(Cursor& cursor, Record& record) {
  std::size_t count = 0;
  if (!cursor.count(count, 2)) return false;
  record.fields.clear();
  for (std::size_t i = 0; i < count; ++i) {
    std::string name;
    std::string value;
    if (!cursor.text(name) || !cursor.text(value)) return false;
    if (!record.fields.empty() && record.fields.rbegin()->first >= name) return false;
    record.fields.emplace_hint(record.fields.end(), std::move(name), std::move(value));
  }
  return true;
}

}  // namespace

std::string encode_contents(const Record& record) {
  std::string out;
  append_number(out, record.variables.size());
  for (const auto& variable : record.variables) append_text(out, variable);
  append_number(out, record.fields.size());
  for (const auto& [name, value] : record.fields) {
    append_text(out, name);
    append_text(out, value);
  }
  return out;
}

bool decode_contents(std::string_view blob, Record& record) {
  Cursor cursor(blob);
  std::size_t count = 0;
  if (!cursor.count(count, 1)) return false;
  record.variables.resize(count);
  for (auto& variable : record.variables) {
    if (!cursor.text(variable)) return false;
  }
  return read_fields(cursor, record) && cursor.at_end();
}

}  // namespace quickpay::ledger
