// Values of leaf types for examples: members of the type's language, found by its automaton.
#include <algorithm>

#include "tools/speccompiler/emit/automaton.hpp"
#include "tools/speccompiler/emit/vector_tree.hpp"

namespace quickpay::spec {
namespace {

constexpr std::size_t kFullLength = 12;       // of a value in a full example, where the type leaves it open
constexpr std::size_t kOpenLength = 256;      // of the longest value, where nothing bounds it
constexpr std::size_t kWrittenLength = 2048;  // longer values are given by repetition
constexpr std::size_t kMaxUnit = 8;

/// Automata of the types met so far; building one costs more than using it.
const Dfa& cached_dfa(const std::string& pattern, std::map<std::string, Dfa>& cache) {
  const auto found = cache.find(pattern);
  return found != cache.end() ? found->second : cache.emplace(pattern, dfa_of(pattern)).first->second;
}

const Dfa& automaton_of(const std::string& pattern) {
  thread_local std::map<std::string, Dfa> cache;
  return cached_dfa(pattern, cache);
}

std::string text_of_length(std::size_t length) {
  static const std::string kSample = "Tea & \"Toast\" <\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80> it's ";
  if (length < 4) return std::string(length, 'a');
  std::string out = kSample.substr(0, std::min(kSample.size(), length));
  if (length < kSample.size())
    return std::string("Tea &<>'\"", std::min<std::size_t>(length, 9)) + std::string(length > 9 ? length - 9 : 0, 'a');
  while (out.size() < length) out += static_cast<char>('a' + out.size() % 26);
  return out;
}

std::uint16_t run(const Dfa& dfa, std::uint16_t state, const std::string& text) {
  for (const char c : text) {
    if (state == Dfa::kRefused) return state;
    state = dfa.next(state, c);
  }
  return state;
}

/// A member of `length` bytes as head + n·unit + tail: some short member goes round a circle that can be repeated.
LeafText pumped(const Dfa& dfa, std::size_t length, std::uint64_t seed) {
  for (std::size_t extra = 0; extra <= kMaxUnit * kMaxUnit; ++extra) {
    for (std::size_t unit = 1; unit <= kMaxUnit; ++unit) {
      const std::size_t short_length = kMaxUnit * 4 + extra;
      if (length < short_length || (length - short_length) % unit != 0) continue;
      const auto base = member(dfa, short_length, seed);
      if (!base) continue;
      for (std::size_t at = 0; at + unit <= base->size(); ++at) {
        const std::string head = base->substr(0, at);
        const std::string middle = base->substr(at, unit);
        const std::uint16_t state = run(dfa, 0, head);
        if (run(dfa, state, middle) != state) continue;
        return {head, middle, (length - short_length) / unit + 1, base->substr(at + unit)};
      }
    }
  }
  return {};
}

LeafText member_near(const Dfa& dfa, std::size_t wanted, std::size_t least, std::size_t most, std::uint64_t seed) {
  if (wanted > kWrittenLength) {
    for (std::size_t d = 0; d <= kMaxUnit * 2; ++d) {
      LeafText text = wanted >= least + d ? pumped(dfa, wanted - d, seed) : pumped(dfa, least + d, seed);
      if (text.times != 0 && text.size() <= most) return text;
    }
  }
  for (std::size_t d = 0; d <= std::max(wanted - std::min(least, wanted), most - std::min(most, wanted)); ++d) {
    if (wanted + d <= most) {
      if (const auto found = member(dfa, wanted + d, seed)) return {*found, "", 0, ""};
    }
    if (wanted >= least + d) {
      if (const auto found = member(dfa, wanted - d, seed)) return {*found, "", 0, ""};
    }
  }
  return {};
}

bool type_admits(const Type& type, const std::string& value) {
  if (!type.values.empty()) return std::find(type.values.begin(), type.values.end(), value) != type.values.end();
  return automaton_of(type.pattern).accepts(value);
}

std::string with(std::string value, std::size_t at, char c) {
  value[at] = c;
  return value;
}

std::string other_case(std::string value) {
  for (char& c : value) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z')) continue;
    c = static_cast<char>(upper ? c - 'A' + 'a' : c - 'a' + 'A');
    break;
  }
  return value;
}

LeafText written(std::string value) { return {std::move(value), "", 0, ""}; }

LeafText plain_text(std::size_t length) {
  if (length <= kWrittenLength) return written(text_of_length(length));
  return {"", "a", length, ""};
}

}  // namespace

std::string LeafText::all() const {
  std::string out = head;
  for (std::size_t i = 0; i < times; ++i) out += unit;
  return out + tail;
}

std::uint64_t seed_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash | 1;
}

LeafText example_value(const Model& model, const Field& field, Extent extent, std::uint64_t seed) {
  if (!field.fixed.empty()) return written(field.fixed);
  const Type& type = model.type(field.type);
  if (!type.values.empty()) return written(extent == Extent::maximal ? type.values.back() : type.values.front());
  const std::size_t least = model.min_bytes(field);
  const std::size_t most = model.max_bytes(field) == kUnbounded ? kOpenLength : model.max_bytes(field);
  std::size_t wanted = least;
  if (extent == Extent::full) wanted = std::clamp(kFullLength, least, most);
  if (extent == Extent::maximal) wanted = most;
  if (type.pattern.empty()) return plain_text(wanted);
  return member_near(automaton_of(type.pattern), wanted, least, most, extent == Extent::minimal ? 0 : seed);
}

bool admits(const Model& model, const Field& field, const std::string& value) {
  const Type& type = model.type(field.type);
  if (!field.fixed.empty() && value != field.fixed) return false;
  if (!type.values.empty()) return std::find(type.values.begin(), type.values.end(), value) != type.values.end();
  if (value.size() < model.min_bytes(field) || value.size() > model.max_bytes(field)) return false;
  return type.pattern.empty() || automaton_of(type.pattern).accepts(value);
}

std::string other_value(const Model& model, const Field& field, const std::string& value, const std::string& wish) {
  if (!wish.empty() && wish != value && admits(model, field, wish)) return wish;
  const Type& type = model.type(field.type);
  for (const std::string& candidate : type.values) {
    if (candidate != value) return candidate;
  }
  if (!type.values.empty()) return {};
  Field free = field;
  free.fixed.clear();
  for (const Extent extent : {Extent::minimal, Extent::full, Extent::maximal}) {
    for (std::uint64_t seed = 1; seed <= kMaxUnit; ++seed) {
      const std::string candidate = example_value(model, free, extent, seed).all();
      if (candidate != value) return candidate;
    }
  }
  return {};
}

LeafText longer_value(const Model& model, const Field& field) {
  const Type& type = model.type(field.type);
  const std::uint32_t most = std::min(type.max_bytes.value_or(kUnbounded), field.max_bytes.value_or(kUnbounded));
  if (most == kUnbounded || !type.values.empty()) return {};
  if (type.pattern.empty()) return {"", "a", most + 1, ""};
  return member_near(automaton_of(type.pattern), most + 1, most + 1, most + kMaxUnit * 2, seed_of(type.id));
}

std::vector<std::pair<std::string, std::string>> near_misses(const Model& model, const Field& field,
                                                             const std::string& value) {
  const Type& type = model.type(field.type);
  std::vector<std::pair<std::string, std::string>> out;
  if (value.empty() || (type.pattern.empty() && type.values.empty())) return out;
  const auto add = [&](const std::string& what, const std::string& wrong) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const auto& each) { return each.second == wrong; });
    if (!known && !wrong.empty() && !type_admits(type, wrong)) out.emplace_back(what, wrong);
  };
  add("leading-blank", " " + value);
  add("trailing-blank", value + " ");
  add("trailing-newline", value + "\n");
  add("other-case", other_case(value));
  const std::pair<const char*, std::size_t> places[] = {
      {"first", 0}, {"inner", value.size() / 2}, {"last", value.size() - 1}};
  for (const auto& [what, at] : places) {
    for (const char c : std::string("0g~_Z 9")) {
      if (!type_admits(type, with(value, at, c))) {
        add(std::string(what) + "-character", with(value, at, c));
        break;
      }
    }
  }
  for (char c = '0'; c <= '9' && value.back() >= '0' && value.back() <= '9'; ++c) {
    if (type_admits(type, with(value, value.size() - 1, c))) continue;
    add("last-digit", with(value, value.size() - 1, c));
    break;
  }
  add("shorter", value.substr(0, value.size() - 1));
  add("longer", value + value.back());
  add("zero-before", "0" + value);
  add("plus-before", "+" + value);
  add("minus-before", "-" + value);
  add("fraction", value + ".0");
  add("not-ascii", value + "\xC3\xA9");
  return out;
}

}  // namespace quickpay::spec
