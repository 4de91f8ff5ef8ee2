#include "reference/roles/questions.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "reference/codec/leaf.hpp"
#include "reference/roles/documents.hpp"

namespace quickpay::roles {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A day of the calendar, as 1980-02-29. Time does not do: its years begin with 2000.
bool is_date(std::string_view text) {
  std::array<int, 3> part{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 3> kPlaces{{{0, 4}, {5, 2}, {8, 2}}};
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const std::string_view digits = text.substr(kPlaces[i].first, kPlaces[i].second);
    if (!std::all_of(digits.begin(), digits.end(), is_digit)) return false;
    std::from_chars(digits.data(), digits.data() + digits.size(), part[i]);
  }
  using namespace std::chrono;
  return year_month_day(year(part[0]), month(static_cast<unsigned>(part[1])), day(static_cast<unsigned>(part[2]))).ok();
}

}  // namespace

msg::Question question_of(const QuestionConfig& question, std::int64_t no) {
  msg::Question out;
  out.no = no;
  out.prompt = question.prompt;
  out.form = spelled_as<msg::AnswerForm>(question.form).value_or(msg::AnswerForm::text);
  if (out.form == msg::AnswerForm::choice) out.choice = question.choices;
  out.max_len = question.max_len;
  return out;
}

bool fits_question(const msg::Question& question, std::string_view value) {
  const bool carried = codec::carries(msg::kQuestionAnswerType, "Value", value);
  if (!carried || value.size() > static_cast<std::size_t>(question.max_len)) return false;
  switch (question.form) {
    case msg::AnswerForm::text: return true;
    case msg::AnswerForm::digits: return std::all_of(value.begin(), value.end(), is_digit);
    case msg::AnswerForm::date: return is_date(value);
    case msg::AnswerForm::choice: return std::count(question.choice.begin(), question.choice.end(), value) > 0;
  }
  return false;
}

}  // namespace quickpay::roles
