#include "statemachines/explorer/store.hpp"

#include <algorithm>
#include <cstring>

namespace quickpay::statemachines {
namespace {

constexpr std::uint64_t both(std::uint32_t left, std::uint32_t right) { return (static_cast<std::uint64_t>(left) << 32U) | right; }

// Whether every byte of `more` is at least that of `less`; bytes are below 128.
bool each_at_least(std::uint32_t more, std::uint32_t less) {
  constexpr std::uint32_t kHigh = 0x80808080;
  return (((more | kHigh) - less) & kHigh) == kHigh;
}

}  // namespace

std::uint32_t StateStore::Numbered::number(std::uint64_t word) {
  const std::uint32_t known = places.find(word, [&](std::uint32_t i) { return words[i] == word; });
  if (known != Places::kNone) return known;
  const auto next = static_cast<std::uint32_t>(words.size());
  words.push_back(word);
  places.add(word, next, [&](std::uint32_t i) { return words[i]; });
  return next;
}

StateStore::StateStore(const Layout& layout, Keep keep) : keep_(keep), budgets_at_(layout.budget_at(0)), words_((budgets_at_ + 7) / 8) {
  pair_up();
  parts_.resize(words_ + pairs_.size());
  for (Numbered& part : parts_) part.number(0);  // so that `near_`, all zero, is a state
}

void StateStore::pair_up() {
  for (std::size_t i = 0; i < words_; ++i) top_.push_back(i);
  while (top_.size() > 2) {
    std::vector<std::size_t> above;
    for (std::size_t i = 0; i + 1 < top_.size(); i += 2) {
      above.push_back(words_ + pairs_.size());
      pairs_.push_back({top_[i], top_[i + 1]});
    }
    if (top_.size() % 2 == 1) above.push_back(top_.back());
    top_ = std::move(above);
  }
}

std::uint64_t StateStore::word_at(const CompositionState& state, std::size_t word) const {
  std::uint64_t value = 0;
  std::memcpy(&value, state.data() + 8 * word, std::min<std::size_t>(8, budgets_at_ - 8 * word));
  return value;
}

// What is as in the state that was opened last is not looked up again.
std::uint64_t StateStore::fold(const CompositionState& state) {
  std::array<std::uint32_t, 2 * kWords> numbers;
  for (std::size_t i = 0; i < words_; ++i) {
    const std::uint64_t word = word_at(state, i);
    numbers[i] = word == near_.words[i] ? near_.numbers[i] : parts_[i].number(word);
  }
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const auto [left, right] = pairs_[i];
    const bool same = numbers[left] == near_.numbers[left] && numbers[right] == near_.numbers[right];
    numbers[words_ + i] = same ? near_.numbers[words_ + i] : parts_[words_ + i].number(both(numbers[left], numbers[right]));
  }
  return top_.size() == 1 ? numbers[top_[0]] : both(numbers[top_[0]], numbers[top_[1]]);
}

CompositionState StateStore::unfold(std::uint32_t number, Parts& parts) const {
  const std::uint64_t root = roots_[number];
  parts.numbers[top_.back()] = static_cast<std::uint32_t>(root);
  if (top_.size() == 2) parts.numbers[top_[0]] = static_cast<std::uint32_t>(root >> 32U);
  for (std::size_t i = pairs_.size(); i-- > 0;) {
    const std::uint64_t pair = parts_[words_ + i].words[parts.numbers[words_ + i]];
    parts.numbers[pairs_[i].left] = static_cast<std::uint32_t>(pair >> 32U);
    parts.numbers[pairs_[i].right] = static_cast<std::uint32_t>(pair);
  }
  CompositionState state{};
  for (std::size_t i = 0; i < words_; ++i) {
    parts.words[i] = parts_[i].words[parts.numbers[i]];
    std::memcpy(state.data() + 8 * i, &parts.words[i], std::min<std::size_t>(8, budgets_at_ - 8 * i));
  }
  std::memcpy(state.data() + budgets_at_, &budgets_[number], kBudgetBytes);
  return state;
}

bool StateStore::covers(std::uint32_t number, std::uint32_t left) const {
  switch (keep_) {
    case Keep::every: return budgets_[number] == left;
    case Keep::largest: return each_at_least(budgets_[number], left);
    case Keep::some: return true;
  }
  return true;
}

// With every state kept budgets are part of what is looked for, else they are compared.
std::uint64_t StateStore::sought(std::uint64_t root, std::uint32_t left) const {
  return keep_ == Keep::every ? root ^ (left * 0x9E3779B97F4A7C15ULL) : root;
}

StateStore::Added StateStore::add(const CompositionState& state) {
  const std::uint64_t root = fold(state);
  std::uint32_t left = 0;
  std::memcpy(&left, state.data() + budgets_at_, kBudgetBytes);
  const std::uint64_t word = sought(root, left);
  const std::uint32_t known = places_.find(word, [&](std::uint32_t i) { return roots_[i] == root && covers(i, left); });
  if (known != Places::kNone) return {known, false};
  const auto next = static_cast<std::uint32_t>(roots_.size());
  roots_.push_back(root);
  budgets_.push_back(left);
  places_.add(word, next, [&](std::uint32_t i) { return sought(roots_[i], budgets_[i]); });
  return {next, true};
}

CompositionState StateStore::at(std::uint32_t number) const {
  Parts parts;
  return unfold(number, parts);
}

CompositionState StateStore::open(std::uint32_t number) { return unfold(number, near_); }

std::size_t StateStore::bytes() const {
  std::size_t all = roots_.bytes() + budgets_.bytes() + places_.bytes();
  for (const Numbered& part : parts_) all += part.words.bytes() + part.places.bytes();
  return all;
}

}  // namespace quickpay::statemachines
