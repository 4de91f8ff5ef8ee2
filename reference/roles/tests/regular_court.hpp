// A Host before which claims of regular orders are brought; after every test of the fixture its audit is clean.
#pragma once

#include <gtest/gtest.h>

#include "reference/roles/host.hpp"
#include "reference/roles/host_audit.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/tests/regular_single.hpp"

namespace quickpay::roles {

struct RegularCourtOf {
  explicit RegularCourtOf(NodeConfig config) : host(std::move(config)) { publish_keys(host); }
  Single host;

  /// What the audit finds, empty if it is nothing.
  std::string finding() {
    const auto scratch = *ledger::open_sqlite(":memory:");
    const auto report = audit_host(*host.ledger, *scratch, {});
    if (!report) return report.error().what;
    return report->finding ? report->finding->where + ": " + report->finding->what : std::string{};
  }

  msg::HostCase bring(const msg::Commitment& commitment, std::string_view code = protocol::QP_E_UNKNOWN_ORDER) {
    msg::HostCase made;
    made.host = "H1";
    made.batch_id = host.fresh_id();
    made.vendor = "V1001";
    made.broker = "B7";
    msg::Settlement refusing;
    refusing.broker = "B7";
    refusing.vendor = "V1001";
    refusing.batch_id = std::string(32, '1');
    refusing.batch_digest = std::string(64, '2');
    refusing.currency = "USD";
    refusing.refused = {{commitment.order_ref.order_id, commitment.order_ref.digest, std::string(code), {}}};
    refusing.value_date = refusing.settled_at = format_time(host.clock.now);
    EXPECT_TRUE(sum_up(refusing));
    sign(refusing);
    made.settlement = {refusing};
    msg::CaseItem item;
    item.order_ref = commitment.order_ref;
    item.commit_id = commitment.commit_id;
    item.commitment = commitment;
    made.item = {item};
    sign(made);
    return made;
  }
  batch::SettleWithHostResponse ask(const msg::HostCase& brought) {
    batch::SettleWithHost request;
    request.head = host.head("V1001", "H1");
    request.body.host_case = brought;
    return host.ask<batch::SettleWithHostResponse>(request, batch::kSettleWithHostMessage, kVendorAddress).value();
  }
  std::string said(msg::HostCase brought) {
    sign(brought);
    const auto answer = ask(brought);
    if (!answer.body.verdicts) return answer.body.status.code;
    const auto& verdict = answer.body.verdicts->verdict.at(0);
    return std::string(msg::to_string(verdict.decision)) + " " + verdict.code;
  }
};

struct RegularCourt : testing::Test, RegularCourtOf {
  RegularCourt() : RegularCourtOf(signing(host_config())) {}
  ~RegularCourt() override { EXPECT_EQ(finding(), ""); }
};

}  // namespace quickpay::roles
