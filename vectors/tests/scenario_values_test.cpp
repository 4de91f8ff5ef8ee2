// The values that a scenario captures and uses are so in the messages of simulated purchases and settlements.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <pugixml.hpp>

#include "reference/sim/tests/support.hpp"
#include "vectors/json.hpp"

namespace quickpay::vectors {
namespace {

Json whole(const std::string& file) {
  std::ifstream stream("vectors/generated/" + file + ".json");
  return Json::parse(stream)["vectors"][0];
}

/// The bodies of a world by the name of their root, the first of each.
std::map<std::string, std::string> bodies_of(const sim::World& world) {
  std::map<std::string, std::string> out;
  for (const sim::Sent& sent : world.sent) {
    pugi::xml_document document;
    if (document.load_string(sent.body.c_str())) out.try_emplace(document.document_element().name(), sent.body);
  }
  return out;
}

std::string text_at(const std::string& body, const std::string& path) {
  pugi::xml_document document;
  if (!document.load_string(body.c_str())) return {};
  return document.first_element_by_path(path.c_str()).text().get();
}

struct Found {
  int compared = 0;
  std::vector<std::string> wrong;
};

/// Holds the values of a scenario against the bodies; a value that an optional element does not say is seen first later.
Found compare(const Json& scenario, const std::map<std::string, std::string>& bodies) {
  Found found;
  std::map<std::string, std::string> values;
  for (const Json& step : scenario["steps"]) {
    if (!step.contains("document")) continue;
    const auto body = bodies.find(step["document"].get<std::string>());
    if (body == bodies.end()) {
      found.wrong.push_back("nobody wrote " + step["document"].get<std::string>());
      continue;
    }
    for (const auto& [name, path] : step["captures"].items()) values[name] = text_at(body->second, path.get<std::string>());
    for (const auto& [path, name] : step["uses"].items()) {
      const std::string value = text_at(body->second, path);
      std::string& known = values[name.get<std::string>()];
      if (known.empty()) known = value;
      if (value.empty()) continue;
      ++found.compared;
      if (value != known) found.wrong.push_back(path + " is " + value + ", " + name.get<std::string>() + " is " + known);
    }
  }
  return found;
}

sim::Shop settled_shop() {
  sim::WorldOptions options;
  options.sign = true;
  sim::Shop shop(options);
  const std::string order = shop.world->buy(shop.wallet, shop.vendor);
  shop.world->run_for(sim::kHour);
  EXPECT_EQ(shop.wallet_state(order), "DONE");
  shop.world->act(shop.world->site(shop.vendor), [](roles::Node& node) { static_cast<void>(node.settle()); });
  shop.world->run_for(sim::kHour);
  return shop;
}

TEST(ScenarioValues, AreThoseOfAPurchaseAndASettlement) {
  const auto shop = settled_shop();
  const auto bodies = bodies_of(*shop.world);
  for (const auto& [file, least] : {std::pair{"micropayment/scenario-micropayment-paid", 40}, std::pair{"settlement/scenario-settlement-paid", 4}}) {
    const Found found = compare(whole(file), bodies);
    EXPECT_TRUE(found.wrong.empty()) << file << ": " << (found.wrong.empty() ? "" : found.wrong.front());
    EXPECT_GE(found.compared, least) << file;
  }
}

// Twin: a message of another purchase, and a scenario that says that two other values are the same.
TEST(ScenarioValues, ADifferenceIsSeen) {
  const auto shop = settled_shop();
  auto bodies = bodies_of(*shop.world);
  Json scenario = whole("micropayment/scenario-micropayment-paid");
  std::string& body = bodies["CheckCommit"];
  const std::size_t at = body.find("<Amount>");
  ASSERT_NE(at, std::string::npos);
  body.replace(at, 8, "<Amount>1");
  EXPECT_EQ(compare(scenario, bodies).wrong.size(), 1U);
  for (Json& step : scenario["steps"]) {
    if (step.contains("uses") && step["uses"].contains("CheckCommit/Body/EndorsementId")) step["uses"]["CheckCommit/Body/EndorsementId"] = "OrderId";
  }
  EXPECT_EQ(compare(scenario, bodies).wrong.size(), 2U);
  bodies.erase("CheckCommit");
  EXPECT_FALSE(compare(scenario, bodies).wrong.empty());
}

}  // namespace
}  // namespace quickpay::vectors
