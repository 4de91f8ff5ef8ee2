// What is said about a Vendor that registers, moves and leaves: to the Host by the Vendor; and what the Host says to a Broker,
// Vendor or Wallet that does.
#include <algorithm>
#include <optional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/suites/joiner.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/trails/owner.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr const char* kNewName = "Renamed Shop";

/// Which Probes the Host takes as right.
bool is_right(const TrailStep& probe) { return takes_one_of(probe, "host", {"Q9", "Q23"}); }

/// The Host is under test. Who is no newcomer in the trail is one that its owner has listed.
class VendorsWords final : public Words {
 public:
  VendorsWords(Session& session, const Trail& trail) : session_(session), world_(session.world()), vendor_(std::make_shared<NewVendor>(session)) {
    const auto first = std::find_if(trail.steps.begin(), trail.steps.end(), [](const TrailStep& step) { return arrives(step, "host"); });
    if (first != trail.steps.end() && first->message != "RegisterVendor") {
      vendor_->speak_for(world_.cast().vendor);
    }
  }

  std::optional<Sending> request(const TrailStep& step) override {
    if (step.message == "RegisterVendor") return registering(step);
    if (vendor_->id.empty()) {
      why_ = "nobody is registered";
      return std::nullopt;
    }
    if (step.message == "UnregisterVendor") return vendor_->leaving();
    places_ = takes_one_of(step, "host", {"Q17"})   ? std::vector<std::string>{kSecondPlace}
              : takes_one_of(step, "host", {"Q15"}) ? std::vector<std::string>{world_.cast().other_vendor}
                                                    : std::vector<std::string>{};
    return vendor_->change(places_, places_.empty() ? kNewName : "");
  }

  void remember(const TrailStep& step, const Reply& reply) override {
    if (!reply.ok()) return;
    const std::string asked = step.message == "Probe" ? (takes_one_of(step, "host", {"Q9"}) ? "RegisterVendor" : "UpdateVendor") : step.message;
    if (asked == "RegisterVendor") vendor_->joined(reply);
    if (asked == "UpdateVendor") vendor_->moved(places_, places_.empty() ? kNewName : "");
    if (asked == "UnregisterVendor") vendor_->left();
  }

  /// The secret is not known before the request that it is of.
  Act answer(const TrailStep& step) const override {
    const std::string code(step.forged ? forged_code(event_of(step, "host")) : step.code);
    if (code != protocol::QP_OK) return answer_code(code);
    return answer_made(is_right(step) ? "right secret" : "another secret", [vendor = vendor_, right = is_right(step)](const Element& request) {
      return std::vector<Element>{leaf("Nonce", text_at(request, "Body/Nonce")), leaf("ProbeSecret", right ? vendor->secret : std::string(32, '0'))};
    });
  }

  /// A Probe goes to where the Vendor wants to be: what is asked first, at its place, and later at the other one.
  Peer* answerer(const TrailStep& step) override {
    const bool moves = takes_one_of(step, "host", {"Q17", "Q21", "Q23", "Q25"});
    return step.message == "Probe" || moves ? world_.peer(moves ? kSecondPlace : vendor_->place) : nullptr;
  }

  void let_go() override {
    for (const std::string& place : {vendor_->place, kSecondPlace}) {
      if (Peer* peer = world_.peer(place)) {
        peer->clear_script();
        peer->release();
      }
    }
  }

  std::string fault_at_end() override { return is_shown() ? std::string() : "the directory does not say so"; }
  std::string harm_done(const TrailStep&) override { return is_shown() ? std::string() : "the directory says all the same what was refused"; }

 private:
  /// With a key that is over or that somebody else proves, from elsewhere, or at the place of another.
  Sending registering(const TrailStep& step) {
    vendor_->brings_key = takes_one_of(step, "host", {"Q1", "Q2"});
    if (takes_one_of(step, "host", {"Q1"})) return vendor_->registration({.from_s = -2, .to_s = -1});
    if (takes_one_of(step, "host", {"Q2"})) return vendor_->registration({.signer = "stranger"});
    if (takes_one_of(step, "host", {"Q5"})) return NewVendor(session_, world_.cast().other_vendor).registration();
    Sending sending = vendor_->registration();
    if (takes_one_of(step, "host", {"Q3"})) sending.source = world_.stray_address();
    return sending;
  }

  bool is_shown() const { return vendor_->id.empty() || is_listed(session_, vendor_->id); }

  Session& session_;
  World& world_;
  std::shared_ptr<NewVendor> vendor_;
  std::vector<std::string> places_;  ///< of the last change
};

/// Who registers is under test. A Vendor is probed by hand while the Host keeps its request.
class HostsWords final : public Words {
 public:
  HostsWords(Session& session, const Trail& trail, const std::string& role) : trail_(trail), role_(role), profile_(session.profile()), joiner_(session), owner_(session, role) {}

  std::optional<Sending> request(const TrailStep& step) override { return joiner_.probe(takes_one_of(step, role_, {"F3"}) ? std::string(64, '8') : std::string()); }

  std::string fault_of(const TrailStep&, const Reply& reply) override {
    const Element proof = branch("ProbeProof", {leaf("ProbeSecret", reply.text("Body/ProbeSecret"))});
    return !reply.ok() || digest_of("probe", proof) == joiner_.tag() ? std::string() : "it is not the secret behind the tag";
  }

  Act answer(const TrailStep& step) const override {
    if (!step.forged && step.code == protocol::QP_OK) return is_probed_before(step) ? hold_request() : Act{};
    const std::string code(step.forged ? forged_code(event_of(step, role_)) : step.code);
    Act act = code == protocol::QP_OK ? made_up_entry() : answer_code(code);
    act.held = is_probed_before(step);
    return act;
  }

  std::string press(const TrailStep& step) override {
    return owner_.wished(step, joiner_.begin(step.action == "change" ? joiner_.changing() : step.action));
  }
  Peer* answerer(const TrailStep&) override { return &joiner_.host(); }
  void before_answer(const TrailStep&) override { joiner_.host().release(); }

  std::string fault_of_answer(const TrailStep& step) override {
    std::string fault = owner_.fault_of(step);
    return fault.empty() && tells(step, role_, "registered") && !joiner_.named() ? "it has no name" : fault;
  }
  void let_go() override { owner_.let_go(); }

  /// Who is gone tells the Host of no change any more, and who takes itself for registered does.
  std::string fault_at_end() override {
    const std::string_view state = state_of(trail_, role_ + ".registration");
    if (state != "GONE" && state != "REGISTERED") return {};
    return takes_itself_for_registered() == (state == "REGISTERED") ? std::string() : state == "GONE" ? "it is there still" : "it is there no more";
  }
  std::string harm_done(const TrailStep&) override {
    owner_.let_go();
    if (joiner_.world().iut_is_nameless() && !joiner_.named()) return "it has no name";  // it came with the answer of the next attempt
    return joiner_.changes() ? std::string() : "it is there no more";
  }

 private:
  /// It tells the Host of a change, whether the Host knows it or not.
  bool takes_itself_for_registered() {
    const auto sent = [this] { return joiner_.world().sent_by_iut(joiner_.message_of(joiner_.changing())).size(); };
    const std::size_t before = sent();
    return joiner_.changes() || sent() > before;
  }

  /// That it is a Vendor, in the word of somebody who has no key: in profile H nothing opens the box.
  Act made_up_entry() const {
    return answer_made("made-up entry", [in_h = profile_ == "H"](const Element&) {
      std::vector<Element> said = {leaf("Vendor", "V77")};
      if (in_h) said.push_back(branch("Boxed", {leaf("Nonce", std::string(24, '0')), leaf("Box", "AAAA")}));
      return said;
    });
  }

  /// A Probe arrives after the request that this step answers.
  bool is_probed_before(const TrailStep& answer) const {
    bool probed = false;
    for (const TrailStep& step : trail_.steps) {
      if (&step == &answer) break;
      probed = arrives(step, role_) || (probed && !does(step, role_, statemachines::Verb::send));
    }
    return probed;
  }

  const Trail& trail_;
  const std::string& role_;
  std::string profile_;
  Joiner joiner_;
  Owner owner_;
};

}  // namespace

std::unique_ptr<Words> registration_words(Session& session, const Trail& trail, const std::string& role) {
  if (role == "host") return std::make_unique<VendorsWords>(session, trail);
  return std::make_unique<HostsWords>(session, trail, role);
}

}  // namespace quickpay::conformance
