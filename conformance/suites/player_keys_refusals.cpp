// What the owner of a Broker, Vendor or Wallet cannot have it do with keys, and what it must not send then.
#include <functional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/key_owner.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kGoodIn = 3600;  ///< seconds

using Refused = InVain<OwnKeys>;

std::function<bool(OwnKeys&)> holds(KeyDeed deed) {
  return [deed](OwnKeys& keys) { return keys.waits(deed).has_value(); };
}
std::function<IutResult<Outcome>(OwnKeys&)> asks(KeyDeed deed) {
  return [deed](OwnKeys& keys) { return keys.does(deed); };
}

/// Its key to sign is good in an hour; until then it cannot vouch for anything.
void good_later(WorldPlan& plan) {
  for (SigningKeyPlan& key : plan.signing_keys) {
    if (key.player == plan.iut && key.listed) {
      key.not_before = time_text(time_of(plan.now) + kGoodIn * 1000);
    }
  }
}

std::vector<Refused> while_it_waits(const std::string& role) {
  const auto t = [&](int row) { return key_row(role, row); };
  const std::vector<std::string> one = {"QP-ADM-013", "QP-ADD-18"};
  return {{"publish-twice", "One publication goes on at a time.", t(1) + " PUBLISHING", one, holds(kPublishing), asks(kPublishing),
           kPublishing.message, "PublishKey:held, publish"},
          {"publish-withdrawing", "Nothing is published while a withdrawal goes on.", t(1) + " WITHDRAWING", one, holds(kTakingBack),
           asks(kPublishing), kPublishing.message, "WithdrawKey:held, publish", "", spare_key},
          {"withdraw-twice", "One key is taken back after the other.", t(5) + " WITHDRAWING", one, holds(kTakingBack),
           [](OwnKeys& keys) { return keys.finish(keys.begin_withdraw(key_id_of(kSpareKey))); }, kTakingBack.message, "WithdrawKey:held, withdraw", "",
           spare_key},
          {"publish-renewing", "Nor while a key is asked for.", t(1) + " RENEWING", one, holds(kRenewing), asks(kPublishing),
           kPublishing.message, "GetPairKey:held, publish", "H"},
          {"renew-publishing", "No key is asked for while one is published.", t(8) + " PUBLISHING", one, holds(kPublishing), asks(kRenewing),
           kRenewing.message, "PublishKey:held, renew", "H"},
          {"renew-twice", "One key is asked for at a time.", t(8) + " RENEWING", one, holds(kRenewing), asks(kRenewing), kRenewing.message,
           "GetPairKey:held, renew", "H"}};
}

std::vector<Refused> without_a_right(const std::string& role) {
  const auto t = [&](int row) { return key_row(role, row); };
  const std::vector<std::string> why = {"QP-ADD-18"};
  std::vector<Refused> all = {
      {"publish-unknown", "A key that it has not cannot be proven.", t(1) + " unknown", why, anything,
       [](OwnKeys& keys) { return keys.finish(keys.begin_publish(std::string(64, '7'))); }, kPublishing.message, "publish:unknown"},
      {"publish-withdrawn", "A key that was taken back is not published again.", t(5) + " publish", why,
       [](OwnKeys& keys) { return is_accepted(keys.does(kTakingBack)); },
       [](OwnKeys& keys) { return keys.finish(keys.begin_publish(keys.own())); }, kPublishing.message, "publish:withdrawn", "", spare_key},
      {"publish-unvouched", "Without a key that is good nothing vouches for the next.", t(1) + " unvouched", why, anything, asks(kPublishing),
       kPublishing.message, "publish:no key is good", "F", good_later},
      {"renew-in-f", "In profile F no key is shared.", t(8) + " F", {"QP-ADD-21"}, anything, asks(kRenewing), kRenewing.message, "renew:in F", "F"}};
  if (role != "vendor") {
    all.push_back({"renew-pair", "Only a Vendor asks for the key with a Broker.", t(8) + " pair", {"QP-ADD-21"}, anything,
                   [](OwnKeys& keys) { return keys.finish(keys.begin_renew(keys.world().cast().other_broker)); }, kRenewing.message, "renew:with a Broker", "H"});
  }
  return all;
}

/// The successor is published, once its key to sign is good.
bool goes_on(Session& session) {
  const SigningKeyPlan* own = signing_key(session.world().plan(), session.world().iut());
  const std::int64_t in_s = own == nullptr ? 0 : (time_of(own->not_before) - session.world().now_ms()) / 1000;
  return (in_s <= 0 || session.world().advance(in_s + 2 * protocol::T_skew_default)) && OwnKeys(session).publishes();
}

}  // namespace

void add_own_key_refusals(Suite& suite) {
  for (const auto& all : {while_it_waits(suite.role()), without_a_right(suite.role())}) {
    for (const Refused& one : all) {
      const std::string id = std::string("keys.refused.") + one.id;
      suite.negative({.id = id,
                      .title = one.title,
                      .subject = one.row,
                      .requirements = one.requirements,
                      .mutation = one.mutation,
                      .twin = "keys.published",
                      .profile = one.profile},
                     [one, check = suite.name(id)](Session&) { return in_vain<OwnKeys>(check, one, {}, goes_on); }, one.arrange);
    }
  }
}

}  // namespace quickpay::conformance
