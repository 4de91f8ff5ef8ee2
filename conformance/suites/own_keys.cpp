#include "conformance/suites/own_keys.hpp"

#include <fmt/format.h>

#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/key_owner.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kDeedMs = 8000;

}  // namespace

std::string OwnKeys::own() const {
  const SigningKeyPlan* key = signing_key(world_.plan(), world_.iut());
  return key == nullptr ? std::string() : sha256_of(key->spki);
}

std::string OwnKeys::successor() { return key_id_of(kSuccessorKey); }

IutResult<CallId> OwnKeys::begin_publish(const std::string& key_id) {
  return session_.iut().begin(kPublishing.op, {{"key_id", key_id}}, kDeedMs);
}
IutResult<CallId> OwnKeys::begin_withdraw(const std::string& key_id, const std::string& reason) {
  return session_.iut().begin(kTakingBack.op, {{"key_id", key_id}, {"reason", reason}}, kDeedMs);
}
IutResult<CallId> OwnKeys::begin_renew(const std::string& peer) {
  Json args = Json::object();
  if (!peer.empty()) {
    args["peer"] = peer;
  }
  return session_.iut().begin(kRenewing.op, args, kDeedMs);
}

IutResult<CallId> OwnKeys::begin(const KeyDeed& deed) {
  if (deed.op == std::string_view(kPublishing.op)) return begin_publish(successor());
  return deed.op == std::string_view(kTakingBack.op) ? begin_withdraw(own()) : begin_renew({});
}

bool OwnKeys::publishes() {
  shopper.calm();
  world_.settle();
  return is_accepted(does(kPublishing));
}

std::optional<IutResult<CallId>> OwnKeys::waits(const KeyDeed& deed) {
  host().script(deed.message, hold_request());
  const std::size_t from = session_.transcript().mark();
  IutResult<CallId> call = begin(deed);
  return call && shopper.attempt(deed.message, 0, from) ? std::optional(std::move(call)) : std::nullopt;
}

bool OwnKeys::answered(const std::string& message, const std::string& code, std::size_t from) {
  return world_
      .wait_for(from,
                [&](const Entry& entry) {
                  return !entry.by_iut && entry.kind == EntryKind::response && entry.message == message + "Response" &&
                         entry.code == code;
                })
      .has_value();
}

Element OwnKeys::last(const std::string& message) {
  const auto sent = world_.sent_by_iut(message);
  return sent.empty() ? Element{} : world_.document(sent.back());
}

std::string OwnKeys::spoken_epoch() {
  const std::size_t from = session_.transcript().mark();
  const bool said = publishes();
  const auto sent = world_.sent_by_iut(kPublishing.message, from);
  return said && !sent.empty() ? text_at(world_.document(sent.back()), "Auth/Mac/KeyRef") : std::string();
}

std::string key_row(const std::string& role, int of_broker) {
  constexpr int kInitialRows = 10, kGivenUp = 30, kGivenUpRows = 2;  // of each of the three machines
  const int before = role == "broker" ? 0 : role == "vendor" ? 1 : 2;
  return fmt::format("T{}", of_broker + before * (of_broker > kGivenUp ? kGivenUpRows : kInitialRows));
}

// ---------------------------------------------------------------- arrangements

void spare_key(WorldPlan& plan) { plan.signing_keys.push_back(signing_key_plan(plan, plan.iut, *test_key(kSpareKey))); }

void third_key(WorldPlan& plan) {
  SigningKeyPlan third = signing_key_plan(plan, plan.iut, *test_key(kThirdKey));
  third.not_before = time_text(time_of(plan.now) + 10 * kSuccessorIn * 1000);
  third.listed = false;
  plan.signing_keys.push_back(std::move(third));
}

void never_listed(WorldPlan& plan) {
  std::erase_if(plan.signing_keys, [&](const SigningKeyPlan& key) { return key.player == plan.iut && key.listed; });
}

Arrange ends_after_t_dir(std::int64_t seconds) {
  return [seconds](WorldPlan& plan) { ends_in(plan, plan.iut, protocol::T_dir_default + seconds); };
}

}  // namespace quickpay::conformance
