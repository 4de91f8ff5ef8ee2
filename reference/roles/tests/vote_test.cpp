// The vote on disputed orders (QP-BS-010, QP-ADD-08); its complete table is a vector file, read by the vectors' own test.
#include "reference/roles/vote.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace quickpay::roles {
namespace {

constexpr std::array kStands = {Stand::yes, Stand::no, Stand::silent};

std::vector<Evidence> every_evidence() {
  std::vector<Evidence> all;
  for (int bits = 0; bits < 64; ++bits) {
    for (const Stand broker : kStands) {
      for (const Stand vendor : kStands) {
        for (const Stand wallet : kStands) {
          all.push_back({(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, broker, vendor, wallet, (bits & 8) != 0,
                         (bits & 16) != 0, (bits & 32) != 0});
        }
      }
    }
  }
  return all;
}

Evidence claim() {
  Evidence evidence;
  evidence.vendor = Stand::yes;
  return evidence;
}

TEST(Vote, ApprovesACommitmentAndOneOfTheOthers) {
  Evidence evidence = claim();
  evidence.commit = true;
  EXPECT_EQ(vote(evidence).ruling, Ruling::pending);
  EXPECT_EQ(vote(evidence).awaited, Awaited::wallet);
  evidence.delivery = true;
  EXPECT_EQ(vote(evidence).ruling, Ruling::approve);
  evidence.delivery = false;
  evidence.order = true;
  EXPECT_EQ(vote(evidence).ruling, Ruling::approve);
}

// A Vendor that delivers without asking the Broker: two of three say yes, and still nobody committed.
TEST(Vote, FollowsTheLiteralMajorityOnlyWhereTheBrokerCommitted) {
  Evidence evidence = claim();
  evidence.delivery = evidence.order = true;
  evidence.broker = Stand::no;
  EXPECT_EQ(vote(evidence, Policy::literal).ruling, Ruling::approve);
  EXPECT_EQ(vote(evidence).ruling, Ruling::reject);
  EXPECT_EQ(vote(evidence).code, "QP-E-NO-COMMIT");
}

TEST(Vote, OfACommitmentIsNotTakenBack) {
  Evidence evidence = claim();
  evidence.commit = evidence.delivery = true;
  evidence.broker = Stand::no;
  EXPECT_EQ(vote(evidence).ruling, Ruling::approve);
}

// QP-ADD-07: who could not register because of the Host is not held to it.
TEST(Vote, CountsTheClaimOfAVendorThatFoundTheHostSuspended) {
  Evidence evidence = claim();
  evidence.commit = true;
  evidence.suspended = true;
  EXPECT_EQ(vote(evidence).ruling, Ruling::approve);
}

TEST(Vote, KnowsItsGates) {
  Evidence evidence = claim();
  evidence.commit = evidence.delivery = evidence.order = true;
  evidence.revoked = true;
  EXPECT_EQ(vote(evidence).code, "QP-E-REVOKED");
  evidence.revoked = false;
  evidence.vendor = Stand::no;
  EXPECT_EQ(vote(evidence).ruling, Ruling::no_claim);
  EXPECT_EQ(vote(evidence).code, "QP-E-NOT-CLAIMED");
}

TEST(Vote, IsRejectedWhenTheWindowClosesOnAnOpenCase) {
  for (const Evidence& evidence : every_evidence()) {
    const Vote open = vote(evidence);
    const Vote last = closed(open);
    EXPECT_NE(last.ruling, Ruling::pending);
    EXPECT_EQ(last.awaited, Awaited::nobody);
    EXPECT_EQ(last.code, open.code);
    EXPECT_EQ(open.ruling == Ruling::pending, open.awaited != Awaited::nobody);
  }
}

/// Whether `later` only adds to what `earlier` knows while a case is open: registrations, proof, a statement of who was
/// silent, and the admission of a Wallet that had denied.
bool follows(const Evidence& earlier, const Evidence& later) {
  const auto kept = [](bool before, bool after) { return after || !before; };
  const auto said = [](Stand before, Stand after) { return before == Stand::silent || before == after; };
  const bool wallet = said(earlier.wallet, later.wallet) || later.wallet == Stand::yes;
  return kept(earlier.commit, later.commit) && kept(earlier.order, later.order) && kept(earlier.proof, later.proof) &&
         earlier.delivery == later.delivery && said(earlier.broker, later.broker) && wallet &&
         earlier.vendor == later.vendor && earlier.suspended == later.suspended && earlier.revoked == later.revoked;
}

int flips(const std::vector<Evidence>& all, bool decided_only) {
  int found = 0;
  for (const Evidence& earlier : all) {
    const Vote first = vote(earlier);
    if (decided_only && first.ruling != Ruling::approve) continue;
    for (const Evidence& later : all) {
      if (follows(earlier, later) && vote(later).ruling != first.ruling) ++found;
    }
  }
  return found;
}

TEST(Vote, IsNotFlippedByWhatIsSaidLater) {
  EXPECT_EQ(flips(every_evidence(), true), 0);
  EXPECT_GT(flips(every_evidence(), false), 0);  // twin: an open case does change, so the search can find something
}

}  // namespace
}  // namespace quickpay::roles
