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

// ---------------------------------------------------------------- what goes well
void first(Session& session, const std::string& check) {
  Joiner joiner(session);
  if (!judge_entered(session, joiner, check)) {
    return;
  }
  World& world = session.world();
  if (world.iut_is_nameless() || !world.plan().claims("micropayment")) {
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
Play shows(const char* op) {
  return [op](Session& session, const std::string& check) {
    Joiner joiner(session);
    if (op != std::string_view("register") && !joiner.joins()) {
      return unreached(session, "a Vendor");
    }
    const auto call = joiner.waits(op);
    if (!call) {
      return unreached(session, joiner.message_of(op));
    }
    const Reply reply = session.world().send(joiner.probe());
    const Element proof = branch("ProbeProof", {leaf("ProbeSecret", reply.text("Body/ProbeSecret"))});
    judge(session, check, reply.ok() && digest_of("probe", proof) == joiner.tag(), "QP-OK with the secret behind the tag",
          outcome_text(reply), reply.entries);
    (void)joiner.released(*call);
  };
}

std::vector<Right> rights() {
  const std::vector<std::string> comes = {"QP-REL-001", "QP-REL-002", "QP-ADD-26"};
  std::vector<Right> all = joining_rights({"vendor", "It changes its name.", comes, "QP-E-ADDRESS", "QP-E-ADDRESS"});
  all.push_back({"first", "A Vendor registers, shows where it listens, and has a name.", "F1 F2 F4", comes, first, "",
                 {{".serves", "It serves under the name that it got.", {"QP-REL-002"}}}});
  all.push_back({"shows", "It shows its secret while its registration waits.", "F2", {"QP-ADD-26"}, shows("register"),
                 "Probe:by hand"});
  all.push_back({"shows-changing", "And while a change waits.", "F2 CHANGING", {"QP-ADD-26"}, shows("rename"),
                 "Probe:by hand, of a change"});
  return all;
}

// ---------------------------------------------------------------- what it must not answer
struct Scene {
  explicit Scene(Session& session) : joiner(session) {}
  Joiner joiner;
  std::optional<IutResult<CallId>> call;
};
bool registering(Scene& scene) { return (scene.call = scene.joiner.waits("register")).has_value(); }
bool changing(Scene& scene) {
  return scene.joiner.joins() && (scene.call = scene.joiner.waits("rename")).has_value();
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
  return scene.joiner.world().iut_is_nameless() ? scene.joiner.joins() : scene.joiner.changes();
}

}  // namespace

void add_vendor_registration(Suite& suite) {
  suite.belongs_to("registration", false);
  add_rights(suite, "registration", rights());
  const WrongTable<Scene> table{"registration", "shows", [](Session&, Scene& scene) { return goes_on(scene); }};
  add_wrongs(suite, table, wrongs());
}

}  // namespace quickpay::conformance
