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
  virtual void remember(const TrailStep& step, const Reply& reply) = 0;
  /// What an answer with the right code says against the trail; empty: it is as in the trail.
  virtual std::string fault_of(const TrailStep& step, const Reply& reply) = 0;
  /// What becomes of a request of the role that is answered so: the player's role core answers, or is made to.
  virtual Act answer(const TrailStep& step) const = 0;
  /// The user of a Wallet begins to buy; "yes": he will confirm.
  virtual IutResult<CallId> begin(const std::string& confirm) = 0;
  /// The Vendor's operator presses a button. What went wrong; empty: nothing.
  virtual std::string press(const TrailStep& step) = 0;
  /// What the role says of the order when the trail is over, against the trail; empty: it is as in the trail, or is not asked.
  virtual std::string fault_at_end() { return {}; }

  const std::string& why() const { return why_; }

 protected:
  std::string why_;
};

/// The words for this trail; all references outlive them.
std::unique_ptr<Words> words_of(Session& session, const Trail& trail, const std::string& role);
std::unique_ptr<Words> regular_words(Session& session, const Trail& trail, const std::string& role);

/// Seconds after which a timer of a role is over in a trail of a regular order, the n-th time (0 the first); nothing: nobody can bring
/// that about.
std::optional<std::int64_t> span_of(std::string_view role, std::string_view timer, std::size_t n);

}  // namespace quickpay::conformance
