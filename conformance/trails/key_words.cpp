// What is said about keys: to a Host by whose keys they are, and to a player by the Host.
#include <algorithm>
#include <optional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/key_owner.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/trails/owner.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr const char *kNext = "newcomer", *kUnlisted = "bystander", *kWalletsKey = "stranger", *kLiarsKey = "second";  ///< test keys

/// Whose keys the trail is about.
std::string_view owner_of(const Trail& trail) { return trail.has("wallet") ? "wallet" : trail.has("vendor") ? "vendor" : "broker"; }

/// The Host lists two keys of whoever it is, so that one is left when the other is taken back.
void lists_two(WorldPlan& plan, std::string_view role) {
  const std::string& who = plan.cast.player(role);
  if (role == "wallet") {
    lists(plan, who, kWalletsKey);
  }
  lists(plan, who, kSpareKey);
}

/// The Host is under test.
class OwnersWords final : public Words {
 public:
  OwnersWords(Session& session, const Trail& trail) : session_(session), world_(session.world()), owner_(session, world_.cast().player(owner_of(trail))) {
    owner_.signer = owner_of(trail) == "wallet" ? kWalletsKey : owner_.id;
  }

  std::optional<Sending> request(const TrailStep& step) override {
    if (step.message == "PublishKey") return publishing(step);
    return step.message == "WithdrawKey" ? withdrawing(step) : asking(step);
  }

  void remember(const TrailStep& step, const Reply& reply) override {
    if (!reply.ok()) return;
    if (step.message == "PublishKey") list_key(world_, owner_.id, key_, kNext);
    if (step.message == "WithdrawKey") owner_.took_back(withdrawal_);
    if (step.message == "GetPairKey") owner_.heard(asked_, reply, peer_of(step));
  }

  std::string fault_of(const TrailStep& step, const Reply& reply) override {
    const bool empty = step.message == "GetPairKey" && reply.ok() && owner_.given.name.empty();
    return empty ? "there is no key in the answer" : std::string();
  }

  /// What it took is listed, and nothing else.
  std::string fault_at_end() override { return is_shown() ? std::string() : "the directory does not say so"; }
  std::string harm_done(const TrailStep&) override { return is_shown() ? std::string() : "the directory says all the same what was refused"; }

 private:
  bool is_shown() { return is_listed(session_, owner_.id, world_.plan().player(owner_.id)->ticket); }

  /// A liar on the path sends again what its owner signed, or signs with a key of his own.
  std::optional<Sending> publishing(const TrailStep& step) {
    if (takes_one_of(step, "host", {"D8"})) return owner_.publishing(owner_.change(owner_.key({.name = kNext, .signer = kLiarsKey})));
    if (takes_one_of(step, "host", {"D1"})) return owner_.publishing(owner_.change(owner_.key({.name = kNext, .change = [&](Element& key) { of_another(key); }})));
    if (takes_one_of(step, "host", {"D5"})) return owner_.publishing(owner_.change(owner_.key({.name = kNext, .from_s = -2, .to_s = -1})));
    if (key_.name.empty()) key_ = owner_.key({.name = kNext});
    return owner_.publishing(owner_.change(key_));
  }

  std::optional<Sending> withdrawing(const TrailStep& step) {
    if (takes_one_of(step, "host", {"D11"})) return owner_.withdrawing(owner_.withdrawal({.name = kUnlisted}));
    Element made = owner_.withdrawal({.name = kSpareKey});
    if (takes_one_of(step, "host", {"D10"})) {
      of_another(made);
      return owner_.withdrawing(std::move(made));
    }
    if (takes_one_of(step, "host", {"D13"})) {
      spoil(made, "Sig/Value");
      return owner_.withdrawing(std::move(made));
    }
    if (withdrawal_.name.empty()) withdrawal_ = std::move(made);
    return owner_.withdrawing(withdrawal_);
  }

  /// What is about somebody else.
  void of_another(Element& about) const { set_text(about, "Player", world_.cast().strange_broker); }

  std::string peer_of(const TrailStep& step) const { return takes_one_of(step, "host", {"D17", "D19"}) ? world_.cast().broker : std::string(); }

  std::optional<Sending> asking(const TrailStep& step) {
    asked_ = owner_.asking(owner_.wish(peer_of(step)));
    return asked_;
  }

  Session& session_;
  World& world_;
  KeyOwner owner_;
  Element key_, withdrawal_;  ///< what its owner signed
  Sending asked_;
};

/// A player is under test, and its owner is the suite.
class HostsWords final : public Words {
 public:
  HostsWords(Session& session, const std::string& role) : role_(role), keys_(session), owner_(session, role) {}

  std::optional<Sending> request(const TrailStep&) override { return std::nullopt; }

  Act answer(const TrailStep& step) const override {
    if (step.forged) return answer_code(std::string(forged_code(event_of(step, role_))));
    return step.code == protocol::QP_OK || step.code == protocol::QP_E_EXISTS ? Act{} : answer_code(step.code);
  }

  std::string press(const TrailStep& step) override {
    if (step.action == "publish") return owner_.wished(step, keys_.begin_publish(OwnKeys::successor()));
    return owner_.wished(step, step.action == "withdraw" ? keys_.begin_withdraw(keys_.own()) : keys_.begin_renew({}));
  }

  Peer* answerer(const TrailStep&) override { return &keys_.host(); }
  std::string fault_of_answer(const TrailStep& step) override { return owner_.fault_of(step); }
  void let_go() override { owner_.let_go(); }

 private:
  const std::string& role_;
  OwnKeys keys_;
  Owner owner_;
};

}  // namespace

std::unique_ptr<Words> key_words(Session& session, const Trail& trail, const std::string& role) {
  if (role == "host") return std::make_unique<OwnersWords>(session, trail);
  return std::make_unique<HostsWords>(session, role);
}

Arrange arrangement_for(const Trail& trail, const std::string& role) {
  if (kind_of(trail) != TrailKind::keys) return {};
  if (role != "host") return spare_key;
  return [who = std::string(owner_of(trail))](WorldPlan& plan) { lists_two(plan, who); };
}

}  // namespace quickpay::conformance
