// The judge of regular payment: honest players pass, and each way in which they can be wrong is seen.
#include <gtest/gtest.h>

#include "conformance/judges/regular.hpp"
#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance::tests {
namespace {

constexpr const char* kTime = "2026-11-22T12:00:00Z";
const std::string kSecret(32, 'a');
const std::string kSalt(32, '5');

Element ref_of(const char* amount = "125") {
  OrderFacts facts;
  facts.vendor = "V1001";
  facts.order_id = "sale-1";
  facts.expires = "2026-11-22T12:15:00Z";
  facts.digest = std::string(64, 'd');
  facts.kind = "regular";
  Element ref = order_ref(facts);
  set_text(ref, "Amount", amount);
  return ref;
}

Element commitment_to(const WorldPlan& plan, const Element& ref, const std::string& id = std::string(32, 'c')) {
  return signed_by(plan, "B7", branch("Commitment", {leaf("Broker", "B7"), leaf("CommitId", id), ref, leaf("CommittedAt", kTime),
                                                     leaf("ClaimBy", "2026-12-22T12:00:00Z")}));
}

Element receipt_of(const WorldPlan& plan, const Element& commitment, const std::string& vendor = "V1001") {
  const auto said = [&](const char* path) { return text_at(commitment, path); };
  Element receipt = branch("Receipt", {leaf("Vendor", said("OrderRef/Vendor")), leaf("Broker", said("Broker")),
                                       leaf("OrderId", said("OrderRef/OrderId")), leaf("Digest", said("OrderRef/Digest")),
                                       leaf("CommitId", said("CommitId")), leaf("AcceptedAt", kTime)});
  return signed_by(plan, vendor, receipt);
}

Element offer_of(const WorldPlan& plan) {
  const Element order = branch("Order", {leaf("Kind", "regular"), leaf("Vendor", "V1001"), leaf("OrderId", "sale-1"), leaf("Amount", "125"),
                                         leaf("Currency", "USD"), leaf("Created", kTime), leaf("Expires", "2026-11-22T12:15:00Z"),
                                         leaf("ItemHash", item_hash(kSalt, "Text")), leaf("BuyerTag", buyer_tag(kSecret))});
  return signed_by(plan, "V1001", branch("Offer", {order, leaf("ItemText", "Text"), leaf("Salt", kSalt)}));
}

Element asking(Tape& tape) {
  return request_of("regular/GetOrder", tape.head("", "V1001"),
                    {leaf("Kind", "regular"), leaf("Item", "article-1"), leaf("BuyerTag", buyer_tag(kSecret))});
}

// ---------------------------------------------------------------- Broker
struct Promises {
  Tape tape{"broker", "regular"};
  const WorldPlan& plan = tape.world().plan();

  void asks(const Element& ref, const std::string& code, std::vector<Element> results = {}) {
    const std::string wallet = tape.cast().wallet;
    const auto exchange = tape.request(
        wallet, "B7", request_of("regular/InquiryPayment", tape.head(wallet, "B7"),
                                 {leaf("Paycard", "P7"), ref, leaf("PaycardToken", "AAAA")}));
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  Verdict verdict() { return tape.verdicts().at("regular"); }
};

TEST(RegularJudge, LetsAnHonestBrokerPass) {
  Promises promises;
  promises.asks(ref_of(), "QP-OK", {commitment_to(promises.plan, ref_of())});
  promises.asks(ref_of(), "QP-OK", {commitment_to(promises.plan, ref_of())});
  promises.asks(ref_of("126"), "QP-E-CONFLICT");
  EXPECT_EQ(promises.verdict(), Verdict::pass) << promises.tape.finding("regular");
}

TEST(RegularJudge, SeesTwoCommitmentsToAnOrder) {
  Promises promises;
  promises.asks(ref_of(), "QP-OK", {commitment_to(promises.plan, ref_of())});
  promises.asks(ref_of(), "QP-OK", {commitment_to(promises.plan, ref_of(), std::string(32, '2'))});
  EXPECT_EQ(promises.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesACommitmentToAnotherOrder) {
  Promises promises;
  promises.asks(ref_of(), "QP-OK", {commitment_to(promises.plan, ref_of("126"))});
  EXPECT_EQ(promises.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesACommitmentThatTheBrokerDidNotSign) {
  Promises promises;
  Element altered = commitment_to(promises.plan, ref_of());
  set_text(altered, "ClaimBy", "2027-01-01T00:00:00Z");
  promises.asks(ref_of(), "QP-OK", {altered});
  EXPECT_EQ(promises.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesARefusalThatNoMachineKnows) {
  Promises promises;
  promises.asks(ref_of(), "QP-E-NO-ITEM");
  EXPECT_EQ(promises.verdict(), Verdict::fail);
}

// ---------------------------------------------------------------- Vendor
struct Sales {
  Tape tape{"vendor", "regular"};
  const WorldPlan& plan = tape.world().plan();
  Element ref;

  void offers() {
    const Element offer = offer_of(plan);
    ref = order_ref_of(*at(offer, "Order"));
    const auto exchange = tape.request(tape.cast().wallet, "V1001", asking(tape));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {offer}));
  }
  void brings(const Element& commitment, const std::string& code, std::vector<Element> results = {}) {
    const auto exchange = tape.request(tape.cast().wallet, "V1001",
                                       request_of("regular/RequestOrderDelivery", tape.head("", "V1001"),
                                                  {commitment, leaf("BuyerSecret", kSecret)}));
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  Verdict verdict() { return tape.verdicts().at("regular"); }
};

TEST(RegularJudge, LetsAnHonestVendorPass) {
  Sales sales;
  sales.offers();
  const Element commitment = commitment_to(sales.plan, sales.ref), receipt = receipt_of(sales.plan, commitment);
  Element altered = commitment;
  set_text(altered, "ClaimBy", "2027-01-01T00:00:00Z");
  sales.brings(altered, "QP-E-SIGNATURE");
  sales.brings(commitment, "QP-OK", {receipt});
  sales.brings(commitment, "QP-OK", {receipt});
  EXPECT_EQ(sales.verdict(), Verdict::pass) << sales.tape.finding("regular");
}

TEST(RegularJudge, SeesAnOrderAcceptedOnNobodysWord) {
  Sales sales;
  sales.offers();
  Element altered = commitment_to(sales.plan, sales.ref);
  set_text(altered, "ClaimBy", "2027-01-01T00:00:00Z");
  sales.brings(altered, "QP-OK", {receipt_of(sales.plan, altered)});
  EXPECT_EQ(sales.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesAnOrderAcceptedTwice) {
  Sales sales;
  sales.offers();
  const Element one = commitment_to(sales.plan, sales.ref), other = commitment_to(sales.plan, sales.ref, std::string(32, '2'));
  sales.brings(one, "QP-OK", {receipt_of(sales.plan, one)});
  sales.brings(other, "QP-OK", {receipt_of(sales.plan, other)});
  EXPECT_EQ(sales.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesAReceiptUnderAnotherKey) {
  Sales sales;
  sales.offers();
  const Element commitment = commitment_to(sales.plan, sales.ref);
  sales.brings(commitment, "QP-OK", {receipt_of(sales.plan, commitment, "V1002")});
  EXPECT_EQ(sales.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesWhatWasNeverOffered) {
  Sales sales;
  const Element commitment = commitment_to(sales.plan, ref_of());
  sales.brings(commitment, "QP-OK", {receipt_of(sales.plan, commitment)});
  EXPECT_EQ(sales.verdict(), Verdict::fail);
}

// ---------------------------------------------------------------- Host
struct Notices {
  Tape tape{"host", "regular"};
  const WorldPlan& plan = tape.world().plan();

  void registers(const Element& ref, const Element& commitment, const std::string& code, const char* number = "1") {
    const std::string wallet = tape.cast().wallet;
    const auto exchange = tape.request(wallet, "H1", request_of("regular/RegisterOrder", tape.head(wallet, "H1"),
                                                                {ref, leaf("Broker", "B7"), commitment}));
    tape.response(exchange, tape.answer(exchange, code, {leaf("CaseNo", number), leaf("RegisteredAt", kTime)}));
  }
  Verdict verdict() { return tape.verdicts().at("regular"); }
};

TEST(RegularJudge, LetsAnHonestHostPass) {
  Notices notices;
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of()), "QP-OK");
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of()), "QP-OK");
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of("126")), "QP-E-MISMATCH");
  EXPECT_EQ(notices.verdict(), Verdict::pass) << notices.tape.finding("regular");
}

TEST(RegularJudge, SeesEvidenceThatDoesNotFit) {
  Notices notices;
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of("126")), "QP-OK");
  EXPECT_EQ(notices.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesASecondCaseNo) {
  Notices notices;
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of()), "QP-OK");
  notices.registers(ref_of(), commitment_to(notices.plan, ref_of()), "QP-OK", "2");
  EXPECT_EQ(notices.verdict(), Verdict::fail);
}

// ---------------------------------------------------------------- Wallet
struct Purchases {
  Tape tape{"wallet", "regular"};
  const WorldPlan& plan = tape.world().plan();
  const std::string wallet = tape.cast().wallet;
  Element ref;

  void asks_vendor() {
    tape.note("the user may open-link");
    tape.note("the user may confirm");
    const Element offer = offer_of(plan);
    ref = order_ref_of(*at(offer, "Order"));
    const auto exchange = tape.request(wallet, "V1001", asking(tape));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {offer}));
  }
  void asks_broker(const Element& wanted, const Element& commitment) {
    const auto exchange = tape.request(wallet, "B7", request_of("regular/InquiryPayment", tape.head(wallet, "B7"),
                                                                {leaf("Paycard", "P7"), wanted, leaf("PaycardToken", "AAAA")}));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {commitment}));
  }
  void brings(const Element& commitment, const Element& receipt) {
    const auto exchange = tape.request(wallet, "V1001", request_of("regular/RequestOrderDelivery", tape.head("", "V1001"),
                                                                   {commitment, leaf("BuyerSecret", kSecret)}));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {receipt}));
  }
  void registers(const Element& registered, const Element& commitment, const Element& receipt) {
    const auto exchange = tape.request(wallet, "H1", request_of("regular/RegisterOrder", tape.head(wallet, "H1"),
                                                                {registered, leaf("Broker", "B7"), commitment, receipt}));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {leaf("CaseNo", "1"), leaf("RegisteredAt", kTime)}));
  }
  /// A whole purchase, with a notice at its end: of what was bought, or of another amount.
  void buys(const char* registered_amount = nullptr) {
    asks_vendor();
    const Element commitment = commitment_to(plan, ref), receipt = receipt_of(plan, commitment);
    asks_broker(ref, commitment);
    brings(commitment, receipt);
    Element registered = ref;
    if (registered_amount != nullptr) set_text(registered, "Amount", registered_amount);
    registers(registered, commitment, receipt);
  }
  Verdict verdict() { return tape.verdicts().at("regular"); }
};

TEST(RegularJudge, LetsAnHonestWalletPass) {
  Purchases purchases;
  purchases.buys();
  EXPECT_EQ(purchases.verdict(), Verdict::pass) << purchases.tape.finding("regular");
}

TEST(RegularJudge, SeesANoticeOfAnotherAmountThanCommitted) {
  Purchases purchases;
  purchases.buys("126");
  EXPECT_EQ(purchases.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesAnInquiryForWhatWasNeverOffered) {
  Purchases purchases;
  purchases.asks_broker(ref_of(), commitment_to(purchases.plan, ref_of()));
  EXPECT_EQ(purchases.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesACommitmentThatTheWalletAltered) {
  Purchases purchases;
  purchases.asks_vendor();
  const Element commitment = commitment_to(purchases.plan, purchases.ref);
  purchases.asks_broker(purchases.ref, commitment);
  Element altered = commitment;
  set_text(altered, "ClaimBy", "2027-01-01T00:00:00Z");
  purchases.brings(altered, receipt_of(purchases.plan, altered));
  EXPECT_EQ(purchases.verdict(), Verdict::fail);
}

TEST(RegularJudge, SeesADeliveryAskedForBeforeTheCommitment) {
  Purchases purchases;
  purchases.asks_vendor();
  const Element commitment = commitment_to(purchases.plan, purchases.ref);
  purchases.brings(commitment, receipt_of(purchases.plan, commitment));
  EXPECT_EQ(purchases.verdict(), Verdict::fail);
}

}  // namespace
}  // namespace quickpay::conformance::tests
