#include "conformance/suites/revoke_told.hpp"

#include <fmt/format.h>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

std::string effect_of(const Reply& reply) {
  return reply.ok() ? reply.text("Body/Effect") + " " + reply.text("Body/State") : outcome_text(reply);
}

/// The Deductions of an order in a Settlement: "REVOKE-ID 400 10"; a Settlement that does not add up says why.
std::string deducted(Revoker& revoker, const Batch& batch, const Promised& order) {
  const Element* settlement = batch.settlement();
  if (settlement == nullptr) return outcome_text(batch.reply);
  if (const auto fault = fault_of_settlement(revoker.world().plan(), batch.claim, *settlement)) return *fault;
  std::string all;
  for (const Element* one : all_of(*settlement, "Deduction")) {
    if (text_at(*one, "OrderId") == text_at(order.ref, "OrderId")) {
      all += (all.empty() ? "" : ", ") + text_at(*one, "RevokeId") + " " + text_at(*one, "Amount") + " " +
             text_at(*one, "CommissionReversed");
    }
  }
  return all.empty() ? "nothing" : all;
}

std::string expected_deduction(const std::string& revoke_id, const Revoker::Settled& settled) {
  return fmt::format("{} {} {}", revoke_id, text_at(settled.order.ref, "Amount"), settled.commission);
}

void add_told(Suite& suite, const std::vector<ToldOfRevoke>& all) {
  for (const ToldOfRevoke& one : all) {
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = one.id,
                    .level_e = one.level_e,
                    .parts = one.parts,
                    .profile = one.profile},
                   [check = suite.name(one.id), one](Session& session) {
                     if (nothing_to_revoke(session)) {
                       return;
                     }
                     Revoker revoker(session);
                     const Got got = one.course(revoker);
                     got ? judge(session, check, *got == one.expected, one.expected, *got, {}, Reason::wrong_state)
                         : unreached(session, "a step before could not be taken " + revoker.trade().refusal());
                   });
  }
}

}  // namespace quickpay::conformance
