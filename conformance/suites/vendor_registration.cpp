// A Vendor that registers itself: it shows its secret to who probes it for what it asked, changes, and leaves.
#include <fmt/format.h>

#include <functional>
#include <optional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/suites/joiner.hpp"
#include "conformance/suites/rights.hpp"
#include "conformance/suites/vendor_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

std::string outcome_of(const IutResult<Outcome>& result) {
  if (!result) {
    return "no outcome";
  }
  return result->kind == OutcomeKind::accepted ? "accepted" : result->kind == OutcomeKind::rejected ? "rejected" : "pending";
}
bool rejected(const IutResult<Outcome>& result) { return result && result->kind == OutcomeKind::rejected; }

// ---------------------------------------------------------------- what goes well
void first(Session& session, const std::string& check) {
  Joiner joiner(session);
  const auto outcome = joiner.does("register");
  if (!outcome) {
    return session.stop(outcome.error());
  }
  const bool named = joiner.named();
  judge(session, check, is_accepted(outcome) && named, "accepted, with the name that the Host gave", outcome_of(outcome));
  World& world = session.world();
  if (!named || !world.plan().claims("micropayment")) {
    return session.emit(check + ".serves", Verdict::not_applicable,
                        {Reason::none, {}, {}, {}, "it has no name, or sells nothing by micropayment"});
  }
  Sending asking;
  asking.from = world.cast().wallet;
  asking.document = request_of("GetOrder", world.head({}, world.iut()),
                               {leaf("Kind", "micro"), leaf("Item", "article-1"), leaf("BuyerTag", session.random().hex(64))});
  const Reply reply = world.send(asking);
  judge(session, check + ".serves", reply.ok() && reply.text("Head/Sender") == world.iut(), "an offer of " + world.iut(),
        outcome_text(reply) + " of " + reply.text("Head/Sender"), reply.entries);
}

/// What waits is shown to who asks for it: with the right tag, and no other way.
Play shows(const char* op, const char* message) {
  return [op, message](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (op != std::string_view("register") && !joiner.joins()) {
      return unreached(session, "a Vendor");
    }
    const auto call = joiner.waits(op, message);
    if (!call) {
      return unreached(session, message);
    }
    const Reply reply = session.world().send(joiner.probe());
    const Element proof = branch("ProbeProof", {leaf("ProbeSecret", reply.text("Body/ProbeSecret"))});
    judge(session, check, reply.ok() && digest_of("probe", proof) == joiner.tag(), "QP-OK with the secret behind the tag",
          outcome_text(reply), reply.entries);
    (void)joiner.released(*call);
  };
}

/// `code` to the message; the outcome, and whether it then goes on.
struct Refused {
  const char* op;
  const char* message;
  const char* code;
  bool accepted;        ///< the owner got what he wanted all the same
  const char* then_op;  ///< what is possible afterwards
  bool then_accepted;
};
Play refused_by_the_host(Refused one) {
  return [one](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (one.op != std::string_view("register") && !joiner.joins()) {
      return unreached(session, "a Vendor");
    }
    joiner.host().script(one.message, answer_code(one.code));
    const auto outcome = joiner.does(one.op, one.op == std::string_view("rename") ? "Renamed Shop" : "");
    joiner.host().clear_script();
    const auto then = joiner.does(one.then_op, one.then_op == std::string_view("rename") ? "Another Name" : "");
    if (!outcome || !then) {
      return session.stop(outcome ? then.error() : outcome.error());
    }
    const auto word = [](bool accepted) { return accepted ? "accepted" : "rejected"; };
    judge(session, check,
          is_accepted(outcome) == one.accepted && is_accepted(then) == one.then_accepted && (one.accepted || rejected(outcome)),
          fmt::format("{}, then {} to {}", word(one.accepted), word(one.then_accepted), one.then_op),
          fmt::format("{}, then {}", outcome_of(outcome), outcome_of(then)));
  };
}

/// It is done, and the Host was told.
Play done(const char* op, const char* message) {
  return [op, message](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (!joiner.joins()) {
      return unreached(session, "a Vendor");
    }
    const auto outcome = joiner.does(op, op == std::string_view("rename") ? "Renamed Shop" : "");
    if (!outcome) {
      return session.stop(outcome.error());
    }
    const auto sent = session.world().sent_by_iut(message);
    judge(session, check, is_accepted(outcome) && !sent.empty(), fmt::format("accepted, and {} sent", message),
          fmt::format("{}, {} sent", outcome_of(outcome), sent.size()), sent);
  };
}

void answer_lost(Session& session, const std::string& check) {
  Joiner joiner(session);
  World& world = session.world();
  joiner.host().script("RegisterVendor", lose_answer());
  const std::size_t from = session.transcript().mark();
  const auto call = joiner.begin("register");
  const bool came = world.wait_for(from, [](const Entry& entry) { return entry.kind == EntryKind::failure; }).has_value();
  if (!came || !world.advance(4)) {
    return unreached(session, "a lost answer, and a clock that can be moved");
  }
  const auto outcome = joiner.finish(call);
  if (!outcome) {
    return session.stop(outcome.error());
  }
  const auto sent = world.sent_by_iut("RegisterVendor");
  judge(session, check, is_accepted(outcome) && sent.size() >= 2, "accepted when the same request is answered",
        fmt::format("{}, {} requests", outcome_of(outcome), sent.size()), sent);
}

void survives(Session& session, const std::string& check) {
  Joiner joiner(session);
  World& world = session.world();
  const auto call = joiner.waits("register", "RegisterVendor");
  if (!call) {
    return unreached(session, "RegisterVendor");
  }
  joiner.host().clear_script();
  const std::size_t from = session.transcript().mark();
  if (!world.restart(true)) {
    return unreached(session, "a restart");
  }
  (void)world.advance(4);
  const auto answered =
      world.wait_for(from, [](const Entry& entry) { return entry.message == "RegisterVendorResponse" && entry.code == "QP-OK"; });
  judge(session, check, answered.has_value(), "the same request once more, and a Probe that is answered",
        answered ? "it" : "nothing", world.sent_by_iut("RegisterVendor"));
}

/// What makes no sense now is refused, and nobody is told.
Play out_of_state(const char* op, bool joined) {
  return [op, joined](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (joined && !joiner.joins()) {
      return unreached(session, "a Vendor");
    }
    const std::size_t from = session.transcript().mark();
    const auto outcome = joiner.does(op, op == std::string_view("rename") ? "Renamed Shop" : "");
    if (!outcome) {
      return session.stop(outcome.error());
    }
    session.world().settle();
    const auto sent =
        session.world().find(from, [](const Entry& entry) { return entry.by_iut && entry.kind == EntryKind::request; });
    judge(session, check, rejected(outcome) && sent.empty(), "rejected, and nothing sent",
          fmt::format("{}, {} sent", outcome_of(outcome), sent.size()), sent);
    if (!joined && !joiner.joins()) {  // and says something, so that there is something to judge
      unreached(session, "a registration");
    }
  };
}

std::vector<Right> rights() {
  const std::vector<std::string> comes = {"QP-REL-001", "QP-REL-002", "QP-ADD-26"}, changes = {"QP-ADM-013"},
                                 gone = {"QP-ADD-23", "QP-ADM-013"};
  return {
      {"first", "A Vendor registers, shows where it listens, and has a name.", "F1 F2 F4", comes, first, "",
       {{".serves", "It serves under the name that it got.", {"QP-REL-002"}}}},
      {"shows",
       "It shows its secret while its registration waits.",
       "F2",
       {"QP-ADD-26"},
       shows("register", "RegisterVendor"),
       "Probe:by hand"},
      {"shows-changing",
       "And while a change waits.",
       "F2 CHANGING",
       {"QP-ADD-26"},
       shows("rename", "UpdateVendor"),
       "Probe:by hand, of a change"},
      {"refused", "Who was refused may try again, under another secret.", "F5", comes,
       refused_by_the_host({"register", "RegisterVendor", "QP-E-ADDRESS", false, "register", true}),
       "RegisterVendor:=QP-E-ADDRESS"},
      {"renamed", "It changes its name.", "F6 F7", changes, done("rename", "UpdateVendor"), "UpdateVendor.Name:=another"},
      {"rename-gone", "Who is told that it was removed is no Vendor any more.", "F8", gone,
       refused_by_the_host({"rename", "UpdateVendor", "QP-E-GONE", false, "leave", false}), "UpdateVendor:=QP-E-GONE"},
      {"rename-refused", "A change that is refused is over.", "F9", changes,
       refused_by_the_host({"rename", "UpdateVendor", "QP-E-ADDRESS", false, "rename", true}), "UpdateVendor:=QP-E-ADDRESS"},
      {"left", "It leaves.", "F10 F11", gone, done("leave", "UnregisterVendor")},
      {"left-gone", "Who was removed already has left.", "F12", gone,
       refused_by_the_host({"leave", "UnregisterVendor", "QP-E-GONE", true, "leave", false}), "UnregisterVendor:=QP-E-GONE"},
      {"leave-refused", "Who may not leave is still there.", "F13", changes,
       refused_by_the_host({"leave", "UnregisterVendor", "QP-E-FORBIDDEN", false, "rename", true}),
       "UnregisterVendor:=QP-E-FORBIDDEN"},
      {"answer-lost",
       "A registration whose answer is lost is sent again.",
       "F4 RegisterVendor.unsure",
       {"QP-ADD-01", "QP-REL-002"},
       answer_lost,
       "RegisterVendor:answer lost"},
      {"restart", "A registration that waits outlives a crash.", "F1 F4", {"QP-ADD-01", "QP-REL-001"}, survives, "restart:hard"},
      {"twice", "Who is registered does not register again.", "REGISTERED register", changes, out_of_state("register", true),
       "register:again"},
      {"leave-out", "Who is no Vendor by a message leaves by none.", "OUT leave", changes, out_of_state("leave", false),
       "leave:before register"},
      {"rename-out", "Nor changes it.", "OUT change", changes, out_of_state("rename", false), "rename:before register"}};
}

// ---------------------------------------------------------------- what it must not answer
struct Scene {
  explicit Scene(Session& session) : joiner(session) {}
  Joiner joiner;
  std::optional<IutResult<CallId>> call;
};
bool registering(Scene& scene) { return (scene.call = scene.joiner.waits("register", "RegisterVendor")).has_value(); }
bool changing(Scene& scene) {
  return scene.joiner.joins() && (scene.call = scene.joiner.waits("rename", "UpdateVendor")).has_value();
}

std::vector<Wrong<Scene>> wrongs() {
  const std::vector<std::string> why = {"QP-ADD-26"};
  const auto sent = [](std::function<Sending(Scene&)> made) {
    return [made = std::move(made)](Scene& scene) { return scene.joiner.world().send(made(scene)); };
  };
  const auto with_tag = [&](std::string tag) {
    return sent([tag = std::move(tag)](Scene& scene) { return scene.joiner.probe(tag); });
  };
  return {{"other-tag", "Nobody registers its server for another.", "F3", "QP-E-FORBIDDEN", why, "Probe.ProbeTag:=another",
           registering, with_tag(std::string(64, '8'))},
          {"other-tag-changing", "Nor while it changes.", "F3 CHANGING", "QP-E-FORBIDDEN", why,
           "Probe.ProbeTag:=another, of a change", changing, with_tag(std::string(64, '8'))},
          {"before", "Who asked for nothing shows nothing.", "OUT Probe", "QP-E-FORBIDDEN", why, "Probe:before register",
           anything, with_tag(std::string(64, '9'))},
          {"afterwards", "What is over is not shown any more.", "REGISTERED Probe", "QP-E-FORBIDDEN", why,
           "Probe:after the registration", [](Scene& scene) { return scene.joiner.joins(); }, with_tag({})},
          {"stray",
           "It shows it to the Host alone.",
           "step 12",
           "QP-E-FORBIDDEN",
           {"QP-ADD-26", "QP-ADD-15"},
           "Probe:source:=stray",
           registering,
           sent([](Scene& scene) {
             Sending sending = scene.joiner.probe();
             sending.source = scene.joiner.world().stray_address();
             return sending;
           })},
          {"of-a-broker",
           "A Broker probes nobody.",
           "step 11",
           "QP-E-FORBIDDEN",
           {"QP-ADD-26", "QP-ROLE-001"},
           "Probe.Head.Sender:=a Broker",
           registering,
           sent([](Scene& scene) {
             Sending sending = scene.joiner.probe();
             sending.from = scene.joiner.world().cast().broker;
             set_text(sending.document, "Head/Sender", sending.from);
             return sending;
           })},
          {"nameless",
           "Who has no name serves nothing but a Probe.",
           "step 5",
           "HTTP 503",
           {"QP-ADM-004", "QP-ADD-26"},
           "GetOrder:before it has a name",
           registering,
           sent([](Scene& scene) {
             World& world = scene.joiner.world();
             Sending sending;
             sending.from = world.cast().wallet;
             sending.document =
                 request_of("GetOrder", world.head({}, "V7"),
                            {leaf("Kind", "micro"), leaf("Item", "article-1"), leaf("BuyerTag", std::string(64, 'b'))});
             return sending;
           })}};
}

/// What waited goes on, or the whole way is gone.
bool goes_on(Scene& scene) {
  if (scene.call) {
    const bool over = is_accepted(scene.joiner.released(*scene.call));
    return over && (!scene.joiner.world().iut_is_nameless() || scene.joiner.named());
  }
  return scene.joiner.world().iut_is_nameless() ? scene.joiner.joins() : scene.joiner.renames();
}

}  // namespace

void add_vendor_registration(Suite& suite) {
  suite.belongs_to("registration", false);
  add_rights(suite, "registration", rights());
  const WrongTable<Scene> table{"registration", "shows", [](Session&, Scene& scene) { return goes_on(scene); }};
  add_wrongs(suite, table, wrongs());
}

}  // namespace quickpay::conformance
