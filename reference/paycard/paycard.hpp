// What the reference Brokers' Paycards prove, and how: the token of an inquiry and the Broker's answer to it.
// Nothing else in the system knows how a token is made; another Broker may define another process.
#pragma once

#include <string>
#include <string_view>

#include "reference/codec/generated/messages.hpp"
#include "reference/paycard/generated/plugin.hpp"
#include "reference/paycard/scheme.hpp"

namespace quickpay::paycard {

/// What a PaycardToken proves: purpose paycard-token. It holds for one Wallet, one MsgId and one OrderRef (QP-ADD-11,
/// QP-SAFE-011).
std::string token_input(const msg::Token& token);
/// What a PaycardAnswer proves: purpose paycard-answer.
std::string answer_input(const msg::Answer& answer);

/// The PaycardToken of an InquiryPayment in the plain scheme under the Paycard's secret (raw bytes).
std::string make_token(std::string_view secret, const msg::Token& token);

/// Whether `text` is such a token; the time taken does not depend on where they differ.
bool check_token(std::string_view secret, const msg::Token& token, std::string_view text,
                 Scheme scheme = Scheme::plain);

/// Whether `text` is the PaycardToken of a RemovePaycard: purpose paycard-remove, for one Wallet, one Paycard, one MsgId.
bool check_removal(std::string_view secret, const msg::Removal& removal, std::string_view text, Scheme scheme);

/// The PaycardAnswer of the Broker.
std::string make_answer(std::string_view secret, const msg::Answer& answer, Scheme scheme = Scheme::plain);

/// Whether `text` is exactly that answer in the plain scheme.
bool check_answer(std::string_view secret, const msg::Answer& answer, std::string_view text);

}  // namespace quickpay::paycard
