// Moves and states in words, for trails.
#include <algorithm>
#include <utility>

#include "statemachines/composition/composition.hpp"

namespace quickpay::statemachines {
namespace {

std::string row_name(const MachineTable& table, std::uint16_t row) {
  if (row < table.rows.size()) return std::string(table.rows[row].id);
  const std::size_t index = row - table.rows.size();
  return index < table.defaults.size() ? std::string(table.defaults[index].id) : "no row";
}

std::string_view kind_text(MoveKind kind) {
  switch (kind) {
    case MoveKind::action: return "the user";
    case MoveKind::timer: return "time";
    case MoveKind::fetched: return "goods";
    case MoveKind::request: return "request";
    case MoveKind::earlier_request: return "earlier request";
    case MoveKind::outside: return "request from outside";
    case MoveKind::answer: return "answer";
    case MoveKind::no_answer: return "no answer in time to";
    case MoveKind::lose_request: return "the network loses the request";
    case MoveKind::lose_answer: return "the network loses the answer";
    case MoveKind::crash: return "crash and restart of the";
    case MoveKind::forged_request: return "FORGED request";
    case MoveKind::forged_answer: return "FORGED answer";
  }
  return "";
}

std::string letter_text(const Layout& layout, const Letter& letter) {
  const auto id = [&](int instance) {
    return instance < 0 ? std::string("outside")
                        : std::string(layout.table().instances[static_cast<std::size_t>(instance)].id);
  };
  std::string text = std::string(letter.message);
  if (!letter.variant.empty()) text += " " + std::string(letter.variant);
  return text + " (" + id(letter.from) + " to " + id(letter.to) + ")";
}

/// How a letter travels: with a line or a broken one, and whether it arrives.
std::string_view arrow_of(MoveKind kind) {
  switch (kind) {
    case MoveKind::request:
    case MoveKind::earlier_request:
    case MoveKind::outside:
    case MoveKind::forged_request: return "->>";
    case MoveKind::answer:
    case MoveKind::forged_answer: return "-->>";
    case MoveKind::lose_request: return "-x";
    case MoveKind::lose_answer: return "--x";
    default: return "";  // nothing travels
  }
}

bool is_answer(MoveKind kind) { return kind == MoveKind::answer || kind == MoveKind::forged_answer || kind == MoveKind::lose_answer; }

}  // namespace

std::string Composition::drawn(const Move& move) const {
  const auto lane = [&](int instance) {
    return instance < 0 ? std::string("outside") : std::string(layout_.players()[static_cast<std::size_t>(instance)].table->role);
  };
  const std::string_view arrow = arrow_of(move.kind);
  const Letter* letter = move.letter < 0 ? nullptr : &layout_.letters()[static_cast<std::size_t>(move.letter)];
  std::string text = describe(move);
  std::replace(text.begin(), text.end(), ';', ':');  // ends a line of the diagram
  if (letter == nullptr) return "Note over " + lane(move.instance) + ": " + text;
  if (arrow.empty()) return "Note over " + lane(letter->from) + ": " + text;
  std::string from = lane(letter->from), to = lane(letter->to);
  if (is_answer(move.kind)) std::swap(from, to);
  return from.append(arrow).append(to) + ": " + text;
}

std::string Composition::describe(const Move& move) const {
  std::string text(kind_text(move.kind));
  if (move.kind == MoveKind::crash) {
    const std::string_view role = layout_.players()[static_cast<std::size_t>(move.instance)].table->role;
    bool several = false;
    for (std::size_t order = 0; order < layout_.orders(); ++order) several |= player_of(configuration_.players, role, order) != 0;
    return text + " " + std::string(role) + (several ? " of order " + std::to_string(move.order + 1) : "");
  }
  if (move.letter >= 0) {
    const Letter& letter = layout_.letters()[static_cast<std::size_t>(move.letter)];
    text += " " + letter_text(layout_, letter);
    if (move.code >= 0) text += " " + std::string(letter.codes[static_cast<std::size_t>(move.code)]);
    if (move.kind == MoveKind::forged_answer)
      text += " " + std::string(layout_.players()[static_cast<std::size_t>(letter.from)]
                                    .table->events[static_cast<std::size_t>(move.event)].id);
  } else {
    const auto instance = static_cast<std::size_t>(move.instance);
    text += ": " + std::string(layout_.table().instances[instance].id) + " " +
            std::string(layout_.players()[instance].table->events[static_cast<std::size_t>(move.event)].id);
  }
  if (move.other) text += " with other terms";
  if (move.kept) text += ", a copy stays";
  if (layout_.orders() > 1) text += ", order " + std::to_string(move.order + 1);
  for (std::size_t i = 0; i < move.steps; ++i) {
    const std::size_t mover = move.movers[i];
    text += (i == 0 ? "; " : ", ") + std::string(layout_.table().instances[mover].id) + " takes " +
            row_name(*layout_.players()[mover].table, move.rows[i]);
  }
  return text;
}

std::string Composition::describe(const CompositionState& state) const {
  std::string text;
  for (std::size_t order = 0; order < layout_.orders(); ++order) {
    for (std::size_t i = 0; i < layout_.players().size(); ++i) {
      if (!present(order, static_cast<int>(i))) continue;
      const MachineTable& table = *layout_.players()[i].table;
      const std::size_t at = layout_.machine_at(order, i);
      text += (text.empty() ? "" : ", ") + std::string(layout_.table().instances[i].id) + " " +
              std::string(table.states[state[at]].id);
      for (std::size_t k = 0; k < table.variables.size(); ++k)
        text += " " + std::string(table.variables[k].id) + "=" + std::string(table.variables[k].values[state[at + 1 + k]]);
    }
    for (std::size_t i = 0; i < layout_.table().ghosts.size(); ++i)
      if (state[layout_.ghost_at(order, i)] != 0)
        text += ", " + std::string(layout_.table().ghosts[i].id) + "=" + std::to_string(state[layout_.ghost_at(order, i)]);
  }
  return text;
}

}  // namespace quickpay::statemachines
