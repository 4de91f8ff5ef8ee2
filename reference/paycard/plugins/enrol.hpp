// How a reference Paycard is added: what it seals to its Broker, what it opens, and what it keeps in between.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/paycard/plugins/card.hpp"

namespace quickpay::paycard {

/// What one of these calls gives; the error is what the call returns instead of QP_PAYCARD_DONE.
using Outcome = tl::expected<std::string, int>;

/// What a Paycard is, as its manifest says.
struct CardIdentity {
  std::string_view product;
  std::string_view version;
};

/// The sealed request of Confirm Paycard. The ReplyKey is made here and stays in the store until the Paycard is added.
Outcome enrol_confirm(const CardStore& store, const CardIdentity& card, std::string_view aad, std::string_view wallet_info,
                      std::string_view issue_code, std::string_view guard_key);
/// The sealed request of Take Question in the session that the answer opened. May be asked again with the same answer.
Outcome enrol_session(const CardStore& store, std::string_view answer_aad, std::string_view boxed, std::string_view aad);
/// The questions for the user.
Outcome enrol_questions(const CardStore& store, std::string_view answer_aad, std::string_view boxed);
/// The sealed request of Answer Response. What was answered is kept nowhere.
Outcome enrol_answers(const CardStore& store, std::string_view aad, std::string_view answers);
/// Gives nothing: the secret goes into the store, and what only adding needed goes out of it.
Outcome enrol_finish(const CardStore& store, std::string_view answer_aad, std::string_view boxed);

}  // namespace quickpay::paycard
