// Keeps the states of an exploration, each once and whole, in 32 to 47 bytes each.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "statemachines/composition/layout.hpp"

namespace quickpay::statemachines {

/// An array that grows without moving what it has.
template <class Item>
class Segments {
 public:
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return parts_.size() * kItems * sizeof(Item); }
  const Item& operator[](std::size_t at) const { return parts_[at / kItems][at % kItems]; }
  void push_back(const Item& item) {
    if (size_ % kItems == 0) parts_.push_back(std::make_unique_for_overwrite<Item[]>(kItems));
    parts_.back()[size_++ % kItems] = item;
  }

 private:
  static constexpr std::size_t kItems = 1U << 12U;
  std::vector<std::unique_ptr<Item[]>> parts_;
  std::size_t size_ = 0;
};

/// Where words of 64 bits are found by their hash; which words, the caller knows.
class Places {
 public:
  /// Calls `fits(number)` for the numbers that may belong to this word until one fits: that number, or kNone.
  template <class Fits>
  std::uint32_t find(std::uint64_t word, Fits fits) const {
    if (slots_.empty()) return kNone;
    const std::uint64_t hash = hash_of(word);
    for (std::size_t at = hash & (slots_.size() - 1); slots_[at].number != kNone; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].tag == static_cast<std::uint32_t>(hash >> 32U) && fits(slots_[at].number)) return slots_[at].number;
    return kNone;
  }
  /// Numbers are given in their order, from 0; `word_of` tells the word of an earlier one.
  template <class WordOf>
  void add(std::uint64_t word, std::uint32_t number, WordOf word_of) {
    if (4 * (number + std::size_t{1}) > 3 * slots_.size()) {
      const std::size_t more = slots_.empty() ? kFirst : 2 * slots_.size();
      slots_ = std::vector<Slot>();  // the old ones are not needed: less memory at once
      slots_.resize(more);
      for (std::uint32_t i = 0; i < number; ++i) put(word_of(i), i);
    }
    put(word, number);
  }
  std::size_t bytes() const { return slots_.size() * sizeof(Slot); }

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

 private:
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t number = kNone;
  };
  static constexpr std::size_t kFirst = 1U << 6U;

  static std::uint64_t hash_of(std::uint64_t word) {
    word = (word ^ (word >> 32U)) * 0xFF51AFD7ED558CCDULL;
    word = (word ^ (word >> 29U)) * 0xC4CEB9FE1A85EC53ULL;
    return word ^ (word >> 32U);
  }
  void put(std::uint64_t word, std::uint32_t number) {
    const std::uint64_t hash = hash_of(word);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].number != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32U), number};
  }

  std::vector<Slot> slots_;
};

/// Which states are kept.
enum class Keep : std::uint8_t {
  every,    ///< all that differ
  largest,  ///< of those that differ in what is left of faults and forgeries alone: such that none found before has as much of everything
  some      ///< a defect, for a comparison to notice: of those that differ in that alone, the first to be found
};

/// States by number. A state is cut into words; each word, and each pair of numbers of words, and so on, is kept once: neighbours have most of
/// their parts in common. Nothing is hashed away.
class StateStore {
 public:
  StateStore(const Layout& layout, Keep keep);

  struct Added {
    std::uint32_t number;
    bool is_new;
  };
  /// The number of the state, or of one that stands for it.
  Added add(const CompositionState& state);
  CompositionState at(std::uint32_t number) const;
  /// The same; what is added next is expected to be much like it.
  CompositionState open(std::uint32_t number);
  std::size_t size() const { return roots_.size(); }
  std::size_t bytes() const;

 private:
  static constexpr std::size_t kWords = kMaxStateBytes / 8;

  /// Words that are numbered.
  struct Numbered {
    Segments<std::uint64_t> words;
    Places places;
    std::uint32_t number(std::uint64_t word);
  };
  /// Two parts of a state that are kept as one.
  struct Pair {
    std::size_t left, right;
  };
  /// A state in parts: first its words, then pairs.
  struct Parts {
    std::array<std::uint64_t, kWords> words;
    std::array<std::uint32_t, 2 * kWords> numbers;
  };

  void pair_up();
  std::uint64_t word_at(const CompositionState& state, std::size_t word) const;
  std::uint64_t fold(const CompositionState& state);
  CompositionState unfold(std::uint32_t number, Parts& parts) const;
  bool covers(std::uint32_t number, std::uint32_t left) const;
  std::uint64_t sought(std::uint64_t root, std::uint32_t left) const;

  Keep keep_;
  std::size_t budgets_at_;
  std::size_t words_;                ///< of a state without budgets
  std::vector<Pair> pairs_;
  std::vector<std::size_t> top_;     ///< the one or two parts that are the whole
  std::vector<Numbered> parts_;      ///< of each part
  Parts near_{};                     ///< of the state that was opened last
  Segments<std::uint64_t> roots_;    ///< state by state
  Segments<std::uint32_t> budgets_;  ///< … and what is left there, a byte each
  Places places_;
};

}  // namespace quickpay::statemachines
