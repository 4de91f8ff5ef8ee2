// The table of the vote, as vectors/vote has it: what a Host knows of an order in dispute, and what it has to decide.
#pragma once

#include <span>
#include <string_view>

namespace quickpay::conformance {

/// One row. Stands are the first letters of yes, no and silent.
struct VoteRow {
  std::string_view id;
  std::string_view decision;  ///< approve | reject | pending | no-claim
  std::string_view code;      ///< of the decision; of a pending row, of that when nobody says anything more
  std::string_view literal;   ///< the decision if any two votes sufficed
  bool commit, delivery, order;  ///< registered in time
  bool proof, suspended, revoked;
  char broker, vendor, wallet;
};

/// All rows; generated at build time by vote_rows.py.
std::span<const VoteRow> vote_rows();

}  // namespace quickpay::conformance
