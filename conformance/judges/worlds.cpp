#include "conformance/judges/worlds.hpp"

#include <utility>

#include "conformance/judges/boxes.hpp"
#include "conformance/judges/documents.hpp"
#include "conformance/judges/entries.hpp"
#include "conformance/judges/envelope.hpp"
#include "conformance/judges/keys.hpp"
#include "conformance/judges/mail.hpp"
#include "conformance/judges/money.hpp"
#include "conformance/judges/newcomer.hpp"
#include "conformance/judges/orders.hpp"
#include "conformance/judges/privacy.hpp"
#include "conformance/judges/regular.hpp"
#include "conformance/judges/revoke.hpp"
#include "conformance/judges/settlement.hpp"
#include "conformance/peers/fixture.hpp"
#include "conformance/peers/signing.hpp"

namespace quickpay::conformance {

namespace {

/// What outlives a session where the implementation does: the judges with all they have seen, and whose order is whose.
struct Remembered final : Memory {
  std::vector<std::shared_ptr<Observer>> judges;
  std::shared_ptr<KnownOrders> orders = std::make_shared<KnownOrders>(true);
};

/// Those of the session before, or new ones.
std::vector<std::shared_ptr<Observer>> judges_for(Session& session, std::string_view role, WorldSetting& setting) {
  if (session.memory() == nullptr) {
    return judges_of(role);
  }
  auto remembered = std::dynamic_pointer_cast<Remembered>(*session.memory());
  if (!remembered) {
    remembered = std::make_shared<Remembered>();
    remembered->judges = judges_of(role);
    *session.memory() = remembered;
  }
  setting.orders = remembered->orders;
  return remembered->judges;
}

IutResult<void> open_world(Session& session, const Scenario& scenario) {
  const Json* fixture = session.iut().fixture();
  WorldSetting setting;
  WorldPlan plan;
  if (fixture != nullptr) {
    auto read = plan_of_fixture(*fixture);
    if (!read) {
      return tl::unexpected(IutError{IutFault::protocol, "fixture: " + read.error()});
    }
    plan = std::move(*read);
  } else {
    plan = standard_plan(scenario.info.role);
  }
  plan.protocols = session.iut().hello().protocols;
  const std::string& protocol = scenario.info.protocol;
  if (fixture == nullptr && signs(protocol) && !scenario.info.denial) {
    complete_signing_keys(plan);
  }
  if (fixture == nullptr && (protocol == "administration" || protocol == "registration" || protocol == "keys")) {
    complete_tickets(plan);
  }
  if (fixture == nullptr && protocol == "keys" && !scenario.info.denial) {
    complete_epochs(plan);
    complete_own_keys(plan);
  }
  if (fixture == nullptr && protocol == "registration" && !scenario.info.denial) {
    complete_newcomers(plan);
  }
  if (fixture == nullptr && protocol == "paycard" && !scenario.info.denial) {
    complete_enrolments(plan);
  }
  setting.real_time = fixture != nullptr || !session.iut().hello().virtual_clock;
  if (scenario.arrange) {
    scenario.arrange(plan);
  }
  const auto judges = judges_for(session, scenario.info.role, setting);
  auto world = World::open(session, std::move(plan), setting, judges);
  if (!world) {
    return tl::unexpected(world.error());
  }
  return {};
}

}  // namespace

std::vector<std::shared_ptr<Observer>> judges_of(std::string_view role) {
  auto exchanges = std::make_shared<Exchanges>();
  return {exchanges,
          std::make_shared<DocumentsJudge>(exchanges),
          std::make_shared<EnvelopeJudge>(exchanges),
          std::make_shared<OrdersJudge>(exchanges, role),
          make_money_judge(exchanges, role),
          std::make_shared<PrivacyJudge>(exchanges),
          std::make_shared<MailJudge>(exchanges),
          std::make_shared<EntriesJudge>(exchanges),
          std::make_shared<BoxesJudge>(exchanges),
          make_keys_judge(exchanges, role),
          make_registration_judge(exchanges, role),
          std::make_shared<RegularJudge>(exchanges, role),
          make_settlement_judge(exchanges, role),
          make_revoke_judge(exchanges, role)};
}

WorldFactory make_worlds() {
  WorldFactory factory;
  factory.fixture_fault = [](const Json& fixture) -> std::optional<std::string> {
    const auto plan = plan_of_fixture(fixture);
    return plan ? std::nullopt : std::optional(plan.error());
  };
  factory.open = open_world;
  factory.close = [](Session& session) { session.world().close(); };
  return factory;
}

}  // namespace quickpay::conformance
