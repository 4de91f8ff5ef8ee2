// What a rule of the vote can promise: every rule against every world in which these lie, by enumeration. One order; the Host has three
// registrations, three statements, a receipt and its own log; nobody forges another one's words.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/vote.hpp"

namespace quickpay::check {

enum class Rule : std::uint8_t { literal, anchored, complaint, unanimous, registered };
enum class Promise : std::uint8_t {
  never_pays_uncommitted,  ///< P1: an honest Broker never has to pay what it did not commit to
  pays_delivered,          ///< P2: an honest Vendor that delivered on the Broker's yes is paid
  charges_inquired,        ///< P3: an honest Wallet that did not inquire is not charged
  charges_received         ///< P4: an honest Wallet that received nothing is not charged (nobody promises it)
};
enum class Outcome3 : std::uint8_t { holds, outage, fails };  ///< `outage`: broken only where the Host was suspended

struct Liars {
  bool wallet = false, vendor = false, broker = false;
};

/// One row of the matrix: `cells` and `witnesses` in the order none W V B W+V W+B V+B of liars.
struct VoteRow {
  bool receipts = false;  ///< mode R: a yes of the Broker comes with the Host's receipt
  Rule rule = Rule::anchored;
  Promise promise = Promise::never_pays_uncommitted;
  std::array<Outcome3, 7> cells{};
  std::array<std::string, 7> witnesses;  ///< a world that breaks the promise, in words; empty if none does
};

struct VoteMatrix {
  std::vector<VoteRow> rows;
  std::uint64_t worlds = 0;  ///< that were judged
};

std::string_view name_of(Rule rule);
std::string name_of(Promise promise);
std::string name_of(const Liars& liars);

/// Whether the rule approves in the end, when nobody says anything more. `literal` and `anchored` are the reference's own.
bool approves(Rule rule, const roles::Evidence& evidence);

/// Judges all worlds. `judge` stands for the rules: a defect in it shows whether a cell notices.
VoteMatrix vote_matrix(bool (*judge)(Rule, const roles::Evidence&) = approves);

/// What departs from what the design expects, a sentence a cell; empty: nothing does.
std::vector<std::string> unexpected(const VoteMatrix& matrix);

/// The matrix and the witnesses of what fails, as lines of text.
std::string vote_table(const VoteMatrix& matrix);

}  // namespace quickpay::check
