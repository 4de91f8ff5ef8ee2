#include "conformance/suites/holder.hpp"

#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAdditionMs = 8000;

/// The ReplyKey of the last session that the Wallet asked for, raw bytes.
std::string reply_key(const World& world) {
  const auto asked = world.sent_by_iut("ConfirmPaycard");
  return asked.empty() ? std::string() : bytes_of_hex(text_at(inside(world.plan(), world.document(asked.back())), "ReplyKey"));
}

std::string seed_of(const std::string& label, const Element& answer) { return label + text_at(answer, "Head/MsgId"); }

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
  const std::string key = reply_key(world_);
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

Act change_inside(const World& world, std::string label, std::function<void(Element& inner)> change) {
  return edit_answer(label, [&world, label, change = std::move(change)](Element& answer) {
    const std::string key = reply_key(world);
    if (const auto plain = unboxed(key, answer)) {
      Element inner = parse_xml(*plain).value_or(Element{});
      change(inner);
      answer = boxed_under(key, answer, to_xml(inner), seed_of(label, answer));
    }
  });
}

Act box_under_another_key(const World& world, std::string label) {
  return edit_answer(label, [&world, label](Element& answer) {
    if (const auto plain = unboxed(reply_key(world), answer)) {
      answer = boxed_under(std::string(32, 'k'), answer, *plain, seed_of(label, answer));
    }
  });
}

}  // namespace quickpay::conformance
