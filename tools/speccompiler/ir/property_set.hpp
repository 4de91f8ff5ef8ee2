// The part of the IR that says which machines play together, and what must hold of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/common.hpp"

namespace quickpay::spec {

/// One machine that takes part in a composition.
struct PropertyInstance : Common {
  std::string machine;
  std::string content;  ///< formula: whether what it writes has other terms than were offered; empty: it has not
  std::string with;     ///< the option that it takes part with; empty: always
  std::string without;  ///< the option that takes it out; empty: none
  std::string to;       ///< the instance that gets its requests, if not the first that receives them
};

/// Something that a configuration may have: machines that take part, a rule that counts.
struct Option : Common {};

/// A number that is counted along and that no player has.
struct Ghost : Common {
  std::uint32_t max = 1;
  std::vector<std::string> shared;  ///< roles: one for all orders of the same players of these; empty: one an order
};

/// An effect of an instance changes a ghost.
struct Observation {
  std::string instance;
  std::string effect;  ///< verb and arguments joined by blanks
  std::string ghost;
  std::string change;  ///< set | add | take
  std::string value;   ///< formula
  std::string when;    ///< formula; empty: always
  Location at;
};

/// An effect of an instance makes another one take an event, in the same durable unit.
struct Follow {
  std::string instance;
  std::string effect;  ///< verb and arguments joined by blanks
  std::string to;      ///< the other instance
  std::string event;   ///< of its machine
  std::string when;    ///< formula, after the effects of the step; empty: always
  Location at;
};

/// A user brings about the event of the instance only where the formula holds.
struct Permission {
  std::string instance, event;  ///< an action of its machine
  std::string when;             ///< formula
  Location at;
};

/// What a predicate of an instance means in the model.
struct Assumption {
  std::string instance;
  std::string predicate;
  bool usual = false;
  std::string meaning, forged_open;  ///< formulas, or empty; where the second holds, it is anything over a forged message
  Location at;
};

/// Nobody but its writer can write the message or its answer in these profiles.
struct Authentic {
  std::string message;
  std::string protocol;  ///< of the message; empty: of every protocol that has one of this name
  std::vector<std::string> profiles;
  Location at;
};

struct Property : Common {
  std::string kind;  ///< always | at-end | possible | inevitable
  std::string goal;
  std::string holds;  ///< formula
  std::string from;   ///< formula, of `possible` and `inevitable`
  std::vector<std::string> twin;     ///< ids of mutations, each of which breaks it …
  std::vector<std::string> twin_in;  ///< … in this configuration
  std::vector<std::string> within;  ///< configurations; empty: all
};

struct Configuration : Common {
  std::uint32_t orders = 1;
  std::uint32_t loss = 0, duplication = 0, crashes = 0, forgeries = 0;
  std::string world;   ///< usual | any
  std::string timers;  ///< eager | lazy
  std::string profile;
  std::vector<std::string> liars;
  std::vector<std::string> suspended;
  std::vector<std::string> with;   ///< options
  std::vector<std::string> players;  ///< "ROLE:112": which player of the role each order has; roles not named have one
  std::vector<std::string> fails;  ///< properties that must not hold here
  std::string column;  ///< where it stands in the matrix of goals and liars; empty: not there
  bool deep = false;   ///< explored only when time does not matter
};

/// A row that no configuration reaches.
struct Unreached {
  std::string machine;
  std::string row;
  std::string reason;
  Location at;
};

/// Requirements that are marked for the model and that it cannot show.
struct Unseen {
  std::vector<std::string> requirements;
  std::vector<std::string> tests;  ///< what shows them instead, as an aim has it; none of an assumption
  std::string reason;
  Location at;
};

/// What the whole is for: properties, and tests where no model can see it, show that it is reached.
struct Aim : Common {
  std::vector<std::string> by;     ///< properties of any set, besides those whose goal it is
  std::vector<std::string> tests;  ///< "FILE:Suite.Name", or a file that CTest runs
};

/// What the written protocol claims of itself, and what became of it.
struct ReportClaim : Common {
  std::string says;                ///< the claim
  std::string verdict;             ///< true | true-if | false
  std::vector<std::string> holds;  ///< evidence: PROPERTY@CONFIGURATION that hold
  std::vector<std::string> fails;  ///< … and that fail
  std::vector<std::string> tests;  ///< … and tests, as an aim has them
};

/// Machines that work together and what must hold of them.
struct PropertySet : Common {
  std::vector<Option> options;
  std::vector<PropertyInstance> instances;
  std::vector<Ghost> ghosts;
  std::vector<Observation> observations;
  std::vector<Follow> follows;
  std::vector<Permission> permissions;
  std::vector<Assumption> assumptions;
  std::vector<Authentic> authentic;
  std::vector<Property> properties;
  std::vector<Configuration> configurations;
  std::vector<Unreached> unreached;
  std::vector<Unseen> unseen;
  std::vector<Aim> aims;
  std::vector<ReportClaim> claims;
};

}  // namespace quickpay::spec
