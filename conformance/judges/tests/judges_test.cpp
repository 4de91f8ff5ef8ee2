// Each judge on an honest record and on one with a planted fault. A judge that cannot be made to complain judges
// nothing.
#include <gtest/gtest.h>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/digest.hpp"

namespace quickpay::conformance::tests {
namespace {

using Verdicts = std::map<std::string, Verdict>;

Verdicts all_pass() {
  return {{"documents", Verdict::pass},
          {"envelope", Verdict::pass},
          {"machine", Verdict::pass},
          {"money", Verdict::pass},
          {"privacy", Verdict::pass}};
}
Verdicts all_but(const std::map<std::string, Verdict>& changed) {
  Verdicts verdicts = all_pass();
  for (const auto& [judge, verdict] : changed) {
    verdicts[judge] = verdict;
  }
  return verdicts;
}

/// A sale of the Vendor under test, message by message.
struct Sale {
  Tape tape{"vendor"};
  std::string secret = std::string(32, '5');
  std::string salt = std::string(32, '7');
  std::string endorsement_id = std::string(32, 'e');
  std::string commit_id = std::string(32, 'c');
  std::string delivery_id = std::string(32, 'd');
  Element order;
  std::uint64_t asked = 0;
  std::uint64_t wanted = 0;
  std::uint64_t check = 0;
  Element check_document;

  const std::string& wallet() const { return tape.cast().wallet; }
  const std::string& vendor() const { return tape.cast().vendor; }

  void offer() {
    order = branch("Order", {leaf("Kind", "micro"), leaf("Vendor", vendor()), leaf("OrderId", "o-1"),
                             leaf("Amount", "125"), leaf("Currency", "USD"), leaf("Created", "2026-11-22T12:00:00Z"),
                             leaf("Expires", "2026-11-22T12:15:00Z"), leaf("ItemHash", item_hash(salt, "Tea")),
                             leaf("BuyerTag", buyer_tag(secret))});
    asked = tape.request(wallet(), vendor(),
                         request_of("GetOrder", tape.head({}, vendor()),
                                    {leaf("Kind", "micro"), leaf("Item", "tea"), leaf("BuyerTag", buyer_tag(secret))}));
    tape.response(asked,
                  tape.answer(asked, "QP-OK", {branch("Offer", {order, leaf("ItemText", "Tea"), leaf("Salt", salt)})}));
  }
  Element endorsement() const {
    return branch("Endorsement",
                  {leaf("Broker", tape_cast().broker), leaf("EndorsementId", endorsement_id), order_ref_of(order),
                   leaf("EndorsedAt", "2026-11-22T12:00:01Z"), leaf("CheckBy", "2026-11-22T12:02:01Z")});
  }
  const Cast& tape_cast() const { return tape.cast(); }
  std::uint64_t want() {
    return tape.request(
        wallet(), vendor(),
        request_of("RequestOrderDelivery", tape.head({}, vendor()), {endorsement(), leaf("BuyerSecret", secret)}));
  }
  void ask(const std::string& mutation = {}) {
    wanted = want();
    check_document = request_of("CheckCommit", tape.head(vendor(), tape.cast().broker),
                                {leaf("EndorsementId", endorsement_id), order_ref_of(order)});
    if (!mutation.empty()) {
      ASSERT_TRUE(mutate_tree(check_document, *mutations_of(mutation)));
    }
    check = tape.request(vendor(), tape.cast().broker, check_document);
  }
  void yes() {
    tape.response(check, tape.answer(check, "QP-OK",
                                     {leaf("CommitId", commit_id), leaf("CommittedAt", "2026-11-22T12:00:02Z"),
                                      leaf("SettleBy", "2026-12-22T12:00:02Z")}));
  }
  void goods(std::uint64_t exchange, const std::string& delivery) {
    tape.response(exchange,
                  tape.answer(exchange, "QP-OK",
                              {leaf("DeliveryId", delivery), leaf("DeliveredAt", "2026-11-22T12:00:02Z"),
                               branch("Content", {leaf("MediaType", "text/plain"), leaf("Data", base64_of("tea"))})}));
  }
  void notice(const std::string& commit) {
    const auto exchange =
        tape.request(vendor(), tape.cast().host,
                     request_of("RegisterDelivery", tape.head(vendor(), tape.cast().host),
                                {order_ref_of(order), leaf("Broker", tape.cast().broker), leaf("CommitId", commit),
                                 leaf("DeliveryId", delivery_id), leaf("DeliveredAt", "2026-11-22T12:00:02Z")}));
    tape.response(exchange,
                  tape.answer(exchange, "QP-OK", {leaf("CaseNo", "1"), leaf("RegisteredAt", "2026-11-22T12:00:03Z")}));
  }
};

// QP-MP-022: an honest sale is nobody's complaint.
TEST(Judges, LetAnHonestSalePass) {
  Sale sale;
  sale.offer();
  sale.ask();
  sale.yes();
  sale.goods(sale.wanted, sale.delivery_id);
  sale.notice(sale.commit_id);
  EXPECT_EQ(sale.tape.verdicts(), all_pass()) << sale.tape.finding("machine");
}

// QP-ADD-28, QP-ADD-01: neither is one with a lost answer, a retry, and goods that are asked for twice.
TEST(Judges, LetLossAndRetryPass) {
  Sale sale;
  sale.offer();
  sale.ask();
  sale.tape.lost(sale.check);
  sale.tape.response(sale.wanted, sale.tape.answer(sale.wanted, "QP-E-BROKER-UNREACHABLE"));
  const auto second = sale.want();
  sale.check = sale.tape.request(sale.vendor(), sale.tape.cast().broker, sale.check_document);
  sale.yes();
  sale.notice(sale.commit_id);
  sale.goods(second, sale.delivery_id);
  sale.goods(sale.want(), sale.delivery_id);
  EXPECT_EQ(sale.tape.verdicts(), all_pass()) << sale.tape.finding("machine") << sale.tape.finding("money");
}

TEST(Judges, SayNothingAboutSilence) {
  Sale sale;
  for (const auto& [judge, verdict] : sale.tape.verdicts()) {
    EXPECT_EQ(verdict, Verdict::inconclusive) << judge;
  }
}

// QP-MP-022
TEST(MachineJudge, SeesGoodsBeforeTheYes) {
  Sale sale;
  sale.offer();
  sale.ask();
  sale.goods(sale.wanted, sale.delivery_id);
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"machine", Verdict::fail}}));
  EXPECT_NE(sale.tape.finding("machine").find("CHECKING"), std::string::npos) << sale.tape.finding("machine");
}

// QP-ADD-23
TEST(MachineJudge, SeesAnOrderIdUsedTwice) {
  Sale sale;
  sale.offer();
  sale.offer();
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"machine", Verdict::fail}}));
}

// QP-ADD-03
TEST(MoneyJudge, SeesAVendorThatEchoes) {
  Sale sale;
  sale.offer();
  sale.ask("CheckCommit.OrderRef.Amount:-1");
  EXPECT_EQ(sale.tape.verdicts().at("money"), Verdict::fail);
}

// QP-SAFE-004
TEST(MoneyJudge, SeesASecondDelivery) {
  Sale sale;
  sale.offer();
  sale.ask();
  sale.yes();
  sale.goods(sale.wanted, sale.delivery_id);
  sale.goods(sale.want(), std::string(32, '9'));
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"money", Verdict::fail}}));
}

TEST(MoneyJudge, SeesANoticeOfAnotherCommitment) {
  Sale sale;
  sale.offer();
  sale.ask();
  sale.yes();
  sale.goods(sale.wanted, sale.delivery_id);
  sale.notice(std::string(32, '9'));
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"money", Verdict::fail}}));
}

// QP-ADD-20
TEST(DocumentsJudge, SeesWhatBreaksTables) {
  Sale sale;
  sale.offer();
  sale.ask("CheckCommit.EndorsementId:upper");
  EXPECT_EQ(sale.tape.verdicts().at("documents"), Verdict::fail);
}

// A message of the suite itself that breaks the tables, without being declared a mutation, blames nobody but the suite.
TEST(DocumentsJudge, CallsABrokenPeerADefect) {
  Sale sale;
  sale.offer();
  Element broken = request_of("GetOrder", sale.tape.head({}, sale.vendor()), {leaf("Kind", "micro")});
  sale.tape.request(sale.wallet(), sale.vendor(), broken);
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"documents", Verdict::error}}));
}

TEST(DocumentsJudge, LetsDeclaredMutationsPass) {
  Sale sale;
  sale.offer();
  Element broken = request_of("GetOrder", sale.tape.head({}, sale.vendor()), {leaf("Kind", "micro")});
  const auto exchange = sale.tape.request(sale.wallet(), sale.vendor(), broken, "GetOrder.Item:remove");
  sale.tape.response(exchange, sale.tape.answer(exchange, "QP-E-SCHEMA"));
  EXPECT_EQ(sale.tape.verdicts(), all_pass());
}

// QP-ADD-01
TEST(EnvelopeJudge, SeesAnAnswerToAnotherRequest) {
  Sale sale;
  sale.offer();
  sale.ask();
  Element answer = sale.tape.answer(sale.wanted, "QP-E-BROKER-UNREACHABLE");
  set_text(answer, "Head/InReplyTo", std::string(32, '0'));
  sale.tape.response(sale.wanted, answer);
  EXPECT_EQ(sale.tape.verdicts().at("envelope"), Verdict::fail);
}

// QP-ADD-01
TEST(EnvelopeJudge, SeesARepeatThatIsAnsweredOtherwise) {
  Sale sale;
  sale.offer();
  const Element again =
      request_of("GetOrder", sale.tape.head({}, sale.vendor()),
                 {leaf("Kind", "micro"), leaf("Item", "none"), leaf("BuyerTag", buyer_tag(sale.secret))});
  for (int i = 0; i < 2; ++i) {
    const auto exchange = sale.tape.request(sale.wallet(), sale.vendor(), again);
    sale.tape.response(exchange, sale.tape.answer(exchange, "QP-E-NO-ITEM"));  // each with a MsgId of its own
  }
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"envelope", Verdict::fail}}));
}

// QP-ADD-01
TEST(EnvelopeJudge, SeesARetryWithOtherBytes) {
  Sale sale;
  sale.offer();
  sale.ask();
  set_text(sale.check_document, "Head/SentAt", "2026-11-22T12:09:09Z");
  sale.tape.request(sale.vendor(), sale.tape.cast().broker, sale.check_document);
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"envelope", Verdict::fail}}));
}

// QP-ROLE-010: who looks somebody up may leave out who it is, and says no other name.
TEST(EnvelopeJudge, LetsWhoLooksUpBeNameless) {
  const auto asking = [](const std::string& as) {
    Sale sale;
    sale.offer();
    const std::string& host = sale.tape.cast().host;
    HeadFacts head = sale.tape.head(as, host);
    sale.tape.request(sale.vendor(), host,
                      request_of("LookupPlayer", head, {leaf("Role", "broker"), leaf("Id", sale.tape.cast().broker)}));
    return sale.tape.verdicts().at("envelope");
  };
  EXPECT_EQ(asking({}), Verdict::pass);
  EXPECT_EQ(asking("V1001"), Verdict::pass);
  EXPECT_EQ(asking("V1002"), Verdict::fail);
}

// QP-ADD-15: what a step before the machine refuses, the implementation has to refuse by that step's code.
TEST(EnvelopeJudge, SeesTheWrongRefusal) {
  Sale sale;
  sale.offer();
  HeadFacts head = sale.tape.head({}, "V1002");
  const auto exchange = sale.tape.request(
      sale.wallet(), sale.vendor(),
      request_of("GetOrder", head,
                 {leaf("Kind", "micro"), leaf("Item", "tea"), leaf("BuyerTag", buyer_tag(sale.secret))}),
      "GetOrder.Head.Receiver:=V1002");
  sale.tape.response(exchange, sale.tape.answer(exchange, "QP-E-NO-ITEM"));
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"envelope", Verdict::fail}}));
}

// QP-ADD-13
TEST(PrivacyJudge, SeesASecretToldToTheBroker) {
  Sale sale;
  sale.offer();
  sale.endorsement_id = sale.salt;
  sale.ask();
  EXPECT_EQ(sale.tape.verdicts(), all_but({{"privacy", Verdict::fail}}));
}

/// Payments at the Broker under test.
struct Payment {
  Tape tape{"broker"};
  Element ref(const std::string& id, std::int64_t amount) {
    OrderFacts facts;
    facts.vendor = tape.cast().vendor;
    facts.order_id = id;
    facts.amount = amount;
    facts.expires = "2026-11-22T12:15:00Z";
    facts.digest = std::string(64, 'a');
    return order_ref(facts);
  }
  void endorse(const Element& order, const std::string& endorsement_id, const std::string& wallet,
               const std::string& paycard) {
    const auto exchange = tape.request(wallet, tape.cast().broker,
                                       request_of("InquiryPayment", tape.head(wallet, tape.cast().broker),
                                                  {leaf("Paycard", paycard), order, leaf("PaycardToken", "AAAA")}));
    tape.response(
        exchange,
        tape.answer(exchange, "QP-OK",
                    {branch("Endorsement",
                            {leaf("Broker", tape.cast().broker), leaf("EndorsementId", endorsement_id), order,
                             leaf("EndorsedAt", "2026-11-22T12:00:00Z"), leaf("CheckBy", "2026-11-22T12:02:00Z")})}));
  }
  void commit(const Element& order, const std::string& endorsement_id, const std::string& commit_id) {
    const std::string& vendor = tape.cast().vendor;
    const auto exchange = tape.request(vendor, tape.cast().broker,
                                       request_of("CheckCommit", tape.head(vendor, tape.cast().broker),
                                                  {leaf("EndorsementId", endorsement_id), order}));
    tape.response(exchange, tape.answer(exchange, "QP-OK",
                                        {leaf("CommitId", commit_id), leaf("CommittedAt", "2026-11-22T12:00:02Z"),
                                         leaf("SettleBy", "2026-12-22T12:00:02Z")}));
  }
  const std::string& wallet() { return tape.cast().wallet; }
};

const std::string kFirst(32, '1');
const std::string kSecond(32, '2');

// QP-SEC-001
TEST(Judges, LetAnHonestPaymentPass) {
  Payment payment;
  payment.endorse(payment.ref("o", 125), kFirst, payment.wallet(), "P7");
  payment.commit(payment.ref("o", 125), kFirst, kSecond);
  payment.commit(payment.ref("o", 125), kFirst, kSecond);
  EXPECT_EQ(payment.tape.verdicts(), all_pass()) << payment.tape.finding("machine");
}

// QP-SEC-001
TEST(MoneyJudge, SeesACommitmentToOtherTerms) {
  Payment payment;
  payment.endorse(payment.ref("o", 125), kFirst, payment.wallet(), "P7");
  payment.commit(payment.ref("o", 126), kFirst, kSecond);
  EXPECT_EQ(payment.tape.verdicts(), all_but({{"money", Verdict::fail}, {"machine", Verdict::fail}}));
}

// QP-SAFE-003
TEST(MoneyJudge, SeesTwoCommitmentsOfOneOrder) {
  Payment payment;
  payment.endorse(payment.ref("o", 125), kFirst, payment.wallet(), "P7");
  payment.commit(payment.ref("o", 125), kFirst, kFirst);
  payment.commit(payment.ref("o", 125), kFirst, kSecond);
  EXPECT_EQ(payment.tape.verdicts(), all_but({{"money", Verdict::fail}}));
}

// QP-SAFE-009
TEST(MoneyJudge, SeesAHoldBeyondTheLimit) {
  Payment payment;
  const std::string& poor = payment.tape.cast().other_wallet;
  payment.endorse(payment.ref("o", 400), kFirst, poor, "P5");
  payment.endorse(payment.ref("p", 101), kSecond, poor, "P5");
  EXPECT_EQ(payment.tape.verdicts(), all_but({{"money", Verdict::fail}}));
}

// QP-ADD-27: a hold that has lapsed counts no more.
TEST(MoneyJudge, ForgetsHoldsThatHaveLapsed) {
  Payment payment;
  const std::string& poor = payment.tape.cast().other_wallet;
  payment.endorse(payment.ref("o", 400), kFirst, poor, "P5");
  payment.tape.note("the clock moves by 121 s");
  payment.endorse(payment.ref("p", 101), kSecond, poor, "P5");
  EXPECT_EQ(payment.tape.verdicts().at("money"), Verdict::pass);
}

/// Notices at the Host under test.
void register_at_host(Tape& tape, const std::string& case_no) {
  OrderFacts facts;
  facts.vendor = tape.cast().vendor;
  facts.order_id = "o";
  facts.expires = "2026-11-22T12:15:00Z";
  facts.digest = std::string(64, 'a');
  const std::string& broker = tape.cast().broker;
  const auto exchange =
      tape.request(broker, tape.cast().host,
                   request_of("RegisterCommit", tape.head(broker, tape.cast().host),
                              {order_ref(facts), leaf("Wallet", tape.cast().wallet), leaf("CommitId", kFirst),
                               leaf("CommittedAt", "2026-11-22T12:00:02Z"), leaf("SettleBy", "2026-12-22T12:00:02Z")}));
  tape.response(exchange, tape.answer(exchange, "QP-OK",
                                      {leaf("CaseNo", case_no), leaf("RegisteredAt", "2026-11-22T12:00:03Z")}));
}

// QP-ADD-06
TEST(MoneyJudge, SeesACaseThatChangesItsNumber) {
  Tape honest("host");
  register_at_host(honest, "1");
  register_at_host(honest, "1");
  EXPECT_EQ(honest.verdicts(), all_pass()) << honest.finding("machine");
  Tape tape("host");
  register_at_host(tape, "1");
  register_at_host(tape, "2");
  EXPECT_EQ(tape.verdicts(), all_but({{"money", Verdict::fail}}));
}

// QP-ROLE-012
TEST(MachineJudge, SeesAHostThatSpeaks) {
  Tape tape("host");
  register_at_host(tape, "1");
  tape.request(tape.cast().host, tape.cast().broker,
               request_of("CheckCommit", tape.head(tape.cast().host, tape.cast().broker),
                          {leaf("EndorsementId", kFirst),
                           branch("OrderRef",
                                  {leaf("Kind", "micro"), leaf("Vendor", "V1001"), leaf("OrderId", "o"),
                                   leaf("Amount", "1"), leaf("Currency", "USD"),
                                   leaf("Expires", "2026-11-22T12:15:00Z"), leaf("Digest", std::string(64, 'a'))})}));
  EXPECT_EQ(tape.verdicts(), all_but({{"machine", Verdict::fail}, {"envelope", Verdict::fail}}));
}

// QP-WAL-015, QP-ANON-010
TEST(MachineJudge, SeesAWalletThatPaysWithoutConfirmation) {
  for (const bool confirmed : {true, false}) {
    Tape tape("wallet");
    const Cast& cast = tape.cast();
    tape.note("the user may open-link");
    if (confirmed) {
      tape.note("the user may confirm");
    }
    const std::string tag = buyer_tag(kFirst);
    const auto asked = tape.request(cast.wallet, cast.vendor,
                                    request_of("GetOrder", tape.head({}, cast.vendor),
                                               {leaf("Kind", "micro"), leaf("Item", "tea"), leaf("BuyerTag", tag)}));
    const Element order =
        branch("Order", {leaf("Kind", "micro"), leaf("Vendor", cast.vendor), leaf("OrderId", "o-1"),
                         leaf("Amount", "125"), leaf("Currency", "USD"), leaf("Created", "2026-11-22T12:00:00Z"),
                         leaf("Expires", "2026-11-22T12:15:00Z"), leaf("ItemHash", item_hash(kSecond, "Tea")),
                         leaf("BuyerTag", tag)});
    tape.response(
        asked, tape.answer(asked, "QP-OK", {branch("Offer", {order, leaf("ItemText", "Tea"), leaf("Salt", kSecond)})}));
    tape.request(cast.wallet, cast.broker,
                 request_of("InquiryPayment", tape.head(cast.wallet, cast.broker),
                            {leaf("Paycard", "P7"), order_ref_of(order), leaf("PaycardToken", "AAAA")}));
    EXPECT_EQ(tape.verdicts(), confirmed ? all_pass() : all_but({{"machine", Verdict::fail}}))
        << tape.finding("machine");
  }
}

// QP-ANON-010
TEST(PrivacyJudge, SeesAWalletThatSaysWhoItIs) {
  Tape tape("wallet");
  const Cast& cast = tape.cast();
  tape.note("the user may open-link");
  Element document =
      request_of("GetOrder", tape.head({}, cast.vendor),
                 {leaf("Kind", "micro"), leaf("Item", cast.wallet), leaf("BuyerTag", buyer_tag(kFirst))});
  tape.request(cast.wallet, cast.vendor, document);
  EXPECT_EQ(tape.verdicts(), all_but({{"privacy", Verdict::fail}}));
}

// QP-ADD-12
TEST(PrivacyJudge, SeesABuyerTagThatRecurs) {
  Tape tape("wallet");
  const Cast& cast = tape.cast();
  tape.note("the user may open-link");
  for (int i = 0; i < 2; ++i) {
    tape.request(cast.wallet, cast.vendor,
                 request_of("GetOrder", tape.head({}, cast.vendor),
                            {leaf("Kind", "micro"), leaf("Item", "tea"), leaf("BuyerTag", buyer_tag(kFirst))}));
  }
  EXPECT_EQ(tape.verdicts(), all_but({{"privacy", Verdict::fail}}));
}

}  // namespace
}  // namespace quickpay::conformance::tests
