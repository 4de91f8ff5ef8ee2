// Where everything of a composition lies in a state, and which requests travel in it; derived from the tables once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/composition/table.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::statemachines {

inline constexpr std::size_t kMaxStateBytes = 320;  ///< bytes of a whole state
inline constexpr std::size_t kMaxLetterCodes = 16;  ///< answers that a request may get
inline constexpr std::size_t kLetterBytes = 4;      ///< of a request: its bits, and what `letter_at` says
inline constexpr std::size_t kMaxTimers = 7;        ///< timers of a machine
inline constexpr std::size_t kBudgetBytes = 4;      ///< what is left of losses, copies, crashes and forgeries: the end of a state

/// Everything that the model remembers: machines, what travels, ghosts, budgets.
using CompositionState = std::array<std::uint8_t, kMaxStateBytes>;

/// A kind of request from one instance to another, or to nobody in the model (`to` is -1): the surroundings answer it.
struct Letter {
  int from = 0;
  int to = -1;
  std::string_view message;
  std::string_view variant;
  EventId arrival = 0;               ///< the event at its receiver
  std::vector<std::string_view> codes;  ///< answers it may get …
  std::vector<EventId> outcomes;        ///< … and the event of its sender that each is
  std::vector<bool> final;              ///< … and whether it is kept and given again
  int failure = -1;                  ///< the sender's event if no answer comes, or -1
};

/// Bits of a letter's first byte.
struct LetterBits {
  static constexpr std::uint8_t kOpen = 1;     ///< its sender waits for an answer
  static constexpr std::uint8_t kMoving = 2;   ///< the request is on its way
  static constexpr std::uint8_t kOld = 4;      ///< an earlier one, given up unanswered, is still on its way
  static constexpr std::uint8_t kParked = 8;   ///< it waits at its receiver
  static constexpr std::uint8_t kDeaf = 16;    ///< … but its connection is gone
};

/// A machine with what it is run by.
struct Player {
  const MachineTable* table = nullptr;
  const Engine* engine = nullptr;
  std::vector<std::uint64_t> read;  ///< state * events + event → predicates that any row there looks at
  Snapshot initial = {};
};

class Layout {
 public:
  /// `players` has one entry an instance; `orders` and whose they are come from `configuration`. Error texts in `problem()` if limits do
  /// not suffice.
  Layout(const CompositionTable& table, std::vector<Player> players, const ConfigurationInfo& configuration);

  const std::string& problem() const { return problem_; }
  std::size_t bytes() const { return bytes_; }
  std::size_t orders() const { return orders_; }
  const std::vector<Letter>& letters() const { return letters_; }
  const std::vector<Player>& players() const { return players_; }
  const CompositionTable& table() const { return *table_; }

  std::size_t machine_at(std::size_t order, std::size_t instance) const { return base(order) + machines_[instance]; }
  std::size_t timers_at(std::size_t order, std::size_t instance) const {
    return machine_at(order, instance) + 1 + players_[instance].table->variables.size();
  }
  /// Three bytes a letter behind its bits: the final answer kept (0: none), and the answers on their way.
  std::size_t letter_at(std::size_t order, std::size_t letter) const { return base(order) + letters_at_[letter]; }
  std::size_t ghost_at(std::size_t order, std::size_t ghost) const { return ghosts_[order * table_->ghosts.size() + ghost]; }
  std::size_t budget_at(std::size_t kind) const { return budgets_at_ + kind; }

  /// Number of a timer of an instance, or -1.
  int timer(std::size_t instance, std::string_view name) const;
  /// The letter that this instance writes, or -1.
  int letter(std::size_t instance, std::string_view message, std::string_view variant) const;
  /// Whether requests of this event come from nobody in the model.
  bool from_outside(std::size_t instance, EventId event) const;
  int instance_of(std::string_view machine) const;

 private:
  void place_ghosts(const ConfigurationInfo& configuration, std::size_t at);
  int receiver(std::size_t sender, std::string_view message) const;
  std::size_t base(std::size_t order) const { return order * order_bytes_; }
  void place(const ConfigurationInfo& configuration);
  void add_letters(std::size_t instance);
  void add_letter(std::size_t instance, std::string_view message, std::string_view variant);
  void add_answers(Letter& letter);
  void add_codes_of(const MachineTable& machine, Letter& letter);
  bool is_port_target(std::size_t instance, std::string_view event) const;

  const CompositionTable* table_;
  std::vector<Player> players_;
  std::vector<Letter> letters_;
  std::vector<std::size_t> machines_, letters_at_;
  std::vector<std::vector<std::string_view>> timers_;
  std::vector<std::size_t> ghosts_;  ///< order by order
  std::span<const std::string_view> who_;
  std::size_t orders_, order_bytes_ = 0, budgets_at_ = 0, bytes_ = 0;
  std::string problem_;
};

/// Which player of a role an order has, from 0; `players` as a configuration has them.
std::size_t player_of(std::span<const std::string_view> players, std::string_view role, std::size_t order);

/// Whether an order, counted from 0, has an option of the configuration.
bool has_option(const ConfigurationInfo& configuration, std::string_view option, std::size_t order);

/// Whether an instance takes part in an order, counted from 0.
bool takes_part(const InstanceInfo& instance, const ConfigurationInfo& configuration, std::size_t order);

/// Whether it takes part in any order.
bool takes_part(const InstanceInfo& instance, const ConfigurationInfo& configuration);

/// The predicates that rows of a (state, event) look at, as `Player::read` has them.
std::vector<std::uint64_t> predicates_read(const MachineTable& table);

}  // namespace quickpay::statemachines
