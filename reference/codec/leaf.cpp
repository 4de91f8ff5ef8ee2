#include "reference/codec/leaf.hpp"

#include <algorithm>
#include <charconv>

#include "reference/codec/lexer.hpp"
#include "reference/codec/reasons.hpp"
#include "reference/codec/swar.hpp"

namespace quickpay::codec {
namespace {

constexpr std::size_t kAll = std::string_view::npos;
constexpr std::string_view kWrongByte = "a byte that the type does not allow here";

bool lies_in(const Skip& skip, unsigned char byte) {
  for (std::size_t i = 0; i < skip.range_count; ++i) {
    if (byte >= skip.ranges[i].first && byte <= skip.ranges[i].last) return true;
  }
  return false;
}

// Not zero if one of eight ASCII bytes lies outside the ranges. A set highest bit says yes for its byte: with it set, no
// subtraction borrows from the next byte.
std::uint64_t leaves(const Skip& skip, std::uint64_t eight) {
  const std::uint64_t high = swar::each(0x80);
  std::uint64_t inside = 0;
  for (std::size_t i = 0; i < skip.range_count; ++i) {
    const std::uint64_t not_below = (eight | high) - swar::each(skip.ranges[i].first);
    const std::uint64_t not_above = (swar::each(skip.ranges[i].last) | high) - eight;
    inside |= not_below & not_above;
  }
  return ~inside & high;
}

// One walk over a value, byte by byte or, where the automaton has a shortcut, eight at a time.
class Walk {
 public:
  explicit Walk(const Automaton& automaton) : automaton_(automaton) {}

  /// Index of the byte that is refused, or value.size().
  std::size_t over(std::string_view value) {
    const Skip& skip = automaton_.skip;
    for (std::size_t at = 0; at < value.size(); ++at) {
      if (state_ == skip.from) {
        at = jump(skip, value, at);
        if (at == value.size()) return at;
      }
      const std::uint16_t next = step(state_, automaton_.classes[static_cast<unsigned char>(value[at])]);
      if (next == kNoState) return at;
      state_ = next;
    }
    return value.size();
  }

  bool accepts() const { return automaton_.accepting[state_] != 0; }

 private:
  // Takes as many periods from `at` as the bytes allow; returns where it stopped.
  std::size_t jump(const Skip& skip, std::string_view value, std::size_t at) {
    const auto may_stop = [&skip](std::uint64_t eight) {
      const std::uint64_t wide = eight & swar::each(0x80);
      return wide != 0 ? wide : leaves(skip, eight);
    };
    const std::size_t end = swar::skip(value, at, may_stop, [&skip](unsigned char c) { return !lies_in(skip, c); });
    const std::size_t periods = std::min<std::size_t>((end - at) / skip.period, skip.step == 0 ? end : skip.most);
    state_ = static_cast<std::uint16_t>(state_ + periods * skip.step);
    return at + periods * skip.period;
  }

  std::uint16_t step(std::uint16_t state, std::uint8_t kind) const {
    return automaton_.transitions[static_cast<std::size_t>(state) * automaton_.class_count + kind];
  }

  const Automaton& automaton_;
  std::uint16_t state_ = 0;
};

bool is_excluded(std::span<const CodePointRange> excluded, std::uint32_t point) {
  const auto after = std::upper_bound(excluded.begin(), excluded.end(), point,
                                      [](std::uint32_t p, const CodePointRange& range) { return p < range.first; });
  return after != excluded.begin() && point <= std::prev(after)->last;
}

// Index of the first excluded code point, or kAll.
std::size_t find_excluded(std::span<const CodePointRange> excluded, std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    const CodePoint point = decode(value, at);
    if (point.bytes == 0 || is_excluded(excluded, point.value)) return at;
    at += point.bytes;
  }
  return kAll;
}

std::size_t index_of(std::span<const std::string_view> values, std::string_view value) {
  const auto found = std::find(values.begin(), values.end(), value);
  return found == values.end() ? kAll : static_cast<std::size_t>(found - values.begin());
}

std::optional<ValueFault> check_enumeration(const LeafType& type, std::string_view value) {
  if (index_of(type.values, value) == kAll) return ValueFault{0, "not a value of the list"};
  return {};
}

std::optional<ValueFault> check_text(const LeafType& type, std::uint32_t max_bytes, std::string_view value) {
  const std::string_view within = value.substr(0, max_bytes);
  if (type.automaton != nullptr) {
    Walk walk(*type.automaton);
    const std::size_t at = walk.over(within);
    if (at < within.size()) return ValueFault{at, kWrongByte};
    if (within.size() == value.size() && !walk.accepts()) return ValueFault{0, "not a complete value of the type"};
  }
  if (!type.excluded.empty()) {
    const std::size_t at = find_excluded(type.excluded, value);
    if (at < within.size()) return ValueFault{at, "a character that text must not hold"};
  }
  if (value.size() > max_bytes) return ValueFault{max_bytes, kReasonLength};
  if (value.size() < type.min_bytes) return ValueFault{0, "too short"};
  return {};
}

// 0 in a table stands for no limit: no element is empty, so it could not be a limit.
std::uint32_t limit_of(const Field& field) {
  const std::uint32_t own = field.max_bytes != 0 ? field.max_bytes : UINT32_MAX;
  const std::uint32_t type = field.leaf->max_bytes != 0 ? field.leaf->max_bytes : UINT32_MAX;
  return std::min(own, type);
}

}  // namespace

std::optional<ValueFault> check_value(const Field& field, std::string_view value) {
  const LeafType& type = *field.leaf;
  auto fault = type.storage == Storage::enumeration ? check_enumeration(type, value)
                                                     : check_text(type, limit_of(field), value);
  if (fault) return fault;
  if (!field.fixed.empty() && value != field.fixed) return ValueFault{0, "another value than the fixed one"};
  return {};
}

bool store_value(const LeafType& type, std::string_view value, void* leaf) {
  switch (type.storage) {
    case Storage::text:
      static_cast<std::string*>(leaf)->assign(value);
      return true;
    case Storage::integer: {
      const char* end = value.data() + value.size();
      const auto read = std::from_chars(value.data(), end, *static_cast<std::int64_t*>(leaf));
      return read.ec == std::errc{} && read.ptr == end;
    }
    case Storage::enumeration: {
      const std::size_t index = index_of(type.values, value);
      *static_cast<std::uint8_t*>(leaf) = static_cast<std::uint8_t>(index);
      return index != kAll;
    }
  }
  return false;
}

std::string_view text_of(const LeafType& type, const void* leaf, IntegerBuffer& buffer) {
  switch (type.storage) {
    case Storage::text:
      return *static_cast<const std::string*>(leaf);
    case Storage::integer: {
      const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *static_cast<const std::int64_t*>(leaf));
      return {buffer.data(), static_cast<std::size_t>(end.ptr - buffer.data())};
    }
    case Storage::enumeration: {
      const std::uint8_t index = *static_cast<const std::uint8_t*>(leaf);
      return index < type.values.size() ? type.values[index] : std::string_view{};
    }
  }
  return {};
}

bool holds(const Condition& condition, const StructType& type, const void* object) {
  const StructType* at = &type;
  for (const std::uint16_t index : condition.path) {
    const Field& field = at->fields[index];
    if (field.access.count(object) == 0) return condition.negated;
    object = field.access.at(object, 0);
    if (field.leaf != nullptr) {
      IntegerBuffer buffer;
      return (text_of(*field.leaf, object, buffer) == condition.value) != condition.negated;
    }
    at = field.type;
  }
  return condition.negated;
}

}  // namespace quickpay::codec
