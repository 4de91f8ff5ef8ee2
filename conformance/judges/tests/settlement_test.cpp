// The judge of settlement: an honest Broker, Vendor and Host pass, and each way in which they can be wrong is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance::tests {
namespace {

constexpr const char* kTime = "2026-11-22T12:00:00Z";
const std::string kCommit(32, 'c');
const std::string kBatch(32, 'b');

Element ref_of(const char* order_id, const char* amount = "125") {
  OrderFacts facts;
  facts.vendor = "V1001";
  facts.order_id = order_id;
  facts.expires = "2026-11-22T12:15:00Z";
  facts.digest = std::string(64, 'd');
  Element ref = order_ref(facts);
  set_text(ref, "Amount", amount);
  return ref;
}

Element claim_of(const WorldPlan& plan, const std::vector<Element>& refs, const std::string& batch = kBatch) {
  std::int64_t total = 0;
  for (const Element& ref : refs) {
    total += number_at(ref, "Amount");
  }
  Element claim = branch("Claim", {leaf("BatchId", batch), leaf("Vendor", "V1001"), leaf("Broker", "B7"), leaf("Currency", "USD"),
                                   leaf("Count", std::to_string(refs.size())), leaf("Total", std::to_string(total))});
  for (const Element& ref : refs) {
    claim.children.push_back(branch("Item", {ref, leaf("CommitId", kCommit)}));
  }
  return signed_by(plan, "V1001", claim);
}

/// A Settlement with these entries, which have to sum up to `net` after `commission`.
Element settlement_of(const WorldPlan& plan, const Element& claim, std::vector<Element> entries, std::int64_t accepted,
                      std::int64_t commission) {
  std::vector<Element> fields = {leaf("Broker", "B7"), leaf("Vendor", "V1001"), leaf("BatchId", text_at(claim, "BatchId")),
                                 leaf("BatchDigest", claim_digest(claim)), leaf("Currency", "USD")};
  for (Element& entry : entries) {
    fields.push_back(std::move(entry));
  }
  const std::pair<const char*, std::int64_t> sums[] = {{"AcceptedTotal", accepted},   {"CommissionTotal", commission},
                                                       {"DeductionTotal", 0},         {"PriorDebit", 0},
                                                       {"CarriedDebit", 0},           {"NetTotal", accepted - commission}};
  for (const auto& [name, value] : sums) {
    fields.push_back(leaf(name, std::to_string(value)));
  }
  fields.push_back(leaf("ValueDate", "2026-11-23T12:00:00Z"));
  fields.push_back(leaf("SettledAt", kTime));
  return signed_by(plan, "B7", branch("Settlement", std::move(fields)));
}

Element yes(const char* order_id, const char* amount = "125", const char* commission = "3") {  // 3.125
  return branch("Accepted", {leaf("OrderId", order_id), leaf("Amount", amount), leaf("Commission", commission)});
}
Element no(const char* order_id, const char* code) {
  return branch("Refused", {leaf("OrderId", order_id), leaf("Digest", std::string(64, 'd')), leaf("Code", code)});
}

// ---------------------------------------------------------------- rules
TEST(SettlementRules, RoundHalfToEven) {
  EXPECT_EQ(commission_of(125, 250), 3);   // 3.125
  EXPECT_EQ(commission_of(20, 250), 0);    // 0.5
  EXPECT_EQ(commission_of(60, 250), 2);    // 1.5
  EXPECT_EQ(commission_of(100, 250), 2);   // 2.5
  EXPECT_EQ(commission_of(140, 250), 4);   // 3.5
  EXPECT_EQ(commission_of(21, 250), 1);    // 0.525
  EXPECT_EQ(commission_of(999999999999999, 10000), 999999999999999);
}

TEST(SettlementRules, FindsWhatDoesNotAddUp) {
  WorldPlan plan = standard_plan("broker");
  complete_signing_keys(plan);
  const Element claim = claim_of(plan, {ref_of("a"), ref_of("b")});
  const Element right = settlement_of(plan, claim, {yes("a"), no("b", "QP-E-UNKNOWN-ORDER")}, 125, 3);
  EXPECT_EQ(fault_of_settlement(plan, claim, right), std::nullopt);
  const std::pair<const char*, const char*> fields[] = {
      {"AcceptedTotal", "126"}, {"CommissionTotal", "4"},  {"DeductionTotal", "1"},    {"NetTotal", "121"},
      {"NetTotal", "123"},      {"CarriedDebit", "1"},     {"PriorDebit", "1"},        {"BatchId", "00000000000000000000000000000000"},
      {"Vendor", "V1002"},      {"Broker", "B8"},          {"Currency", "EUR"},        {"ValueDate", "2026-11-21T12:00:00Z"},
      {"Accepted/Amount", "1"}, {"Accepted/OrderId", "c"}, {"Accepted/Commission", "2"}, {"Refused/OrderId", "c"}};
  for (const auto& [field, value] : fields) {
    Element wrong = right;
    set_text(wrong, field, value);
    EXPECT_NE(fault_of_settlement(plan, claim, signed_by(plan, "B7", wrong)), std::nullopt) << field;
  }
  EXPECT_NE(fault_of_settlement(plan, claim, signed_by(plan, "B8", right)), std::nullopt);
  EXPECT_NE(fault_of_settlement(plan, claim, settlement_of(plan, claim, {yes("a")}, 125, 3)), std::nullopt);
  EXPECT_NE(fault_of_settlement(plan, claim, settlement_of(plan, claim, {yes("a"), yes("a"), no("b", "X")}, 250, 6)), std::nullopt);
}

// ---------------------------------------------------------------- Broker
struct Books {
  Tape tape{"broker", "settlement"};
  const WorldPlan& plan = tape.world().plan();

  void commits(const char* order_id) {
    const auto exchange = tape.request("V1001", "B7", request_of("CheckCommit", tape.head("V1001", "B7"),
                                                                 {leaf("EndorsementId", std::string(32, 'e')), ref_of(order_id)}));
    tape.response(exchange, tape.answer(exchange, "QP-OK", {leaf("CommitId", kCommit), leaf("CommittedAt", kTime),
                                                            leaf("SettleBy", "2026-12-22T12:00:00Z")}));
  }
  void asks(const Element& claim, const std::string& code, std::vector<Element> results = {}) {
    const auto exchange = tape.request("V1001", "B7", request_of("SettleWithBroker", tape.head("V1001", "B7"), {claim}));
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  Verdict verdict() { return tape.verdicts().at("settlement"); }
};

TEST(SettlementJudge, LetsAnHonestBrokerPass) {
  Books books;
  books.commits("a");
  const Element claim = claim_of(books.plan, {ref_of("a"), ref_of("b")});
  const Element settlement = settlement_of(books.plan, claim, {yes("a"), no("b", "QP-E-UNKNOWN-ORDER")}, 125, 3);
  books.asks(claim, "QP-OK", {settlement});
  books.asks(claim, "QP-OK", {settlement});
  const Element again = claim_of(books.plan, {ref_of("a")}, std::string(32, '2'));
  Element refused = no("a", "QP-E-ALREADY-SETTLED");
  refused.children.push_back(leaf("FirstBatch", kBatch));
  books.asks(again, "QP-OK", {settlement_of(books.plan, again, {refused}, 0, 0)});
  Element wrong = again;
  set_text(wrong, "Count", "2");
  books.asks(wrong, "QP-E-SIGNATURE");
  EXPECT_EQ(books.verdict(), Verdict::pass) << books.tape.finding("settlement");
}

// QP-ADD-09, QP-SAFE-004, QP-SAFE-005, QP-ADD-18, QP-ADD-24
TEST(SettlementJudge, SeesWhatABrokerDoesWrong) {
  using Play = std::function<void(Books&)>;
  const std::pair<const char*, Play> wrongs[] = {
      {"accepts what was never committed", [](Books& b) {
         const Element claim = claim_of(b.plan, {ref_of("x")});
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {yes("x")}, 125, 3)});
       }},
      {"refuses what was committed", [](Books& b) {
         b.commits("a");
         const Element claim = claim_of(b.plan, {ref_of("a")});
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {no("a", "QP-E-UNKNOWN-ORDER")}, 0, 0)});
       }},
      {"pays twice", [](Books& b) {
         b.commits("a");
         for (const char batch : {'1', '2'}) {
           const Element claim = claim_of(b.plan, {ref_of("a")}, std::string(32, batch));
           b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {yes("a")}, 125, 3)});
         }
       }},
      {"names another first batch", [](Books& b) {
         b.commits("a");
         Element claim = claim_of(b.plan, {ref_of("a")}, std::string(32, '1'));
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {yes("a")}, 125, 3)});
         claim = claim_of(b.plan, {ref_of("a")}, std::string(32, '2'));
         Element refused = no("a", "QP-E-ALREADY-SETTLED");
         refused.children.push_back(leaf("FirstBatch", std::string(32, '9')));
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {refused}, 0, 0)});
       }},
      {"signs another answer to the same claim", [](Books& b) {
         b.commits("a");
         const Element claim = claim_of(b.plan, {ref_of("a")});
         Element settlement = settlement_of(b.plan, claim, {yes("a")}, 125, 3);
         b.asks(claim, "QP-OK", {settlement});
         set_text(settlement, "ValueDate", "2026-11-24T12:00:00Z");
         b.asks(claim, "QP-OK", {signed_by(b.plan, "B7", settlement)});
       }},
      {"keeps too much", [](Books& b) {
         b.commits("a");
         const Element claim = claim_of(b.plan, {ref_of("a")});
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {yes("a", "125", "4")}, 125, 4)});
       }},
      {"forgets what it carried", [](Books& b) {
         b.commits("a");
         const Element claim = claim_of(b.plan, {ref_of("a")});
         Element settlement = settlement_of(b.plan, claim, {yes("a")}, 125, 3);
         set_text(settlement, "PriorDebit", "22");
         set_text(settlement, "NetTotal", "100");
         b.asks(claim, "QP-OK", {signed_by(b.plan, "B7", settlement)});
       }},
      {"refuses a right claim", [](Books& b) { b.asks(claim_of(b.plan, {ref_of("a")}), "QP-E-TOTAL"); }},
      {"settles a forged claim", [](Books& b) {
         b.commits("a");
         const Element claim = signed_by(b.plan, "V1002", claim_of(b.plan, {ref_of("a")}));
         b.asks(claim, "QP-OK", {settlement_of(b.plan, claim, {yes("a")}, 125, 3)});
       }},
      {"names the wrong one of two faults", [](Books& b) {
         Element claim = claim_of(b.plan, {ref_of("a")});
         set_text(claim, "Total", "126");
         b.asks(signed_by(b.plan, "V1001", claim), "QP-E-TOO-MANY");
       }}};
  for (const auto& [name, play] : wrongs) {
    Books books;
    play(books);
    EXPECT_EQ(books.verdict(), Verdict::fail) << name;
  }
}

// ---------------------------------------------------------------- Host
struct Court {
  Tape tape{"host", "settlement"};
  const WorldPlan& plan = tape.world().plan();

  Element host_case(const std::string& batch = kBatch) const {
    Element made = branch("HostCase", {leaf("Host", "H1"), leaf("BatchId", batch), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                                       branch("Unreachable", {leaf("FirstTry", kTime), leaf("LastTry", kTime), leaf("Tries", "8")}),
                                       branch("Item", {ref_of("a"), leaf("CommitId", kCommit)})});
    return signed_by(plan, "V1001", made);
  }
  Element verdicts(const char* decision, const char* code, const std::string& batch = kBatch) const {
    Element one = branch("Verdict", {leaf("OrderId", "a"), leaf("Digest", std::string(64, 'd')), leaf("Decision", decision), leaf("Code", code)});
    return signed_by(plan, "H1", branch("Verdicts", {leaf("Host", "H1"), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                                                     leaf("BatchId", batch), std::move(one)}));
  }
  Element approval(const char* amount = "125", const std::string& batch = kBatch) const {
    Element one = branch("Approved", {leaf("OrderId", "a"), leaf("Digest", std::string(64, 'd')), leaf("Amount", amount)});
    return signed_by(plan, "H1", branch("Approval", {leaf("Host", "H1"), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                                                     leaf("BatchId", batch), std::move(one), leaf("ApprovedAt", kTime)}));
  }
  void hears(const Element& host_case, const std::string& code, std::vector<Element> results = {}) {
    const auto exchange = tape.request("V1001", "H1", request_of("SettleWithHost", tape.head("V1001", "H1"), {host_case}));
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  Verdict verdict() { return tape.verdicts().at("settlement"); }
};

TEST(SettlementJudge, LetsAnHonestHostPass) {
  Court court;
  court.hears(court.host_case(), "QP-OK", {court.verdicts("approve", "QP-OK"), court.approval()});
  court.hears(court.host_case(), "QP-OK", {court.verdicts("approve", "QP-OK"), court.approval()});
  EXPECT_EQ(court.verdict(), Verdict::pass) << court.tape.finding("settlement");
}

// QP-BS-010, QP-ADD-09, QP-ADD-18
TEST(SettlementJudge, SeesWhatAHostDoesWrong) {
  using Play = std::function<void(Court&)>;
  const std::string other(32, '2');
  const std::pair<const char*, Play> wrongs[] = {
      {"changes its mind", [&](Court& c) {
         c.hears(c.host_case(), "QP-OK", {c.verdicts("reject", "QP-E-NO-COMMIT")});
         c.hears(c.host_case(other), "QP-OK", {c.verdicts("approve", "QP-OK", other), c.approval("125", other)});
       }},
      {"approves without an Approval", [](Court& c) { c.hears(c.host_case(), "QP-OK", {c.verdicts("approve", "QP-OK")}); }},
      {"approves another amount", [](Court& c) {
         c.hears(c.host_case(), "QP-OK", {c.verdicts("approve", "QP-OK"), c.approval("999")});
       }},
      {"gives an Approval of what it rejects", [](Court& c) {
         c.hears(c.host_case(), "QP-OK", {c.verdicts("reject", "QP-E-NO-COMMIT"), c.approval()});
       }},
      {"signs with another key", [](Court& c) {
         c.hears(c.host_case(), "QP-OK", {signed_by(c.plan, "B7", c.verdicts("reject", "QP-E-NO-COMMIT"))});
       }},
      {"judges another case", [&](Court& c) { c.hears(c.host_case(), "QP-OK", {c.verdicts("reject", "QP-E-NO-COMMIT", other)}); }},
      {"is pending for ever", [](Court& c) { c.hears(c.host_case(), "QP-OK", {c.verdicts("pending", "QP-E-PENDING")}); }},
      {"refuses a right case", [](Court& c) { c.hears(c.host_case(), "QP-E-TOTAL"); }},
      {"hears a forged case", [](Court& c) {
         c.hears(signed_by(c.plan, "V1002", c.host_case()), "QP-OK", {c.verdicts("reject", "QP-E-NO-COMMIT")});
       }}};
  for (const auto& [name, play] : wrongs) {
    Court court;
    play(court);
    EXPECT_EQ(court.verdict(), Verdict::fail) << name;
  }
}

// ---------------------------------------------------------------- Vendor
struct Shop {
  Tape tape{"vendor", "settlement"};
  const WorldPlan& plan = tape.world().plan();

  void sells(const char* order_id) {
    const auto check = tape.request("V1001", "B7", request_of("CheckCommit", tape.head("V1001", "B7"),
                                                              {leaf("EndorsementId", std::string(32, 'e')), ref_of(order_id)}));
    tape.response(check, tape.answer(check, "QP-OK", {leaf("CommitId", kCommit), leaf("CommittedAt", kTime), leaf("SettleBy", kTime)}));
    const Element endorsement = branch("Endorsement", {leaf("Broker", "B7"), leaf("EndorsementId", std::string(32, 'e')),
                                                       ref_of(order_id), leaf("EndorsedAt", kTime), leaf("CheckBy", kTime)});
    const auto delivery = tape.request(tape.cast().wallet, "V1001",
                                       request_of("RequestOrderDelivery", tape.head("", "V1001"),
                                                  {endorsement, leaf("BuyerSecret", std::string(32, 'a'))}));
    tape.response(delivery, tape.answer(delivery, "QP-OK",
                                        {leaf("DeliveryId", std::string(32, 'f')), leaf("DeliveredAt", kTime),
                                         branch("Content", {leaf("MediaType", "text/plain"), leaf("Data", "AAAA")})}));
  }
  std::uint64_t claims(const Element& claim) {
    return tape.request("V1001", "B7", request_of("SettleWithBroker", tape.head("V1001", "B7"), {claim}));
  }
  void brings(Element shown) {
    Element made = branch("HostCase", {leaf("Host", "H1"), leaf("BatchId", std::string(32, '7')), leaf("Vendor", "V1001"),
                                       leaf("Broker", "B7"), std::move(shown),
                                       branch("Item", {ref_of("a"), leaf("CommitId", kCommit)})});
    tape.request("V1001", "H1", request_of("SettleWithHost", tape.head("V1001", "H1"), {signed_by(plan, "V1001", made)}));
  }
  Verdict verdict() { return tape.verdicts().at("settlement"); }
};

Element tried(const char* first, const char* tries) {
  return branch("Unreachable", {leaf("FirstTry", first), leaf("LastTry", kTime), leaf("Tries", tries)});
}

TEST(SettlementJudge, LetsAnHonestVendorPass) {
  Shop shop;
  shop.sells("a");
  const Element claim = claim_of(shop.plan, {ref_of("a")});
  const auto exchange = shop.claims(claim);
  const Element settlement = settlement_of(shop.plan, claim, {no("a", "QP-E-UNKNOWN-ORDER")}, 0, 0);
  shop.tape.response(exchange, shop.tape.answer(exchange, "QP-OK", {settlement}));
  shop.brings(settlement);
  EXPECT_EQ(shop.verdict(), Verdict::pass) << shop.tape.finding("settlement");
}

// QP-BS-001, QP-BS-003, QP-BS-005, QP-BS-007, QP-ADD-10
TEST(SettlementJudge, SeesWhatAVendorDoesWrong) {
  using Play = std::function<void(Shop&)>;
  const std::string other(32, '2');
  const std::pair<const char*, Play> wrongs[] = {
      {"claims what it did not deliver", [](Shop& s) { s.claims(claim_of(s.plan, {ref_of("a")})); }},
      {"claims another amount", [](Shop& s) {
         s.sells("a");
         s.claims(claim_of(s.plan, {ref_of("a", "126")}));
       }},
      {"claims twice at once", [&](Shop& s) {
         s.sells("a");
         s.claims(claim_of(s.plan, {ref_of("a")}));
         s.tape.note("the clock moves by 4000 s");
         s.claims(claim_of(s.plan, {ref_of("a")}, other));
       }},
      {"makes batches too often", [&](Shop& s) {
         s.sells("a");
         s.sells("b");
         s.claims(claim_of(s.plan, {ref_of("a")}));
         s.tape.note("the clock moves by 3599 s");
         s.claims(claim_of(s.plan, {ref_of("b")}, other));
       }},
      {"counts wrong", [](Shop& s) {
         s.sells("a");
         Element claim = claim_of(s.plan, {ref_of("a")});
         set_text(claim, "Total", "1");
         s.claims(signed_by(s.plan, "V1001", claim));
       }},
      {"does not sign", [](Shop& s) {
         s.sells("a");
         s.claims(signed_by(s.plan, "V1002", claim_of(s.plan, {ref_of("a")})));
       }},
      {"goes to the Host first", [](Shop& s) {
         s.sells("a");
         s.brings(tried("2026-11-21T12:00:00Z", "8"));  // it never tried
       }},
      {"goes to the Host too early", [](Shop& s) {
         s.sells("a");
         for (int i = 0; i < 8; ++i) {
           s.claims(claim_of(s.plan, {ref_of("a")}));
         }
         s.brings(tried("2026-11-21T12:00:01Z", "8"));
       }}};
  for (const auto& [name, play] : wrongs) {
    Shop shop;
    play(shop);
    EXPECT_EQ(shop.verdict(), Verdict::fail) << name;
  }
  Shop patient;
  patient.sells("a");
  for (int i = 0; i < 8; ++i) {
    patient.claims(claim_of(patient.plan, {ref_of("a")}));
  }
  patient.brings(tried("2026-11-21T12:00:00Z", "8"));
  EXPECT_EQ(patient.verdict(), Verdict::pass) << patient.tape.finding("settlement");
}

}  // namespace
}  // namespace quickpay::conformance::tests
