#include "conformance/judges/worlds.hpp"

#include <utility>

#include "conformance/judges/documents.hpp"
#include "conformance/judges/envelope.hpp"
#include "conformance/judges/money.hpp"
#include "conformance/judges/orders.hpp"
#include "conformance/judges/privacy.hpp"
#include "conformance/peers/fixture.hpp"

namespace quickpay::conformance {

namespace {

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
  setting.real_time = fixture != nullptr || !session.iut().hello().virtual_clock;
  if (scenario.arrange) {
    scenario.arrange(plan);
  }
  auto world = World::open(session, std::move(plan), setting, judges_of(scenario.info.role));
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
          std::make_shared<PrivacyJudge>(exchanges)};
}

WorldFactory make_worlds() {
  WorldFactory factory;
  factory.open = open_world;
  factory.close = [](Session& session) { session.world().close(); };
  return factory;
}

}  // namespace quickpay::conformance
