// Broken implementations by name: the reference with one fault. They exist to show that the suites have teeth.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/config.hpp"
#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

/// One fault. `breaks`: the roles in which it can be seen, each with the requirement that a suite has to name, joined
/// by blanks: "vendor:QP-ADD-28". Instead of a requirement: "unreachable" where nothing can be set up, "any" where the
/// implementation does so little that it depends on the order of scenarios what fails first. Both earn no pass.
struct FaultInfo {
  std::string_view id;
  std::string_view breaks;
  std::string_view text;   ///< one sentence: what the implementation does wrong
  std::string_view profile = "F";  ///< in which it can be seen
  std::string_view select = {};  ///< the scenarios that show it, as a pattern without the role; empty: the whole suite
  bool miniature = false;          ///< broken in every scenario alike: nothing of it deserves trust
};
/// The role is among those of `breaks`. An empty role: always.
bool can_be_seen_in(const FaultInfo& fault, std::string_view role);

/// All faults, in the order of the documentation.
std::span<const FaultInfo> faults();
const FaultInfo* find_fault(std::string_view id);

/// What a fault changes outside the node: how the adapter treats its user, its store and its process.
struct Manners {
  bool null = false;                ///< knows no command but hello
  bool silent = false;              ///< never reacts once it is set up
  bool ignores_the_user = false;    ///< confirms whatever the user says
  bool rejects_everything = false;  ///< refuses every operation
  bool hides_payments = false;      ///< reports a refusal whatever happened
  bool forgets_on_restart = false;  ///< begins again with an empty ledger
  bool loses_its_outbox = false;    ///< what it had still to send is gone after a crash
  bool tears_its_writes = false;    ///< a Broker keeps its books in a crash and forgets what it booked them for
  bool dies_of_refusals = false;    ///< the process ends instead of refusing
  std::int64_t commission_off_bp = 0;  ///< a Broker keeps so many basis points more than it was told
  std::int64_t fee_off_bp = 0;         ///< a Host charges so many basis points more than it was told
  bool accepts_everything = false;  ///< reports that all went well
  bool declines = false;            ///< its user wants nothing of what is offered
  bool says_codes_aloud = false;    ///< its user names issue codes to a Vendor as well
  bool claims_everything = false;   ///< its hello promises protocols and a profile that it has not
};

/// The behaviour of one fault in one node.
struct Fault {
  Manners manners;
  std::unique_ptr<roles::Deviation> deviation;   ///< may be null
  std::optional<roles::EngineFactory> machines;  ///< nothing: as they are compiled
};
/// `id`: of faults(), derived_faults() or mutation_ids(). Nothing if there is no such fault.
std::optional<Fault> make_fault(std::string_view id);

/// A factory that runs the machine named by a mutation id ("vendor.order:drop-row:V15") with that mutation by the
/// interpreter, and all other machines as they are. An empty id: all machines by the interpreter.
/// Nothing if no machine has such a mutation.
std::optional<roles::EngineFactory> mutated_factory(std::string_view mutation_id);

/// Ids of all mutations of the machines of one role, in a fixed order.
std::vector<std::string> mutation_ids(std::string_view role);

}  // namespace quickpay::conformance::mutants
