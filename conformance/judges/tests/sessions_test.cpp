// Judges over the sessions of a run, where the implementation remembers (level E): what comes late is judged by what is
// known of its order, and only what another run made is judged by its form alone.
#include <gtest/gtest.h>

#include <optional>

#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/marks.hpp"

namespace quickpay::conformance {
namespace {

using tests::Tape;
using tests::TapeRun;
using Verdicts = std::map<std::string, Verdict>;

const std::string kEndorsement(32, '1');
const std::string kCommit(32, '2');

Verdicts verdicts(Verdict machine, Verdict money, Verdict envelope = Verdict::pass) {
  return {{"documents", Verdict::pass},
          {"envelope", envelope},
          {"machine", machine},
          {"money", money},
          {"privacy", Verdict::pass}};
}
const Verdicts kAllPass = verdicts(Verdict::pass, Verdict::pass);

Element order_of(const Cast& cast, const std::string& run, const std::string& id = "o") {
  OrderFacts facts;
  facts.vendor = cast.vendor;
  facts.order_id = id;
  facts.expires = "2026-11-22T12:15:00Z";
  facts.digest = std::string(64, 'a');
  return marked_ref(run, order_ref(facts));
}

/// One session of a Broker that is certified at level E.
struct Payment {
  explicit Payment(TapeRun& run) : tape(run), ref(order_of(tape.cast(), tape.session().run())) {}

  void endorse() {
    const std::string& wallet = tape.cast().wallet;
    const auto exchange = tape.request(wallet, broker(),
                                       request_of("InquiryPayment", tape.head(wallet, broker()),
                                                  {leaf("Paycard", "P7"), ref, leaf("PaycardToken", "AAAA")}));
    tape.response(
        exchange, tape.answer(exchange, "QP-OK",
                              {branch("Endorsement", {leaf("Broker", broker()), leaf("EndorsementId", kEndorsement), ref,
                                                      leaf("EndorsedAt", "2026-11-22T12:00:00Z"),
                                                      leaf("CheckBy", "2026-11-22T12:02:00Z")})}));
  }
  void check(const std::string& code, const std::string& amount = "125") {
    const std::string& vendor = tape.cast().vendor;
    Element named = ref;
    set_text(named, "Amount", amount);
    const auto exchange =
        tape.request(vendor, broker(), request_of("CheckCommit", tape.head(vendor, broker()),
                                                  {leaf("EndorsementId", kEndorsement), named}));
    tape.response(exchange, tape.answer(exchange, code,
                                        {leaf("CommitId", kCommit), leaf("CommittedAt", "2026-11-22T12:00:02Z"),
                                         leaf("SettleBy", "2026-12-22T12:00:02Z")}));
  }
  Element notice(const Element& order) {
    const std::string& host = tape.cast().host;
    return request_of("RegisterCommit", tape.head(broker(), host),
                      {order, leaf("Wallet", tape.cast().wallet), leaf("CommitId", kCommit),
                       leaf("CommittedAt", "2026-11-22T12:00:02Z"), leaf("SettleBy", "2026-12-22T12:00:02Z")});
  }
  void send(const Element& document) { tape.request(broker(), tape.cast().host, document); }
  Belongs last() { return tape.session().transcript().entries().back().belongs; }
  const std::string& broker() { return tape.cast().broker; }

  Tape tape;
  Element ref;
};

/// A first session that ends before its notice came; its order.
Element paid_before(TapeRun& run) {
  Payment first(run);
  first.endorse();
  first.check("QP-OK");
  EXPECT_EQ(first.tape.verdicts(), kAllPass);
  return first.ref;
}

// QP-ADD-06: the notice of an earlier scenario's payment is explained by that scenario's messages.
TEST(LateNotice, OfAnEarlierScenarioIsExplained) {
  TapeRun run("broker");
  const Element ref = paid_before(run);
  Payment second(run);
  second.send(second.notice(ref));
  EXPECT_EQ(second.last(), Belongs::earlier_scenario);
  EXPECT_EQ(second.tape.verdicts(), kAllPass) << second.tape.finding("machine");
}

// QP-ADD-06: a repeat of it in yet another session is a retry.
TEST(LateNotice, MayComeAgain) {
  TapeRun run("broker");
  const Element ref = paid_before(run);
  std::optional<Element> notice;
  for (int i = 0; i < 2; ++i) {
    Payment later(run);
    notice = notice ? notice : later.notice(ref);
    later.send(*notice);
    EXPECT_EQ(later.tape.verdicts(), kAllPass) << later.tape.finding("machine");
  }
}

// QP-SEC-001: the twin. A commitment that was refused and registered all the same is seen when the notice comes.
TEST(LateNotice, OfARefusedOrderIsNotExplained) {
  TapeRun run("broker");
  Payment first(run);
  first.endorse();
  first.check("QP-E-MISMATCH", "126");
  EXPECT_EQ(first.tape.verdicts(), kAllPass) << first.tape.finding("machine");
  Payment second(run);
  second.send(second.notice(first.ref));
  EXPECT_EQ(second.last(), Belongs::earlier_scenario);
  EXPECT_EQ(second.tape.verdicts()["machine"], Verdict::fail);
}

// QP-ADD-06: one commitment is registered once, whatever session it is.
TEST(LateNotice, ComesUnderOneMsgId) {
  TapeRun run("broker");
  const Element ref = paid_before(run);
  Payment second(run);
  second.send(second.notice(ref));
  EXPECT_EQ(second.tape.verdicts(), kAllPass);
  Payment third(run);
  third.send(third.notice(ref));
  EXPECT_EQ(third.tape.verdicts(), verdicts(Verdict::fail, Verdict::fail));
}

// QP-ADD-05: it has to say what was committed then.
TEST(LateNotice, SaysWhatWasCommitted) {
  TapeRun run("broker");
  const Element ref = paid_before(run);
  Payment second(run);
  Element notice = second.notice(ref);
  set_text(notice, "Body/CommitId", std::string(32, '9'));
  second.send(notice);
  EXPECT_EQ(second.tape.verdicts(), verdicts(Verdict::pass, Verdict::fail));
}

// QP-ADD-01: a retry keeps its bytes over sessions, too.
TEST(LateNotice, KeepsItsBytes) {
  TapeRun run("broker");
  const Element ref = paid_before(run);
  Payment second(run);
  Element notice = second.notice(ref);
  second.send(notice);
  EXPECT_EQ(second.tape.verdicts(), kAllPass);
  Payment third(run);
  set_text(notice, "Head/SentAt", "2026-11-22T12:09:09Z");
  third.send(notice);
  EXPECT_EQ(third.tape.verdicts(), verdicts(Verdict::pass, Verdict::pass, Verdict::fail));
}

// QP-ADD-06: nothing is known of another run's orders; form and repeats are judged.
TEST(NoticeOfAnotherRun, IsJudgedByItsForm) {
  TapeRun before("broker", 1);
  const Element ref = paid_before(before);
  TapeRun run("broker", 2);
  Payment now(run);
  now.send(now.notice(ref));
  EXPECT_EQ(now.last(), Belongs::earlier_run);
  EXPECT_EQ(now.tape.verdicts(), verdicts(Verdict::inconclusive, Verdict::pass)) << now.tape.finding("machine");
  Payment later(run);
  Element wrong = later.notice(ref);
  set_text(wrong, "Head/Receiver", "H7");
  later.send(wrong);
  EXPECT_EQ(later.tape.verdicts(), verdicts(Verdict::inconclusive, Verdict::fail, Verdict::fail));
}

// QP-SEC-001: the twins. What no run made, or what is not as it was made, is judged without mercy.
TEST(NoticeOfAnotherRun, HasToBeOfAnOrderThatWasMade) {
  TapeRun before("broker", 1);
  const Element ref = paid_before(before);
  TapeRun run("broker", 2);
  const std::pair<const char*, std::string> changes[] = {
      {"Amount", "126"}, {"OrderId", "another"}, {"Digest", std::string(64, 'f')}};
  for (const auto& [field, value] : changes) {
    Payment now(run);
    Element changed = ref;
    set_text(changed, field, value);
    now.send(now.notice(changed));
    EXPECT_EQ(now.last(), Belongs::here) << field;
    EXPECT_EQ(now.tape.verdicts()["machine"], Verdict::fail) << field;
  }
}

// QP-SEC-001: an order with a mark of this run that this run does not know is a mistake.
TEST(NoticeOfThisRun, HasToBeOfAnOrderThatWasNamed) {
  TapeRun run("broker");
  Payment now(run);
  now.send(now.notice(order_of(now.tape.cast(), now.tape.session().run(), "never-named")));
  EXPECT_EQ(now.last(), Belongs::here);
  EXPECT_EQ(now.tape.verdicts()["machine"], Verdict::fail);
}

// QP-SEC-001: an implementation that is set up anew has no earlier orders.
TEST(NoticeOfAnotherRun, IsNoExcuseWithAnAdapter) {
  TapeRun before("broker", 1);
  const Element ref = paid_before(before);
  Tape tape("broker");
  tape.request(tape.cast().broker, tape.cast().host,
               request_of("RegisterCommit", tape.head(tape.cast().broker, tape.cast().host),
                          {ref, leaf("Wallet", tape.cast().wallet), leaf("CommitId", kCommit),
                           leaf("CommittedAt", "2026-11-22T12:00:02Z"), leaf("SettleBy", "2026-12-22T12:00:02Z")}));
  EXPECT_EQ(tape.verdicts()["machine"], Verdict::fail);
}

Verdicts delivery_notice(TapeRun& run, const std::string& commit_id, Belongs belongs) {
  Tape tape(run);
  const Cast& cast = tape.cast();
  tape.request(cast.vendor, cast.host,
               request_of("RegisterDelivery", tape.head(cast.vendor, cast.host),
                          {order_of(cast, "00000000"), leaf("Broker", cast.broker), leaf("CommitId", commit_id),
                           leaf("DeliveryId", std::string(32, '3')), leaf("DeliveredAt", "2026-11-22T12:00:02Z")}));
  EXPECT_EQ(tape.session().transcript().entries().back().belongs, belongs);
  return tape.verdicts();
}

// QP-ADD-06: a Vendor's late notice is known by the CommitId that a Broker of the suite gave it.
TEST(DeliveryOfAnotherRun, IsKnownByItsCommitId) {
  Random random(1);
  TapeRun run("vendor");
  EXPECT_EQ(delivery_notice(run, marked_id("0a0b0c0d", random), Belongs::earlier_run),
            verdicts(Verdict::inconclusive, Verdict::pass));
}

// QP-MP-022: the twins.
TEST(DeliveryOfAnotherRun, HasToHaveACommitIdOfOne) {
  Random random(1);
  TapeRun made_up("vendor");
  EXPECT_EQ(delivery_notice(made_up, std::string(32, '7'), Belongs::here)["machine"], Verdict::fail);
  TapeRun own("vendor");
  const std::string here = Tape(own).session().run();
  EXPECT_EQ(delivery_notice(own, marked_id(here, random), Belongs::here)["machine"], Verdict::fail);
}

}  // namespace
}  // namespace quickpay::conformance
