// The Broker's suite: the plain payment, and what every server owes.
#include <fmt/format.h>

#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/denials.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/look_ups.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/suites/suites.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

std::string fault_of_endorsement(World& world, const Payer::Endorsed& made) {
  const auto value = [&](const char* field) { return text_at(made.endorsement, field); };
  const Element* ref = at(made.endorsement, "OrderRef");
  if (value("Broker") != world.iut()) return "Broker " + value("Broker");
  if (ref == nullptr || !(*ref == made.ref)) return "another OrderRef";
  const std::int64_t life = time_of(value("CheckBy")) - time_of(value("EndorsedAt"));
  if (life < 10 * 1000 || life > 900 * 1000) return fmt::format("to be checked within {} ms", life);
  return {};
}

void endorsed(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made) {
    return judge(session, "broker.inquiry.endorsed", false, "an Endorsement", payer.refusal(), {}, Reason::refused);
  }
  const std::string fault = fault_of_endorsement(session.world(), *made);
  judge(session, "broker.inquiry.endorsed", fault.empty(), "an Endorsement of this order by this Broker",
        fault.empty() ? "as expected" : fault, made->reply.entries);
}

void notice_of_commit(Session& session, const Payer::Endorsed& made, const Reply& yes, std::size_t from) {
  World& world = session.world();
  const auto notice = world.wait_for(from, [](const Entry& e) { return e.by_iut && is_commit_notice(e); });
  if (!notice) {
    return session.fail("broker.register-commit.sent", Reason::missing_message, "RegisterCommit", "none");
  }
  const Element document = world.document(*notice);
  const Element* ref = at(document, "Body/OrderRef");
  const bool right = ref != nullptr && *ref == made.ref && text_at(document, "Body/Wallet") == world.cast().wallet &&
                     text_at(document, "Body/CommitId") == yes.text("Body/CommitId") &&
                     text_at(document, "Body/CommittedAt") == yes.text("Body/CommittedAt") &&
                     text_at(document, "Body/SettleBy") == yes.text("Body/SettleBy");
  judge(session, "broker.register-commit.sent", right, "the notice of this commitment", right ? "it" : "other values",
        {*notice});
}

void committed(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made) {
    return unreached(session, payer.refusal());
  }
  const std::size_t from = session.transcript().mark();
  const Reply yes = payer.commit(made->ref, made->id());
  judge_ok(session, "broker.payment.committed", yes);
  if (!yes.ok()) {
    return unreached(session, outcome_text(yes));
  }
  const std::int64_t life = time_of(yes.text("Body/SettleBy")) - time_of(yes.text("Body/CommittedAt"));
  judge(session, "broker.payment.settle-by", life >= protocol::T_settle_min * 1000, "claimable for at least seven days",
        fmt::format("{} s", life / 1000), yes.entries);
  notice_of_commit(session, *made, yes, from);
}

FamilyBase inquiry_base() {
  FamilyBase base;
  base.message = "InquiryPayment";
  base.twin = "inquiry.endorsed";
  base.valid = [](Session& session) {
    Payer payer(session);
    return payer.inquiry(payer.order());
  };
  base.benign = [](Session& session) { return Payer(session).pays(); };
  base.unserved = "GetOrder";
  return base;
}

FamilyBase check_base() {
  FamilyBase base = inquiry_base();
  base.message = "CheckCommit";
  base.twin = "payment.committed";
  base.valid = [](Session& session) {
    Payer payer(session);
    const auto made = payer.endorsed();
    return made ? payer.check(made->ref, made->id()) : Sending{};
  };
  base.unserved = "RegisterDelivery";
  return base;
}

}  // namespace

void add_broker_families(Suite& suite) {
  add_xml_family(
      suite, inquiry_base(),
      {"comment-between", "cdata", "doctype", "external-entity", "entity-bomb", "hex-reference", "xml-lang",
       "byte-order-mark", "surrogate", "leading", "too-many-elements", "schema-then-xml", "other-namespace"});
  add_xml_family(suite, check_base(),
                 {"comment", "foreign-entity", "naked-ampersand", "prefix", "standalone", "control", "no-break-space",
                  "crossed-tags", "unclosed", "blanks-only"});
  add_rest_of_xml_family(suite, inquiry_base());
  add_schema_family(suite, inquiry_base(), 14);
  add_schema_family(suite, check_base(), 12);
  add_head_family(suite, inquiry_base());
  add_head_family(suite, check_base());
  add_repeat_family(suite, inquiry_base());
  add_repeat_family(suite, check_base());
  add_auth_family(suite, check_base());
  add_http_family(suite, inquiry_base());
}

std::vector<Scenario> broker_suite() {
  Suite suite("broker");
  suite.positive({.id = "inquiry.endorsed",
                  .title = "A right inquiry is endorsed for exactly this order.",
                  .subject = "B8",
                  .requirements = {"QP-MP-007", "QP-SAFE-006"}},
                 endorsed);
  suite.positive({.id = "payment.committed",
                  .title = "An order that both sides name alike is committed.",
                  .subject = "B20",
                  .requirements = {"QP-MP-009", "QP-SEC-001"},
                  .more = {suite.check("payment.settle-by", "The commitment stays claimable for at least seven days.",
                                       {"QP-ADD-05", "QP-SAFE-005"}),
                           suite.check("register-commit.sent", "The commitment is registered at the Host.",
                                       {"QP-MP-010", "QP-ADD-05"})}},
                 committed);
  add_broker_inquiries(suite);
  add_broker_checks(suite);
  add_broker_course(suite);
  add_broker_receipts(suite);
  add_broker_families(suite);
  add_broker_settlement(suite);
  add_broker_regular(suite);
  add_look_ups(suite);
  add_broker_revoke(suite);
  add_broker_paycards(suite);
  add_broker_registration(suite);
  add_own_keys(suite);
  add_denials(suite);
  return suite.take();
}

}  // namespace quickpay::conformance
