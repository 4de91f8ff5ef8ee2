// Claims that deny: a protocol that the implementation says it does not speak is asked for, message by message.
#include "conformance/suites/denials.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "conformance/judges/reading.hpp"
#include "conformance/model/message_names.hpp"
#include "conformance/suites/buyer.hpp"
#include "reference/codec/generated/messages.hpp"

namespace quickpay::conformance {

namespace {

using Messages = std::vector<const codec::MessageType*>;

/// What a role is sent, by protocol.
std::map<std::string, Messages> served_by(std::string_view role) {
  std::map<std::string, Messages> served;
  for (const codec::MessageType* type : msg::messages()) {
    if (type->to == role) {
      served[std::string(type->protocol)].push_back(type);
    }
  }
  return served;
}

/// The request of one who may send it, with a body that nobody looks at who does not serve the message.
Sending asked(World& world, const codec::MessageType& type) {
  Sending sending;
  sending.from = world.cast().player(type.from.front());
  sending.path = std::string(type.path);  // its root may be that of another family, too
  sending.document = request_of(name_of_message(type), world.head(sending.from), {});
  sending.body = "<not even XML";
  sending.label = "a protocol that is not claimed";
  return sending;
}

void refuses_all(Session& session, const std::string& check, const Messages& messages) {
  std::vector<std::string> wrong;
  std::vector<std::size_t> entries;
  for (const codec::MessageType* type : messages) {
    const Reply reply = session.world().send(asked(session.world(), *type));
    if (reply.code != "QP-E-UNSUPPORTED") {
      wrong.push_back(fmt::format("{}: {}", name_of_message(*type), outcome_text(reply)));
      entries.insert(entries.end(), reply.entries.begin(), reply.entries.end());
    }
  }
  judge(session, check, wrong.empty(), fmt::format("QP-E-UNSUPPORTED to each of {} messages", messages.size()),
        wrong.empty() ? "it" : fmt::format("{}", fmt::join(wrong, "; ")), std::move(entries), Reason::wrong_refusal);
}

/// A Vendor is sent no message of settlement: it is told to settle what it sold, and sends nothing.
void settles_nothing(Session& session, const std::string& check) {
  if (!Buyer(session).buys()) {
    return unreached(session, "an order that is paid");
  }
  const std::size_t from = session.transcript().mark();
  const auto outcome = session.iut().act("settle-with-broker", Json::object());
  if (!outcome && outcome.error().fault != IutFault::unsupported) {
    return session.stop(outcome.error());
  }
  session.world().settle();
  const auto claims = session.world().find(from, [](const Entry& entry) {
    const codec::MessageType* type = message_type(entry.message);
    return entry.by_iut && entry.kind == EntryKind::request && type != nullptr && type->protocol == "settlement";
  });
  const bool refused = !outcome || outcome->kind == OutcomeKind::rejected;
  judge(session, check, refused && claims.empty(), "unsupported or rejected, and no claim",
        fmt::format("{}, {} claims", refused ? "refused" : "taken up", claims.size()), claims, Reason::forbidden_message);
}

/// Nor of revoke: it is told to take an order back, and sends nothing.
void takes_nothing_back(Session& session, const std::string& check) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  if (!ready || !buyer.ask(*ready).ok()) {
    return unreached(session, "an order that is paid");
  }
  const std::size_t from = session.transcript().mark();
  bool refused = true;
  for (const char* op : {"revoke", "contest"}) {
    const auto outcome = session.iut().act(op, {{"order", text_at(ready->offer.ref, "OrderId")}});
    if (!outcome && outcome.error().fault != IutFault::unsupported) {
      return session.stop(outcome.error());
    }
    refused = refused && (!outcome || outcome->kind == OutcomeKind::rejected);
  }
  session.world().settle();
  const auto sent = session.world().find(from, [](const Entry& entry) { return entry.by_iut && entry.message == "RevokeOrder"; });
  judge(session, check, refused && sent.empty(), "unsupported or rejected, and no revoke",
        fmt::format("{}, {} revokes", refused ? "refused" : "taken up", sent.size()), sent, Reason::forbidden_message);
}

Spec spec_of(const std::string& protocol, std::string title) {
  return {.id = "denied." + protocol,
          .title = std::move(title),
          .subject = "step 5 " + protocol,
          .requirements = {"QP-TECH-007"},
          .mutation = "path:=every message of " + protocol,
          .level_e = false,
          .denies = protocol};
}

}  // namespace

void add_denials(Suite& suite) {
  for (const auto& [protocol, messages] : served_by(suite.role())) {
    suite.positive(spec_of(protocol, fmt::format("Who does not claim {} refuses each of its messages as unsupported.", protocol)),
                   [check = suite.name("denied." + protocol), messages = messages](Session& s) { refuses_all(s, check, messages); });
  }
  if (suite.role() == "vendor") {
    suite.positive(spec_of("settlement", "Who does not claim settlement makes no claim when it is told to settle."),
                   [check = suite.name("denied.settlement")](Session& s) { settles_nothing(s, check); });
    suite.positive(spec_of("revoke", "Who does not claim revoke takes nothing back when it is told to."),
                   [check = suite.name("denied.revoke")](Session& s) { takes_nothing_back(s, check); });
  }
}

}  // namespace quickpay::conformance
