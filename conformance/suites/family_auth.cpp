// Profile H: who may be believed. Requests and answers that end with an Auth, and how fresh they have to be.
#include <memory>
#include <utility>

#include "conformance/peers/box.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/suites/slug.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Change = std::function<void(World&, Sending&)>;

struct AuthCase {
  const char* id;
  const char* title;
  const char* subject;
  const char* mutation;  ///< as the report shows it
  const char* code;
  Change change;
};

void label(Sending& sending, const char* mutation) { sending.label = sending.document.name + "." + mutation; }

/// Sealed by a player who has a key with the receiver, only not the sender's.
void sealed_by_another(World& world, Sending& sending) {
  Element& document = sending.document;
  const std::string sender = text_at(document, "Head/Sender");
  const Cast& cast = world.cast();
  for (const std::string& id : {cast.other_vendor, cast.other_broker, cast.other_wallet, cast.vendor}) {
    if (!id.empty() && id != sender && world.plan().key(id, world.iut()) != nullptr) {
      document.children.push_back(auth_of(world.plan(), document, id, world.iut()));
      return;
    }
  }
}

/// The Auth is that of the document before its time was changed.
void changed_afterwards(World& world, Sending& sending) {
  seal_request(world.plan(), sending.document);
  set_text(sending.document, "Head/SentAt", world.now_text(1));
}

/// What is sealed to a Host opens under its own Head alone, and is sealed again.
void sent_at(World& world, Sending& sending, std::int64_t offset_s) {
  Element& document = sending.document;
  const bool sealed = at(document, "Body/Sealed") != nullptr;
  const std::string inner = sealed ? to_xml(inside(world.plan(), document)) : std::string();
  set_text(document, "Head/SentAt", world.now_text(offset_s));
  if (!sealed) {
    return;
  }
  std::erase_if(child(document, "Body")->children, [](const Element& each) { return each.name == "Sealed"; });
  document = sealed_to_host(world.session(), std::move(document), inner);
}

const std::vector<AuthCase>& cases() {
  constexpr std::int64_t kSkew = protocol::T_skew_default;
  static const std::vector<AuthCase> all = {
      {"absent", "A request without the Auth that profile H demands is refused.", "step 9", "Auth:remove",
       "QP-E-PROFILE", [](World&, Sending& s) { s.mutation = s.document.name + ".Auth:remove"; }},
      {"wrong-value", "An Auth that the key does not make is refused.", "step 13", "Auth.Mac.Value:flip",
       "QP-E-FORBIDDEN", [](World&, Sending& s) { s.mutation = s.document.name + ".Auth.Mac.Value:flip"; }},
      {"unknown-epoch", "An Auth of an epoch that nobody issued is refused.", "step 13", "Auth.Mac.KeyRef:+1",
       "QP-E-FORBIDDEN", [](World&, Sending& s) { s.mutation = s.document.name + ".Auth.Mac.KeyRef:+1"; }},
      {"other-player", "The key of another player does not speak for the sender.", "step 13", "Auth:=another player's",
       "QP-E-FORBIDDEN", sealed_by_another},
      {"changed-afterwards", "A request that was changed after it was authenticated is refused.", "step 13",
       "Head.SentAt:+1s after Auth", "QP-E-FORBIDDEN", changed_afterwards},
      {"stale", "A request older than T_skew is stale.", "step 15", "Head.SentAt:-T_skew-2s", "QP-E-STALE",
       [](World& w, Sending& s) { sent_at(w, s, -kSkew - 2); }},
      {"ahead", "A request from beyond T_skew is stale.", "step 15", "Head.SentAt:+T_skew+2s", "QP-E-STALE",
       [](World& w, Sending& s) { sent_at(w, s, kSkew + 2); }}};
  return all;
}

Refusal auth_refused(Session& session, const FamilyBase& base, const AuthCase& one) {
  Refusal refusal;
  refusal.stimulus = [&session, base, one]() {
    Sending sending = base.valid(session);
    if (sending.document.name.empty()) {
      return Reply{};
    }
    one.change(session.world(), sending);
    if (sending.mutation.empty()) {
      label(sending, one.mutation);
    }
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.benign = [&session, base]() { return base.benign(session); };
  return refusal;
}

Refusal auth_in_f(Session& session, const FamilyBase& base) {
  Refusal refusal;
  refusal.stimulus = [&session, base]() {
    Sending sending = base.valid(session);
    Element& document = sending.document;
    if (!document.name.empty()) {
      document.children.push_back(
          auth_of(session.world().plan(), document, text_at(document, "Head/Sender"), session.world().iut()));
    }
    label(sending, "Auth:add");
    return document.name.empty() ? Reply{} : session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-PROFILE"};
  refusal.benign = [&session, base]() { return base.benign(session); };
  return refusal;
}

/// The same bytes once more when they are no longer fresh: what was answered stays answered.
void known_when_stale(Session& session, const std::string& check, const FamilyBase& base) {
  World& world = session.world();
  const Sending sending = base.valid(session);
  const Reply first = sending.document.name.empty() ? Reply{} : world.send(sending);
  if (!first.ok() || !world.advance(protocol::T_skew_default + 60)) {
    return unreached(session, first.ok() ? "the clock cannot be moved" : outcome_text(first));
  }
  const Reply second = world.send(sending);
  if (!second.answered) {
    return session.silent(check, outcome_text(second), second.entries);
  }
  judge(session, check, second.body == first.body, "the answer of the first time, byte for byte",
        second.code + (second.body == first.body ? "" : ", other bytes"), second.entries);
}

/// At the edge of the window, on either side.
void fresh_enough(Session& session, const std::string& check, const FamilyBase& base, std::int64_t offset_s) {
  Sending sending = base.valid(session);
  sent_at(session.world(), sending, offset_s);
  sending.label = "SentAt at the edge of T_skew";
  judge_ok(session, check, session.world().send(std::move(sending)));
}

}  // namespace

void add_auth_family(Suite& suite, const FamilyBase& base) {
  const std::string slug = slug_of(base.message);
  for (const AuthCase& one : cases()) {
    suite.refused({.id = slug + ".auth." + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = {"QP-ADD-21"},
                   .mutation = base.message + "." + one.mutation,
                   .twin = base.twin,
                   .profile = "H"},
                  [base, one](Session& session) { return auth_refused(session, base, one); });
  }
  suite.refused({.id = slug + ".auth.in-f",
                 .title = "Profile F knows no Auth.",
                 .subject = "step 9",
                 .requirements = {"QP-ADD-21"},
                 .mutation = base.message + ".Auth:add",
                 .twin = base.twin_in_f.empty() ? base.twin : base.twin_in_f,
                 .profile = "F"},
                [base](Session& session) { return auth_in_f(session, base); });
  const std::string stale = slug + ".auth.known-when-stale";
  suite.positive({.id = stale,
                  .title = "A request that was answered is answered again, however old it is.",
                  .subject = "steps 14, 15",
                  .requirements = {"QP-ADD-21", "QP-ADD-01"},
                  .mutation = base.message + ".repeat:after T_skew",
                  .level_e = false,
                  .profile = "H"},
                 [base, check = suite.name(stale)](Session& s) { known_when_stale(s, check, base); });
  for (const auto& [id, offset] : {std::pair{"last-second", -protocol::T_skew_default},
                                   std::pair{"first-second", protocol::T_skew_default}}) {
    const std::string edge = slug + ".auth." + id;
    suite.positive({.id = edge,
                    .title = "Within T_skew, its last second included, a request is fresh.",
                    .subject = "step 15",
                    .requirements = {"QP-ADD-21"},
                    .mutation = base.message + ".Head.SentAt:=" + id,
                    .level_e = false,
                    .profile = "H"},
                   [base, check = suite.name(edge), offset = offset](Session& s) { fresh_enough(s, check, base, offset); });
  }
}

}  // namespace quickpay::conformance
