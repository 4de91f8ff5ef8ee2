// Whom the Host does not list as a Vendor, and which changes it does not take: nothing becomes of them.
#include <fmt/format.h>

#include <functional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kFamily = "registration.vendor";
const std::string kName = "Other Name";

/// What a refused scenario has at hand.
struct Scene {
  explicit Scene(Session& s) : session(s), world(s.world()), vendor(s), other(s, kSecondPlace) {}
  Session& session;
  World& world;
  NewVendor vendor;
  NewVendor other;
  Pending waiting;  ///< a request whose Probe waits
};

using WrongVendor = Wrong<Scene>;

bool joined(Scene& scene) { return scene.vendor.joins(); }

/// A registration that would be right, changed on its way out.
std::function<Reply(Scene&)> registering(std::function<void(Scene&, Sending&)> change) {
  return [change = std::move(change)](Scene& scene) {
    Sending sending = scene.vendor.registration();
    scene.vendor.shows();
    change(scene, sending);
    return scene.world.send(std::move(sending));
  };
}
std::function<Reply(Scene&)> bringing(BroughtKey key) {
  return [key = std::move(key)](Scene& scene) {
    scene.vendor.brings_key = true;
    const Sending sending = scene.vendor.registration(key);
    scene.vendor.shows();
    return scene.world.send(sending);
  };
}
std::function<Reply(Scene&)> bringing_weak(WeakKey which) {
  return bringing({.change = [which](Element& key) { set_text(key, "PubKey", base64_of(weak_key(which))); }});
}

std::vector<WrongVendor> wrong_keys() {
  const std::vector<std::string> policy = {"QP-ADD-18"};
  const auto wrong = [&](const char* id, const char* title, const char* row, const char* mutation,
                         std::function<Reply(Scene&)> ask) {
    const char* code = std::string_view(row).starts_with("Q1") ? "QP-E-KEY" : "QP-E-SIGNATURE";
    return WrongVendor{id, title, row, code, policy, mutation, anything, std::move(ask)};
  };
  const auto after = [](std::function<void(Scene&, Element & key)> change) {
    return [change = std::move(change)](Scene& scene) {
      scene.vendor.brings_key = true;
      Sending sending = scene.vendor.registration();
      scene.vendor.shows();
      change(scene, *at(sending.document, "Body/Key"));
      return scene.world.send(std::move(sending));
    };
  };
  return {wrong("key-exponent", "A key with a weak exponent is not listed.", "Q1", "RegisterVendor.Key:=exponent 3",
                bringing_weak(WeakKey::exponent_three)),
          wrong("key-short", "Nor is a short one.", "Q1", "RegisterVendor.Key:=1024 bits", bringing_weak(WeakKey::short_modulus)),
          wrong("key-curve", "Nor one that is not RSA.", "Q1", "RegisterVendor.Key:=a curve", bringing_weak(WeakKey::curve)),
          wrong("key-over", "Nor one whose time is over.", "Q1", "RegisterVendor.Key.NotAfter:=past",
                bringing({.from_s = -200, .to_s = -100})),
          wrong("key-backwards", "Nor one whose times are the wrong way round.", "Q1",
                "RegisterVendor.Key.NotBefore:=after NotAfter", bringing({.from_s = 2000, .to_s = 1000})),
          wrong("key-other-tag", "The proof of another request is none.", "Q2 ProbeTag", "RegisterVendor.Key.ProbeTag:=another",
                bringing({.change = [](Element& key) { set_text(key, "ProbeTag", std::string(64, '4')); }})),
          wrong("key-not-held", "Who signs with another key does not have this one.", "Q2 Sig",
                "RegisterVendor.Key.PubKey:=another's", bringing({.signer = "stranger"})),
          wrong("key-other-purpose", "A signature for something else is no proof.", "Q2 purpose",
                "RegisterVendor.Key.Sig:=purpose directory", bringing({.purpose = "directory"})),
          wrong("key-changed", "The proof is about all that is said of the key.", "Q2 NotAfter",
                "RegisterVendor.Key.NotAfter:=later, after it was signed",
                after([](Scene& scene, Element& key) { set_text(key, "NotAfter", scene.world.now_text(86400LL * 3000)); })),
          wrong("key-other-id", "The proof names its key.", "Q2 KeyId", "RegisterVendor.Key.Sig.KeyId:=another",
                after([](Scene&, Element& key) { set_text(key, "Sig/KeyId", std::string(64, '5')); }))};
}

/// Who asks for the place of a Vendor, from there.
Reply for_a_taken_place(Scene& scene) {
  NewVendor intruder(scene.session, scene.world.cast().vendor);
  const Sending sending = intruder.registration();
  intruder.shows();
  return scene.world.send(sending);
}
Reply once_more(Scene& scene) {
  NewVendor intruder(scene.session);
  const Sending sending = intruder.registration();
  intruder.shows();
  return scene.world.send(sending);
}
void at_the_hosts_place(Scene& scene, Sending& sending) {
  const Address& host = scene.world.iut_address();
  set_text(sending.document, "Body/Endpoint/Addr", host.address);
  set_text(sending.document, "Body/Endpoint/Port", std::to_string(host.port));
  sending.source = host.address;
}
bool another_waits(Scene& scene) {
  const Sending sending = scene.vendor.registration();
  scene.vendor.at({}, hold_request());
  scene.waiting = scene.world.begin(sending);
  return scene.vendor.probed();
}
void not_locally(WorldPlan& plan) { plan.admission.probes_locally = false; }

std::vector<WrongVendor> wrong_places() {
  const std::vector<std::string> why = {"QP-ADD-26"};
  return {{"other-source",
           "Nobody registers another machine.",
           "Q3",
           "QP-E-ADDRESS",
           {"QP-ADD-26", "QP-REL-001"},
           "source:=another's",
           anything,
           registering([](Scene& scene, Sending& sending) { sending.source = scene.world.address_of(kSecondPlace); })},
          {"other-endpoint", "Nobody has the Host go elsewhere.", "Q3 Endpoint", "QP-E-ADDRESS", why,
           "RegisterVendor.Endpoint:=another's", anything, registering([](Scene& scene, Sending& sending) {
             *at(sending.document, "Body/Endpoint") = scene.other.endpoint(kSecondPlace);
           })},
          {"hosts-place", "The Host does not probe itself.", "Q4", "QP-E-ADDRESS", why, "RegisterVendor.Endpoint:=the Host's",
           anything, registering(at_the_hosts_place)},
          {"loopback", "It probes no loopback address unless its owner admits it.", "Q4 loopback", "QP-E-ADDRESS", why,
           "policy:=probes nobody locally", anything, registering([](Scene&, Sending&) {}), "", not_locally},
          {"taken", "A place that a Vendor has is its own.", "Q5", "QP-E-ADDRESS", why, "RegisterVendor.Endpoint:=taken",
           anything, for_a_taken_place},
          {"taken-again", "That of one who registered, too.", "Q5 LIVE", "QP-E-ADDRESS", why, "RegisterVendor:twice", joined,
           once_more},
          {"busy", "A place that is being probed for another has to wait.", "Q6", "QP-E-BUSY", why,
           "RegisterVendor:while another waits", another_waits, once_more}};
}

/// What comes of the Probe. `act` is asked for when there is a secret.
std::function<Reply(Scene&)> probed_with(std::function<Act(Scene&)> act) {
  return [act = std::move(act)](Scene& scene) {
    const Sending sending = scene.vendor.registration();
    scene.vendor.at({}, act(scene), -1);
    return scene.world.send(sending);
  };
}
Reply never_shown(Scene& scene) {
  const Sending sending = scene.vendor.registration();
  scene.vendor.at({}, hold_request(), -1);
  const Pending pending = scene.world.begin(sending);
  const bool over = scene.vendor.probed() && scene.world.advance(protocol::T_probe_default + 1);
  return over ? scene.world.finish(pending) : Reply{};
}
/// Somebody else is listed there while the Probe is on its way.
bool list_another(Scene& scene, const std::string& place) {
  PlayerPlan squatter = *scene.world.plan().player(place);
  squatter.id = scene.world.cast().unknown_vendor;
  squatter.listed = true;
  return scene.world.list_meanwhile(squatter);
}
Reply taken_meanwhile(Scene& scene) {
  const Sending sending = scene.vendor.registration();
  scene.vendor.at({}, scene.vendor.right_answer(true));
  const Pending pending = scene.world.begin(sending);
  if (!scene.vendor.probed() || !list_another(scene, scene.vendor.place)) {
    return {};
  }
  scene.world.peer(scene.vendor.place)->release();
  return scene.world.finish(pending);
}

std::vector<WrongVendor> wrong_answers() {
  const std::vector<std::string> why = {"QP-ADD-26", "QP-REL-002"};
  return {
      {"other-secret", "Who does not know the secret does not listen there.", "Q10", "QP-E-ADDRESS", why,
       "Probe.ProbeSecret:=another", anything, probed_with([](Scene& s) { return s.vendor.wrong_answer(false); })},
      {"other-nonce", "The answer is to this Probe.", "Q10 Nonce", "QP-E-ADDRESS", why, "Probe.Nonce:=another", anything,
       probed_with([](Scene& s) { return s.vendor.wrong_answer(true); })},
      {"taken-meanwhile", "Whom the owner has listed there meanwhile is there.", "Q10 places_free", "QP-E-ADDRESS", why,
       "directory:=another there", anything, taken_meanwhile},
      {"refused", "Who refuses the Probe is not listed.", "Q11", "QP-E-ADDRESS", why, "Probe:=QP-E-FORBIDDEN", anything,
       probed_with([](Scene&) { return answer_code("QP-E-FORBIDDEN"); })},
      {"unsupported", "Nor who knows no Probe.", "Q11 UNSUPPORTED", "QP-E-ADDRESS", why, "Probe:=QP-E-UNSUPPORTED", anything,
       probed_with([](Scene&) { return answer_code("QP-E-UNSUPPORTED"); })},
      {"silent", "Nor who says nothing within T_probe.", "Q12", "QP-E-ADDRESS", why, "Probe:held back", anything, never_shown}};
}

// ---------------------------------------------------------------- changes
std::function<Reply(Scene&)> moving_to(std::string address, std::string port) {
  return [address = std::move(address), port = std::move(port)](Scene& scene) {
    return scene.world.send(scene.vendor.change_to({branch("Endpoint", {leaf("Addr", address), leaf("Port", port)})}, kName));
  };
}
std::function<Reply(Scene&)> moving(std::vector<std::string> places, std::function<void(Scene&)> then = {}) {
  return [places = std::move(places), then = std::move(then)](Scene& scene) {
    const Sending sending = scene.vendor.change(places, kName);
    for (const std::string& one : places) {
      scene.vendor.shows(one);
    }
    if (then) {
      then(scene);
    }
    return scene.world.send(sending);
  };
}
/// A move to the second place, which answers so.
std::function<Reply(Scene&)> moving_with(std::function<Act(Scene&)> act) {
  return moving({kSecondPlace}, [act = std::move(act)](Scene& scene) {
    scene.world.peer(kSecondPlace)->clear_script();
    scene.vendor.at(kSecondPlace, act(scene), -1);
  });
}
Reply update_of_removed(Scene& scene) {
  return scene.world.send(NewVendor::of_the_owner(scene.session, scene.world.cast().other_vendor).change({}, kName));
}
Reply leaving_of_removed(Scene& scene) {
  return scene.world.send(NewVendor::of_the_owner(scene.session, scene.world.cast().other_vendor).leaving());
}
void other_removed(WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; }
bool has_left(Scene& scene) { return scene.vendor.joins() && scene.vendor.leaves().ok(); }
bool was_removed(Scene& scene) { return scene.vendor.joins() && remove_by_owner(scene.world, scene.vendor.id); }
Reply rename(Scene& scene) { return scene.world.send(scene.vendor.change({}, kName)); }
Reply leave(Scene& scene) { return scene.world.send(scene.vendor.leaving()); }
bool has_moved(Scene& scene) { return scene.vendor.joins() && scene.vendor.moves({kSecondPlace}).ok(); }
bool both_joined(Scene& scene) { return scene.vendor.joins() && scene.other.joins(); }

bool is_listed_by_the_owner(Scene& scene) {
  scene.vendor.speak_for(scene.world.cast().vendor);
  return true;
}
bool another_is_probed(Scene& scene) {
  const Sending sending = scene.other.registration();
  scene.other.at({}, hold_request());
  const std::size_t from = scene.session.transcript().mark();
  scene.waiting = scene.world.begin(sending);
  return scene.other.probed(from);
}
bool other_waits(Scene& scene) { return scene.vendor.joins() && another_is_probed(scene); }
bool other_waits_for_the_owners(Scene& scene) { return is_listed_by_the_owner(scene) && another_is_probed(scene); }
Reply move_to_the_other_vendor(Scene& scene) {
  return scene.world.send(scene.vendor.change({scene.world.cast().other_vendor}, kName));
}
Reply move_to_the_busy_place(Scene& scene) { return scene.world.send(scene.vendor.change({kSecondPlace}, kName)); }
bool change_waits(Scene& scene) {
  if (!scene.vendor.joins()) {
    return false;
  }
  const Sending sending = scene.vendor.change({kSecondPlace}, "A Name that waits");
  scene.vendor.at(kSecondPlace, scene.vendor.right_answer(true));
  const std::size_t from = scene.session.transcript().mark();
  scene.waiting = scene.world.begin(sending);
  return scene.vendor.probed(from);
}
/// Another one meanwhile. Where it waits, too, it shall see what it waits for.
Reply change_once_more(Scene& scene) {
  const Pending pending = scene.world.begin(scene.vendor.change({kThirdPlace}, kName));
  scene.world.settle();
  if (!pending->done) {
    scene.world.peer(kSecondPlace)->release();
  }
  return scene.world.finish(pending);
}
/// A move to the second place whose Probe waits; `then` happens, and the answer is awaited.
Reply while_moving(Scene& scene, Act act, const std::function<bool()>& then) {
  const std::size_t from = scene.session.transcript().mark();
  const Sending sending = scene.vendor.change({kSecondPlace}, kName);
  scene.vendor.at(kSecondPlace, std::move(act), -1);
  const Pending pending = scene.world.begin(sending);
  return scene.vendor.probed(from) && then() ? scene.world.finish(pending) : Reply{};
}
Reply move_never_shown(Scene& scene) {
  return while_moving(scene, hold_request(), [&] { return scene.world.advance(protocol::T_probe_default + 1); });
}
Reply move_taken_meanwhile(Scene& scene) {
  const std::size_t from = scene.session.transcript().mark();
  const Sending sending = scene.vendor.change({kSecondPlace}, kName);
  scene.vendor.at(kSecondPlace, scene.vendor.right_answer(true));
  const Pending pending = scene.world.begin(sending);
  if (!scene.vendor.probed(from) || !list_another(scene, kSecondPlace)) {
    return {};
  }
  scene.world.peer(kSecondPlace)->release();
  return scene.world.finish(pending);
}

std::vector<WrongVendor> wrong_targets() {
  const std::vector<std::string> why = {"QP-ADD-26"};
  const auto to = [&](const char* id, const char* title, const char* address, const char* port = "9000", Arrange arrange = {}) {
    return WrongVendor{id, title, "Q14", "QP-E-ADDRESS", why, id, joined, moving_to(address, port), "", std::move(arrange)};
  };
  std::vector<WrongVendor> all = {to("to-link-local", "No Probe goes to a link-local address.", "169.254.1.1"),
                            to("to-link-local-6", "Nor to one of IPv6.", "fe80::1"),
                            to("to-many", "Nor to many machines.", "224.0.0.1"),
                            to("to-many-6", "Nor to many by IPv6.", "ff02::1"),
                            to("to-all", "Nor to all machines.", "255.255.255.255"),
                            to("to-none", "Nor to no machine.", "0.0.0.0"),
                            to("to-none-6", "Nor to none by IPv6.", "::"),
                            to("to-disguise", "Nor to an IPv4 address in the clothes of IPv6.", "::ffff:7f00:1"),
                            to("to-other-spelling", "Nor to an address in another than its one spelling.", "0:0:0:0:0:0:0:1")};
  all.push_back({"to-low-port", "Nor to a port below 1024 but those of the Web.", "Q14 Port", "QP-E-ADDRESS", why,
                 "UpdateVendor.Port:=22", is_listed_by_the_owner, moving_to("192.0.2.1", "22"), "", not_locally});
  all.push_back({"to-loopback", "Nor to loopback unless the owner admits it.", "Q14 loopback", "QP-E-ADDRESS", why,
                 "UpdateVendor:probes nobody locally", is_listed_by_the_owner, moving({kSecondPlace}), "", not_locally});
  all.push_back({"to-the-host", "Nor to the Host.", "Q14 Host", "QP-E-ADDRESS", why, "UpdateVendor.Endpoint:=the Host's", joined,
                 [](Scene& scene) {
                   const Address host = scene.world.iut_address();
                   return moving_to(host.address, std::to_string(host.port))(scene);
                 }});
  return all;
}

Reply leave_as_a_wallet(Scene& scene) {
  NewVendor wallet(scene.session);
  wallet.speak_for(scene.world.cast().wallet);
  return scene.world.send(wallet.leaving());
}

std::vector<WrongVendor> wrong_changes() {
  const std::vector<std::string> why = {"QP-ADD-26", "QP-ADM-013"}, gone = {"QP-ADD-23"};
  return {{"removed-changes", "Who was removed changes nothing.", "Q13", "QP-E-GONE", gone, "UpdateVendor:removed by the owner",
           anything, update_of_removed, "", other_removed},
          {"removed-leaves", "Nor leaves again.", "Q27", "QP-E-GONE", gone, "UnregisterVendor:removed by the owner", anything,
           leaving_of_removed, "", other_removed},
          {"removed-later-changes", "Whom the owner removed changes nothing, however it came.", "Q13 LIVE", "QP-E-GONE", gone,
           "UpdateVendor:registered, removed by the owner", was_removed, rename},
          {"removed-later-leaves", "Nor leaves again.", "Q27 LIVE", "QP-E-GONE", gone,
           "UnregisterVendor:registered, removed by the owner", was_removed, leave},
          {"left-changes", "Who left changes nothing.", "REMOVED UpdateVendor", "QP-E-GONE", gone,
           "UpdateVendor:after UnregisterVendor", has_left, moving({kSecondPlace})},
          {"left-leaves", "Nor leaves again.", "REMOVED UnregisterVendor", "QP-E-GONE", gone, "UnregisterVendor:again", has_left,
           leave},
          {"wallet-leaves", "A Wallet leaves as no Vendor.", "step 11 UnregisterVendor", "QP-E-FORBIDDEN", {"QP-ROLE-001"},
           "UnregisterVendor.Head.Sender:=a Wallet", joined, leave_as_a_wallet},
          {"to-taken", "Nobody moves where a Vendor is.", "Q15", "QP-E-ADDRESS", why, "UpdateVendor.Endpoint:=taken", both_joined,
           moving({kSecondPlace})},
          {"to-busy", "Nor where one is about to come.", "Q16", "QP-E-BUSY", why, "UpdateVendor.Endpoint:=probed for another",
           other_waits, move_to_the_busy_place},
          {"owner-to-taken", "Nor whom the owner listed.", "Q15 UNREGISTERED", "QP-E-ADDRESS", why,
           "UpdateVendor.Endpoint:=taken, of the owner", is_listed_by_the_owner, move_to_the_other_vendor},
          {"owner-to-busy", "Nor where one is about to come.", "Q16 UNREGISTERED", "QP-E-BUSY", why,
           "UpdateVendor.Endpoint:=probed for another, of the owner", other_waits_for_the_owners, move_to_the_busy_place},
          {"other-change", "One change at a time.", "Q20", "QP-E-BUSY", why, "UpdateVendor:while another waits", change_waits,
           change_once_more},
          {"from-the-old-place",
           "Who moved is where it is now.",
           "Q23 step 12",
           "QP-E-FORBIDDEN",
           {"QP-ADD-15", "QP-ADM-013"},
           "UpdateVendor:source:=before",
           has_moved,
           [](Scene& scene) {
             Sending sending = scene.vendor.change({}, kName);
             sending.source = scene.world.address_of(kNewVendor);
             return scene.world.send(std::move(sending));
           },
           "",
           {},
           "F"}};
}

/// Moves that nobody shows to be right.
std::vector<WrongVendor> wrong_moves() {
  const std::vector<std::string> why = {"QP-ADD-26", "QP-ADM-013"};
  return {{"move-other-secret", "Who does not show it does not move.", "Q21", "QP-E-ADDRESS", why,
           "Probe.ProbeSecret:=another, of a change", joined, moving_with([](Scene& s) { return s.vendor.wrong_answer(false); })},
          {"move-other-nonce", "The answer is to this Probe.", "Q21 Nonce", "QP-E-ADDRESS", why,
           "Probe.Nonce:=another, of a change", joined, moving_with([](Scene& s) { return s.vendor.wrong_answer(true); })},
          {"second-place-wrong", "All places, or nothing changes.", "Q22 Q21", "QP-E-ADDRESS", why,
           "Probe.ProbeSecret:=another, of the second place", joined,
           moving({kSecondPlace, kThirdPlace},
                  [](Scene& scene) {
                    scene.world.peer(kThirdPlace)->clear_script();
                    scene.vendor.at(kThirdPlace, scene.vendor.wrong_answer(false), -1);
                  })},
          {"move-taken-meanwhile", "Whom the owner has listed there meanwhile is there.", "Q24", "QP-E-ADDRESS", why,
           "directory:=another there, of a change", joined, move_taken_meanwhile},
          {"move-refused", "Who refuses the Probe does not move.", "Q25", "QP-E-ADDRESS", why,
           "Probe:=QP-E-FORBIDDEN, of a change", joined, moving_with([](Scene&) { return answer_code("QP-E-FORBIDDEN"); })},
          {"move-silent", "Nor who says nothing within T_probe.", "Q26", "QP-E-ADDRESS", why, "Probe:held back, of a change",
           joined, move_never_shown}};
}

/// Nothing changed, and the next one is served.
bool as_before(Scene& scene) {
  const bool same = scene.vendor.id.empty() || is_listed(scene.session, scene.vendor.id);
  return same && registers_another(scene.session);
}

/// `probed`: whether the Host asks there at all.
void add_table(Suite& suite, const char* twin, bool probed, const std::vector<WrongVendor>& all) {
  WrongTable<Scene> table{kFamily, twin, [](Session&, Scene& scene) { return as_before(scene); }};
  if (!probed) {
    table.forbidden = is_probe;
    table.forbidden_text = "no QP-OK, and no Probe";
  }
  add_wrongs(suite, table, all);
}

/// Whoever fails to show it waits for an answer, and gets one when the Probe has failed: nobody is left alone.
void add_told(Suite& suite, const std::vector<WrongVendor>& all) {
  for (const WrongVendor& one : all) {
    const std::string id = fmt::format("{}.{}.told", kFamily, one.id);
    suite.positive({.id = id,
                    .title = "Who fails to show it is told so.",
                    .subject = fmt::format("{} told", one.row),
                    .requirements = {"QP-ADD-26", "QP-ADD-01"},
                    .mutation = one.mutation},
                   [check = suite.name(id), one](Session& session) {
                     Scene scene(session);
                     if (!one.reach(scene)) {
                       return unreached(session, "a Vendor");
                     }
                     const Reply reply = one.ask(scene);
                     if (!reply.answered) {
                       return session.silent(check, outcome_text(reply), reply.entries);
                     }
                     judge(session, check, reply.code == one.code, one.code, outcome_text(reply), reply.entries,
                           Reason::wrong_refusal);
                   });
  }
}

}  // namespace

void add_vendor_refusals(Suite& suite) {
  add_told(suite, wrong_answers());
  add_told(suite, wrong_moves());
  add_table(suite, "with-key", false, wrong_keys());
  add_table(suite, "first", false, wrong_places());
  add_table(suite, "first", true, wrong_answers());
  add_table(suite, "moved", false, wrong_targets());
  add_table(suite, "moved", false, wrong_changes());
  add_table(suite, "moved", true, wrong_moves());
}

}  // namespace quickpay::conformance
