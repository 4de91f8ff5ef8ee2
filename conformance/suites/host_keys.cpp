// Keys at the Host: what players publish and take back, and what the directory then says.
#include "conformance/suites/host_keys.hpp"

#include <optional>
#include <utility>

#include "conformance/judges/entries.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"

namespace quickpay::conformance {

namespace {

const char *const kFamily = "keys", *const kFirst = "publish.first", *const kSigns = ".signs";

// ---------------------------------------------------------------- published
/// One key is listed.
KeyPlay publishes(BroughtKey key) {
  return [key = std::move(key)](KeyOwner& owner, const std::string& check) { judge_ok(owner.session(), check, owner.publishes(key)); };
}

/// The one that follows is signed with the one that was published.
void chain(KeyOwner& owner, const std::string& check) {
  judge_ok(owner.session(), check, owner.publishes({.name = "newcomer"}));
  owner.signer = "newcomer";
  judge_ok(owner.session(), check + kSigns, owner.publishes({.name = "newcomer-seal"}));
}
void wallets_second(KeyOwner& owner, const std::string& check) {
  owner.signer.clear();
  if (!owner.publishes({.name = "newcomer"}).ok()) {
    return unreached(owner.session(), "a key of the Wallet");
  }
  owner.signer = "newcomer";
  judge_ok(owner.session(), check, owner.publishes({.name = "newcomer-seal"}));
}
void signed_by_listed(KeyOwner& owner, const std::string& check) {
  owner.signer = "stranger";
  judge_ok(owner.session(), check, owner.publishes({}));
}
void after_a_refusal(KeyOwner& owner, const std::string& check) {
  if (owner.world().send(owner.publishing(owner.change(owner.key({.signer = "stranger"})))).ok()) {
    return unreached(owner.session(), "a refusal");
  }
  judge_ok(owner.session(), check, owner.publishes({}));
}
void survives(KeyOwner& owner, const std::string& check) {
  if (!owner.publishes({}).ok() || !owner.withdraws({}).ok() || !owner.world().restart(true)) {
    return unreached(owner.session(), "a key, and a restart");
  }
  owner.signer = "newcomer";
  judge_ok(owner.session(), check, owner.publishes({.name = "newcomer-seal", .usage = "seal"}));
}
void from_elsewhere(KeyOwner& owner, const std::string& check) {
  const Element key = owner.key({});
  Sending sending = owner.publishing(owner.change(key));
  sending.source = owner.world().stray_address();
  judge_ok(owner.session(), check, owner.world().send(std::move(sending)));
  list_key(owner.world(), owner.id, key, "newcomer");
}

std::vector<KeyRight> rights_to_publish() {
  const std::vector<std::string> why = {"QP-ADD-18", "QP-ADM-013"};
  const char* const shown = "The directory lists it, besides the one that was there.";
  return {
      {.id = "publish.first", .title = "A Vendor publishes the key that will follow.", .rows = "D9", .requirements = why,
       .play = publishes({}), .shown = shown},
      {.id = "publish.broker", .title = "A Broker publishes a key to sign.", .rows = "D9 broker", .requirements = why,
       .play = publishes({}), .mutation = "PublishKey:of a Broker", .who = &Cast::broker, .shown = shown},
      {.id = "publish.seal", .title = "And one to seal, which proves itself all the same.", .rows = "D9 seal", .requirements = why,
       .play = publishes({.name = "newcomer-seal", .usage = "seal"}), .mutation = "PublishKey.Usage:=seal", .who = &Cast::broker,
       .shown = shown},
      {.id = "publish.wallet", .title = "A Wallet publishes the key that will follow.", .rows = "D9 wallet", .requirements = why,
       .play = signed_by_listed, .mutation = "PublishKey:of a Wallet", .who = &Cast::wallet,
       .arrange = [](WorldPlan& plan) { lists(plan, plan.cast.wallet, "stranger"); }, .shown = shown},
      {.id = "publish.wallet-first", .title = "In profile H the first key of a Wallet needs nobody's word but its code's.",
       .rows = "D9 entitled", .requirements = why, .play = publishes({}), .mutation = "KeyChange.Sig:=absent, of a Wallet",
       .who = &Cast::wallet, .profile = "H", .shown = shown},
      {.id = "publish.vendor-first", .title = "So it is with a Vendor that never had one.", .rows = "D9 entitled vendor",
       .requirements = why,
       .play = [](KeyOwner& owner, const std::string& check) {
         owner.signer.clear();
         judge_ok(owner.session(), check, owner.publishes({}));
       },
       .mutation = "KeyChange.Sig:=absent, of a Vendor", .arrange = [](WorldPlan& plan) { lists_none(plan, plan.cast.vendor); },
       .profile = "H", .shown = shown},
      {.id = "publish.wallet-second", .title = "The next one is signed with the first.", .rows = "D9 signer_good", .requirements = why,
       .play = wallets_second, .mutation = "PublishKey:twice, of a Wallet", .who = &Cast::wallet, .profile = "H", .shown = shown},
      {.id = "publish.future", .title = "A key may be listed before its time.", .rows = "D9 NotBefore", .requirements = why,
       .play = publishes({.from_s = 30 * kDay}), .mutation = "PublishedKey.NotBefore:=in a month", .shown = shown},
      {.id = "publish.chain", .title = "A key that was published vouches for the next one.", .rows = "D9 Sig", .requirements = why,
       .play = chain, .mutation = "KeyChange.Sig:=by the key before", .shown = "The directory lists all three.", .more = kSigns,
       .more_title = "The one that was published signs."},
      {.id = "publish.last-room", .title = "An entry has room for sixteen keys.", .rows = "D9 room",
       .requirements = {"QP-ADD-20", "QP-ADD-18"}, .play = publishes({}), .mutation = "directory:=fifteen keys",
       .arrange = full_but(1), .shown = "The directory lists sixteen."},
      {.id = "publish.after-refusal", .title = "A key that was refused may come again with a right proof.", .rows = "D8 D9",
       .requirements = why, .play = after_a_refusal, .mutation = "PublishKey:after a refusal", .shown = shown},
      {.id = "publish.restart", .title = "What was published and withdrawn outlives a crash.", .rows = "D9 D14", .requirements = why,
       .play = survives, .mutation = "restart:hard", .shown = "The directory says so."},
      {.id = "publish.from-elsewhere", .title = "In profile H its code stands for its address.", .rows = "D9 Auth",
       .requirements = {"QP-ADD-21", "QP-ADM-013"}, .play = from_elsewhere, .mutation = "PublishKey:source:=stray", .profile = "H",
       .shown = shown}};
}

// ---------------------------------------------------------------- taken back
KeyPlay withdraws(TakenBack back) {
  return [back = std::move(back)](KeyOwner& owner, const std::string& check) { judge_ok(owner.session(), check, owner.withdraws(back)); };
}
/// First one, then another; the plan keeps the earliest From.
KeyPlay withdraws_twice(TakenBack first, TakenBack second) {
  return [=](KeyOwner& owner, const std::string& check) {
    if (!owner.withdraws(first).ok()) {
      return unreached(owner.session(), "a withdrawal");
    }
    judge_ok(owner.session(), check, owner.withdraws(second));
  };
}
void by_the_one_that_follows(KeyOwner& owner, const std::string& check) {
  if (!owner.publishes({}).ok()) {
    return unreached(owner.session(), "a key that follows");
  }
  judge_ok(owner.session(), check, owner.withdraws({.name = owner.id, .signer = "newcomer"}));
}
void still_signs(KeyOwner& owner, const std::string& check) {
  judge_ok(owner.session(), check, owner.withdraws({.from_s = kDay}));
  judge_ok(owner.session(), check + kSigns, owner.publishes({}));
}
void by_itself(KeyOwner& owner, const std::string& check) {
  judge_ok(owner.session(), check, owner.withdraws({.name = "stranger", .signer = "stranger"}));
}
void over_beside(WorldPlan& plan) {
  lists(plan, plan.cast.vendor, "stranger");
  plan.signing_keys.back().not_after = time_text(time_of(plan.now) - kDay * 1000);
}

std::vector<KeyRight> rights_to_withdraw() {
  const std::vector<std::string> why = {"QP-ADD-18", "QP-ADM-013"};
  const char* const shown = "The directory says from when on.";
  const char* const earliest = "The directory says the earliest.";
  return {
      {.id = "withdraw.first", .title = "A Vendor takes its key back by its own word.", .rows = "D14", .requirements = why,
       .play = withdraws({}), .shown = shown},
      {.id = "withdraw.broker", .title = "So does a Broker.", .rows = "D14 broker", .requirements = why, .play = withdraws({}),
       .mutation = "WithdrawKey:of a Broker", .who = &Cast::broker, .shown = shown},
      {.id = "withdraw.wallet", .title = "And a Wallet.", .rows = "D14 wallet", .requirements = why, .play = by_itself,
       .mutation = "WithdrawKey:of a Wallet", .who = &Cast::wallet,
       .arrange = [](WorldPlan& plan) { lists(plan, plan.cast.wallet, "stranger"); }, .shown = shown},
      {.id = "withdraw.by-next", .title = "The key that follows takes back the one before it.", .rows = "D9 D14", .requirements = why,
       .play = by_the_one_that_follows, .mutation = "Withdrawal.Sig:=by the key that follows", .shown = shown},
      {.id = "withdraw.seal", .title = "A key to seal is taken back by one to sign.", .rows = "D14 seal", .requirements = why,
       .play = withdraws({.name = "stranger"}), .mutation = "Withdrawal.KeyId:=of a key to seal", .who = &Cast::broker,
       .arrange = [](WorldPlan& plan) { lists(plan, plan.cast.broker, "stranger", "seal"); }, .shown = shown},
      {.id = "withdraw.future", .title = "A key may be taken back from a later time on.", .rows = "D14 From", .requirements = why,
       .play = still_signs, .mutation = "Withdrawal.From:=tomorrow", .shown = shown, .more = kSigns,
       .more_title = "Until then it signs."},
      {.id = "withdraw.past", .title = "Or from an earlier one.", .rows = "D14 From past", .requirements = why,
       .play = withdraws({.from_s = -kDay}), .mutation = "Withdrawal.From:=yesterday", .shown = shown},
      {.id = "withdraw.earlier", .title = "Of two withdrawals the earlier From counts, if it comes later.", .rows = "D14 earlier",
       .requirements = why, .play = withdraws_twice({.from_s = 2 * kDay}, {}), .mutation = "Withdrawal.From:=earlier",
       .shown = earliest},
      {.id = "withdraw.later", .title = "And if it came first: nothing makes a key good again.", .rows = "D14 later", .requirements = why,
       .play = withdraws_twice({}, {.from_s = 2 * kDay}), .mutation = "Withdrawal.From:=later", .shown = earliest},
      {.id = "withdraw.over", .title = "A key whose time is over may take itself back.", .rows = "D14 NotAfter", .requirements = why,
       .play = by_itself, .mutation = "Withdrawal:of a key that is over", .arrange = over_beside, .shown = shown},
      {.id = "withdraw.removed", .title = "Who was removed may take back what it had.", .rows = "D14 removed",
       .requirements = {"QP-ADD-18", "QP-ADD-23"}, .play = withdraws({}), .mutation = "WithdrawKey:removed by the owner",
       .who = &Cast::other_vendor, .arrange = other_vendor_removed, .shown = shown}};
}

// ---------------------------------------------------------------- what every server owes
FamilyBase base_of(const char* message, const char* twin, const char* unserved, std::function<Sending(KeyOwner&)> make) {
  FamilyBase base;
  base.message = message;
  base.twin = twin;
  base.valid = [make = std::move(make)](Session& session) {
    KeyOwner owner(session, session.world().cast().vendor);
    return make(owner);
  };
  base.benign = publishes_another;
  base.unserved = unserved;
  return base;
}

void add_families(Suite& suite) {
  const FamilyBase publish = base_of("PublishKey", "keys.publish.first", "GetOrder",
                                     [](KeyOwner& owner) { return owner.publishing(owner.change(owner.key({}))); });
  const FamilyBase withdraw = base_of("WithdrawKey", "keys.withdraw.first", "CheckCommit",
                                      [](KeyOwner& owner) { return owner.withdrawing(owner.withdrawal({})); });
  add_xml_family(suite, publish, {"comment", "doctype", "attribute"});
  for (const FamilyBase& base : {publish, withdraw}) {
    add_schema_family(suite, base, 8);
    add_head_family(suite, base);
    add_repeat_family(suite, base);
    add_auth_family(suite, base);
  }
}

}  // namespace

// ---------------------------------------------------------------- shared with the other files
Arrange ends(std::int64_t seconds, Who who) {
  return [seconds, who](WorldPlan& plan) { ends_in(plan, plan.cast.*who, seconds); };
}

Arrange full_but(std::size_t less) {
  return [less](WorldPlan& plan) {
    for (std::size_t i = 1; i + less < room_for_keys(); ++i) {
      SigningKeyPlan one = signing_key_plan(plan, plan.cast.vendor, *test_key("stranger"));
      one.spki[one.spki.size() - 40] = static_cast<char>(i);  // within the modulus: another key, of which nobody has the rest
      one.key.reset();
      one.held = false;
      plan.signing_keys.push_back(std::move(one));
    }
  };
}

void other_vendor_removed(WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; }

std::function<Reply(KeyOwner&)> publishing(BroughtKey key) {
  return [key = std::move(key)](KeyOwner& owner) { return owner.publishes(key); };
}
std::function<Reply(KeyOwner&)> withdrawing(TakenBack back) {
  return [back = std::move(back)](KeyOwner& owner) { return owner.withdraws(back); };
}

void judge_shown(KeyOwner& owner, const std::string& check) {
  judge_listed(owner.session(), check, owner.id, owner.world().plan().player(owner.id)->ticket);
}

void add_key_rights(Suite& suite, const std::vector<KeyRight>& all) {
  std::vector<Right> rights;
  for (const KeyRight& one : all) {
    const bool shown = *one.shown != '\0';
    const auto play = [who = one.who, play = one.play, shown](Session& session, const std::string& check) {
      KeyOwner owner(session, session.world().cast().*who);
      play(owner, check);
      if (shown) {
        judge_shown(owner, check + ".listed");
      }
    };
    Right right{one.id, one.title, one.rows, one.requirements, play, one.mutation, {}, one.profile, one.arrange};
    if (shown) {
      right.more.push_back(also_listed(one.shown));
      right.more.back().requirements.push_back("QP-ADD-18");
    }
    if (*one.more != '\0') {
      right.more.push_back({one.more, one.more_title});
    }
    rights.push_back(std::move(right));
  }
  add_rights(suite, kFamily, rights);
}

namespace {

/// The player that a wrong request is about, once it is known who that is.
struct KeyScene {
  explicit KeyScene(Session& s) : session(s) {}
  KeyOwner& of(Who who) { return owner ? *owner : owner.emplace(session, session.world().cast().*who); }
  Session& session;
  std::optional<KeyOwner> owner;
};

/// Nothing became of it, and the next one is served.
bool as_before(Session& session, KeyScene& scene) {
  const std::string& id = scene.owner->id;
  return is_listed(session, id, session.world().plan().player(id)->ticket) && publishes_another(session);
}

}  // namespace

void add_key_wrongs(Suite& suite, const std::vector<KeyWrong>& all) {
  std::vector<Wrong<KeyScene>> wrongs;
  for (const KeyWrong& one : all) {
    const auto reach = [who = one.who, reach = one.reach](KeyScene& scene) { return !reach || reach(scene.of(who)); };
    const auto ask = [who = one.who, ask = one.ask](KeyScene& scene) { return ask(scene.of(who)); };
    wrongs.push_back(
        {one.id, one.title, one.row, one.code, one.requirements, one.mutation, reach, ask, one.twin, one.arrange, one.profile});
  }
  add_wrongs<KeyScene>(suite, {kFamily, kFirst, as_before}, wrongs);
}

void add_host_keys(Suite& suite) {
  suite.belongs_to("keys", false);  // shared keys that end and the key to seal to are not in fixture files
  add_key_rights(suite, rights_to_publish());
  add_key_rights(suite, rights_to_withdraw());
  add_publish_refusals(suite);
  add_withdrawal_refusals(suite);
  add_odd_key_words(suite);
  add_pair_keys(suite);
  add_families(suite);
}

}  // namespace quickpay::conformance
