#include <array>

#include "reference/roles/money.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/vote.hpp"
#include "vectors/answers.hpp"

namespace quickpay::vectors {
namespace {

namespace money = roles::money;
using Purse = money::Purse<std::int64_t>;
using Moved = money::Moved<std::int64_t>;

Json result(bool right) { return {{"result", right ? "valid" : "invalid"}}; }

std::int64_t number(const Json& from, const char* name) { return from.at(name).get<std::int64_t>(); }

msg::Settlement lists_of(const Json& given) {
  msg::Settlement out;
  for (const Json& each : given.at("Accepted"))
    out.accepted.push_back({each.at("OrderId"), number(each, "Amount"), number(each, "Commission")});
  for (const Json& each : given.at("Deduction"))
    out.deduction.push_back({"r", each.at("OrderId"), number(each, "Amount"), number(each, "CommissionReversed")});
  return out;
}

Json settlement(const Json& given) {
  msg::Settlement claimed = lists_of(given);
  claimed.prior_debit = number(given, "PriorDebit");
  claimed.accepted_total = number(given, "AcceptedTotal");
  claimed.commission_total = number(given, "CommissionTotal");
  claimed.deduction_total = number(given, "DeductionTotal");
  claimed.carried_debit = number(given, "CarriedDebit");
  claimed.net_total = number(given, "NetTotal");
  return result(roles::adds_up(claimed));
}

Json chain(const Json& given) {
  Json out = result(true);
  std::int64_t prior = 0;
  for (const Json& each : given.at("settlements")) {
    msg::Settlement made = lists_of(each);
    made.prior_debit = prior;
    if (!roles::sum_up(made)) return result(false);
    prior = made.carried_debit;
    out["totals"].push_back({{"PriorDebit", made.prior_debit}, {"AcceptedTotal", made.accepted_total},
                             {"CommissionTotal", made.commission_total}, {"DeductionTotal", made.deduction_total},
                             {"CarriedDebit", made.carried_debit}, {"NetTotal", made.net_total}});
  }
  return out;
}

Json claim(const Json& given) {
  msg::Claim out;
  out.count = number(given, "Count");
  out.total = number(given, "Total");
  for (const Json& each : given.at("Item")) {
    auto& item = out.item.emplace_back();
    item.order_ref.order_id = each.at("OrderId");
    item.order_ref.amount = number(each, "Amount");
  }
  return result(roles::adds_up(out));
}

Json purse(const Json& given) {
  const Purse before{number(given, "held"), number(given, "owed")};
  const std::int64_t amount = number(given, "amount");
  const std::string move = given.at("move");
  Moved after{before, false};
  if (move == "hold" && money::suffices(before, amount, number(given, "limit"))) after = money::hold(before, amount);
  if (move == "release") after = money::release(before, amount);
  if (move == "commit") after = money::commit(before, amount);
  if (move == "owe") after = money::owe(before, amount);
  if (move == "fall_due") after = money::fall_due(before, amount);
  Json out = result(after.right);
  if (after.right) out.update({{"held", after.purse.held}, {"owed", after.purse.owed}});
  return out;
}

roles::Stand stand(const Json& word) {
  return word == "yes" ? roles::Stand::yes : word == "no" ? roles::Stand::no : roles::Stand::silent;
}

const char* spelt(roles::Ruling ruling) {
  constexpr std::array<const char*, 4> kWords = {"approve", "reject", "pending", "no-claim"};
  return kWords.at(static_cast<std::size_t>(ruling));
}

}  // namespace

Json answer_ledger(const Json& asked) {
  const std::string operation = asked.at("operation");
  const Json& given = asked.at("given");
  if (operation == "share")
    return {{"result", "valid"}, {"share", roles::share(number(given, "amount"), number(given, "rate_bp"))}};
  if (operation == "settlement") return settlement(given);
  if (operation == "chain") return chain(given);
  if (operation == "claim") return claim(given);
  if (operation == "purse") return purse(given);
  return {{"unsupported", "no such operation"}};
}

Json answer_vote(const Json& asked) {
  const roles::Evidence evidence{asked.at("commit"), asked.at("delivery"), asked.at("order"), stand(asked.at("broker")),
                                 stand(asked.at("vendor")), stand(asked.at("wallet")), asked.at("proof"), asked.at("suspended"),
                                 asked.at("revoked")};
  const roles::Vote vote = roles::vote(evidence);
  Json out = {{"decision", spelt(vote.ruling)}, {"code", vote.code}, {"literal", spelt(roles::vote(evidence, roles::Policy::literal).ruling)}};
  if (vote.awaited != roles::Awaited::nobody) out["waits"] = vote.awaited == roles::Awaited::broker ? "broker" : "wallet";
  return out;
}

}  // namespace quickpay::vectors
