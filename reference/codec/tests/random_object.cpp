#include "reference/codec/tests/random_object.hpp"

#include <algorithm>
#include <cstdlib>

#include "reference/codec/leaf.hpp"

namespace quickpay::codec::test {
namespace {

constexpr std::uint16_t kRefused = 0xFFFF;
constexpr std::uint32_t kMostOccurrences = 3;  // of a list
constexpr std::uint32_t kMostTextBytes = 40;

// RapidCheck takes its seed from RC_PARAMS; all random tests of this tree take it from QP_SEED.
[[maybe_unused]] const bool kSeeded = [] {
  const char* seed = std::getenv("QP_SEED");
  return seed != nullptr && setenv("RC_PARAMS", ("seed=" + std::string(seed)).c_str(), 1) == 0;
}();

std::vector<std::uint32_t> distances_to_acceptance(const Automaton& automaton) {
  std::vector<std::uint32_t> distance(automaton.accepting.size(), UINT32_MAX);
  for (std::size_t s = 0; s < distance.size(); ++s) {
    if (automaton.accepting[s] != 0) distance[s] = 0;
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = 0; i < automaton.transitions.size(); ++i) {
      const std::uint16_t next = automaton.transitions[i];
      if (next == kRefused || distance[next] == UINT32_MAX) continue;
      std::uint32_t& own = distance[i / automaton.class_count];
      if (distance[next] + 1 < own) {
        own = distance[next] + 1;
        changed = true;
      }
    }
  }
  return distance;
}

std::string walk(const Automaton& automaton, std::uint32_t min, std::uint32_t max, Choices& choices) {
  const auto distance = distances_to_acceptance(automaton);
  std::string value;
  for (std::uint16_t state = 0;;) {
    const bool may_stop = automaton.accepting[state] != 0 && value.size() >= min;
    std::vector<std::pair<char, std::uint16_t>> steps;
    for (int byte = 0; byte < 256; ++byte) {
      const std::uint16_t next = automaton.transitions[state * automaton.class_count + automaton.classes[byte]];
      if (next == kRefused || distance[next] > max - std::min<std::size_t>(max, value.size() + 1)) continue;
      if (value.size() < max) steps.emplace_back(static_cast<char>(byte), next);
    }
    if (steps.empty() || (may_stop && choices.below(24) == 0)) return value;
    const auto& step = steps[choices.below(static_cast<std::uint32_t>(steps.size()))];
    value.push_back(step.first);
    state = step.second;
  }
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
  }
  if (c >= 0x80) out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
}

std::uint32_t code_point(const LeafType& type, Choices& choices) {
  static constexpr CodePointRange kPlanes[] = {{' ', '~'}, {0xA0, 0xFF}, {0x2000, 0x206F}, {0x4E00, 0x4EFF},
                                               {0xFF00, 0xFFFD}, {0x1F600, 0x1F64F}, {0x10FF00, 0x10FFFF}};
  const CodePointRange& plane = kPlanes[choices.below(std::size(kPlanes))];
  const std::uint32_t c = plane.first + choices.below(plane.last - plane.first + 1);
  for (const CodePointRange& range : type.excluded) {
    if (c >= range.first && c <= range.last) return 'x';
  }
  return c;
}

std::string text(const LeafType& type, std::uint32_t max, Choices& choices) {
  const std::uint32_t size = 1 + choices.below(std::min(max, kMostTextBytes));
  std::string value;
  for (;;) {
    std::string next = value;
    append_utf8(next, code_point(type, choices));
    if (next.size() > size) break;
    value = next;
  }
  return value.empty() ? "a" : value;
}

void fill_field(const Field& field, void* parent, Choices& choices) {
  void* child = field.access.append(parent);
  if (field.leaf != nullptr) {
    store_value(*field.leaf, random_value(field, choices), child);
    return;
  }
  fill(*field.type, child, choices);
  for (const FixedLeaf& fixed : field.where) {
    const StructType* type = field.type;
    void* at = child;
    for (std::size_t i = 0; i + 1 < fixed.path.size(); ++i) {
      const Field& next = type->fields[fixed.path[i]];
      at = const_cast<void*>(next.access.at(at, 0));
      type = next.type;
    }
    const Field& leaf = type->fields[fixed.path.back()];
    store_value(*leaf.leaf, fixed.value, const_cast<void*>(leaf.access.at(at, 0)));
  }
}

}  // namespace

std::uint32_t Choices::below(std::uint32_t bound) {
  std::uint32_t number = 0;
  for (std::uint32_t left = bound - 1; left > 0; left >>= 8) {
    number = number << 8 | (used_ < bytes_.size() ? bytes_[used_] : 0U);
    ++used_;
  }
  return number % bound;
}

std::string random_value(const Field& field, Choices& choices) {
  const LeafType& type = *field.leaf;
  if (!field.fixed.empty()) return std::string(field.fixed);
  if (type.storage == Storage::enumeration) {
    return std::string(type.values[choices.below(static_cast<std::uint32_t>(type.values.size()))]);
  }
  const std::uint32_t own = field.max_bytes != 0 ? field.max_bytes : UINT32_MAX;
  const std::uint32_t max = std::min(own, type.max_bytes != 0 ? type.max_bytes : UINT32_MAX);
  std::string value = type.automaton != nullptr ? walk(*type.automaton, type.min_bytes, max, choices)
                                                : text(type, max, choices);
  std::int64_t number = 0;  // a type may allow more digits than 64 bits hold
  while (type.storage == Storage::integer && !store_value(type, value, &number)) value.pop_back();
  return value;
}

void fill(const StructType& type, void* object, Choices& choices) {
  for (std::size_t i = 0; i < type.fields.size(); ++i) {
    const Field* field = &type.fields[i];
    if (field->choice != 0) {  // one of the alternatives, which stand side by side
      std::size_t after = i;
      while (after < type.fields.size() && type.fields[after].choice == field->choice) ++after;
      field += choices.below(static_cast<std::uint32_t>(after - i));
      i = after - 1;
    }
    if (field->max == 0 || (field->condition != nullptr && !holds(*field->condition, type, object))) continue;
    const std::uint32_t least = field->choice != 0 ? std::max(field->min, 1U) : field->min;
    const std::uint32_t most = std::max(least, std::min(field->max, kMostOccurrences));
    const std::uint32_t count = least + choices.below(most - least + 1);
    for (std::uint32_t k = 0; k < count; ++k) fill_field(*field, object, choices);
  }
}

}  // namespace quickpay::codec::test
