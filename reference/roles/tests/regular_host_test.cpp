// The Host keeps regular orders: each refusal, what a later notice adds, what it says of it in its log.
#include <gtest/gtest.h>

#include <functional>

#include "reference/roles/host.hpp"
#include "reference/roles/host_audit.hpp"
#include "reference/roles/regular_host.hpp"
#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kRegister = regular::kRegisterOrderMessage;

struct RegularHost : testing::Test {
  Single host{signing(host_config())};
  RegularHost() { publish_keys(host); }

  regular::RegisterOrder notice(const std::string& wallet = kWallet) {
    regular::RegisterOrder request;
    request.head = host.head(wallet, "H1");
    request.body.order_ref = regular_ref();
    request.body.broker = "B7";
    request.body.commitment = commitment_to(regular_ref());
    return request;
  }
  regular::RegisterOrder with_receipt(const std::string& wallet = kWallet) {
    auto request = notice(wallet);
    request.body.receipt = receipt_for(request.body.commitment);
    return request;
  }
  regular::RegisterOrderResponse ask(const regular::RegisterOrder& request, const std::string& address = kWalletAddress) {
    return host.ask<regular::RegisterOrderResponse>(request, kRegister, address).value();
  }
  std::string code(const regular::RegisterOrder& request) { return ask(request).body.status.code; }
  std::string state(const std::string& wallet = kWallet) {
    return state_of(host, "host.purchase", case_key(regular_ref(), "B7") + "/" + wallet);
  }
};

// QP-RP-008, QP-ADD-06: a receipt is added to a commitment, and nothing is taken away, in whatever order they come.
TEST_F(RegularHost, AddsAndTakesNothingAway) {
  const auto first = ask(notice());
  EXPECT_EQ(state(), "COMMITTED");
  host.pass(kHourMs);
  EXPECT_EQ(ask(notice()).body.case_no, first.body.case_no);
  const auto more = ask(with_receipt());
  EXPECT_EQ(state(), "RECEIPTED");
  EXPECT_EQ(more.body.case_no, first.body.case_no);
  EXPECT_EQ(more.body.registered_at, first.body.registered_at);
  EXPECT_EQ(code(notice()), protocol::QP_OK);
  EXPECT_EQ(state(), "RECEIPTED");
  const auto record = host.ledger->find("host.purchase", case_key(regular_ref(), "B7") + "/" + kWallet);
  EXPECT_EQ(recall<msg::Receipt>(**record, "Receipt", msg::kReceiptType), receipt_for(commitment_to(regular_ref())));
}

// QP-ADD-06: what another Wallet says stands apart.
TEST_F(RegularHost, KeepsWalletsApart) {
  auto forged = notice(kOtherWallet);
  forged.body.commitment.sig.key_id = std::string(64, '0');
  EXPECT_EQ(ask(forged, "127.0.4.2").body.status.code, protocol::QP_OK);  // judged in a dispute, if there is one
  const auto right = ask(with_receipt());
  EXPECT_EQ(state(kOtherWallet), "COMMITTED");
  EXPECT_EQ(state(), "RECEIPTED");
  EXPECT_EQ(right.body.case_no, "2");
  Store store(*host.ledger);
  EXPECT_EQ(registered_ms(store, commitment_to(regular_ref())), kNoon);
  auto never = commitment_to(regular_ref());
  never.commit_id = std::string(32, '0');
  EXPECT_FALSE(registered_ms(store, never));
}

/// A notice, spoilt, and what it is refused with.
struct Spoilt {
  const char* name;
  std::function<void(regular::RegisterOrder&)> spoil;
  std::string_view code;
};

const Spoilt kSpoilt[] = {
    {"a commitment to another order", [](auto& r) { r.body.commitment.order_ref.amount += 1; }, protocol::QP_E_MISMATCH},
    {"a commitment of another broker", [](auto& r) { r.body.commitment.broker = "B8"; }, protocol::QP_E_MISMATCH},
    {"a receipt of another vendor", [](auto& r) { r.body.receipt->vendor = "V1002"; }, protocol::QP_E_MISMATCH},
    {"a receipt for another broker", [](auto& r) { r.body.receipt->broker = "B8"; }, protocol::QP_E_MISMATCH},
    {"a receipt for another order", [](auto& r) { r.body.receipt->order_id = "other"; }, protocol::QP_E_MISMATCH},
    {"a receipt for another digest", [](auto& r) { r.body.receipt->digest = std::string(64, '0'); }, protocol::QP_E_MISMATCH},
    {"a receipt for another commitment", [](auto& r) { r.body.receipt->commit_id = std::string(32, '0'); }, protocol::QP_E_MISMATCH},
};

// QP-RP-008, QP-RP-001: each refusal, whatever was registered before, changes nothing.
TEST_F(RegularHost, RefusesInOrder) {
  for (const char* before : {"NONE", "COMMITTED", "RECEIPTED"}) {
    if (before == std::string("COMMITTED")) ask(notice());
    if (before == std::string("RECEIPTED")) ask(with_receipt());
    for (const Spoilt& each : kSpoilt) {
      auto wrong = with_receipt();
      each.spoil(wrong);
      EXPECT_EQ(code(wrong), each.code) << each.name;
      EXPECT_EQ(state(), before) << each.name;
    }
    for (const auto& [id, refused] : {std::pair("V1001", protocol::QP_E_VENDOR), std::pair("B7", protocol::QP_E_BROKER)}) {
      host.directory.hide(id, true);
      EXPECT_EQ(code(with_receipt()), refused);
      host.directory.hide(id, false);
    }
  }
}

// QP-ROLE-013, QP-BS-011: the log tells of it, and what it tells follows from the rules.
TEST_F(RegularHost, CanBeAudited) {
  ask(notice()), ask(with_receipt());
  const auto scratch = *ledger::open_sqlite(":memory:");
  const auto report = audit_host(*host.ledger, *scratch, {});
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->finding) << report->finding->where;
  auto changed = **host.ledger->find("host.purchase", case_key(regular_ref(), "B7") + "/" + kWallet);
  changed.fields.erase("Receipt");
  ASSERT_TRUE(host.ledger->begin_unit() && host.ledger->put(changed) && host.ledger->end_unit());
  const auto fresh = *ledger::open_sqlite(":memory:");
  EXPECT_TRUE(audit_host(*host.ledger, *fresh, {})->finding);
}

TEST_F(RegularHost, RefusesWrongSenders) {
  auto vendor = notice("V1001");
  EXPECT_EQ(ask(vendor, kVendorAddress).body.status.code, protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(ask(notice(), "127.0.9.9").body.status.code, protocol::QP_E_FORBIDDEN);
  NodeConfig config = signing(host_config());
  config.protocols = {"micropayment"};
  Single micro_only{config};
  EXPECT_EQ(micro_only.ask<regular::RegisterOrderResponse>(notice(), kRegister, kWalletAddress)->body.status.code,
            protocol::QP_E_UNSUPPORTED);
}

}  // namespace
}  // namespace quickpay::roles
