// Heads, senders, addresses, repeats, and which of two faults is named.
#include <fmt/format.h>

#include <utility>

#include "conformance/judges/reading.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/slug.hpp"

namespace quickpay::conformance {

namespace {

/// Changes a valid request before it is sent.
using Change = std::function<void(World&, Sending&)>;

struct HeadCase {
  const char* id;
  const char* title;
  const char* subject;
  const char* mutation;  ///< as the report shows it
  const char* code;
  std::vector<std::string> requirements;
  Change change;
  std::string profile = {};  ///< empty: both
};

void set_head(Sending& sending, const char* field, const std::string& value) {
  set_text(sending.document, std::string("Head/") + field, value);
  sending.label = fmt::format("{}.Head.{}:={}", sending.document.name, field, value);
}

std::string another_receiver(const World& world) {
  const Cast& cast = world.cast();
  for (const std::string& id : {cast.other_vendor, cast.other_broker, cast.vendor, cast.broker, cast.host}) {
    if (!id.empty() && !world.is_iut(id)) {
      return id;
    }
  }
  return cast.unknown_vendor;
}

/// A player of a role that may not send the message. The Host comes last: where it is under test, only its name is used.
std::string another_sender(const World& world, const std::string& message) {
  const Cast& cast = world.cast();
  const codec::MessageType& type = *message_type(message);
  for (const std::string& id : {cast.vendor, cast.wallet, cast.other_broker, cast.broker, cast.host}) {
    const bool right = !id.empty() && !codec::may_send(type, role_of(id));
    if (right && (!world.is_iut(id) || id == cast.host)) {
      return id;
    }
  }
  return {};
}

/// The profile that the session is not in.
std::string other_profile(const World& world) { return world.plan().profile == "F" ? "H" : "F"; }

/// Where an Auth proves the sender, its address is not looked at; a Wallet's is all the same.
std::string profile_of_source_checks(const std::string& message) {
  const bool wallet = role_of(text_at(sample_of(message), "Head/Sender")) == "wallet";
  return wallet || message_type(message)->tail.empty() ? "" : "F";
}

/// A player of the role of `sender` that is in no directory.
std::string unknown_sender(const Cast& cast, const std::string& sender) {
  const std::string_view role = role_of(sender);
  return role == "wallet" ? cast.unknown_wallet : role == "vendor" ? cast.unknown_vendor : cast.unknown_broker;
}

std::vector<HeadCase> cases_of_all(const FamilyBase& base) {
  const std::string unserved = base.unserved;
  return {{"head.version",
           "Another version is refused.",
           "step 8",
           "Head.Version:=2",
           "QP-E-VERSION",
           {"QP-TECH-012"},
           [](World&, Sending& s) { set_head(s, "Version", "2"); }},
          {"head.host",
           "A message of another system is refused.",
           "step 8",
           "Head.Host:=H999",
           "QP-E-VERSION",
           {"QP-TECH-012"},
           [](World&, Sending& s) { set_head(s, "Host", "H999"); }},
          {"head.profile",
           "Another profile than the one served is refused.",
           "step 9",
           "Head.Profile:=other",
           "QP-E-PROFILE",
           {"QP-ADD-21"},
           [](World& w, Sending& s) { set_head(s, "Profile", other_profile(w)); }},
          {"head.receiver",
           "A message for somebody else is refused.",
           "step 10",
           "Head.Receiver:=another",
           "QP-E-RECEIVER",
           {"QP-SAFE-001"},
           [](World& w, Sending& s) { set_head(s, "Receiver", another_receiver(w)); }},
          {"served.not",
           "A message that this role does not serve is refused, whatever its body.",
           "step 5",
           "path:=unserved",
           "QP-E-UNSUPPORTED",
           {"QP-TECH-007"},
           [unserved](World&, Sending& s) {
             s.path = path_of(unserved);
             s.body = "<not even XML";
             s.label = "the body is not looked at";
           }},
          {"two-faults.version-receiver",
           "Of a wrong version and a wrong receiver the version is named.",
           "steps 8, 10",
           "Head.Version:=2 & Head.Receiver:=another",
           "QP-E-VERSION",
           {"QP-TECH-012"},
           [](World& w, Sending& s) { set_head(s, "Receiver", another_receiver(w)), set_head(s, "Version", "2"); }},
          {"two-faults.profile-receiver",
           "Of a wrong profile and a wrong receiver the profile is named.",
           "steps 9, 10",
           "Head.Profile:=other & Head.Receiver:=another",
           "QP-E-PROFILE",
           {"QP-ADD-21"},
           [](World& w, Sending& s) {
             set_head(s, "Receiver", another_receiver(w)), set_head(s, "Profile", other_profile(w));
           }},
          {"two-faults.schema-version",
           "Of a broken table and a wrong version the table is named.",
           "steps 7, 8",
           "Head.MsgId:upper & Head.Version:=2",
           "QP-E-SCHEMA",
           {"QP-ADD-20"},
           [](World&, Sending& s) { set_head(s, "MsgId", std::string(32, 'A')), set_head(s, "Version", "2"); }}};
}

std::vector<HeadCase> cases_of_named(const FamilyBase& base) {
  const std::string message = base.message;
  const std::string by_address = profile_of_source_checks(message);
  return {{"sender.unknown",
           "A sender that is in no directory is refused.",
           "step 11",
           "Head.Sender:=unknown",
           "QP-E-FORBIDDEN",
           {"QP-WAL-006"},
           [](World& w, Sending& s) { set_head(s, "Sender", unknown_sender(w.cast(), s.from)); }},
          {"sender.other-role",
           "A sender whose role may not send the message is refused.",
           "step 11",
           "Head.Sender:=another role",
           "QP-E-FORBIDDEN",
           {"QP-ROLE-001"},
           [message](World& w, Sending& s) {
             const std::string other = another_sender(w, message);
             s.from = w.is_iut(other) ? s.from : other;
             set_head(s, "Sender", other);
           }},
          {"source.stray",
           "A request from an address that is not the sender's is refused.",
           "step 12",
           "source:=stray",
           "QP-E-FORBIDDEN",
           {"QP-ADD-15", "QP-WAL-013"},
           [](World& w, Sending& s) {
             s.source = w.stray_address();
             s.label = "source:=stray";
           },
           by_address},
          {"source.forwarded",
           "A header that claims the sender's address does not help.",
           "step 12",
           "source:=stray & X-Forwarded-For:=sender",
           "QP-E-FORBIDDEN",
           {"QP-ADD-15"},
           [](World& w, Sending& s) {
             const std::string claimed = w.address_of(s.from);
             s.source = w.stray_address();
             s.headers = {{"X-Forwarded-For", claimed}, {"Forwarded", "for=" + claimed}, {"X-Real-IP", claimed}};
             s.label = "source:=stray & X-Forwarded-For:=sender";
           },
           by_address},
          {"two-faults.receiver-sender",
           "Of a wrong receiver and an unknown sender the receiver is named.",
           "steps 10, 11",
           "Head.Receiver:=another & source:=stray",
           "QP-E-RECEIVER",
           {"QP-SAFE-001"},
           [](World& w, Sending& s) {
             set_head(s, "Receiver", another_receiver(w));
             s.source = w.stray_address();
           }}};
}

void add_cases(Suite& suite, const FamilyBase& base, const std::vector<HeadCase>& cases) {
  for (const HeadCase& one : cases) {
    suite.refused({.id = slug_of(base.message) + "." + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = base.message + "." + one.mutation,
                   .twin = base.twin,
                   .profile = one.profile},
                  [base, one](Session& session) {
                    Refusal refusal;
                    refusal.stimulus = [&session, base, one]() {
                      Sending sending = base.valid(session);
                      if (sending.document.name.empty()) {
                        return Reply{};
                      }
                      one.change(session.world(), sending);
                      return session.world().send(std::move(sending));
                    };
                    refusal.codes = {one.code};
                    refusal.benign = [&session, base]() { return base.benign(session); };
                    return refusal;
                  });
  }
}

void add_extension(Element& document) {
  if (Element* body = at(document, "Body")) {
    body->children.push_back(branch("Ext", {leaf("Name", "x-other"), leaf("Value", "1")}));
  }
}

/// Sends a valid request twice, the second time as `change` makes it, and compares the bytes of the answers.
void same_answer(Session& session, const std::string& check, const FamilyBase& base, const std::string& spelling,
                 bool restart) {
  World& world = session.world();
  const Sending sending = base.valid(session);
  const Reply first = sending.document.name.empty() ? Reply{} : world.send(sending);
  if (!first.ok()) {
    return unreached(session, "the first request: " + outcome_text(first));
  }
  if (restart && !world.restart(true)) {
    return session.stop({session.iut().alive() ? IutFault::unsupported : IutFault::crashed, "restart"});
  }
  Sending again = sending;
  again.mutation = spelling;
  const Reply second = world.send(again);
  if (!second.answered) {
    return session.silent(check, outcome_text(second), second.entries);
  }
  judge(session, check, second.body == first.body, "the answer of the first time, byte for byte",
        second.code + (second.body == first.body ? "" : ", other bytes"), second.entries);
}

}  // namespace

void add_head_family(Suite& suite, const FamilyBase& base) {
  add_cases(suite, base, cases_of_all(base));
  if (message_is_named(base.message)) {
    add_cases(suite, base, cases_of_named(base));
  }
}

void add_repeat_family(Suite& suite, const FamilyBase& base) {
  const std::string slug = slug_of(base.message);
  const auto same = [&](const char* id, const char* title, const std::string& spelling, bool restart) {
    const std::string full = slug + ".repeat." + id;
    suite.positive({.id = full,
                    .title = title,
                    .subject = "step 14",
                    .requirements = {"QP-ADD-01"},
                    .mutation = base.message + ".repeat:" + id,
                    .level_e = !restart},
                   [base, check = suite.name(full), spelling, restart](Session& session) {
                     same_answer(session, check, base, spelling, restart);
                   });
  };
  same("same-bytes", "The same request again gets the same answer, byte for byte.", "", false);
  same("other-spelling", "White space between elements makes no other request.",
       base.message + ":blanks & " + base.message + ":declaration & " + base.message + ":blank-in-end-tag", false);
  same("after-restart", "The answer outlives the process that gave it.", "", true);
  suite.refused({.id = slug + ".repeat.other-bytes",
                 .title = "Another request under a MsgId that was used is a conflict.",
                 .subject = "step 14",
                 .requirements = {"QP-ADD-01"},
                 .mutation = base.message + ".Ext:add",
                 .twin = base.twin},
                [base](Session& session) {
                  const auto sending = std::make_shared<Sending>();
                  Refusal refusal;
                  refusal.reach = [&session, base, sending]() {
                    *sending = base.valid(session);
                    return !sending->document.name.empty() && session.world().send(*sending).ok();
                  };
                  refusal.stimulus = [&session, sending]() {
                    add_extension(sending->document);
                    sending->label = "same MsgId, other content";
                    return session.world().send(*sending);
                  };
                  refusal.codes = {"QP-E-CONFLICT"};
                  refusal.benign = [&session, base]() { return base.benign(session); };
                  return refusal;
                });
  suite.positive({.id = slug + ".extension",
                  .title = "An extension that nobody knows is ignored.",
                  .subject = "Body.Ext",
                  .requirements = {"QP-GEN-004", "QP-TECH-012"},
                  .mutation = base.message + ".Ext:add"},
                 [base, check = suite.name(slug + ".extension")](Session& session) {
                   Sending sending = base.valid(session);
                   add_extension(sending.document);
                   judge_ok(session, check, session.world().send(sending));
                 });
}

}  // namespace quickpay::conformance
