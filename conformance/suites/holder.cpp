#include "conformance/suites/holder.hpp"

#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/suites/boxed_answers.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAdditionMs = 8000;

}  // namespace

IutResult<CallId> Holder::begin(const User& user) {
  world_.user_may("add-paycard");
  Json answers = Json::array();
  for (const QuestionPlan& question : enrolment().questions) {
    answers.push_back({{"prompt", question.prompt}, {"value", user.instead.empty() ? question.answer : user.instead}});
  }
  const std::string product = user.product.empty() ? world_.plan().paycard_file.product : user.product;
  return session_.iut().begin("add-paycard",
                              {{"product", product},
                               {"issue_code", enrolment().issue_code},
                               {"answers", std::move(answers)},
                               {"confirm", user.confirm}},
                              kAdditionMs);
}

bool Holder::adds() {
  shopper.calm();
  return is_accepted(add());
}

IutResult<Outcome> Holder::remove(const std::string& paycard) {
  return session_.iut().act("remove-paycard", {{"paycard", paycard}});
}

std::string Holder::secret() const {
  const std::string key = reply_key_of(world_, kConfirm);
  std::string secret;
  for (const std::size_t entry : world_.find(0, [](const Entry& e) {
         return !e.by_iut && e.kind == EntryKind::response && e.message == "AnswerResponseResponse";
       })) {
    if (const auto plain = unboxed(key, world_.document(entry))) {
      secret = text_at(parse_xml(*plain).value_or(Element{}), "PaycardSecret");
    }
  }
  return secret;
}

}  // namespace quickpay::conformance
