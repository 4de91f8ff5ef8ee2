// Plays a script in a world and says which goal was missed.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "reference/roles/config.hpp"
#include "reference/sim/campaign/abstraction.hpp"
#include "reference/sim/campaign/defects.hpp"
#include "reference/sim/campaign/script.hpp"

namespace quickpay::sim {

/// What became of a script.
struct Played {
  std::string wrong;       ///< "G7: …", "L5: …", "L6: …", or nothing
  std::size_t deliveries = 0;  ///< orders that brought goods
  std::size_t receipts = 0;    ///< regular orders that brought a receipt
  std::size_t revoked = 0;     ///< orders that were taken back, at honest Brokers
  std::size_t not_revoked = 0;  ///< revokes there that are held or void in the end
  std::size_t mails = 0;       ///< messages shown to a reader
  std::size_t registered = 0;  ///< newcomers that got an identifier
  bool compared = false;       ///< it was played without mail, too
  Abstracted abstracted = {};  ///< what the model was compared with
  std::size_t steps = 0;       ///< of machines of honest players, that were judged
};

/// What is wrong with all honest players of one role.
struct Sown {
  std::string role = {};
  std::function<std::unique_ptr<roles::Deviation>()> deviation = {};   ///< may be empty, as all of these
  std::function<std::unique_ptr<ledger::Ledger>()> ledger = {};
  roles::EngineFactory engine_factory = {};
  bool traced = true;  ///< traces are judged, too; false: the goals alone have to find it
};

/// The defect as what is sown; the goals alone have to find it.
Sown sown(const Defect& defect);

/// Plays it from its seed alone: the same script gives the same result.
Played play(const Script& script, const Sown& sown = {});

}  // namespace quickpay::sim
