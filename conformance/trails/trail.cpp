#include "conformance/trails/trail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {

using Json = nlohmann::json;

constexpr const char* kFormat = "quickpay-trail-1";

/// A word that nobody knows is a fault: a trail with one is not played.
TrailStep::Kind kind_of(const std::string& does) {
  using Kind = TrailStep::Kind;
  static const std::map<std::string_view, Kind> kKinds = {{"request", Kind::request},     {"late-request", Kind::late_request}, {"answer", Kind::answer},
                                                          {"no-answer", Kind::no_answer}, {"lose-request", Kind::lose_request}, {"lose-answer", Kind::lose_answer},
                                                          {"crash", Kind::crash},         {"action", Kind::action},             {"time", Kind::time},
                                                          {"other", Kind::other}};
  const auto known = kKinds.find(does);
  return known == kKinds.end() ? Kind::fault : known->second;
}

TrailStep step_of(const Json& json) {
  TrailStep step;
  step.kind = kind_of(json.at("does").get<std::string>());
  step.forged = json.at("forged").get<bool>();
  step.text = json.at("text").get<std::string>();
  step.message = json.value("message", "");
  step.protocol = json.value("protocol", std::string(protocol_of(step.message)));
  step.variant = json.value("variant", "");
  step.from = json.value("from", "");
  step.to = json.value("to", "");
  step.player = json.value("player", "");
  step.action = json.value("action", "");
  step.timer = json.value("timer", "");
  step.code = json.value("code", "");
  step.other = json.value("other", false);
  step.again = json.value("again", false);
  for (const Json& taken : json.at("takes")) {
    step.rows.push_back(taken.at("machine").get<std::string>() + " " + taken.at("row").get<std::string>());
  }
  return step;
}

Trail trail_of(const Json& json) {
  Trail trail;
  trail.id = json.at("trail").get<std::string>();
  trail.configuration = json.at("configuration").get<std::string>();
  trail.says = json.at("says").get<std::string>();
  trail.end = json.at("end").get<std::string>();
  trail.profile = json.at("profile").get<std::string>();
  trail.requirements = json.at("requirements").get<std::vector<std::string>>();
  trail.liars = json.at("liars").get<std::vector<std::string>>();
  trail.options = json.at("options").get<std::vector<std::string>>();
  trail.witness = json.at("witness").get<bool>();
  for (const Json& step : json.at("steps")) {
    trail.steps.push_back(step_of(step));
  }
  return trail;
}

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

bool Trail::lies(std::string_view who) const { return contains(liars, who); }
bool Trail::has(std::string_view option) const { return contains(options, option); }

// The library throws for members that are missing or of another kind; here that is one way of being no trail.
tl::expected<Trail, std::string> read_trail(std::string_view text, std::string_view spec_id) {
  if (text.size() > kMaxTrailBytes) {
    return tl::unexpected(fmt::format("is longer than {} bytes", kMaxTrailBytes));
  }
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("format") || json["format"] != kFormat) {
    return tl::unexpected(fmt::format("is no {}", kFormat));
  }
  try {
    if (json.at("spec").get<std::string>() != spec_id) {
      return tl::unexpected(std::string("is a trail of another specification: write it anew with quickpay check --trail"));
    }
    Trail trail = trail_of(json);
    if (trail.steps.empty() || trail.steps.size() > kMaxTrailSteps || trail.requirements.empty()) {
      return tl::unexpected(fmt::format("must have 1 to {} steps and a requirement", kMaxTrailSteps));
    }
    return trail;
  } catch (const Json::exception& error) {
    return tl::unexpected(fmt::format("is damaged: {}", error.what()));
  }
}

}  // namespace quickpay::conformance
