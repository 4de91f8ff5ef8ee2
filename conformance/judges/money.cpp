#include "conformance/judges/money.hpp"

#include <fmt/format.h>

#include <utility>

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

MoneyJudge::MoneyJudge(std::shared_ptr<const Exchanges> exchanges) : Judge("money"), exchanges_(std::move(exchanges)) {}

std::string MoneyJudge::key_of(const Element& ref) { return text_at(ref, "Vendor") + " " + text_at(ref, "OrderId"); }

void MoneyJudge::same(const Seen& seen, std::string_view what, const std::string& expected, const std::string& got) {
  if (expected != got) {
    violation(seen.world, seen.index, fmt::format("{} {}", what, expected.empty() ? "absent" : expected),
              got.empty() ? "absent" : got);
  }
}

void MoneyJudge::on_entry(World& world, std::size_t index) {
  const Entry& entry = world.session().transcript().entries()[index];
  if (entry.kind != EntryKind::request && entry.kind != EntryKind::response) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || !facts.read.valid() || protocol_of(facts.message) != "micropayment") {
    return;  // nothing else moves money yet
  }
  static const Element kNothing;
  const Facts* asked = facts.request ? &exchanges_->of(*facts.request) : nullptr;
  const std::string code = text_at(facts.document, "Body/Status/Code");
  const Seen seen{world,
                  index,
                  facts.document,
                  asked != nullptr ? asked->document : kNothing,
                  facts.message,
                  code,
                  asked != nullptr && asked->repeat,
                  entry.belongs == Belongs::earlier_run};
  if (entry.by_iut) {
    judged();
    entry.kind == EntryKind::request ? iut_asks(seen) : iut_answers(seen);
  } else if (world.is_iut(entry.to) && entry.kind == EntryKind::response && facts.counts) {
    iut_is_answered(seen);
  }
}

std::shared_ptr<MoneyJudge> make_money_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "broker") {
    return make_broker_books(std::move(exchanges));
  }
  if (role == "vendor") {
    return make_vendor_books(std::move(exchanges));
  }
  return role == "wallet" ? make_wallet_books(std::move(exchanges)) : make_host_books(std::move(exchanges));
}

}  // namespace quickpay::conformance
