// A Wallet and a Broker that register themselves: what they ask, what they keep, and whom they believe.
#include "reference/roles/registration_player.hpp"

#include <gtest/gtest.h>

#include "reference/roles/directory_cache.hpp"
#include "reference/roles/tests/joining.hpp"

namespace quickpay::roles {
namespace {

/// A player before its Host, in one of the profiles.
class Joining {
 public:
  Joining(NodeConfig config, const std::string& profile)
      : player(joiner(profiled(std::move(config), profile))), host(profiled(admitting(), profile)) {
    player.directory.put(sealed_host(player.directory));
  }
  static NodeConfig profiled(NodeConfig config, const std::string& profile) {
    config.profile = profile;
    return config;
  }

  Single player;
  Single host;
  std::string address = kNewAddress;

  std::string id() const { return player.node->config().id; }
  std::string state() { return state_of(player, player.node->config().role + ".registration", "H1"); }
  std::string kept(const std::string& name) {
    const auto record = player.ledger->find(player.node->config().role + ".registration", "H1");
    return *record ? std::string(field(**record, name)) : std::string();
  }
  std::string told() {
    for (const UserEvent& event : player.last.user) {
      if (event.kind == "tell") return event.text;
    }
    return {};
  }
  /// Why nothing was done, or what is told of it in the end.
  std::string over(const tl::expected<void, Refusal>& begun) {
    if (!begun) return begun.error().reason;
    player.flush();
    carry_between(player, host, address);
    return told();
  }
  std::string enter(Wanted wanted) { return over(player.node->register_self(std::move(wanted))); }
  std::string change(Wanted wanted) { return over(player.node->change_self(std::move(wanted))); }
  std::string leave() { return over(player.node->leave()); }
  /// Begins, and has the request answered by hand.
  OutgoingCall asked(const tl::expected<void, Refusal>& begun) {
    EXPECT_TRUE(begun);
    player.flush();
    return player.last.calls.at(0);
  }
  template <class Response>
  void answer(const OutgoingCall& call, const msg::Status& status, const codec::MessageType& type,
              std::optional<msg::Boxed> boxed = {}) {
    Response response;
    response.head = player.answer_head(call, type.anonymous ? "" : id());
    response.head.profile = player.node->config().profile == "H" ? msg::Profile::H : msg::Profile::F;
    response.body.status = status;
    if constexpr (requires { response.body.boxed; }) response.body.boxed = std::move(boxed);
    player.reply(call, response, type);
  }
};

const msg::Boxed kNothingThatOpens{std::string(24, '0'), "AAAA"};

class JoiningWallet : public testing::TestWithParam<const char*> {
 protected:
  Joining one{wallet_config(), GetParam()};
};
class JoiningBroker : public testing::TestWithParam<const char*> {
 protected:
  Joining one{signing(broker_config()), GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Profiles, JoiningWallet, testing::Values("F", "H"));
INSTANTIATE_TEST_SUITE_P(Profiles, JoiningBroker, testing::Values("F", "H"));

// QP-WAL-005 QP-WAL-006 QP-WAL-008 QP-ADM-013 QP-ANON-012: the whole life of a Wallet at its Host.
TEST_P(JoiningWallet, EntersMovesAndLeaves) {
  ASSERT_EQ(one.enter(kInstalled), "registered");
  const std::string id = one.id();
  EXPECT_EQ(role_of_id(id), "wallet");
  EXPECT_EQ(state_of(one.host, "host.wallet", id), "LIVE");
  const std::string ticket = one.kept("ticket");
  EXPECT_TRUE(entry_of(one.host, msg::PlayerRole::wallet, id, ticket));
  one.player.restart();
  EXPECT_EQ(one.id(), id) << "it keeps its name";
  ASSERT_EQ(one.change(kRebound), "changed");
  EXPECT_NE(one.kept("ticket"), ticket);
  EXPECT_TRUE(entry_of(one.host, msg::PlayerRole::wallet, id, one.kept("ticket")));
  EXPECT_FALSE(entry_of(one.host, msg::PlayerRole::wallet, id, ticket)) << "the old one is of no use";
  one.address = kMovedPlace.address;
  ASSERT_EQ(one.leave(), "gone");
  EXPECT_EQ(state_of(one.host, "host.wallet", id), "REMOVED");
  EXPECT_EQ(one.enter(kInstalled), "out-of-state") << "for ever";
}

TEST_P(JoiningWallet, BelievesOnlyWhatIsInABoxOfItsOwn) {  // QP-ADD-21 QP-WAL-005
  const OutgoingCall call = one.asked(one.player.node->register_self(kInstalled));
  one.answer<admin::RegisterWalletResponse>(call, success(), admin::kRegisterWalletMessage, kNothingThatOpens);
  EXPECT_EQ(one.state(), "REGISTERING");
  one.answer<admin::RegisterWalletResponse>(call, success(), admin::kRegisterWalletMessage);
  EXPECT_EQ(one.state(), "REGISTERING");
  EXPECT_EQ(one.id(), "");
}

TEST_P(JoiningWallet, TriesAgainAfterARefusal) {  // QP-WAL-005 QP-ADD-01
  const OutgoingCall call = one.asked(one.player.node->register_self(kInstalled));
  EXPECT_EQ(one.enter(kInstalled), "out-of-state") << "one at a time";
  one.answer<admin::RegisterWalletResponse>(call, refusal(protocol::QP_E_BUSY, msg::Retry::same),
                                            admin::kRegisterWalletMessage);
  EXPECT_EQ(one.state(), "REGISTERING");
  one.answer<admin::RegisterWalletResponse>(call, refusal(protocol::QP_E_ADDRESS, msg::Retry::no),
                                            admin::kRegisterWalletMessage);
  EXPECT_EQ(one.told(), "refused");
  EXPECT_EQ(one.state(), "OUT");
  EXPECT_EQ(one.kept("reply_key"), "") << "what was drawn for one request is forgotten";
  EXPECT_EQ(one.enter({.bound = {"127.0.77.1/32"}}), "refused") << "that is not where it is";
  EXPECT_EQ(one.enter(kInstalled), "registered");
}

TEST_P(JoiningWallet, ARefusedChangeLeavesItWhereItIs) {  // QP-ADM-013
  EXPECT_EQ(one.change(kRebound), "out-of-state");
  EXPECT_EQ(one.leave(), "out-of-state");
  ASSERT_EQ(one.enter(kInstalled), "registered");
  EXPECT_EQ(one.change({.bound = {"127.0.77.1/32"}}), "refused");
  EXPECT_EQ(one.state(), "REGISTERED");
  EXPECT_EQ(one.change(kRebound), "changed");
}

TEST(JoiningWalletInF, LearnsThatItIsGone) {  // QP-ADD-23 QP-ADM-013
  for (const bool leaves : {false, true}) {
    Joining one{wallet_config(), "F"};
    ASSERT_EQ(one.enter(kInstalled), "registered");
    const msg::Status gone = refusal(protocol::QP_E_GONE, msg::Retry::no);
    if (leaves) {
      const OutgoingCall call = one.asked(one.player.node->leave());
      one.answer<admin::UnregisterWalletResponse>(call, refusal(protocol::QP_E_FORBIDDEN, msg::Retry::no),
                                                  admin::kUnregisterWalletMessage);
      EXPECT_EQ(one.state(), "REGISTERED") << "who may not leave is still there";
      one.answer<admin::UnregisterWalletResponse>(one.asked(one.player.node->leave()), gone, admin::kUnregisterWalletMessage);
    } else {
      one.answer<admin::UpdateWalletResponse>(one.asked(one.player.node->change_self(kRebound)), gone,
                                              admin::kUpdateWalletMessage);
    }
    EXPECT_EQ(one.told(), "gone");
    EXPECT_EQ(one.state(), "GONE");
  }
}

TEST_P(JoiningWallet, SaysWhatItLacks) {  // QP-WAL-007
  EXPECT_EQ(one.enter({}), "unfit-address");
  EXPECT_EQ(one.enter({.bound = {"127.0.5.0/24"}}), "unfit-address");
  EXPECT_EQ(one.enter({.bound = {"nowhere"}}), "unfit-address");
  Player host = sealed_host(one.player.directory);
  for (PlayerKey& key : host.keys) key.spki = "no key at all";
  one.player.directory.put(host);
  EXPECT_EQ(one.enter(kInstalled), "no-seal-key") << "to a weak key nothing is sealed";
  EXPECT_EQ(one.state(), "NONE") << "and nothing waits for an answer";
  one.player.directory.put({"H1", "host", {}, {{"127.0.1.1", 8080}}, {}, true});
  EXPECT_EQ(one.enter(kInstalled), "no-seal-key");
  NodeConfig config = joiner(wallet_config());
  config.software.release_hash.clear();
  EXPECT_EQ(Single(config).node->register_self(kInstalled).error().reason, "no-software");
  config = joiner(wallet_config());
  config.protocols = {"micropayment"};
  EXPECT_EQ(Single(config).node->register_self(kInstalled).error().reason, "not-served");
}

// QP-ROLE-025 QP-ROLE-007 QP-ADM-013: a bank becomes a Broker, changes twice within a second, and cannot leave by a message.
TEST_P(JoiningBroker, EntersAndChanges) {
  ASSERT_EQ(one.enter(kContract), "registered");
  const std::string id = one.id();
  EXPECT_EQ(role_of_id(id), "broker");
  one.player.restart();
  EXPECT_EQ(one.id(), id) << "it keeps its name";
  ASSERT_EQ(one.change({.name = "The Bank of Elsewhere"}), "changed");
  ASSERT_EQ(one.change({.name = "The Other Bank"}), "changed");
  const auto entry = entry_of(one.host, msg::PlayerRole::broker, id);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->name, "The Other Bank");
  EXPECT_EQ(entry->key.size(), 2u);
  EXPECT_EQ(one.leave(), "wrong-role");
  EXPECT_EQ(one.enter(kContract), "out-of-state");
}

TEST_P(JoiningBroker, BelievesOnlyWhatIsInABoxOfItsOwn) {  // QP-ADD-21 QP-ROLE-007
  const OutgoingCall call = one.asked(one.player.node->register_self(kContract));
  one.answer<admin::RegisterBrokerResponse>(call, success(), admin::kRegisterBrokerMessage, kNothingThatOpens);
  EXPECT_EQ(one.state(), "REGISTERING");
  EXPECT_EQ(one.id(), "");
}

TEST_P(JoiningBroker, TriesAgainAfterARefusal) {  // QP-ROLE-025
  Wanted guess = kContract;
  guess.code = "GUESS";
  EXPECT_EQ(one.enter(guess), "refused");
  EXPECT_EQ(one.state(), "OUT");
  EXPECT_EQ(one.enter(kContract), "registered");
  const OutgoingCall call = one.asked(one.player.node->change_self({.name = "Nobody's"}));
  EXPECT_EQ(one.change({.name = "Another"}), "out-of-state") << "one at a time";
  one.answer<admin::UpdateBrokerResponse>(call, refusal(protocol::QP_E_FORBIDDEN, msg::Retry::no), admin::kUpdateBrokerMessage);
  if (GetParam() == std::string("H")) {
    EXPECT_EQ(one.state(), "CHANGING") << "a refusal without its code is none";
    return;
  }
  EXPECT_EQ(one.told(), "refused");
  EXPECT_EQ(one.state(), "REGISTERED");
}

TEST_P(JoiningBroker, SaysWhatItLacks) {  // QP-ADD-18
  Wanted nameless = kContract;
  nameless.name.clear();
  EXPECT_EQ(one.enter(nameless), "incomplete");
  NodeConfig config = joiner(signing(broker_config()));
  config.sealing_keys.clear();
  Single keyless{config};
  keyless.directory.put(sealed_host(keyless.directory));
  EXPECT_EQ(keyless.node->register_self(kContract).error().reason, "unfit-keys");
  one.player.directory.put({"H1", "host", {}, {{"127.0.1.1", 8080}}, {}, true});
  EXPECT_EQ(one.enter(kContract), "no-seal-key");
}

TEST_P(JoiningBroker, LearnsWhatTheHostCharges) {  // QP-ROLE-019
  NodeConfig charging = Joining::profiled(admitting(), GetParam());
  charging.fee_bp = 250;
  Single host{charging};
  ASSERT_TRUE(one.player.node->register_self(kContract));
  one.player.flush();
  carry_between(one.player, host, kNewAddress);
  EXPECT_EQ(one.kept("fee_bp"), "250");
}

// QP-ROLE-009 QP-ADM-006 QP-ROLE-019 QP-ADM-013: as its configuration has them, when it comes and when its owner wants the Host told.
TEST_P(JoiningBroker, TellsItsTerms) {
  NodeConfig config = one.player.node->config();
  config.source_addresses = {"127.0.6.8"};
  config.oldest_paycards = {{"card", "1.2"}};
  config.commission_bp = 120;
  one.player.restart_as(config);
  ASSERT_EQ(one.enter(kContract), "registered");
  const auto said = [&] { return *entry_of(one.host, msg::PlayerRole::broker, one.id()); };
  EXPECT_EQ(said().source_addr, config.source_addresses);
  EXPECT_EQ(said().commission_bp, 120);
  ASSERT_EQ(said().currency.size(), 1u);
  EXPECT_EQ(said().currency[0].code, "USD");
  EXPECT_EQ(said().min_paycard, (std::vector<msg::OldestPaycard>{{"card", "1.2"}}));
  config.commission_bp = 300;
  config.oldest_paycards = {{"card", "2"}};
  one.player.restart_as(config);
  ASSERT_EQ(one.change({.name = "The Other Bank"}), "changed");
  EXPECT_EQ(said().commission_bp, 120) << "nobody wanted the Host told";
  ASSERT_EQ(one.change({.terms = true}), "changed");
  EXPECT_EQ(said().commission_bp, 300);
  EXPECT_EQ(said().min_paycard, (std::vector<msg::OldestPaycard>{{"card", "2"}}));
  EXPECT_EQ(said().name, "The Other Bank");
}
TEST_P(JoiningBroker, TakesAllCurrenciesUnlessItsOwnerNamesSome) {  // QP-ROLE-009
  NodeConfig config = one.player.node->config();
  config.currencies.clear();
  one.player.restart_as(config);
  ASSERT_EQ(one.enter(kContract), "registered");
  EXPECT_TRUE(entry_of(one.host, msg::PlayerRole::broker, one.id())->currency.empty());
}

TEST(JoiningHost, IsOneAlready) {  // QP-ADM-004
  Single host{registering()};
  EXPECT_EQ(host.node->register_self({}).error().reason, "wrong-role");
  EXPECT_EQ(host.node->change_self({}).error().reason, "wrong-role");
  EXPECT_EQ(host.node->leave().error().reason, "wrong-role");
}

}  // namespace
}  // namespace quickpay::roles
