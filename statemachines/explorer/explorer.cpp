#include "statemachines/explorer/explorer.hpp"

#include <algorithm>
#include <cstring>

namespace quickpay::statemachines {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::uint32_t kLookEvery = 1024;  // states between two looks at the switch that stops

// What is left of all faults and forgeries together.
std::size_t left_in(const Layout& layout, const CompositionState& state) {
  std::size_t left = 0;
  for (std::size_t kind = 0; kind < kBudgetBytes; ++kind) left += state[layout.budget_at(kind)];
  return left;
}

}  // namespace

Explorer::Explorer(const Composition& composition, std::vector<std::size_t> checked)
    : composition_(composition), checked_(std::move(checked)) {
  const auto& properties = composition.layout().table().properties;
  wants_edges_ = std::any_of(checked_.begin(), checked_.end(),
                             [&](std::size_t i) {
    return properties[i].kind == PropertyKind::possible || properties[i].kind == PropertyKind::inevitable;
  });
}

bool largest_suffice(const CompositionTable& table, const std::vector<std::size_t>& checked) {
  return std::all_of(checked.begin(), checked.end(), [&](std::size_t i) { return table.properties[i].kind == PropertyKind::always; });
}

std::uint32_t Explorer::add(const CompositionState& state, std::uint32_t parent) {
  const auto [number, is_new] = store_->add(state);
  if (!is_new) return number;
  parents_.push_back(parent);
  agenda_->add(number, left_in(composition_.layout(), state));
  return number;
}

void Explorer::begin(const Limits& limits) {
  found_ = {};
  found_.keep = largest_suffice(composition_.layout().table(), checked_) ? limits.keep : Keep::every;
  store_ = std::make_unique<StateStore>(composition_.layout(), found_.keep);
  agenda_ = std::make_unique<Agenda>(found_.keep);
  parents_ = {};
  edges_.clear();
  labels_.clear();
  for (const Player& player : composition_.layout().players()) {
    found_.rows.emplace_back(player.table->rows.size() + player.table->defaults.size(), false);
    found_.seen.emplace_back(player.table->states.size(), false);
  }
  found_.problem = composition_.layout().problem();
}

Exploration Explorer::run(const Limits& limits) {
  begin(limits);
  if (!found_.problem.empty()) return found_;
  add(composition_.initial(), kNone);
  std::uint64_t looked_at = 0;
  while (!agenda_->empty() && parents_.size() <= limits.states && found_.problem.empty()) {
    if (limits.until_failed && !found_.failed.empty()) break;
    if (looked_at++ % kLookEvery == 0 && limits.stop != nullptr && *limits.stop) break;
    expand(agenda_->next());
  }
  found_.complete = agenda_->empty() && found_.problem.empty();
  found_.states = parents_.size();
  found_.bytes = store_->bytes() + parents_.bytes();
  found_.depth = parents_.size() == 0 ? 0 : length_of(static_cast<std::uint32_t>(parents_.size() - 1));
  if (found_.complete && wants_edges_) check_possible();
  return found_;
}

void Explorer::expand(std::uint32_t index) {
  bool ends = true;
  const CompositionState here = store_->open(index);
  check_always(here, index);
  composition_.successors(here, [&](const Move& move, const CompositionState& state) {
    ++found_.transitions;
    note(move);
    if (move.stuck) found_.problem = "no row fits: " + composition_.describe(move);
    const std::uint32_t to = add(state, index);
    if (wants_edges_) edges_.push_back({index, to, label_of(move)});
    if (to != index) ends = false;
  });
  if (wants_edges_)
    composition_.due(here, [&](const Move& move) { edges_.push_back({index, kNowhere, label_of(move)}); });
  if (!ends) return;
  ++found_.endings;
  check_end(index);
}

void Explorer::note(const Move& move) {
  for (std::size_t i = 0; i < move.steps; ++i) {
    auto& rows = found_.rows[move.movers[i]];
    if (move.rows[i] < rows.size()) rows[move.rows[i]] = true;
  }
}

void Explorer::fail(std::size_t property, std::uint32_t state) {
  const bool known = std::any_of(found_.failed.begin(), found_.failed.end(),
                                 [&](const PropertyFinding& item) { return item.property == property; });
  if (!known) found_.failed.push_back({property, state, length_of(state)});
}

void Explorer::check_always(const CompositionState& state, std::uint32_t index) {
  const Layout& layout = composition_.layout();
  for (std::size_t order = 0; order < layout.orders(); ++order) {
    for (std::size_t i = 0; i < layout.players().size(); ++i) found_.seen[i][state[layout.machine_at(order, i)]] = true;
    for (const std::size_t property : checked_) {
      const PropertyInfo& info = layout.table().properties[property];
      if (info.kind == PropertyKind::always && !composition_.holds(info.holds, state, order)) fail(property, index);
    }
  }
}

void Explorer::check_end(std::uint32_t index) {
  const CompositionState state = at(index);
  const Layout& layout = composition_.layout();
  for (std::size_t order = 0; order < layout.orders(); ++order)
    for (const std::size_t property : checked_) {
      const PropertyInfo& info = layout.table().properties[property];
      if (info.kind == PropertyKind::at_end && !composition_.holds(info.holds, state, order)) fail(property, index);
    }
}

void Explorer::check_possible() {
  for (const std::size_t property : checked_) {
    const PropertyKind kind = composition_.layout().table().properties[property].kind;
    if (kind == PropertyKind::possible) can_reach(property);
    if (kind == PropertyKind::inevitable) must_reach(property);
  }
}

bool comes_at_last(const Move& move) {
  switch (move.kind) {
    case MoveKind::timer:
    case MoveKind::fetched:
    case MoveKind::request:
    case MoveKind::earlier_request:
    case MoveKind::answer:
    case MoveKind::no_answer: return !move.kept;
    default: return false;
  }
}

std::uint16_t Explorer::label_of(const Move& move) {
  if (!comes_at_last(move)) return kUnfair;
  std::uint64_t key = static_cast<std::uint64_t>(move.kind) + 1U;
  for (const int part : {static_cast<int>(move.order), static_cast<int>(move.instance), static_cast<int>(move.event),
                         static_cast<int>(move.letter), static_cast<int>(move.code)})
    key = (key << 10U) | static_cast<std::uint64_t>(part + 1);
  return labels_.try_emplace(key, static_cast<std::uint16_t>(labels_.size() + 1)).first->second;
}

// From every state with the premise every fair run comes to the conclusion.
bool Explorer::must_reach(std::size_t property) {
  const PropertyInfo& info = composition_.layout().table().properties[property];
  const auto count = static_cast<std::uint32_t>(parents_.size());
  for (std::size_t order = 0; order < composition_.layout().orders(); ++order) {
    std::vector<bool> met(count, false);
    for (std::uint32_t i = 0; i < count; ++i) met[i] = composition_.holds(info.holds, at(i), order);
    const std::vector<bool> misses = may_never_meet(count, edges_, met);
    for (std::uint32_t i = 0; i < count; ++i)
      if (misses[i] && composition_.holds(info.from, at(i), order)) return fail(property, i), false;
  }
  return true;
}

// Backwards from the states that have what is wanted; the first state that wants it and is not met breaks the property.
bool Explorer::can_reach(std::size_t property) {
  const PropertyInfo& info = composition_.layout().table().properties[property];
  const auto count = static_cast<std::uint32_t>(parents_.size());
  std::vector<std::uint32_t> first(count + 2U, 0);
  for (const FairEdge& edge : edges_)
    if (edge.to != kNowhere) ++first[edge.to + 2U];
  for (std::size_t i = 2; i < first.size(); ++i) first[i] += first[i - 1];
  std::vector<std::uint32_t> before(edges_.size());
  for (const FairEdge& edge : edges_)
    if (edge.to != kNowhere) before[first[edge.to + 1U]++] = edge.from;
  for (std::size_t order = 0; order < composition_.layout().orders(); ++order) {
    std::vector<bool> met(count, false);
    std::vector<std::uint32_t> work;
    for (std::uint32_t i = 0; i < count; ++i)
      if (composition_.holds(info.holds, at(i), order)) met[i] = true, work.push_back(i);
    while (!work.empty()) {
      const std::uint32_t state = work.back();
      work.pop_back();
      for (std::uint32_t k = first[state]; k < first[state + 1U]; ++k)
        if (!met[before[k]]) met[before[k]] = true, work.push_back(before[k]);
    }
    for (std::uint32_t i = 0; i < count; ++i)
      if (!met[i] && composition_.holds(info.from, at(i), order)) return fail(property, i), false;
  }
  return true;
}

std::size_t Explorer::length_of(std::uint32_t state) const {
  std::size_t steps = 0;
  for (; parents_[state] != kNone; state = parents_[state]) ++steps;
  return steps;
}

std::vector<Move> Explorer::moves(std::uint32_t state) const {
  std::vector<Move> all;
  for (; parents_[state] != kNone; state = parents_[state]) {
    const CompositionState wanted = at(state);
    bool found = false;
    composition_.successors(at(parents_[state]), [&](const Move& move, const CompositionState& next) {
      if (found || next != wanted) return;
      all.push_back(move);
      found = true;
    });
  }
  std::reverse(all.begin(), all.end());
  return all;
}

std::vector<std::string> Explorer::trail(std::uint32_t state) const {
  std::vector<std::string> lines;
  for (const Move& move : moves(state)) lines.push_back(composition_.describe(move));
  lines.push_back("now: " + composition_.describe(at(state)));
  return lines;
}

// States are numbered in the order in which they were found, the nearest first.
std::optional<std::uint32_t> Explorer::first(const std::function<bool(const CompositionState&)>& fits) const {
  for (std::uint32_t state = 0; state < parents_.size(); ++state)
    if (fits(at(state))) return state;
  return std::nullopt;
}

}  // namespace quickpay::statemachines
