#include "tools/speccompiler/emit/automaton.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace quickpay::spec {
namespace {

using Set = std::vector<std::uint32_t>;  // sorted states of the nondeterministic automaton

/// Thompson's automaton: each state has at most one set of bytes to another state, and empty moves.
struct Nfa {
  struct State {
    std::bitset<256> bytes;
    std::uint32_t to = 0;
    std::vector<std::uint32_t> empty;
  };
  std::vector<State> states;

  std::uint32_t add() {
    states.emplace_back();
    return static_cast<std::uint32_t>(states.size() - 1);
  }
  void move(std::uint32_t from, std::uint32_t to) { states[from].empty.push_back(to); }
};

std::uint32_t build(Nfa& nfa, const RegexNode& node, std::uint32_t from);

std::uint32_t build_alternate(Nfa& nfa, const RegexNode& node, std::uint32_t from) {
  const std::uint32_t end = nfa.add();
  for (const RegexNode& branch : node.children) {
    const std::uint32_t begin = nfa.add();
    nfa.move(from, begin);
    nfa.move(build(nfa, branch, begin), end);
  }
  return end;
}

std::uint32_t build_repeat(Nfa& nfa, const RegexNode& node, std::uint32_t from) {
  for (std::uint32_t i = 0; i < node.min; ++i) from = build(nfa, node.children.front(), from);
  const std::uint32_t end = nfa.add();
  if (node.max == RegexNode::kUnbounded) {
    const std::uint32_t loop = nfa.add();
    nfa.move(from, loop);
    nfa.move(build(nfa, node.children.front(), loop), loop);
    nfa.move(loop, end);
    return end;
  }
  nfa.move(from, end);
  for (std::uint32_t i = node.min; i < node.max; ++i) {
    from = build(nfa, node.children.front(), from);
    nfa.move(from, end);
  }
  return end;
}

std::uint32_t build(Nfa& nfa, const RegexNode& node, std::uint32_t from) {
  switch (node.kind) {
    case RegexNode::Kind::set: {
      const std::uint32_t to = nfa.add();
      const std::uint32_t middle = nfa.add();
      nfa.move(from, middle);
      nfa.states[middle].bytes = node.set;
      nfa.states[middle].to = to;
      return to;
    }
    case RegexNode::Kind::concat:
      for (const RegexNode& part : node.children) from = build(nfa, part, from);
      return from;
    case RegexNode::Kind::alternate:
      return build_alternate(nfa, node, from);
    case RegexNode::Kind::repeat:
      return build_repeat(nfa, node, from);
  }
  return from;
}

Set closure(const Nfa& nfa, const Set& seed) {
  std::vector<std::uint8_t> seen(nfa.states.size(), 0);
  Set todo = seed;
  Set out;
  while (!todo.empty()) {
    const std::uint32_t state = todo.back();
    todo.pop_back();
    if (seen[state] != 0) continue;
    seen[state] = 1;
    out.push_back(state);
    todo.insert(todo.end(), nfa.states[state].empty.begin(), nfa.states[state].empty.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// A deterministic automaton over all 256 bytes, not yet minimal; state 0 is the start, 1 refuses for ever.
struct Wide {
  std::vector<std::array<std::uint32_t, 256>> next;
  std::vector<std::uint8_t> accepting;
};

Set step(const Nfa& nfa, const Set& from, std::size_t byte) {
  Set out;
  for (const std::uint32_t state : from) {
    if (nfa.states[state].bytes.test(byte)) out.push_back(nfa.states[state].to);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Wide determinise(const Nfa& nfa, std::uint32_t start, std::uint32_t end) {
  Wide wide;
  std::map<Set, std::uint32_t> numbers;
  std::deque<Set> todo;
  const auto number = [&](Set set) {
    const auto [at, fresh] = numbers.emplace(std::move(set), static_cast<std::uint32_t>(numbers.size()));
    if (fresh) todo.push_back(at->first);
    return at->second;
  };
  number(closure(nfa, {start}));
  number({});
  while (!todo.empty() && numbers.size() <= Dfa::kMaxStates) {
    const Set from = std::move(todo.front());
    todo.pop_front();
    wide.accepting.push_back(std::binary_search(from.begin(), from.end(), end) ? 1 : 0);
    std::map<Set, std::uint32_t> known;  // most bytes lead to one of few sets
    std::array<std::uint32_t, 256> row{};
    for (std::size_t byte = 0; byte < 256; ++byte) {
      Set reached = step(nfa, from, byte);
      const auto cached = known.find(reached);
      if (cached != known.end()) {
        row[byte] = cached->second;
      } else {
        row[byte] = number(closure(nfa, reached));
        known.emplace(std::move(reached), row[byte]);
      }
    }
    wide.next.push_back(row);
  }
  return todo.empty() ? wide : Wide{};
}

/// Moore's refinement: the block of each state when nothing can be split any more.
std::vector<std::uint32_t> minimise(const Wide& wide) {
  std::vector<std::uint32_t> block(wide.accepting.begin(), wide.accepting.end());
  for (std::size_t count = 0;;) {
    std::map<std::vector<std::uint32_t>, std::uint32_t> numbers;
    std::vector<std::uint32_t> refined(block.size());
    for (std::size_t state = 0; state < block.size(); ++state) {
      std::vector<std::uint32_t> signature{block[state]};
      for (const std::uint32_t to : wide.next[state]) signature.push_back(block[to]);
      refined[state] = numbers.emplace(std::move(signature), static_cast<std::uint32_t>(numbers.size())).first->second;
    }
    block = std::move(refined);
    if (numbers.size() == count) return block;
    count = numbers.size();
  }
}

/// States of the quotient from the start on, in the order in which the bytes reach them; the refusing one is left out.
struct Numbering {
  std::map<std::uint32_t, std::uint16_t> of_block;
  std::vector<std::uint32_t> representative;
};

Numbering number_states(const Wide& wide, const std::vector<std::uint32_t>& block) {
  Numbering numbering;
  const auto add = [&](std::uint32_t state) {
    if (block[state] == block[1] || numbering.of_block.count(block[state]) != 0) return;
    numbering.of_block[block[state]] = static_cast<std::uint16_t>(numbering.representative.size());
    numbering.representative.push_back(state);
  };
  add(0);
  for (std::size_t i = 0; i < numbering.representative.size(); ++i) {
    const auto row = wide.next[numbering.representative[i]];
    for (const std::uint32_t to : row) add(to);
  }
  return numbering;
}

Dfa compress(const Wide& wide, const std::vector<std::uint32_t>& block, const Numbering& numbering) {
  Dfa dfa;
  std::map<std::vector<std::uint16_t>, std::uint8_t> columns;
  std::vector<const std::vector<std::uint16_t>*> order;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::vector<std::uint16_t> column;
    for (const std::uint32_t state : numbering.representative) {
      const auto to = numbering.of_block.find(block[wide.next[state][byte]]);
      column.push_back(to == numbering.of_block.end() ? Dfa::kRefused : to->second);
    }
    const auto [at, fresh] = columns.emplace(std::move(column), static_cast<std::uint8_t>(columns.size()));
    if (fresh) order.push_back(&at->first);
    dfa.classes[byte] = at->second;
  }
  dfa.class_count = static_cast<std::uint16_t>(order.size());
  for (std::size_t state = 0; state < numbering.representative.size(); ++state) {
    for (const auto* column : order) dfa.transitions.push_back((*column)[state]);
    dfa.accepting.push_back(wide.accepting[numbering.representative[state]]);
  }
  return dfa;
}

/// reach[n][s]: a member can end after exactly n more bytes from state s.
std::vector<std::vector<std::uint8_t>> reach_table(const Dfa& dfa, std::size_t length) {
  std::vector<std::vector<std::uint8_t>> reach{dfa.accepting};
  for (std::size_t n = 1; n <= length; ++n) {
    std::vector<std::uint8_t> row(dfa.size(), 0);
    for (std::size_t state = 0; state < dfa.size(); ++state) {
      for (std::size_t c = 0; c < dfa.class_count; ++c) {
        const std::uint16_t to = dfa.transitions[state * dfa.class_count + c];
        if (to != Dfa::kRefused && reach.back()[to] != 0) row[state] = 1;
      }
    }
    reach.push_back(std::move(row));
  }
  return reach;
}

std::uint64_t scramble(std::uint64_t x) {  // splitmix64
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
  x = (x ^ x >> 27) * 0x94D049BB133111EBU;
  return x ^ x >> 31;
}

}  // namespace

bool Dfa::accepts(std::string_view value) const {
  if (accepting.empty()) return false;
  std::uint16_t state = 0;
  for (const char byte : value) {
    state = next(state, byte);
    if (state == kRefused) return false;
  }
  return accepting[state] != 0;
}

Dfa to_dfa(const RegexNode& root) {
  Nfa nfa;
  const std::uint32_t start = nfa.add();
  const std::uint32_t end = build(nfa, root, start);
  const Wide wide = determinise(nfa, start, end);
  if (wide.next.empty()) return {};
  const std::vector<std::uint32_t> block = minimise(wide);
  return compress(wide, block, number_states(wide, block));
}

Dfa dfa_of(std::string_view pattern) {
  const auto root = parse_pattern(pattern);
  return root ? to_dfa(*root) : Dfa{};
}

std::uint32_t shortest_length(const Dfa& dfa) {
  std::vector<std::uint8_t> here(dfa.size(), 0);
  if (!here.empty()) here[0] = 1;
  for (std::uint32_t length = 0; length <= dfa.size(); ++length) {
    std::vector<std::uint8_t> next(dfa.size(), 0);
    for (std::size_t state = 0; state < dfa.size(); ++state) {
      if (here[state] == 0) continue;
      if (dfa.accepting[state] != 0) return length;
      for (std::size_t c = 0; c < dfa.class_count; ++c) {
        const std::uint16_t to = dfa.transitions[state * dfa.class_count + c];
        if (to != Dfa::kRefused) next[to] = 1;
      }
    }
    here = std::move(next);
  }
  return 0;
}

std::optional<std::uint32_t> longest_length(const Dfa& dfa) {
  if (dfa.size() == 0) return 0;
  // No state is left out that leads nowhere, so a walk of as many steps as there are states goes round a circle.
  std::vector<std::uint8_t> here(dfa.size(), 0);
  here[0] = 1;
  std::uint32_t longest = 0;
  for (std::uint32_t length = 0; length <= dfa.size(); ++length) {
    std::vector<std::uint8_t> next(dfa.size(), 0);
    bool alive = false;
    for (std::size_t state = 0; state < dfa.size(); ++state) {
      if (here[state] == 0) continue;
      alive = true;
      if (dfa.accepting[state] != 0) longest = length;
      for (std::size_t c = 0; c < dfa.class_count; ++c) {
        const std::uint16_t to = dfa.transitions[state * dfa.class_count + c];
        if (to != Dfa::kRefused) next[to] = 1;
      }
    }
    if (!alive) return longest;
    here = std::move(next);
  }
  return std::nullopt;
}

std::optional<std::string> member(const Dfa& dfa, std::size_t length, std::uint64_t seed) {
  if (dfa.size() == 0) return std::nullopt;
  const auto reach = reach_table(dfa, length);
  if (reach[length][0] == 0) return std::nullopt;
  std::string out;
  std::uint16_t state = 0;
  for (std::size_t i = 0; i < length; ++i) {
    std::string candidates;
    for (int byte = 0; byte < 256; ++byte) {
      const std::uint16_t to = dfa.next(state, static_cast<char>(byte));
      if (to != Dfa::kRefused && reach[length - i - 1][to] != 0) candidates += static_cast<char>(byte);
    }
    const std::uint64_t choice = scramble(seed + i) % candidates.size();
    out += seed == 0 ? candidates.front() : candidates[choice];
    state = dfa.next(state, out.back());
  }
  return out;
}

}  // namespace quickpay::spec
