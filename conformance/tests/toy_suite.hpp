// A suite of four scenarios for toy.py, so that whole runs can be shown without QuickPay.
#pragma once

#include "conformance/certify/certify.hpp"
#include "conformance/tests/fakes.hpp"

namespace quickpay::conformance::fakes {

inline void judge_payment(Session& session) {
  const auto outcome = session.iut().act("pay", Json::object());
  session.transcript().add(sent("GetOrder"));
  if (!outcome) {
    return session.stop(outcome.error());
  }
  if (outcome->kind == OutcomeKind::accepted) {
    return session.pass("vendor.pay.accepts");
  }
  session.fail("vendor.pay.accepts", Reason::refused, "a right payment is accepted", "rejected", {0});
}

inline void judge_refusal(Session& session) {
  IutResult<Outcome> outcome = tl::unexpected(IutError{});
  Negative plan;
  plan.check = "vendor.pay.refuses";
  plan.stimulus = [&](Session& s) {
    outcome = s.iut().act("pay", {{"fault", "amount"}}, 500);
    return true;
  };
  plan.reaction = [&](Session&) { return reaction_of(outcome); };
  plan.benign = [](Session& s) {
    const auto again = s.iut().act("pay", Json::object());
    return again && again->kind == OutcomeKind::accepted;
  };
  negative(session, plan);
}

inline std::vector<Scenario> toy_suite(std::string_view) {
  ScenarioInfo good = scenario("vendor.pay.good", {check("vendor.pay.accepts")});
  good.level_e = true;
  ScenarioInfo bad = scenario("vendor.pay.other-amount", {check("vendor.pay.refuses")}, "vendor.pay.good");
  bad.mutation = "pay.amount:+1";
  ScenarioInfo location = scenario("vendor.pay.location", {check("vendor.pay.location-ok")});
  location.feature = "location";
  ScenarioInfo polite = scenario("vendor.pay.polite", {check("vendor.pay.polite-name", Level::should)});
  return {{good, judge_payment, {}},
          {bad, judge_refusal, {}},
          {location, [](Session& session) { session.pass("vendor.pay.location-ok"); }, {}},
          {polite, [](Session& session) { session.pass("vendor.pay.polite-name"); }, {}}};
}

/// No players: the implementation is only set up.
inline WorldFactory toy_worlds() {
  WorldFactory factory;
  factory.open = [](Session& session, const Scenario&) {
    Setup setup;
    setup.role = "vendor";
    setup.id = "V1001";
    setup.host = "H1";
    setup.profile = session.profile();
    setup.listen = session.iut().has_adapter() ? session.loopback(10) : std::string();
    setup.source = session.loopback(10);
    setup.now = "2026-11-22T12:00:00Z";
    return session.iut().setup(setup).map([](const Ready&) {});
  };
  factory.close = [](Session&) {};
  return factory;
}

inline SpecFacts toy_spec() {
  SpecFacts spec;
  spec.id = std::string(64, 'a');
  spec.version = "1.0";
  spec.suite_version = "0.1";
  spec.requirements["QP-T-001"] = {"MUST", "4.2", "The Vendor MUST accept what is right & refuse what is <wrong>."};
  return spec;
}

inline CertifyParts toy_parts() { return {toy_suite, toy_worlds(), toy_spec()}; }

}  // namespace quickpay::conformance::fakes
