// Negative scenarios: a refusal counts only if it was earned.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/model/session.hpp"

namespace quickpay::conformance {

/// What the implementation did about a stimulus.
struct Reaction {
  enum class Kind : std::uint8_t { refused, accepted, silent, crashed, unsupported };
  Kind kind = Kind::silent;
  std::string code;                    ///< the wire's code, e.g. "QP-E-MISMATCH", or the adapter's reject reason
  std::vector<std::size_t> entries;    ///< transcript entries that show it
  std::string detail;
  bool self_reported = false;          ///< known from the adapter only, not from the wire
};

/// A negative scenario in the words of its suite. Every function is called at most once, in the order of the fields.
struct Negative {
  std::string check;
  /// Brings the implementation to the state in which the mutated message is due. False: it did not get there.
  /// Empty: the fresh session is that state.
  std::function<bool(Session&)> reach;
  /// Delivers the mutated bytes (or arranges that they are delivered and waits). False: they were not delivered.
  std::function<bool(Session&)> stimulus;
  /// What came back. Usually the peer's answer, or the outcome of the operation that was begun in `stimulus`.
  std::function<Reaction(Session&)> reaction;
  /// True for an entry sent by the implementation after the stimulus that it must not have sent.
  std::function<bool(const Entry&)> forbidden;
  std::string forbidden_text;           ///< "no CheckCommit for this order"
  /// Codes (wire or adapter) that are a right refusal. Empty: any refusal is.
  std::vector<std::string> refusals;
  /// A plain transaction in the same session; true: it succeeded and nothing was lost.
  std::function<bool(Session&)> benign;
};

/// Plays a negative scenario and emits its check. `pass` only if all five hold, judged in this order:
/// 1 no forbidden message after the stimulus, whatever the adapter says; 2 the twin passed; 3 the state was reached
/// and the mutated bytes were delivered; 4 the implementation lives and refuses explicitly; 5 a benign transaction
/// succeeds afterwards. Condition 2 is applied when the run is rolled up (Finding::twin_bound).
void negative(Session& session, const Negative& plan);

/// The reaction that an adapter's outcome or its absence amounts to.
Reaction reaction_of(const IutResult<Outcome>& result);

}  // namespace quickpay::conformance
