// Mail that the Host refuses, beside what every server refuses.
#include <fmt/format.h>

#include <memory>

#include "conformance/suites/correspondent.hpp"
#include "conformance/suites/host_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

Refusal beyond_the_last(Session& session) {
  Refusal refusal;
  refusal.stimulus = [&session]() {
    Sending sending = Correspondent(session).retrieval(session.world().cast().vendor, "999999999999999999");
    sending.label = "RetrieveMessages.Since:=beyond";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-CURSOR"};
  refusal.benign = [&session]() { return Correspondent(session).delivers(); };
  return refusal;
}

Refusal beyond_the_quota(Session& session) {
  const auto letter = std::make_shared<Letter>();
  Refusal refusal;
  refusal.reach = [&session, letter]() {
    Correspondent mail(session);
    *letter = mail.letter();
    letter->from = session.world().cast().other_broker;
    for (std::int64_t i = 0; i < protocol::N_cm_default; ++i) {
      if (mail.post(*letter).empty()) {
        return false;
      }
    }
    return true;
  };
  refusal.stimulus = [&session, letter]() {
    Sending sending = Correspondent(session).posting(*letter);
    sending.label = "one message more than N_cm";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-QUOTA"};
  refusal.benign = [&session]() { return Correspondent(session).delivers(); };
  return refusal;
}

Refusal of_a_removed_player(Session& session) {
  Refusal refusal;
  refusal.stimulus = [&session]() {
    Letter letter = Correspondent(session).letter();
    letter.from = session.world().cast().other_vendor;
    Sending sending = Correspondent(session).posting(letter);
    sending.label = "the Sender was removed";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-GONE"};
  refusal.benign = [&session]() { return Correspondent(session).delivers(); };
  return refusal;
}

Refusal odd_audience(Session& session, bool both) {
  Refusal refusal;
  refusal.stimulus = [&session, both]() {
    constexpr int kTooMany = 101;
    Sending sending = Correspondent(session).posting(Correspondent(session).letter());
    Element* audience = at(sending.document, "Body/Audience");
    for (int i = 1; i < kTooMany && !both; ++i) {
      audience->children.push_back(leaf("Id", fmt::format("V{}", 2000 + i)));
    }
    if (both) {
      audience->children.insert(audience->children.begin(), leaf("Role", "vendor"));
    }
    sending.label = both ? "RegisterMessage.Audience:=role and name" : "RegisterMessage.Audience.Id:=101";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-SCHEMA"};
  refusal.benign = [&session]() { return Correspondent(session).delivers(); };
  return refusal;
}

}  // namespace

void add_mail_refusals(Suite& suite) {
  suite.refused({.id = "retrieve-messages.cursor",
                 .title = "A cursor beyond the last message is refused.",
                 .subject = "N1",
                 .requirements = {"QP-CM-007"},
                 .mutation = "RetrieveMessages.Since:=beyond",
                 .twin = "retrieve-messages.first"},
                beyond_the_last);
  suite.refused({.id = "register-message.quota",
                 .title = "Nobody fills the Host with messages.",
                 .subject = "M2",
                 .requirements = {"QP-CM-011"},
                 .mutation = "RegisterMessage:N_cm times, and once more",
                 .twin = "register-message.first",
                 .level_e = false},
                beyond_the_quota);
  suite.refused({.id = "register-message.removed",
                 .title = "A player that was removed leaves no message.",
                 .subject = "M1",
                 .requirements = {"QP-CM-006"},
                 .mutation = "directory: removed",
                 .twin = "register-message.first",
                 .level_e = false},
                of_a_removed_player,
                [](WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; });
  for (const bool both : {true, false}) {
    suite.refused({.id = both ? "register-message.audience-both" : "register-message.audience-101",
                   .title = both ? "An audience is a role or names, not both." : "An audience names at most 100 players.",
                   .subject = "Audience",
                   .requirements = {"QP-ADD-20"},
                   .mutation = both ? "Audience:=role and name" : "Audience.Id:=101",
                   .twin = "register-message.first"},
                  [both](Session& session) { return odd_audience(session, both); });
  }
}

}  // namespace quickpay::conformance
