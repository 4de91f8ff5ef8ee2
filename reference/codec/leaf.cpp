#include "reference/codec/leaf.hpp"

#include <algorithm>
#include <charconv>

#include "reference/codec/lexer.hpp"
#include "reference/codec/reasons.hpp"
#include "reference/codec/swar.hpp"

namespace quickpay::codec {
namespace {

constexpr std::size_t kAll = std::string_view::npos;
constexpr std::string_view kNotInList = "not a value of the list";
constexpr std::string_view kNotFixed = "another value than the fixed one";
constexpr std::string_view kWrongByte = "a byte that the type does not allow here";

// Marks the bytes that lie outside the ranges, which are of ASCII.
std::uint64_t leaves(const Skip& skip, std::uint64_t eight) {
  const std::uint64_t high = swar::each(0x80);
  const std::uint64_t low = eight & ~high;  // without the highest bits no subtraction borrows from the next byte
  std::uint64_t inside = 0;
  for (std::size_t i = 0; i < skip.range_count; ++i) {
    inside |= ((low | high) - swar::each(skip.ranges[i].first)) & ((swar::each(skip.ranges[i].last) | high) - low);
  }
  return (~inside | eight) & high;
}

// One walk over a value, byte by byte or, where the automaton has a shortcut, eight at a time.
class Walk {
 public:
  explicit Walk(const Automaton& automaton) : automaton_(automaton) {}

  /// Index of the byte that is refused, or value.size().
  std::size_t over(std::string_view value) {
    const std::uint8_t* classes = automaton_.classes.data();
    const std::uint16_t* moves = automaton_.transitions.data();
    const std::size_t width = automaton_.class_count;
    const std::uint16_t from = automaton_.skip.from;
    std::uint16_t state = 0;
    std::size_t at = 0;
    for (; at < value.size(); ++at) {
      if (state == from) {
        at = jump(value, at, state);
        if (at == value.size()) break;
      }
      const std::uint16_t next = moves[state * width + classes[static_cast<unsigned char>(value[at])]];
      if (next == kNoState) break;
      state = next;
    }
    state_ = state;
    return at;
  }

  bool accepts() const { return automaton_.accepting[state_] != 0; }

 private:
  // Takes as many periods from `at` as the bytes allow; returns where it stopped.
  std::size_t jump(std::string_view value, std::size_t at, std::uint16_t& state) const {
    const Skip& skip = automaton_.skip;
    const std::size_t end = swar::skip(value, at, [&skip](std::uint64_t eight) { return leaves(skip, eight); });
    const std::size_t possible = skip.period == 1 ? end - at : (end - at) / skip.period;
    const std::size_t periods = std::min<std::size_t>(possible, skip.step == 0 ? possible : skip.most);
    state = static_cast<std::uint16_t>(state + periods * skip.step);
    return at + periods * skip.period;
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
  if (type.storage == Storage::enumeration) {
    if (index_of(type.values, value) == kAll) return ValueFault{0, kNotInList};
  } else if (auto fault = check_text(type, limit_of(field), value)) {
    return fault;
  }
  if (!field.fixed.empty() && value != field.fixed) return ValueFault{0, kNotFixed};
  return {};
}

const Field* field_named(const StructType& type, std::string_view name) {
  for (const Field& field : type.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool carries(const StructType& type, std::string_view name, std::string_view value) {
  const Field* field = field_named(type, name);
  return field != nullptr && field->leaf != nullptr && !check_value(*field, value);
}

std::optional<ValueFault> take_value(const Field& field, std::string_view value, void* leaf) {
  const LeafType& type = *field.leaf;
  if (type.storage != Storage::enumeration) {  // the list is looked through once, by store_value
    if (auto fault = check_value(field, value)) return fault;
  } else if (!field.fixed.empty() && value != field.fixed) {
    return ValueFault{0, index_of(type.values, value) == kAll ? kNotInList : kNotFixed};
  }
  if (store_value(type, value, leaf)) return {};
  return ValueFault{0, type.storage == Storage::enumeration ? kNotInList : "a number that is too large"};
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
