// What the Host under test says of who came, changed or left.
#include <fmt/format.h>

#include "conformance/judges/entries.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/newcomer.hpp"

namespace quickpay::conformance {

namespace {

bool serves_look_ups(Session& session) { return session.world().plan().claims("administration"); }

/// What is wrong with what the Host says of the player; empty if nothing is.
std::string fault_of_entry(Session& session, const Reply& reply, const std::string& id) {
  const Element* entry = at(reply.document, "Body/Entry");
  if (!reply.ok() || entry == nullptr) {
    return outcome_text(reply);
  }
  const WorldPlan& plan = session.world().plan();
  if (text_at(*entry, "Id") != id) {
    return "the entry of " + text_at(*entry, "Id");
  }
  for (const Difference& one : differences(plan, *entry)) {
    return fmt::format("{} {} instead of {}", one.what, one.got, one.expected);
  }
  return signature_right(plan, plan.cast.host, *entry) ? std::string() : "no signature of the Host";
}

}  // namespace

Reply looked_up(Session& session, const std::string& role, const std::string& id, const std::string& ticket) {
  World& world = session.world();
  Sending sending;
  sending.from = world.cast().broker;
  std::vector<Element> body = {leaf("Role", role), leaf("Id", id)};
  if (!ticket.empty()) {
    body.push_back(leaf("Ticket", ticket));
  }
  sending.document = request_of("LookupPlayer", world.head(sending.from), std::move(body));
  return world.send(std::move(sending));
}

void judge_listed(Session& session, const std::string& check, const std::string& id, const std::string& ticket) {
  if (!serves_look_ups(session)) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it serves no look-ups"});
  }
  const Reply reply = looked_up(session, std::string(role_of(id)), id, ticket);
  const std::string fault = fault_of_entry(session, reply, id);
  judge(session, check, fault.empty(), "a signed entry that says what became of " + id, fault.empty() ? "it" : fault,
        reply.entries);
}

bool is_listed(Session& session, const std::string& id, const std::string& ticket) {
  return !serves_look_ups(session) ||
         fault_of_entry(session, looked_up(session, std::string(role_of(id)), id, ticket), id).empty();
}

void judge_unlisted(Session& session, const std::string& check, const std::string& role, const std::string& id,
                    const std::string& ticket) {
  if (!serves_look_ups(session)) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it serves no look-ups"});
  }
  const Reply reply = looked_up(session, role, id, ticket);
  judge(session, check, reply.answered && !reply.ok(), "a refusal", outcome_text(reply), reply.entries);
}

}  // namespace quickpay::conformance
