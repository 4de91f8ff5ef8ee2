// INTERNAL: what the suite says in the others' place in a trail, and what it makes them answer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "conformance/suites/define.hpp"
#include "conformance/trails/trail.hpp"

namespace quickpay::conformance {

/// The words for one order against one role. They are made as they are needed and kept: what is asked about it later is about the same one.
class Words {
 public:
  virtual ~Words() = default;

  /// The request of this step, which the role gets. Nothing: why() says why there is none.
  virtual std::optional<Sending> request(const TrailStep& step) = 0;
  /// What later requests need of an answer.
  virtual void remember(const TrailStep&, const Reply&) {}
  /// What an answer with the right code says against the trail; empty: it is as in the trail.
  virtual std::string fault_of(const TrailStep&, const Reply&) { return {}; }
  /// What becomes of a request of the role that is answered so: the player's role core answers, or is made to.
  virtual Act answer(const TrailStep&) const { return {}; }
  /// The user of a Wallet begins to buy; "yes": he will confirm.
  virtual IutResult<CallId> begin(const std::string&) { return tl::unexpected(IutError{}); }
  /// The operator of the role, or in administration whoever owns it, presses a button. What went wrong; empty: nothing.
  virtual std::string press(const TrailStep&) { return {}; }
  /// Who answers a request of the role, or sends it; null: nobody does.
  virtual Peer* answerer(const TrailStep&) { return nullptr; }
  /// The answer of this step to a request of the role is due: whatever holds it lets it go.
  virtual void before_answer(const TrailStep&) {}
  /// What the role then tells its owner, against the trail; empty: it is as in the trail, or nothing is told.
  virtual std::string fault_of_answer(const TrailStep&) { return {}; }
  /// The trail is over: what it leaves open ends somehow.
  virtual void let_go() {}
  /// What the role says when the trail is over, against the trail; empty: it is as in the trail, or is not asked.
  virtual std::string fault_at_end() { return {}; }
  /// What became of a step that was refused, although it was; empty: nothing, or it is not asked.
  virtual std::string harm_done(const TrailStep&) { return {}; }

  const std::string& why() const { return why_; }

 protected:
  std::string why_;
};

/// The words for this trail; all references outlive them.
std::unique_ptr<Words> words_of(Session& session, const Trail& trail, const std::string& role);
std::unique_ptr<Words> regular_words(Session& session, const Trail& trail, const std::string& role);
std::unique_ptr<Words> key_words(Session& session, const Trail& trail, const std::string& role);
std::unique_ptr<Words> registration_words(Session& session, const Trail& trail, const std::string& role);
std::unique_ptr<Words> entry_words(Session& session, const Trail& trail);
std::unique_ptr<Words> paycard_words(Session& session, const Trail& trail, const std::string& role);

/// What has to be in the plan of the session besides, for the words of this trail.
Arrange arrangement_for(const Trail& trail, const std::string& role);

/// Seconds after which a timer of a role is over, but for those of micropayment, the n-th time (0 the first); nothing: nobody can bring
/// that about.
std::optional<std::int64_t> span_of(std::string_view role, std::string_view timer, std::size_t n);

}  // namespace quickpay::conformance
