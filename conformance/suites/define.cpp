#include "conformance/suites/define.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "conformance/judges/judge.hpp"

namespace quickpay::conformance {

namespace {

/// The plan that conformance::negative judges, over a refusal and the reply it got.
Negative plan_of(Session& session, const std::string& check, std::shared_ptr<Refusal> refusal) {
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  if (refusal->reach) {
    plan.reach = [refusal](Session&) { return refusal->reach(); };
  }
  plan.stimulus = [refusal, reply](Session&) {
    *reply = refusal->stimulus();
    return reply->delivered;
  };
  plan.reaction = [refusal, reply](Session& s) {
    const Reaction reaction = reaction_to(s, *reply);
    if (refusal->after) {
      refusal->after();
    }
    return reaction;
  };
  plan.forbidden = [refusal, reply, &session](const Entry& entry) {
    return (entry.code == "QP-OK" && answers_with(session, *reply, entry, {})) || (refusal->forbidden && refusal->forbidden(entry));
  };
  plan.forbidden_text = refusal->forbidden_text;
  plan.refusals = refusal->codes;
  plan.benign = [refusal](Session&) { return refusal->benign(); };
  return plan;
}

/// Why the scenario cannot be played with the players of the fixture, or nothing.
std::optional<std::string> lacks(const World& world, const std::vector<Part>& parts) {
  const Cast& cast = world.cast();
  for (const Part part : parts) {
    switch (part) {
      case Part::other_vendor:
        if (cast.other_vendor.empty()) return "a second Vendor";
        break;
      case Part::other_broker:
        if (cast.other_broker.empty()) return "a second Broker that is accepted";
        break;
      case Part::strange_broker:
        if (cast.strange_broker.empty()) return "a Broker that is not accepted";
        break;
      case Part::other_wallet:
        if (cast.other_wallet.empty()) return "a second Wallet";
        if (role_of(world.iut()) == "broker" && world.plan().paycard_of(cast.other_wallet, world.iut()) == nullptr) {
          return "a Paycard of the second Wallet";
        }
        break;
    }
  }
  return std::nullopt;
}

ScenarioBody with_parts(std::vector<Part> parts, ScenarioBody body) {
  return [parts = std::move(parts), body = std::move(body)](Session& session) {
    if (const auto what = lacks(session.world(), parts)) {
      return unreached(session, "the fixture has no such player: " + *what);
    }
    body(session);
  };
}

}  // namespace

CheckInfo Suite::check(std::string id, std::string title, std::vector<std::string> requirements,
                       bool needs_adapter) const {
  CheckInfo info;
  info.id = name(id);
  info.title = std::move(title);
  info.requirements = std::move(requirements);
  info.needs_adapter = needs_adapter;
  return info;
}

ScenarioInfo Suite::info_of(const Spec& spec) const {
  ScenarioInfo info;
  info.id = name(spec.id);
  info.role = role_;
  info.protocol = protocol_;
  info.requirements = spec.requirements;
  info.subject = spec.subject;
  info.mutation = spec.mutation;
  info.negative = !spec.twin.empty();
  info.twin = spec.twin.empty() ? std::string() : name(spec.twin);
  info.level_e = spec.level_e && level_e_;
  info.profile = spec.profile;
  info.feature = spec.feature;
  info.denial = !spec.denies.empty() || spec.without_feature;
  info.protocol = spec.denies.empty() ? protocol_ : spec.denies;
  info.checks.push_back(check(spec.id, spec.title, spec.requirements, !info.level_e));
  info.checks.insert(info.checks.end(), spec.more.begin(), spec.more.end());
  if (!denies_protocol(info)) {  // of which the judges of whole scenarios would see nothing that they judge
    for (CheckInfo& ambient : ambient_checks(role_, protocol_)) {
      info.checks.push_back(std::move(ambient));
    }
  }
  return info;
}

bool Suite::has_any(std::string_view end) const {
  return std::any_of(scenarios_.begin(), scenarios_.end(),
                     [end](const Scenario& scenario) { return scenario.info.id.ends_with(end); });
}

void Suite::positive(Spec spec, ScenarioBody body, Arrange arrange) {
  scenarios_.push_back({info_of(spec), with_parts(spec.parts, std::move(body)), std::move(arrange)});
}

void Suite::refused(Spec spec, std::function<Refusal(Session&)> make, Arrange arrange) {
  const std::string check_id = name(spec.id);
  negative(
      std::move(spec),
      [check_id, make = std::move(make)](Session& session) {
        return plan_of(session, check_id, std::make_shared<Refusal>(make(session)));
      },
      std::move(arrange));
}

void Suite::negative(Spec spec, std::function<Negative(Session&)> make, Arrange arrange) {
  ScenarioBody body = [make = std::move(make)](Session& session) { conformance::negative(session, make(session)); };
  scenarios_.push_back({info_of(spec), with_parts(spec.parts, std::move(body)), std::move(arrange)});
}

void by_location(WorldPlan& plan) {
  for (ItemPlan& item : plan.items) {
    item.by_location = true;
  }
}

bool answers_with(Session& session, const Reply& reply, const Entry& entry, std::string_view text) {
  const auto& entries = session.transcript().entries();
  return entry.kind == EntryKind::response && !reply.entries.empty() &&
         entry.exchange == entries[reply.entries.front()].exchange && entry.body.find(text) != std::string::npos;
}

void judge(Session& session, std::string_view check, bool holds, std::string expected, std::string got,
           std::vector<std::size_t> entries, Reason reason) {
  if (holds) {
    session.emit(check, Verdict::pass, {Reason::none, std::move(expected), std::move(got), std::move(entries), {}});
  } else {
    session.fail(check, reason, std::move(expected), std::move(got), std::move(entries));
  }
}

void judge_ok(Session& session, std::string_view check, const Reply& reply) {
  if (!reply.answered && session.iut().alive()) {
    return session.silent(check, outcome_text(reply), reply.entries);
  }
  judge(session, check, reply.ok(), "QP-OK", outcome_text(reply), reply.entries, Reason::refused);
}

void unreached(Session& session, std::string what) {
  session.stop(Verdict::inconclusive, {Reason::precondition_unmet, {}, {}, {}, std::move(what)});
}

std::string outcome_text(const Reply& reply) {
  if (!reply.answered) {
    return reply.error.empty() ? std::string("no answer") : "no answer: " + reply.error;
  }
  return reply.code.empty() ? fmt::format("HTTP {}", reply.http_status) : reply.code;
}

Reaction reaction_to(Session& session, const Reply& reply) {
  Reaction reaction;
  reaction.entries = reply.entries;
  reaction.detail = outcome_text(reply);
  if (!reply.answered) {
    reaction.kind = session.iut().alive() ? Reaction::Kind::silent : Reaction::Kind::crashed;
  } else if (reply.ok()) {
    reaction.kind = Reaction::Kind::accepted;
  } else {
    reaction.kind = Reaction::Kind::refused;
    reaction.code = outcome_text(reply);
  }
  return reaction;
}

}  // namespace quickpay::conformance
