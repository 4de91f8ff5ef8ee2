// The judge of revoke: an honest Broker, Vendor and Host pass, and each way in which they can be wrong is seen.
#include <gtest/gtest.h>

#include <functional>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/judges/tests/tape.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance::tests {
namespace {

constexpr const char* kTime = "2026-11-22T12:00:00Z";
constexpr const char* kHold = "2026-11-25T12:00:00Z";
const std::string kCommit(32, 'c');

Element ref_of(const char* amount = "400") {
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

Element commitment_to(const WorldPlan& plan, const Element& ref) {
  return signed_by(plan, "B7", branch("Commitment", {leaf("Broker", "B7"), leaf("CommitId", kCommit), ref, leaf("CommittedAt", kTime),
                                                     leaf("ClaimBy", "2026-12-22T12:00:00Z")}));
}

Element bare_revoke(char id = '1', const Element& ref = ref_of()) {
  return branch("Revoke", {leaf("RevokeId", std::string(32, id)), ref, leaf("CommitId", kCommit), leaf("Reason", "other"),
                           leaf("RevokedAt", kTime)});
}

/// Plays are right or wrong; `judge` says which.
template <class T>
using Wrongs = std::vector<std::pair<const char*, std::function<void(T&)>>>;

template <class T>
void all_seen(const Wrongs<T>& wrongs) {
  for (const auto& [name, play] : wrongs) {
    T player;
    play(player);
    EXPECT_EQ(player.worst(), Verdict::fail) << name;
  }
}

struct Played {
  explicit Played(const std::string& role) : tape(role, "revoke") {}
  Tape tape;
  const WorldPlan& plan = tape.world().plan();

  /// The worse of what the judges of revoke and of settlement say.
  Verdict worst() {
    const auto verdicts = tape.verdicts();
    return worse(verdicts.at("revoke"), verdicts.at("settlement"));
  }
  std::string finding() const { return tape.finding("revoke") + " " + tape.finding("settlement"); }
  void says(const std::string& from, const std::string& to, const Element& request, const std::string& code, std::vector<Element> results = {}) {
    const auto exchange = tape.request(from, to, request);
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  Element by_vendor(const Element& revoke) const { return signed_by(plan, "V1001", revoke); }
};

// ---------------------------------------------------------------- Broker
struct Books : Played {
  Books() : Played("broker") {
    const std::string wallet = tape.cast().wallet;
    says(wallet, "B7", request_of("regular/InquiryPayment", tape.head(wallet, "B7"), {leaf("Paycard", "P7"), ref_of(), leaf("PaycardToken", "AAAA")}),
         "QP-OK", {commitment_to(plan, ref_of())});
  }

  void revoked(const Element& revoke, const std::string& code, std::vector<Element> results = {}) {
    says("V1001", "B7", request_of("RevokeOrder", tape.head("V1001", "B7"), {revoke}), code, std::move(results));
  }
  /// Answered as it should be.
  void takes(const Element& revoke, const std::string& effect = "released", char first = '1', const char* amount = "400") {
    const bool final_one = child(revoke, "Sig") != nullptr;
    std::vector<Element> results = {leaf("RevokeId", std::string(32, first)), leaf("Effect", effect), leaf("Amount", amount),
                                    leaf("State", final_one ? "final" : "pending")};
    if (!final_one) {
      results.push_back(leaf("HoldUntil", kHold));
    }
    revoked(revoke, "QP-OK", std::move(results));
  }
  void registers(const Element& revoke, char id, const std::string& standing) {
    says("B7", "H1", request_of("RegisterRevoke", tape.head("B7", "H1"),
                                {*child(revoke, "OrderRef"), leaf("CommitId", text_at(revoke, "CommitId")), leaf("RevokeId", std::string(32, id)),
                                 revoke, leaf("CommissionReversed", "0"), leaf("RevokedAt", kTime)}),
         "QP-OK", {leaf("CaseNo", "1"), leaf("FeeReversed", "0"), leaf("RevokeState", standing)});
  }
  /// Settles a claim of the order; `word`: "accepted" or a code. `deduction`: that of 400 with this commission.
  void settles(char batch, const std::string& word, std::optional<std::int64_t> deduction = std::nullopt) {
    Element item = branch("Item", {ref_of(), leaf("CommitId", kCommit), commitment_to(plan, ref_of())});
    const Element claim = signed_by(plan, "V1001", branch("Claim", {leaf("BatchId", std::string(32, batch)), leaf("Vendor", "V1001"),
                                                                    leaf("Broker", "B7"), leaf("Currency", "USD"), leaf("Count", "1"),
                                                                    leaf("Total", "400"), item}));
    const bool yes = word == "accepted";
    std::vector<Element> fields = {leaf("Broker", "B7"), leaf("Vendor", "V1001"), leaf("BatchId", std::string(32, batch)),
                                   leaf("BatchDigest", claim_digest(claim)), leaf("Currency", "USD")};
    fields.push_back(yes ? branch("Accepted", {leaf("OrderId", "sale-1"), leaf("Amount", "400"), leaf("Commission", "10")})
                         : branch("Refused", {leaf("OrderId", "sale-1"), leaf("Digest", std::string(64, 'd')), leaf("Code", word)}));
    fields.push_back(leaf("AcceptedTotal", yes ? "400" : "0"));
    fields.push_back(leaf("CommissionTotal", yes ? "10" : "0"));
    if (deduction) {
      fields.push_back(branch("Deduction", {leaf("RevokeId", std::string(32, '1')), leaf("OrderId", "sale-1"), leaf("Amount", "400"),
                                            leaf("CommissionReversed", std::to_string(*deduction))}));
    }
    const std::int64_t debit = deduction ? 400 - *deduction : 0, due = (yes ? 390 : 0) - debit - prior_;
    for (const auto& [name, value] : {std::pair<const char*, std::int64_t>{"DeductionTotal", debit}, {"PriorDebit", prior_},
                                      {"CarriedDebit", std::max<std::int64_t>(0, -due)}, {"NetTotal", std::max<std::int64_t>(0, due)}}) {
      fields.push_back(leaf(name, std::to_string(value)));
    }
    prior_ = std::max<std::int64_t>(0, -due);
    fields.push_back(leaf("ValueDate", "2026-11-23T12:00:00Z"));
    fields.push_back(leaf("SettledAt", kTime));
    says("V1001", "B7", request_of("SettleWithBroker", tape.head("V1001", "B7"), {claim}), "QP-OK",
         {signed_by(plan, "B7", branch("Settlement", std::move(fields)))});
  }

 private:
  std::int64_t prior_ = 0;
};

TEST(RevokeJudge, LetsAnHonestBrokerPass) {
  Books books;
  const Element proof = books.by_vendor(bare_revoke()), again = books.by_vendor(bare_revoke('2'));
  books.settles('1', "accepted");
  Element altered = proof;
  set_text(altered, "Reason", "error");
  books.revoked(altered, "QP-E-SIGNATURE");
  books.revoked(books.by_vendor(bare_revoke('1', ref_of("1"))), "QP-E-MISMATCH");
  books.takes(proof, "deduct");
  books.registers(proof, '1', "standing");
  books.takes(again, "deduct");
  books.settles('2', "QP-E-REVOKED", 10);
  books.settles('3', "QP-E-REVOKED");
  EXPECT_EQ(books.worst(), Verdict::pass) << books.finding();
}

TEST(RevokeJudge, LetsABrokerHoldAndDrop) {
  Books books;
  books.takes(bare_revoke());
  books.registers(bare_revoke(), '1', "open");
  books.settles('1', "QP-E-PENDING");
  books.takes(bare_revoke('2'));
  books.registers(bare_revoke(), '1', "void");
  books.settles('2', "accepted");
  EXPECT_EQ(books.worst(), Verdict::fail) << "it asked anew though no time has passed";
  Books others;
  others.takes(bare_revoke());
  others.registers(bare_revoke(), '1', "void");
  others.settles('2', "accepted");
  others.takes(others.by_vendor(bare_revoke('2')), "deduct");
  others.registers(others.by_vendor(bare_revoke('2')), '1', "standing");
  others.settles('3', "QP-E-REVOKED", 10);
  EXPECT_EQ(others.worst(), Verdict::pass) << others.finding();
}

// QP-RV-002, QP-RV-004, QP-RV-006, QP-ADD-16, QP-ADD-18
TEST(RevokeJudge, SeesWhatABrokerDoesWrong) {
  const auto proof = [](Books& b) { return b.by_vendor(bare_revoke()); };
  all_seen<Books>({
      {"takes a forged one", [](Books& b) { b.takes(signed_by(b.plan, "V1002", bare_revoke())); }},
      {"takes an altered one", [&](Books& b) {
         Element altered = proof(b);
         set_text(altered, "Reason", "error");
         b.takes(altered);
       }},
      {"takes other terms", [](Books& b) { b.takes(b.by_vendor(bare_revoke('1', ref_of("1"))), "released", '1', "1"); }},
      {"refuses a right one", [&](Books& b) { b.revoked(proof(b), "QP-E-NOT-REVOCABLE"); }},
      {"names the wrong one of two faults", [](Books& b) { b.revoked(signed_by(b.plan, "V1002", bare_revoke('1', ref_of("1"))), "QP-E-MISMATCH"); }},
      {"books one that nobody signed", [](Books& b) {
         b.revoked(bare_revoke(), "QP-OK", {leaf("RevokeId", std::string(32, '1')), leaf("Effect", "released"), leaf("Amount", "400"),
                                            leaf("State", "final")});
         b.settles('1', "accepted");
       }},
      {"holds one that is signed", [&](Books& b) {
         b.revoked(proof(b), "QP-OK", {leaf("RevokeId", std::string(32, '1')), leaf("Effect", "released"), leaf("Amount", "400"),
                                       leaf("State", "pending"), leaf("HoldUntil", kHold)});
       }},
      {"names another RevokeId", [&](Books& b) {
         b.takes(proof(b));
         b.takes(b.by_vendor(bare_revoke('2')), "released", '2');
       }},
      {"names another amount", [&](Books& b) { b.takes(proof(b), "released", '1', "399"); }},
      {"registers what nobody took back", [](Books& b) { b.registers(b.by_vendor(bare_revoke()), '1', "standing"); }},
      {"registers another Revoke", [&](Books& b) {
         b.takes(proof(b));
         b.registers(b.by_vendor(bare_revoke('2')), '1', "standing");
       }},
  });
}

// QP-RV-003, QP-RV-005, QP-RV-008, QP-RV-012
TEST(RevokeJudge, SeesWhatABrokerSettlesWrong) {
  const auto proof = [](Books& b) { return b.by_vendor(bare_revoke()); };
  all_seen<Books>({
      {"pays what is held", [](Books& b) {
         b.takes(bare_revoke());
         b.settles('1', "accepted");
       }},
      {"pays what was taken back", [&](Books& b) {
         b.takes(proof(b));
         b.settles('1', "accepted");
       }},
      {"calls revoked what nobody took back", [](Books& b) { b.settles('1', "QP-E-REVOKED"); }},
      {"calls revoked what is void", [](Books& b) {
         b.takes(bare_revoke());
         b.registers(bare_revoke(), '1', "void");
         b.settles('1', "QP-E-REVOKED");
       }},
      {"deducts what was not settled", [&](Books& b) {
         b.takes(proof(b));
         b.settles('1', "QP-E-REVOKED", 10);
       }},
      {"deducts what nobody took back", [](Books& b) {
         b.settles('1', "accepted");
         b.settles('2', "QP-E-REVOKED", 10);
       }},
      {"deducts nothing", [&](Books& b) {
         b.settles('1', "accepted");
         b.takes(proof(b), "deduct");
         b.settles('2', "QP-E-REVOKED");
       }},
      {"deducts twice", [&](Books& b) {
         b.settles('1', "accepted");
         b.takes(proof(b), "deduct");
         b.settles('2', "QP-E-REVOKED", 10);
         b.settles('3', "QP-E-REVOKED", 10);
       }},
      {"keeps its commission", [&](Books& b) {
         b.settles('1', "accepted");
         b.takes(proof(b), "deduct");
         b.settles('2', "QP-E-REVOKED", 0);
       }},
  });
}

// ---------------------------------------------------------------- Host
struct Court : Played {
  Court() : Played("host") {}

  void told(const Element& revoke, const std::string& code, const std::string& standing = {}, const char* number = "1", char id = '1') {
    std::vector<Element> results;
    if (code == "QP-OK") {
      results = {leaf("CaseNo", number), leaf("FeeReversed", "0"), leaf("RevokeState", standing)};
    }
    says("B7", "H1", request_of("RegisterRevoke", tape.head("B7", "H1"),
                                {*child(revoke, "OrderRef"), leaf("CommitId", kCommit), leaf("RevokeId", std::string(32, id)), revoke,
                                 leaf("CommissionReversed", "0"), leaf("RevokedAt", kTime)}),
         code, std::move(results));
  }
  /// The Vendor brings the order, contested or not, and the Host approves it.
  void approves(bool contest) {
    Element item = branch("Item", {ref_of(), leaf("CommitId", kCommit), commitment_to(plan, ref_of())});
    if (contest) {
      item.children.push_back(leaf("Contest", "yes"));
    }
    std::vector<Element> head = {leaf("Host", "H1"), leaf("BatchId", std::string(32, 'b')), leaf("Vendor", "V1001"), leaf("Broker", "B7")};
    Element made = branch("HostCase", head);
    made.children.push_back(item);
    std::erase_if(head, [](const Element& each) { return each.name == "BatchId"; });
    head.push_back(leaf("BatchId", std::string(32, 'b')));
    Element verdicts = branch("Verdicts", head), approval = branch("Approval", head);
    const auto order = [](const char* name, std::vector<Element> more) {
      std::vector<Element> all = {leaf("OrderId", "sale-1"), leaf("Digest", std::string(64, 'd'))};
      all.insert(all.end(), more.begin(), more.end());
      return branch(name, all);
    };
    verdicts.children.push_back(order("Verdict", {leaf("Decision", "approve"), leaf("Code", "QP-OK")}));
    approval.children.push_back(order("Approved", {leaf("Amount", "400")}));
    approval.children.push_back(leaf("ApprovedAt", kTime));
    says("V1001", "H1", request_of("SettleWithHost", tape.head("V1001", "H1"), {signed_by(plan, "V1001", made)}), "QP-OK",
         {signed_by(plan, "H1", verdicts), signed_by(plan, "H1", approval)});
  }
  void days(int count) { tape.note("the clock moves by " + std::to_string(count * 86400) + " s"); }
};

TEST(RevokeJudge, LetsAnHonestHostPass) {
  Court court;
  court.told(bare_revoke(), "QP-OK", "open");
  court.told(bare_revoke(), "QP-OK", "open");
  court.told(bare_revoke('2'), "QP-E-CONFLICT", {}, "1", '2');
  Element altered = court.by_vendor(bare_revoke());
  set_text(altered, "Reason", "error");
  court.told(altered, "QP-E-SIGNATURE");
  court.approves(true);
  court.told(bare_revoke(), "QP-OK", "void");
  court.told(court.by_vendor(bare_revoke()), "QP-OK", "standing");
  EXPECT_EQ(court.worst(), Verdict::pass) << court.finding();
  Court later;
  later.told(bare_revoke(), "QP-OK", "open");
  later.days(4);
  later.told(bare_revoke(), "QP-OK", "standing");
  EXPECT_EQ(later.worst(), Verdict::pass) << later.finding();
}

// QP-RV-006, QP-RV-012, QP-ADD-16, QP-ADD-18, QP-ADD-06
TEST(RevokeJudge, SeesWhatAHostDoesWrong) {
  all_seen<Court>({
      {"takes an unproven one for proven", [](Court& c) { c.told(bare_revoke(), "QP-OK", "standing"); }},
      {"takes a proven one for unproven", [](Court& c) { c.told(c.by_vendor(bare_revoke()), "QP-OK", "open"); }},
      {"voids what nobody contested", [](Court& c) {
         c.told(bare_revoke(), "QP-OK", "open");
         c.approves(false);
         c.told(bare_revoke(), "QP-OK", "void");
       }},
      {"voids what was proven", [](Court& c) {
         c.told(c.by_vendor(bare_revoke()), "QP-OK", "standing");
         c.approves(true);
         c.told(c.by_vendor(bare_revoke()), "QP-OK", "void");
       }},
      {"lets it stand at once", [](Court& c) {
         c.told(bare_revoke(), "QP-OK", "open");
         c.told(bare_revoke(), "QP-OK", "standing");
       }},
      {"gives it another case", [](Court& c) {
         c.told(bare_revoke(), "QP-OK", "open");
         c.told(bare_revoke(), "QP-OK", "open", "2");
       }},
      {"takes a second revoke", [](Court& c) {
         c.told(bare_revoke(), "QP-OK", "open");
         c.told(bare_revoke('2'), "QP-OK", "open", "1", '2');
       }},
      {"believes a stranger", [](Court& c) { c.told(signed_by(c.plan, "V1002", bare_revoke()), "QP-OK", "standing"); }},
      {"refuses a right one", [](Court& c) { c.told(c.by_vendor(bare_revoke()), "QP-E-MISMATCH"); }},
      {"takes a Revoke of another commitment", [](Court& c) {
         Element other = bare_revoke();
         set_text(other, "CommitId", std::string(32, '9'));
         c.told(other, "QP-OK", "open");
       }},
  });
}

// ---------------------------------------------------------------- Vendor
struct Shop : Played {
  Shop() : Played("vendor") {
    const std::string wallet = tape.cast().wallet;
    const Element commitment = commitment_to(plan, ref_of());
    const Element receipt = branch("Receipt", {leaf("Vendor", "V1001"), leaf("Broker", "B7"), leaf("OrderId", "sale-1"),
                                               leaf("Digest", std::string(64, 'd')), leaf("CommitId", kCommit), leaf("AcceptedAt", kTime)});
    says(wallet, "V1001", request_of("regular/RequestOrderDelivery", tape.head("", "V1001"), {commitment, leaf("BuyerSecret", std::string(32, 'a'))}),
         "QP-OK", {by_vendor(receipt)});
  }
  void revokes(const Element& revoke, const std::string& code = "QP-OK") {
    const auto exchange = tape.request("V1001", "B7", request_of("RevokeOrder", tape.head("V1001", "B7"), {revoke}));
    std::vector<Element> results;
    if (code == "QP-OK") {
      results = {leaf("RevokeId", text_at(revoke, "RevokeId")), leaf("Effect", "released"), leaf("Amount", "400"), leaf("State", "final")};
    }
    tape.response(exchange, tape.answer(exchange, code, std::move(results)));
  }
  void claims() {
    const Element item = branch("Item", {ref_of(), leaf("CommitId", kCommit), commitment_to(plan, ref_of())});
    const Element claim = branch("Claim", {leaf("BatchId", std::string(32, 'b')), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                                           leaf("Currency", "USD"), leaf("Count", "1"), leaf("Total", "400"), item});
    tape.request("V1001", "B7", request_of("SettleWithBroker", tape.head("V1001", "B7"), {by_vendor(claim)}));
  }
  void brings(bool contest) {
    Element item = branch("Item", {ref_of(), leaf("CommitId", kCommit), commitment_to(plan, ref_of())});
    if (contest) {
      item.children.push_back(leaf("Contest", "yes"));
    }
    Element made = branch("HostCase", {leaf("Host", "H1"), leaf("BatchId", std::string(32, 'e')), leaf("Vendor", "V1001"), leaf("Broker", "B7")});
    if (!contest) {  // so that nothing else is wrong
      std::vector<Element> fields = {leaf("Broker", "B7"), leaf("Vendor", "V1001"), leaf("BatchId", std::string(32, 'b')),
                                     leaf("BatchDigest", std::string(64, 'e')), leaf("Currency", "USD"),
                                     branch("Refused", {leaf("OrderId", "sale-1"), leaf("Digest", std::string(64, 'd')),
                                                        leaf("Code", "QP-E-UNKNOWN-ORDER")})};
      for (const char* sum : {"AcceptedTotal", "CommissionTotal", "DeductionTotal", "PriorDebit", "CarriedDebit", "NetTotal"}) {
        fields.push_back(leaf(sum, "0"));
      }
      fields.push_back(leaf("ValueDate", kTime));
      fields.push_back(leaf("SettledAt", kTime));
      made.children.push_back(signed_by(plan, "B7", branch("Settlement", std::move(fields))));
    }
    made.children.push_back(item);
    tape.request("V1001", "H1", request_of("SettleWithHost", tape.head("V1001", "H1"), {by_vendor(made)}));
  }
};

TEST(RevokeJudge, LetsAnHonestVendorPass) {
  Shop shop;
  shop.revokes(shop.by_vendor(bare_revoke()), "QP-E-NOT-REVOCABLE");
  shop.claims();
  EXPECT_EQ(shop.worst(), Verdict::pass) << shop.finding();
  Shop other;
  other.revokes(other.by_vendor(bare_revoke()));
  EXPECT_EQ(other.worst(), Verdict::pass) << other.finding();
  Shop third;
  third.brings(true);
  EXPECT_EQ(third.worst(), Verdict::pass) << third.finding();
}

// QP-RV-002, QP-RV-005, QP-RV-012, QP-ADD-16, QP-ADD-01
TEST(RevokeJudge, SeesWhatAVendorDoesWrong) {
  all_seen<Shop>({
      {"does not sign", [](Shop& s) { s.revokes(bare_revoke()); }},
      {"signs badly", [](Shop& s) { s.revokes(signed_by(s.plan, "V1002", bare_revoke())); }},
      {"takes back what it did not accept", [](Shop& s) { s.revokes(s.by_vendor(bare_revoke('1', ref_of("1")))); }},
      {"claims what it took back", [](Shop& s) {
         s.revokes(s.by_vendor(bare_revoke()));
         s.claims();
       }},
      {"takes back twice", [](Shop& s) {
         s.revokes(s.by_vendor(bare_revoke()));
         s.revokes(s.by_vendor(bare_revoke('2')));
       }},
      {"contests its own revoke", [](Shop& s) {
         s.revokes(s.by_vendor(bare_revoke()));
         s.brings(true);
       }},
      {"goes before the Host without a contest", [](Shop& s) { s.brings(false); }},
  });
}

}  // namespace
}  // namespace quickpay::conformance::tests
