// The reference Paycard: what a Broker's plug-in computes in the Wallet, and what the Broker checks.
// Nothing else in the system knows how a token is made; another Broker may define another process.
#pragma once

#include <string>
#include <string_view>

#include "reference/codec/generated/messages.hpp"

namespace quickpay::paycard {

/// The PaycardToken of an InquiryPayment: base64 of the HMAC of `token` under the Paycard's secret (raw bytes), purpose
/// paycard-token. It holds for one Wallet, one MsgId and one OrderRef (QP-ADD-11, QP-SAFE-011).
std::string make_token(std::string_view secret, const msg::Token& token);

/// Whether `text` is exactly that token; the time taken does not depend on where they differ.
bool check_token(std::string_view secret, const msg::Token& token, std::string_view text);

/// The PaycardAnswer: base64 of the HMAC of `answer`, purpose paycard-answer.
std::string make_answer(std::string_view secret, const msg::Answer& answer);

/// Whether `text` is exactly that answer.
bool check_answer(std::string_view secret, const msg::Answer& answer, std::string_view text);

}  // namespace quickpay::paycard
