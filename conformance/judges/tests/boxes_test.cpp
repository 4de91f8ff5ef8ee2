// The judge of boxes: honest Wallets and Brokers pass, and each thing that they must not seal or box is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/test_keys.hpp"

namespace quickpay::conformance::tests {
namespace {

using Change = std::function<void(Element&)>;

/// A Paycard that is added, document by document; a test changes what is inside of one of them.
struct Course {
  explicit Course(const std::string& role) : tape(role, "paycard") {}

  Tape tape;
  const WorldPlan& plan = tape.world().plan();
  const std::string wallet = plan.cast.wallet, broker = plan.cast.broker;
  std::map<std::string, Change> changes;  ///< by root of the inner document
  std::string reply_key = std::string(64, 'a'), session = std::string(32, 'b'), number = "1", secret = std::string(64, 'c');
  std::string boxed_key;  ///< instead of the ReplyKey
  bool to_a_stranger = false;
  std::uint64_t nonces = 0;

  Element changed(Element inner) {
    if (const auto found = changes.find(inner.name); found != changes.end()) {
      found->second(inner);
    }
    return inner;
  }
  std::string nonce() const { return std::string(31, 'd') + std::to_string(nonces % 10); }

  /// One request and its answer. `told` has the Nonce of the request before it.
  void exchange(const std::string& message, Element asked, std::vector<Element> told) {
    ++nonces;
    asked.children.push_back(leaf("Nonce", nonce()));
    const crypto::RsaPrivateKey& key = to_a_stranger ? *test_key("stranger") : *sealing_key(plan, broker)->key;
    const Element request = sealed_to(key, request_of(message, tape.head(wallet, broker), {}), to_xml(changed(std::move(asked))),
                                      std::to_string(nonces));
    const std::uint64_t number_of_it = tape.request(wallet, broker, request);
    Element inner = branch(message + "ResponseInner", {leaf("Nonce", nonce())});
    inner.children.insert(inner.children.end(), told.begin(), told.end());
    const Element answer = tape.answer(number_of_it, "QP-OK", {branch("Boxed", {})});
    tape.response(number_of_it, boxed_under(bytes_of_hex(boxed_key.empty() ? reply_key : boxed_key), answer,
                                            to_xml(changed(std::move(inner))), std::to_string(nonces)));
  }
  void confirm() {
    const PaycardFilePlan& file = plan.paycard_file;
    exchange("ConfirmPaycard",
             branch("ConfirmPaycardInner",
                    {leaf("Product", file.product), leaf("Version", file.version), leaf("FileHash", file.file_hash),
                     leaf("IssueCode", plan.enrolments[0].issue_code), branch("WalletInfo", {leaf("WalletId", wallet)}),
                     leaf("ReplyKey", reply_key)}),
             {leaf("SessionId", session), leaf("Paycard", plan.enrolments[0].paycard), leaf("ExpiresAt", "2026-11-22T12:10:00Z"),
              leaf("QuestionsNeeded", "1")});
  }
  void take() {
    exchange("TakeQuestion", branch("TakeQuestionInner", {leaf("SessionId", session)}),
             {branch("Question", {leaf("No", number), leaf("Prompt", "Name?"), leaf("Form", "text"), leaf("MaxLen", "9")})});
  }
  void answer() {
    exchange("AnswerResponse",
             branch("AnswerResponseInner",
                    {leaf("SessionId", session), branch("Answer", {leaf("No", number), leaf("Value", "Smith")})}),
             {leaf("Paycard", plan.enrolments[0].paycard), leaf("PaycardSecret", secret), leaf("ActivatedAt", "2026-11-22T12:00:00Z")});
  }
  Verdict whole() {
    confirm();
    take();
    answer();
    return tape.verdicts().at("boxes");
  }
};

Verdict with(const std::string& role, const std::string& inner, Change change) {
  Course course(role);
  course.changes[inner] = std::move(change);
  return course.whole();
}
Change sets(const char* path, std::string value) {
  return [path, value = std::move(value)](Element& inner) { set_text(inner, path, value); };
}

TEST(BoxesJudge, LetsAnHonestCoursePass) {
  EXPECT_EQ(Course("broker").whole(), Verdict::pass);
  EXPECT_EQ(Course("wallet").whole(), Verdict::pass);
}

// QP-ADM-009 QP-ADM-011 QP-ADM-012
TEST(BoxesJudge, SeesWhatAWalletMustNotSeal) {
  EXPECT_EQ(with("wallet", "ConfirmPaycardInner", sets("WalletInfo/WalletId", "W" + std::string(32, 'e'))), Verdict::fail);
  EXPECT_EQ(with("wallet", "ConfirmPaycardInner", sets("FileHash", std::string(64, '6'))), Verdict::fail);
  EXPECT_EQ(with("wallet", "ConfirmPaycardInner", sets("IssueCode", "")), Verdict::fail);
  EXPECT_EQ(with("wallet", "TakeQuestionInner", sets("SessionId", std::string(32, 'f'))), Verdict::fail);
  EXPECT_EQ(with("wallet", "AnswerResponseInner", sets("Answer/No", "2")), Verdict::fail);
  Course stranger("wallet");
  stranger.to_a_stranger = true;
  EXPECT_EQ(stranger.whole(), Verdict::fail);
  Course again("wallet");
  again.confirm();
  EXPECT_EQ(again.whole(), Verdict::fail) << "a ReplyKey twice";
}

// QP-ADM-008 QP-ADM-011 QP-ADM-012
TEST(BoxesJudge, SeesWhatABrokerMustNotBox) {
  EXPECT_EQ(with("broker", "ConfirmPaycardResponseInner", sets("Paycard", "P99")), Verdict::fail);
  EXPECT_EQ(with("broker", "TakeQuestionResponseInner", sets("Nonce", std::string(32, '0'))), Verdict::fail);
  EXPECT_EQ(with("broker", "TakeQuestionResponseInner", sets("Question/Form", "riddle")), Verdict::fail);
  EXPECT_EQ(with("broker", "AnswerResponseResponseInner", sets("Paycard", "P99")), Verdict::fail);
  Course other_key("broker");
  other_key.boxed_key = std::string(64, '9');
  EXPECT_EQ(other_key.whole(), Verdict::fail);
  Course unopened("broker");
  unopened.take();
  EXPECT_EQ(unopened.tape.verdicts().at("boxes"), Verdict::fail) << "questions in no session";
}

// QP-ADM-008 QP-ADM-011 QP-PAY-005
TEST(BoxesJudge, SeesWhatABrokerSaysTwice) {
  const auto again = [](const std::function<void(Course&)>& differs) {
    Course course("broker");
    course.confirm();
    course.take();
    course.answer();
    course.session = std::string(32, 'e'), course.number = "2", course.secret = std::string(64, 'f');
    differs(course);
    return course.whole();
  };
  EXPECT_EQ(again([](Course&) {}), Verdict::pass);
  EXPECT_EQ(again([](Course& course) { course.session = std::string(32, 'b'); }), Verdict::fail);
  EXPECT_EQ(again([](Course& course) { course.number = "1"; }), Verdict::fail);
  EXPECT_EQ(again([](Course& course) { course.secret = std::string(64, 'c'); }), Verdict::fail);
  EXPECT_EQ(again([](Course& course) { course.nonces = 0; }), Verdict::fail) << "a nonce of a box twice under a key";
}

}  // namespace
}  // namespace quickpay::conformance::tests
