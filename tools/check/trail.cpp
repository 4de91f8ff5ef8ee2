#include "tools/check/trail.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace quickpay::check {
namespace {

using namespace statemachines;
using Json = nlohmann::ordered_json;
using Problem = tl::unexpected<std::string>;

/// What is asked for.
struct Wanted {
  std::string_view property;              ///< empty: a witness
  std::string_view instance, state, row;  ///< of a witness: the state that is reached, or the row that is taken
  std::string_view configuration;

  std::string name() const {
    if (!property.empty()) return std::string(property);
    return std::string(instance) + (row.empty() ? "=" + std::string(state) : ":" + std::string(row));
  }
};

Wanted parse(std::string_view text) {
  Wanted wanted;
  const std::size_t at = text.rfind('@');  // rows have one, too
  if (at != std::string_view::npos) wanted.configuration = text.substr(at + 1);
  const std::string_view what = text.substr(0, at);
  const std::size_t mark = what.find_first_of("=:");
  if (mark == std::string_view::npos) {
    wanted.property = what;
    return wanted;
  }
  wanted.instance = what.substr(0, mark);
  (what[mark] == '=' ? wanted.state : wanted.row) = what.substr(mark + 1);
  return wanted;
}

template <class List>
Json words(const List& list) {
  Json all = Json::array();
  for (const auto& one : list) all.push_back(std::string(one));
  return all;
}

bool is_forged(const Move& move) { return move.kind == MoveKind::forged_request || move.kind == MoveKind::forged_answer; }

/// What a move is to a player: something is asked, answered or done by a user, something breaks, or nothing that he could see.
std::string_view kind_of(const Move& move) {
  switch (move.kind) {
    case MoveKind::request:
    case MoveKind::outside:
    case MoveKind::forged_request: return "request";
    case MoveKind::earlier_request: return "late-request";
    case MoveKind::answer:
    case MoveKind::forged_answer: return "answer";
    case MoveKind::no_answer: return "no-answer";
    case MoveKind::lose_request: return "lose-request";
    case MoveKind::lose_answer: return "lose-answer";
    case MoveKind::crash: return "crash";
    case MoveKind::action: return "action";
    case MoveKind::timer: return "time";
    default: return "other";
  }
}

/// What comes after a state that wants something, up to where it cannot come about any more.
class Aftermath {
 public:
  Aftermath(const Composition& composition, const PropertyInfo& property) : composition_(composition), property_(property) {}

  struct End {
    std::vector<Move> moves;
    CompositionState state;
  };
  /// The shortest way to a state from which machines, time and the network alone do not bring about what is wanted, and what is then on its way to
  /// who took the last step, so that he shows it. Nothing: there is none among kMaxNodes states.
  std::optional<End> from(const CompositionState& state) {
    add(state, 0, {});
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_.size() > kMaxNodes) return std::nullopt;
      if (!nodes_[i].met) expand(i);
    }
    spread();
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (!nodes_[i].may_meet) return shown(end_at(i));
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kMaxNodes = 500'000;
  struct Node {
    CompositionState state;
    std::size_t parent;
    Move move;
    bool met, may_meet;
    std::vector<std::uint32_t> before = {};  ///< from which it comes at last
  };

  std::size_t add(const CompositionState& state, std::size_t parent, const Move& move) {
    const auto [known, is_new] = known_.try_emplace(std::string(state.begin(), state.end()), nodes_.size());
    if (!is_new) return known->second;
    const bool met = composition_.holds(property_.holds, state, 0);
    nodes_.push_back({state, parent, move, met, met});
    return nodes_.size() - 1;
  }

  void expand(std::size_t index) {
    const CompositionState state = nodes_[index].state;
    composition_.successors(state, [&](const Move& move, const CompositionState& next) {
      const std::size_t to = add(next, index, move);
      if (comes_at_last(move)) nodes_[to].before.push_back(static_cast<std::uint32_t>(index));
    });
  }

  void spread() {
    std::vector<std::size_t> work;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (nodes_[i].met) work.push_back(i);
    while (!work.empty()) {
      const std::vector<std::uint32_t> before = std::move(nodes_[work.back()].before);
      work.pop_back();
      for (const std::uint32_t one : before)
        if (!nodes_[one].may_meet) nodes_[one].may_meet = true, work.push_back(one);
    }
  }

  End end_at(std::size_t index) const {
    End end{{}, nodes_[index].state};
    for (std::size_t i = index; i != 0; i = nodes_[i].parent) end.moves.insert(end.moves.begin(), nodes_[i].move);
    return end;
  }

  std::string_view role_of(int instance) const { return composition_.layout().players()[static_cast<std::size_t>(instance)].table->role; }

  End shown(End end) const {
    if (end.moves.empty() || end.moves.back().steps == 0) return end;
    const std::string_view role = role_of(end.moves.back().movers[0]);
    for (bool arrived = true; arrived;) {
      arrived = false;
      const CompositionState state = end.state;
      composition_.successors(state, [&](const Move& move, const CompositionState& next) {
        if (arrived || move.kind != MoveKind::request || move.kept || move.steps == 0 || role_of(move.movers[0]) != role) return;
        arrived = true;
        end.moves.push_back(move);
        end.state = next;
      });
    }
    return end;
  }

  const Composition& composition_;
  const PropertyInfo& property_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> known_;
};

class Writer {
 public:
  Writer(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration)
      : table_(table), composition_(table, cast.players, configuration), configuration_(configuration) {}

  tl::expected<Json, std::string> write(const Wanted& wanted, const Limits& limits) {
    std::vector<std::size_t> checked;
    if (!wanted.property.empty()) {
      const auto found = std::find_if(table_.properties.begin(), table_.properties.end(),
                                      [&](const PropertyInfo& one) { return one.id == wanted.property; });
      if (found == table_.properties.end()) return Problem("there is no property '" + std::string(wanted.property) + "'");
      checked.push_back(static_cast<std::size_t>(found - table_.properties.begin()));
    }
    Explorer explorer(composition_, checked);
    const Exploration run = explorer.run(limits);
    if (!run.problem.empty()) return Problem(run.problem);
    auto end = !wanted.row.empty() ? taken(explorer, wanted) : from_start(explorer, wanted.property.empty() ? seen(explorer, wanted) : broken(run, wanted));
    if (!end) return Problem(end.error());
    auto& [moves, state] = *end;
    const bool never = !checked.empty() && table_.properties[checked.front()].kind == PropertyKind::inevitable;
    if (never) {
      auto after = Aftermath(composition_, table_.properties[checked.front()]).from(state);
      if (!after) return Problem("what " + std::string(wanted.property) + " wants never stops being possible in " + std::string(wanted.configuration) + ", so that no trail shows that it fails");
      moves.insert(moves.end(), after->moves.begin(), after->moves.end());
      state = after->state;
    }
    if (std::any_of(moves.begin(), moves.end(), [](const Move& move) { return move.order != 0; })) return Problem("it takes steps of several orders, and nothing plays more than one");
    Json all = document(wanted, moves);
    all["end"] = "now: " + composition_.describe(state);
    return all;
  }

 private:
  const Layout& layout() const { return composition_.layout(); }

  std::string role_of(int instance) const {
    return instance < 0 ? "outside" : std::string(layout().players()[static_cast<std::size_t>(instance)].table->role);
  }

  static tl::expected<std::uint32_t, std::string> broken(const Exploration& run, const Wanted& wanted) {
    if (run.failed.empty() && !run.complete) return Problem("not explored to the end");
    if (run.failed.empty()) return Problem(std::string(wanted.property) + " does not fail in " + std::string(wanted.configuration));
    return run.failed.front().state;
  }

  tl::expected<std::uint32_t, std::string> seen(const Explorer& explorer, const Wanted& wanted) const {
    const auto instance = instance_of(wanted.instance);
    if (!instance) return Problem("there is no instance '" + std::string(wanted.instance) + "'");
    const auto& states = layout().players()[*instance].table->states;
    const auto state = std::find_if(states.begin(), states.end(), [&](const StateInfo& one) { return one.id == wanted.state; });
    if (state == states.end()) return Problem("there is no state '" + std::string(wanted.state) + "'");
    const auto number = static_cast<std::uint8_t>(state - states.begin());
    const auto found = explorer.first([&](const CompositionState& one) { return one[layout().machine_at(0, *instance)] == number; });
    if (!found) return Problem("no run comes to " + std::string(wanted.state));
    return *found;
  }

  struct Way {
    std::vector<Move> moves;
    CompositionState state;
  };
  static tl::expected<Way, std::string> from_start(const Explorer& explorer, const tl::expected<std::uint32_t, std::string>& end) {
    if (!end) return Problem(end.error());
    return Way{explorer.moves(*end), explorer.state(*end)};
  }

  std::optional<std::size_t> instance_of(std::string_view id) const {
    for (std::size_t i = 0; i < table_.instances.size(); ++i)
      if (table_.instances[i].id == id) return i;
    return std::nullopt;
  }

  /// Whether the instance takes the row in this move.
  bool takes(const Move& move, std::size_t instance, std::string_view row) const {
    for (std::size_t i = 0; i < move.steps; ++i)
      if (move.movers[i] == instance && row_id(*layout().players()[instance].table, move.rows[i]) == row) return move.order == 0;
    return false;
  }

  /// A shortest way on whose last move the row is taken: it need not lead to a state that nothing else leads to.
  tl::expected<Way, std::string> taken(const Explorer& explorer, const Wanted& wanted) const {
    const auto instance = instance_of(wanted.instance);
    if (!instance) return Problem("there is no instance '" + std::string(wanted.instance) + "'");
    std::optional<Way> last;
    const auto found = explorer.first([&](const CompositionState& state) {
      composition_.successors(state, [&](const Move& move, const CompositionState& next) {
        if (!last && takes(move, *instance, wanted.row)) last = Way{{move}, next};
      });
      return last.has_value();
    });
    if (!found) return Problem("no run takes " + std::string(wanted.row) + " of " + std::string(wanted.instance));
    const std::vector<Move> before = explorer.moves(*found);
    last->moves.insert(last->moves.begin(), before.begin(), before.end());
    return std::move(*last);
  }

  const EventInfo& event_of(const Move& move) const { return layout().players()[static_cast<std::size_t>(move.instance)].table->events[static_cast<std::size_t>(move.event)]; }

  Json step(const Move& move) const {
    Json one = {{"text", composition_.describe(move)}, {"does", kind_of(move)}, {"forged", is_forged(move)}};
    if (move.other) one["other"] = true;
    if (move.letter >= 0) {
      const Letter& letter = layout().letters()[static_cast<std::size_t>(move.letter)];
      one["message"] = std::string(letter.message);
      one["protocol"] = std::string(layout().players()[static_cast<std::size_t>(letter.from)].table->protocol);
      if (move.code >= 0) one["code"] = std::string(letter.codes[static_cast<std::size_t>(move.code)]);
      one["variant"] = std::string(letter.variant);
      one["from"] = role_of(letter.from);
      one["to"] = role_of(letter.to);
    }
    if (move.kind == MoveKind::outside) {
      one["message"] = std::string(event_of(move).message);
      one["protocol"] = std::string(layout().players()[static_cast<std::size_t>(move.instance)].table->protocol);
      one["from"] = role_of(-1);
      one["to"] = role_of(move.instance);
    }
    if (move.kind == MoveKind::action || move.kind == MoveKind::crash || move.kind == MoveKind::timer) one["player"] = role_of(move.instance);
    if (move.kind == MoveKind::timer) one["timer"] = std::string(event_of(move).timer);
    if (move.kind == MoveKind::action)
      one["action"] = std::string(event_of(move).id);
    Json takes = Json::array();
    for (std::size_t i = 0; i < move.steps; ++i) {
      const MachineTable& machine = *layout().players()[move.movers[i]].table;
      takes.push_back({{"machine", std::string(machine.id)}, {"row", row_id(machine, move.rows[i])}});
    }
    one["takes"] = std::move(takes);
    return one;
  }

  /// The letters that a move's steps send anew; any other request of theirs is the one before, sent again.
  std::vector<int> sent_by(const Move& move) const {
    std::vector<int> letters;
    for (std::size_t i = 0; i < move.steps; ++i) {
      const MachineTable& machine = *layout().players()[move.movers[i]].table;
      if (move.rows[i] >= machine.rows.size()) continue;
      for (const EffectId effect : machine.rows[move.rows[i]].effects) {
        const EffectInfo& info = machine.effects[effect];
        if (info.verb == Verb::send || info.verb == Verb::outbox) letters.push_back(layout().letter(move.movers[i], info.first, info.second));
      }
    }
    return letters;
  }

  static std::string row_id(const MachineTable& machine, std::uint16_t row) {
    if (row < machine.rows.size()) return std::string(machine.rows[row].id);
    return std::string(machine.defaults[row - machine.rows.size()].id);
  }

  // Those of the property, or of the rows that lead there.
  std::set<std::string> requirements(const Wanted& wanted, const std::vector<Move>& moves) const {
    std::set<std::string> all;
    for (const PropertyInfo& one : table_.properties)
      if (one.id == wanted.property) all.insert(one.requirements.begin(), one.requirements.end());
    for (const Move& move : moves)
      for (std::size_t i = 0; i < move.steps && wanted.property.empty(); ++i) {
        const MachineTable& machine = *layout().players()[move.movers[i]].table;
        if (move.rows[i] < machine.rows.size()) all.insert(machine.rows[move.rows[i]].requirements.begin(), machine.rows[move.rows[i]].requirements.end());
      }
    return all;
  }

  std::string says(const Wanted& wanted) const {
    for (const PropertyInfo& one : table_.properties)
      if (one.id == wanted.property) return std::string(one.text);
    return std::string(wanted.instance) + (wanted.row.empty() ? " comes to " + std::string(wanted.state) : " takes " + std::string(wanted.row)) + ".";
  }

  Json document(const Wanted& wanted, const std::vector<Move>& moves) const {
    Json all;
    all["trail"] = wanted.name();
    all["configuration"] = std::string(configuration_.id);
    all["witness"] = wanted.property.empty();
    all["says"] = says(wanted);
    all["requirements"] = words(requirements(wanted, moves));
    all["profile"] = std::string(configuration_.profile);
    all["liars"] = words(configuration_.liars);
    all["options"] = words(configuration_.options);
    Json steps = Json::array();
    std::set<std::pair<int, int>> fresh;  // order and letter: sent, and not yet arrived
    for (const Move& move : moves) {
      steps.push_back(step(move));
      if (move.kind == MoveKind::request) steps.back()["again"] = fresh.erase({move.order, move.letter}) == 0;
      for (const int letter : sent_by(move)) fresh.insert({move.order, letter});
    }
    all["steps"] = std::move(steps);
    return all;
  }

  const CompositionTable& table_;
  Composition composition_;
  const ConfigurationInfo& configuration_;
};

}  // namespace

tl::expected<std::string, std::string> trail_file(const Options& options, std::string_view text) {
  const Wanted wanted = parse(text);
  for (const CompositionTable* table : options.compositions) {
    const ConfigurationInfo* found = find_configuration(*table, wanted.configuration);
    if (found == nullptr) continue;
    const Cast cast = cast_of(*table, options.machines, EngineKind::msm);
    if (!cast.problem.empty()) return Problem(cast.problem);
    Limits limits;
    limits.stop = options.stop;
    limits.until_failed = true;
    auto written = Writer(*table, cast, *found).write(wanted, limits);
    if (!written) return Problem(written.error());
    Json all = {{"format", "quickpay-trail-1"}, {"spec", std::string(options.built_from)}};
    all.update(*written);
    return all.dump(2) + "\n";
  }
  return Problem("there is no configuration '" + std::string(wanted.configuration) + "'");
}

}  // namespace quickpay::check
