#include "reference/sim/campaign/search.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <utility>

namespace quickpay::sim {
namespace {

constexpr int kRegularOneOf = 4;
constexpr std::size_t kJoinOneOf = 4;  // one of so many worlds has newcomers
constexpr std::size_t kFirstJoin = 3;  // times somebody registers, and then somebody else in a newcomer's name: without that little is shown
constexpr int kSettleOneOf = 64;  // three of so many worlds settle: that takes days, and signatures
constexpr int kTakesBackOneOf = 2;  // of the worlds with regular orders; half of these settle

rc::Gen<Action> any_action() {
  const auto drawn_action = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<int>(0, static_cast<int>(Act::count)), rc::gen::inRange<int>(0, 16),
                     rc::gen::inRange<int>(0, 60)),
      [](const std::tuple<int, int, int>& drawn) {
        return Action{static_cast<Act>(std::get<0>(drawn)), static_cast<std::uint8_t>(std::get<1>(drawn)),
                      static_cast<std::uint8_t>(std::get<2>(drawn))};
      });
  return rc::gen::resize(rc::kNominalSize, drawn_action);  // all of them, however long the list is to be
}

rc::Gen<Joining> any_joining() {
  const auto drawn_joining = rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<int>(0, static_cast<int>(Join::count)), rc::gen::inRange<int>(0, 8), rc::gen::inRange<int>(0, 60)),
      [](const std::tuple<int, int, int>& drawn) {
        return Joining{static_cast<Join>(std::get<0>(drawn)), static_cast<std::uint8_t>(std::get<1>(drawn)), static_cast<std::uint8_t>(std::get<2>(drawn))};
      });
  return rc::gen::resize(rc::kNominalSize, drawn_joining);
}

/// In most worlds there are no newcomers.
rc::Gen<std::vector<Joining>> any_joinings() {
  const auto some = rc::gen::resize(static_cast<int>(kMaxJoinings), rc::gen::container<std::vector<Joining>>(any_joining()));
  return rc::gen::weightedOneOf<std::vector<Joining>>({{kJoinOneOf - 1, rc::gen::just(std::vector<Joining>{})}, {1, some}});
}

/// In some worlds with regular orders, too, Vendors take orders back; `drawn` chooses which of them, and whether they sign.
void take_back(Script& script, int drawn, int settles) {
  script.plain = drawn % 2 == 1 && script.regular && !script.authenticated;
  script.takes_back = drawn / 2 == kTakesBackOneOf - 1 && script.regular;
  if (script.takes_back && settles % 2 == 0) script.settles = static_cast<Settles>(1 + settles / 2 % 3);
}

/// Every script buys something first: without an order nothing is shown.
rc::Gen<Script> any_script() {
  const auto actions = rc::gen::resize(static_cast<int>(kMaxActions) - 1, rc::gen::container<std::vector<Action>>(any_action()));
  return rc::gen::map(
      rc::gen::tuple(rc::gen::inRange<int>(0, 1 << 30), rc::gen::inRange<int>(0, 2 * static_cast<int>(Liar::count)),
                     rc::gen::inRange<int>(0, 10), rc::gen::inRange<int>(0, 16), rc::gen::inRange<int>(0, 16),
                     rc::gen::inRange<int>(0, kSettleOneOf), rc::gen::inRange<int>(0, 4),
                     rc::gen::inRange<int>(0, kRegularOneOf), rc::gen::inRange<int>(0, 2 * kTakesBackOneOf), actions, any_joinings()),
      [](const std::tuple<int, int, int, int, int, int, int, int, int, std::vector<Action>, std::vector<Joining>>& drawn) {
        Script script;
        script.seed = static_cast<std::uint64_t>(std::get<0>(drawn));
        const int liar = std::get<1>(drawn);  // half of the worlds have none
        script.liar = liar < static_cast<int>(Liar::count) ? static_cast<Liar>(liar) : Liar::nobody;
        script.host_only = std::get<2>(drawn) == 9;
        script.players = static_cast<std::uint8_t>(std::get<3>(drawn));
        script.skew = static_cast<std::uint8_t>(std::get<4>(drawn));
        const int settles = std::get<5>(drawn);
        if (settles < static_cast<int>(Settles::count)) script.settles = static_cast<Settles>(settles);
        script.authenticated = std::get<6>(drawn) == 3;
        // freshness and the validity of keys compare two clocks, which then lie within T_skew
        script.regular = std::get<7>(drawn) == kRegularOneOf - 1;
        take_back(script, std::get<8>(drawn), settles);
        script.joinings = std::get<10>(drawn);
        for (std::size_t i = 0; i < std::min(kFirstJoin, script.joinings.size()); ++i) script.joinings[i].join = Join::enrol;
        if (script.joinings.size() > kFirstJoin) script.joinings[kFirstJoin].join = Join::pretend;
        if (script.authenticated || script.regular || script.settles != Settles::no || !script.joinings.empty()) script.skew %= 3;
        script.actions = {{Act::buy, 0, 0}};
        script.actions.insert(script.actions.end(), std::get<9>(drawn).begin(), std::get<9>(drawn).end());
        return script;
      });
}

/// Follows the first shorter script that still misses a goal, as long as there is one.
Miss shortest(rc::Shrinkable<Script> failing, std::string wrong, std::size_t run, const Sown& sown,
              int max_tries) {
  int tries = 0;
  for (bool shorter = true; shorter && tries < max_tries;) {
    shorter = false;
    auto candidates = failing.shrinks();
    for (auto next = candidates.next(); next && tries < max_tries; next = candidates.next(), ++tries) {
      const Played played = play(next->value(), sown);
      if (played.wrong.empty()) continue;
      failing = *next;
      wrong = played.wrong;
      shorter = true;
      break;
    }
  }
  return {run, failing.value(), std::move(wrong)};
}

}  // namespace

Search search(std::uint64_t seed, std::size_t runs, const Sown& sown,
              const std::function<bool(std::size_t run)>& progress, int shorter) {
  const rc::Gen<Script> scripts = any_script();
  rc::Random random(seed);
  Search search;
  while (search.runs < runs && !search.miss) {
    const auto script = scripts(random.split(), rc::kNominalSize);
    const Played played = play(script.value(), sown);
    ++search.runs;
    search.deliveries += played.deliveries;
    search.abstracted.add(played.abstracted);
    search.receipts += played.receipts;
    search.revoked += played.revoked;
    search.with_revoke += played.revoked != 0 ? 1 : 0;
    search.not_revoked += played.not_revoked;
    search.mails += played.mails;
    search.registered += played.registered;
    search.compared += played.compared ? 1 : 0;
    search.steps += played.steps;
    for (const Action& action : script.value().actions) ++search.acts[static_cast<std::size_t>(action.act)];
    for (const Joining& joining : script.value().joinings) ++search.joins[static_cast<std::size_t>(joining.join)];
    search.settled += script.value().settles == Settles::no ? 0 : 1;
    search.authenticated += script.value().authenticated ? 1 : 0;
    search.with_liar += script.value().liar == Liar::nobody ? 0 : 1;
    if (!played.wrong.empty()) search.miss = shortest(script, played.wrong, search.runs, sown, shorter);
    if (progress && !progress(search.runs)) break;
  }
  return search;
}

}  // namespace quickpay::sim
