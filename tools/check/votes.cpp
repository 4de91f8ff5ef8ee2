#include "tools/check/votes.hpp"

#include <algorithm>

namespace quickpay::check {
namespace {

using roles::Ballot;
using roles::Evidence;
using roles::Stand;

constexpr std::array<Liars, 7> kLiarSets{{{false, false, false},
                                          {true, false, false},
                                          {false, true, false},
                                          {false, false, true},
                                          {true, true, false},
                                          {true, false, true},
                                          {false, true, true}}};
constexpr std::array<Stand, 3> kStands{Stand::yes, Stand::no, Stand::silent};
constexpr unsigned kFacts = 9;

/// What happened, and what the Host has of it.
struct World {
  bool inquired = false;   ///< the Wallet inquired, and the Broker endorsed
  bool told_yes = false;   ///< the Broker answered CheckCommit with yes
  bool delivered = false;  ///< the Vendor handed the goods over
  bool committed = false;  ///< in the Broker's own record
  Evidence evidence;
  bool received() const { return delivered && inquired; }
};

World world_of(unsigned facts, Stand broker, Stand vendor, Stand wallet) {
  const auto bit = [&](unsigned at) { return ((facts >> at) & 1U) != 0; };
  World world{bit(0), bit(1), bit(2), bit(3), {}};
  world.evidence.commit = bit(4);
  world.evidence.delivery = bit(5);
  world.evidence.order = bit(6);
  world.evidence.proof = bit(7);
  world.evidence.suspended = bit(8);
  world.evidence.broker = broker;
  world.evidence.vendor = vendor;
  world.evidence.wallet = wallet;
  return world;
}

// Who is honest does what the protocol says, registers in time unless the Host is away, and says what is so or nothing.
bool wallet_follows(const World& w) {
  const Evidence& e = w.evidence;
  if (e.order != (w.received() && !e.suspended)) return false;
  return e.wallet == Stand::silent || (e.wallet == Stand::yes) == w.received();
}

bool vendor_follows(const World& w, bool receipts) {
  const Evidence& e = w.evidence;
  if (w.delivered && (!w.told_yes || (receipts && !e.proof))) return false;
  if (e.delivery != (w.delivered && !e.suspended)) return false;
  return (e.vendor == Stand::yes) == w.delivered;
}

bool broker_follows(const World& w) {
  const Evidence& e = w.evidence;
  if (w.committed != w.told_yes || (w.committed && !w.inquired)) return false;
  if (e.commit != (w.committed && !e.suspended)) return false;
  return e.broker == (w.committed ? Stand::yes : Stand::no);
}

// What no liar can do: bring a receipt for what the Host has not on record (decision 0031: registered in time, or late, which
// is the Broker's yes), ask the goods of an honest Vendor for a Wallet that never asked.
bool possible(const World& w, const Liars& liars, bool receipts) {
  const Evidence& e = w.evidence;
  if (e.proof && !e.commit && e.broker != Stand::yes) return false;
  if (e.proof && (!receipts || (!liars.broker && !w.committed))) return false;
  if (receipts && !liars.broker && w.committed != e.proof) return false;
  if (!liars.wallet && !liars.vendor && w.delivered && !w.inquired) return false;
  return (liars.wallet || wallet_follows(w)) && (liars.vendor || vendor_follows(w, receipts)) &&
         (liars.broker || broker_follows(w));
}

bool breaks(Promise promise, const World& w, const Liars& liars, bool approved) {
  switch (promise) {
    case Promise::never_pays_uncommitted: return !liars.broker && !w.committed && approved;
    case Promise::pays_delivered: return !liars.vendor && w.delivered && w.told_yes && !approved;
    case Promise::charges_inquired: return !liars.wallet && !w.inquired && approved;
    case Promise::charges_received: return !liars.wallet && !w.received() && approved;
  }
  return false;
}

std::string_view name_of(Stand stand) {
  return stand == Stand::yes ? "yes" : stand == Stand::no ? "no" : "nothing";
}

std::string in_words(const World& w, bool approved) {
  const Evidence& e = w.evidence;
  const auto part = [](bool is, std::string_view what) { return std::string(is ? "" : "not ") + std::string(what); };
  std::string text = part(w.inquired, "inquired") + ", " + part(w.told_yes, "told yes") + ", " + part(w.committed, "committed") +
                     ", " + part(w.delivered, "delivered") + "; registered c=" + (e.commit ? "1" : "0") +
                     " d=" + (e.delivery ? "1" : "0") + " o=" + (e.order ? "1" : "0") + "; Broker says " +
                     std::string(name_of(e.broker)) + ", Vendor " + std::string(name_of(e.vendor)) + ", Wallet " +
                     std::string(name_of(e.wallet));
  if (e.proof) text += "; receipt";
  if (e.suspended) text += "; Host suspended";
  return text + ": " + (approved ? "approved" : "rejected");
}

void judge_row(VoteRow& row, bool (*judge)(Rule, const Evidence&), std::uint64_t& worlds) {
  for (std::size_t i = 0; i < kLiarSets.size(); ++i) {
    for (unsigned number = 0; number < (1U << kFacts) * 27U; ++number) {
      const unsigned said = number >> kFacts;
      const World world = world_of(number & ((1U << kFacts) - 1U), kStands[said % 3], kStands[said / 3 % 3], kStands[said / 9]);
      if (!possible(world, kLiarSets[i], row.receipts)) continue;
      ++worlds;
      const bool approved = judge(row.rule, world.evidence);
      if (!breaks(row.promise, world, kLiarSets[i], approved)) continue;
      const Outcome3 outcome = world.evidence.suspended ? Outcome3::outage : Outcome3::fails;
      if (outcome > row.cells[i]) {
        row.cells[i] = outcome;
        row.witnesses[i] = in_words(world, approved);
      }
    }
  }
}

/// What the design says; where it says nothing, nothing is expected. Columns as in kLiarSets.
struct Expected {
  bool receipts;
  Rule rule;
  Promise promise;
  std::string_view cells;
};
constexpr std::array<Expected, 17> kExpected{{
    {false, Rule::literal, Promise::never_pays_uncommitted, "ok ok FAIL ok FAIL ok ok"},
    {false, Rule::literal, Promise::pays_delivered, "ok ok ok outage ok FAIL ok"},
    {false, Rule::literal, Promise::charges_inquired, "ok ok ok ok ok ok FAIL"},
    {false, Rule::literal, Promise::charges_received, "ok ok FAIL ok ok ok FAIL"},
    {false, Rule::anchored, Promise::never_pays_uncommitted, "ok ok ok ok ok ok ok"},
    {false, Rule::anchored, Promise::pays_delivered, "ok ok ok FAIL ok FAIL ok"},
    {false, Rule::anchored, Promise::charges_inquired, "ok ok ok ok ok ok FAIL"},
    {false, Rule::anchored, Promise::charges_received, "ok ok FAIL ok ok ok FAIL"},
    {false, Rule::complaint, Promise::pays_delivered, "ok FAIL ok FAIL ok FAIL ok"},
    {false, Rule::unanimous, Promise::pays_delivered, "outage FAIL ok FAIL ok FAIL ok"},
    {false, Rule::registered, Promise::never_pays_uncommitted, "ok ok FAIL ok FAIL ok ok"},
    {false, Rule::registered, Promise::pays_delivered, "outage outage ok outage ok FAIL ok"},
    {true, Rule::literal, Promise::never_pays_uncommitted, "ok ok FAIL ok FAIL ok ok"},
    {true, Rule::anchored, Promise::never_pays_uncommitted, "ok ok ok ok ok ok ok"},
    {true, Rule::anchored, Promise::pays_delivered, "ok ok ok ok ok ok ok"},
    {true, Rule::anchored, Promise::charges_inquired, "ok ok ok ok ok ok FAIL"},
    {true, Rule::anchored, Promise::charges_received, "ok ok FAIL ok ok ok FAIL"},
}};

std::string_view name_of(Outcome3 outcome) {
  return outcome == Outcome3::holds ? "ok" : outcome == Outcome3::outage ? "outage" : "FAIL";
}

std::string cells_of(const VoteRow& row, std::string_view separator) {
  std::string text;
  for (const Outcome3 cell : row.cells) text += (text.empty() ? "" : std::string(separator)) + std::string(name_of(cell));
  return text;
}

std::string title(const VoteRow& row) {
  return std::string(row.receipts ? "R " : "F ") + std::string(name_of(row.rule)) + " " + name_of(row.promise);
}

}  // namespace


std::string_view name_of(Rule rule) {
  constexpr std::array<std::string_view, 5> kNames{"literal", "anchored", "complaint", "unanimous", "registered bits only"};
  return kNames[static_cast<std::size_t>(rule)];
}

std::string name_of(Promise promise) { return "P" + std::to_string(static_cast<int>(promise) + 1); }

std::string name_of(const Liars& liars) {
  std::string text;
  for (const auto& [lies, letter] : {std::pair{liars.wallet, "W"}, {liars.vendor, "V"}, {liars.broker, "B"}})
    if (lies) text += (text.empty() ? "" : "+") + std::string(letter);
  return text.empty() ? "none" : text;
}

bool approves(Rule rule, const Evidence& e) {
  if (rule == Rule::literal || rule == Rule::anchored) {
    const auto policy = rule == Rule::literal ? roles::Policy::literal : roles::Policy::anchored;
    return roles::closed(roles::vote(e, policy)).ruling == roles::Ruling::approve;
  }
  if (e.vendor != Stand::yes || e.revoked) return false;  // nobody claims
  if (rule == Rule::registered) return (e.commit || e.proof) + e.delivery + e.order >= 2;
  const roles::Ballots b = roles::ballots(e);
  const bool both = b.broker == Ballot::yes && b.vendor == Ballot::yes;
  return both && (rule == Rule::complaint ? b.wallet != Ballot::no : b.wallet == Ballot::yes);
}

VoteMatrix vote_matrix(bool (*judge)(Rule, const Evidence&)) {
  VoteMatrix matrix;
  for (const bool receipts : {false, true})
    for (const Rule rule : {Rule::literal, Rule::anchored, Rule::complaint, Rule::unanimous, Rule::registered})
      for (const Promise promise : {Promise::never_pays_uncommitted, Promise::pays_delivered, Promise::charges_inquired,
                                    Promise::charges_received}) {
        VoteRow& row = matrix.rows.emplace_back();
        row.receipts = receipts;
        row.rule = rule;
        row.promise = promise;
        judge_row(row, judge, matrix.worlds);
      }
  return matrix;
}

std::vector<std::string> unexpected(const VoteMatrix& matrix) {
  std::vector<std::string> wrong;
  for (const Expected& item : kExpected)
    for (const VoteRow& row : matrix.rows) {
      const bool same = row.receipts == item.receipts && row.rule == item.rule && row.promise == item.promise;
      if (same && cells_of(row, " ") != item.cells)
        wrong.push_back(title(row) + " is \"" + cells_of(row, " ") + "\", the design expects \"" + std::string(item.cells) + "\"");
    }
  return wrong;
}

std::string vote_table(const VoteMatrix& matrix) {
  std::string text = "| mode, rule, promise |";
  std::string line = "|---|";
  for (const Liars& liars : kLiarSets) {
    text += " " + name_of(liars) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const VoteRow& row : matrix.rows) text += "| " + title(row) + " | " + cells_of(row, " | ") + " |\n";
  text += "\nA world for each cell of the rules `literal` and `anchored` that is not ok:\n\n";
  for (const VoteRow& row : matrix.rows)
    for (std::size_t i = 0; i < row.cells.size(); ++i)
      if (row.rule <= Rule::anchored && !row.witnesses[i].empty())
        text += "* " + title(row) + ", " + name_of(kLiarSets[i]) + ": " + row.witnesses[i] + "\n";
  return text;
}

}  // namespace quickpay::check
