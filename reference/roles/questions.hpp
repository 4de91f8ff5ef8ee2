// The questions that a Broker asks before it hands a Paycard out: as its configuration has them, and as messages do.
#pragma once

#include <cstdint>
#include <string_view>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/config.hpp"

namespace quickpay::roles {

/// How a message asks this question under number `no`. A form that there is not becomes `text`.
msg::Question question_of(const QuestionConfig& question, std::int64_t no);

/// Whether the answer has the form and length that the question asks for, and a message can carry it (QP-ADM-012).
bool fits_question(const msg::Question& question, std::string_view value);

}  // namespace quickpay::roles
