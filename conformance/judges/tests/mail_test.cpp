// The judge of mail: an honest Host passes, and each way in which mail can be wrong is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/build.hpp"

namespace quickpay::conformance::tests {
namespace {

/// A Host that takes three messages and hands out what a test says.
struct Post {
  Tape tape{"host", "communication"};
  const Cast& cast = tape.cast();

  void leaves(const std::string& from, Element audience, const char* number, const char* text) {
    const auto exchange = tape.request(
        from, cast.host,
        request_of("RegisterMessage", tape.head(from, cast.host),
                   {leaf("Kind", "batch-call"), branch("Audience", {std::move(audience)}), leaf("Text", text)}));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {leaf("MessageNo", number)}));
  }
  Post() {
    leaves(cast.broker, leaf("Id", cast.vendor), "1", "for the Vendor");
    leaves(cast.broker, leaf("Role", "vendor"), "2", "for Vendors");
    leaves(cast.wallet, leaf("Role", "all"), "4", "from a Wallet");
  }
  Element message(const char* number, const std::string& producer, Element audience, const char* text) {
    Element mail = branch("Message", {leaf("MessageNo", number)});
    if (!producer.empty()) {
      mail.children.push_back(leaf("Producer", producer));
    }
    for (Element& child : std::vector<Element>{leaf("Kind", "batch-call"), branch("Audience", {std::move(audience)}),
                                               leaf("Text", text), leaf("PostedAt", "2026-11-22T12:00:00Z")}) {
      mail.children.push_back(std::move(child));
    }
    return mail;
  }
  std::vector<Element> right() {
    return {message("1", cast.broker, leaf("Id", cast.vendor), "for the Vendor"),
            message("2", cast.broker, leaf("Role", "vendor"), "for Vendors"),
            message("4", "", leaf("Role", "all"), "from a Wallet")};
  }
  /// `reader` asks behind `since` and gets these messages.
  Verdict hands(const std::string& reader, std::vector<Element> messages, const char* since = "0",
                const char* limit = "10", const char* next = "4") {
    HeadFacts head = tape.head(reader, cast.host);
    head.sent_at = tape.world().now_text();
    const auto exchange =
        tape.request(reader.empty() ? cast.wallet : reader, cast.host,
                     request_of("RetrieveMessages", head, {leaf("Since", since), leaf("Limit", limit)}));
    messages.push_back(leaf("Next", next));
    messages.push_back(leaf("More", "no"));
    tape.response(exchange, tape.answer(exchange, "QP-OK", std::move(messages)));
    return tape.verdicts().at("mail");
  }
};

TEST(MailJudge, LetsAnHonestHostPass) {
  Post post;
  EXPECT_EQ(post.hands(post.cast.vendor, post.right()), Verdict::pass) << post.tape.finding("mail");
  Post nobody;
  auto to_roles = nobody.right();
  to_roles.erase(to_roles.begin());
  EXPECT_EQ(nobody.hands("", to_roles), Verdict::pass) << nobody.tape.finding("mail");
}

// QP-CM-007, QP-CM-011, QP-ANON-010
TEST(MailJudge, SeesWhatIsWrong) {
  using Change = std::function<void(Post&, std::vector<Element>&)>;
  const std::pair<const char*, Change> wrongs[] = {
      {"a number that was never given", [](Post&, auto& m) { m[1].children[0].text = "3"; }},
      {"out of order", [](Post&, auto& m) { std::swap(m[0], m[1]); }},
      {"twice", [](Post&, auto& m) { m.insert(m.begin(), m[0]); }},
      {"another text", [](Post&, auto& m) { set_text(m[0], "Text", "something else"); }},
      {"another kind", [](Post&, auto& m) { set_text(m[0], "Kind", "x-other"); }},
      {"another producer", [](Post& p, auto& m) { set_text(m[0], "Producer", p.cast.vendor); }},
      {"a Wallet named", [](Post& p, auto& m) { m[2].children.insert(m[2].children.begin() + 1, leaf("Producer", p.cast.wallet)); }},
      {"an audience that grew", [](Post& p, auto& m) { m[0].children[3] = branch("Audience", {leaf("Id", p.cast.wallet)}); }}};
  for (const auto& [what, change] : wrongs) {
    Post post;
    auto messages = post.right();
    change(post, messages);
    EXPECT_EQ(post.hands(post.cast.vendor, messages), Verdict::fail) << what;
  }
}

// QP-CM-003
TEST(MailJudge, SeesMailOfOthers) {
  for (const bool named : {true, false}) {
    Post post;
    const std::string reader = named ? post.cast.other_vendor : std::string();
    EXPECT_EQ(post.hands(reader, post.right()), Verdict::fail);
  }
  Post wallets;
  EXPECT_EQ(wallets.hands(wallets.cast.wallet, {wallets.right()[1]}), Verdict::fail);
}

TEST(MailJudge, SeesACursorThatIsNotKept) {
  EXPECT_EQ(Post().hands("V1001", Post().right(), "1"), Verdict::fail) << "before Since";
  EXPECT_EQ(Post().hands("V1001", Post().right(), "0", "2"), Verdict::fail) << "more than Limit";
  EXPECT_EQ(Post().hands("V1001", Post().right(), "0", "10", "2"), Verdict::fail) << "Next before the last";
}

TEST(MailJudge, SeesANumberThatIsUsedAgain) {
  Post post;
  post.leaves(post.cast.broker, leaf("Role", "all"), "4", "again");
  EXPECT_EQ(post.tape.verdicts().at("mail"), Verdict::fail);
}

TEST(MailJudge, SaysNothingOfAHostThatDidNotSpeak) {
  Tape tape("host", "communication");
  EXPECT_EQ(tape.verdicts().at("mail"), Verdict::inconclusive);
}

}  // namespace
}  // namespace quickpay::conformance::tests
