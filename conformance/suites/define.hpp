// How suites are written down: a scenario is its description and a function that plays it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/model/negative.hpp"
#include "conformance/model/scenario.hpp"
#include "conformance/peers/world.hpp"

namespace quickpay::conformance {

/// One of the players that the cast names.
using Who = std::string Cast::*;

/// A player beside the first ones, whom a fixture file may leave out.
enum class Part : std::uint8_t { other_vendor, other_broker, strange_broker, other_wallet };

/// What a scenario says about itself. Ids begin with the role, which is added.
struct Spec {
  std::string id;                         ///< "purchase.paid"
  std::string title;                      ///< what must hold, one sentence
  std::string subject;                    ///< row or constraint
  std::vector<std::string> requirements;  ///< the main one first
  std::string mutation = {};
  std::string twin = {};             ///< not empty: a negative scenario; id of its twin, without the role
  bool level_e = true;               ///< needs no adapter
  std::vector<CheckInfo> more = {};  ///< checks beside the main one; see Suite::check
  std::string feature = {};
  bool without_feature = false;  ///< runs only against who does not claim `feature`
  std::vector<Part> parts = {};  ///< whom it takes beside the first of each role
  std::string profile = {};      ///< "F" or "H"; empty: both
  std::string denies = {};       ///< runs only against who does not claim this protocol (ScenarioInfo::denial)
};

/// A refusal that has to be earned, in the words of a server's suite. Made anew for every session.
struct Refusal {
  std::function<bool()> reach = {};                  ///< empty: nothing to do
  std::function<Reply()> stimulus;                   ///< sends what is wrong and returns what came back
  std::vector<std::string> codes;                    ///< right refusals: "QP-E-MISMATCH", "HTTP 415"
  std::function<bool(const Entry&)> forbidden = {};  ///< beside a QP-OK to the stimulus
  std::string forbidden_text = "no QP-OK to the changed request";
  std::function<void()> after = {};  ///< after the reaction, before the implementation is asked to be quiet
  std::function<bool()> benign;
};

/// Collects the scenarios of one role.
class Suite {
 public:
  explicit Suite(std::string role) : role_(std::move(role)) {}

  const std::string& role() const { return role_; }
  /// The id of a scenario and of its main check: role and `id`.
  std::string name(std::string_view id) const { return role_ + "." + std::string(id); }
  /// A further check `<role>.<id>` to be declared in Spec::more.
  CheckInfo check(std::string id, std::string title, std::vector<std::string> requirements,
                  bool needs_adapter = false) const;

  void positive(Spec spec, ScenarioBody body, Arrange arrange = {});
  void refused(Spec spec, std::function<Refusal(Session&)> make, Arrange arrange = {});
  /// A negative scenario with a body of its own, which calls conformance::negative.
  void negative(Spec spec, std::function<Negative(Session&)> make, Arrange arrange = {});

  /// What is added from now on belongs to this protocol; at first it is micropayment. `level_e` false: all of it needs
  /// sessions that begin with nothing, and so an adapter.
  void belongs_to(std::string protocol, bool level_e) {
    protocol_ = std::move(protocol);
    level_e_ = level_e;
  }

  /// Some scenario's id ends so.
  bool has_any(std::string_view end) const;

  std::vector<Scenario> take() { return std::move(scenarios_); }

 private:
  ScenarioInfo info_of(const Spec& spec) const;
  std::string role_;
  std::string protocol_ = "micropayment";
  bool level_e_ = true;
  std::vector<Scenario> scenarios_;
};

// ---- words for arrangements

/// All goods are handed out behind a Location.
void by_location(WorldPlan& plan);

// ---- words for bodies

/// Emits pass, or fail with `expected` and `got`.
void judge(Session& session, std::string_view check, bool holds, std::string expected, std::string got,
           std::vector<std::size_t> entries = {}, Reason reason = Reason::wrong_message);
/// Emits pass if the reply is QP-OK.
void judge_ok(Session& session, std::string_view check, const Reply& reply);
/// The state in which the checks start was not reached: they stay inconclusive.
void unreached(Session& session, std::string what);
/// What became of a request, for reports: a code, an HTTP status, or why there is nothing.
std::string outcome_text(const Reply& reply);
/// Whether the entry is the answer to the request of `reply`, and has this text in it.
bool answers_with(Session& session, const Reply& reply, const Entry& entry, std::string_view text);
/// The reaction that a reply amounts to.
Reaction reaction_to(Session& session, const Reply& reply);

}  // namespace quickpay::conformance
