// Keys that the Host does not list, and withdrawals that it does not take.
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/host_keys.hpp"

namespace quickpay::conformance {

namespace {

using Ask = std::function<Reply(KeyOwner&)>;
using Change = std::function<void(KeyOwner&, Element&)>;

const std::vector<std::string> kWhy = {"QP-ADD-18"}, kGone = {"QP-ADD-23", "QP-ADD-18"};

/// The other Vendor speaks, about what `make` says of the first one.
Ask by_the_other(std::function<Sending(KeyOwner&, KeyOwner& victim)> make) {
  return [make = std::move(make)](KeyOwner& owner) {
    KeyOwner victim(owner.session(), owner.world().cast().vendor);
    return owner.world().send(make(owner, victim));
  };
}
/// What a player made itself is sent by another.
Sending relayed(KeyOwner& owner, Sending made) {
  made.document = request_of(made.document.name, owner.world().head(owner.id), at(made.document, "Body")->children);
  made.from = owner.id;
  return made;
}
/// A key of the first Vendor's name, with a right proof, signed by the other one.
Sending in_its_name(KeyOwner& owner, KeyOwner& victim) {
  return owner.publishing(owner.change(victim.key({})));
}

std::vector<KeyWrong> takeovers() {
  const auto one = [](const char* id, const char* title, const char* row, const char* mutation, Ask ask, const char* twin,
                      Who who = &Cast::other_vendor) {
    return KeyWrong{id, title, row, "QP-E-FORBIDDEN", kWhy, mutation, std::move(ask), twin, {}, who};
  };
  return {
      one("takeover.own-word", "Nobody has a key listed for another player.", "D1", "PublishedKey.Player:=another",
          by_the_other(in_its_name), "publish.first"),
      one("takeover.other-role", "Whatever its role.", "D1 broker", "PublishedKey.Player:=another, of a Broker",
          by_the_other(in_its_name), "publish.broker", &Cast::broker),
      one("takeover.relayed", "Not even with that player's own word: it speaks for itself.", "D1 relayed",
          "PublishKey:=another's, sent on", by_the_other([](KeyOwner& owner, KeyOwner& victim) {
            return relayed(owner, victim.publishing(victim.change(victim.key({}))));
          }),
          "publish.first"),
      one("takeover.withdrawal", "Nobody takes back a key of another player.", "D10", "Withdrawal.Player:=another",
          by_the_other([](KeyOwner& owner, KeyOwner& victim) {
            return owner.withdrawing(victim.withdrawal({.signer = owner.id}));
          }),
          "withdraw.first"),
      one("takeover.withdrawal-relayed", "Not even with that player's own word.", "D10 relayed", "WithdrawKey:=another's, sent on",
          by_the_other([](KeyOwner& owner, KeyOwner& victim) { return relayed(owner, victim.withdrawing(victim.withdrawal({}))); }),
          "withdraw.first")};
}

// ---------------------------------------------------------------- D2 to D4
bool has_published(KeyOwner& owner) { return owner.publishes({}).ok(); }
bool has_taken_back(KeyOwner& owner) {
  return owner.publishes({}).ok() && owner.withdraws({.name = "newcomer"}).ok();
}
bool removed_later(KeyOwner& owner) { return remove_by_owner(owner.world(), owner.id); }
/// Its own key once more, of which the times are others.
Ask own_again(const char* name, const char* usage = "sign") {
  return [=](KeyOwner& owner) {
    const std::string which = *name == '\0' ? owner.id : name;
    return owner.publishes({.name = which, .usage = usage, .from_s = -60, .to_s = 86400LL * 500});
  };
}

std::vector<KeyWrong> wrong_players() {
  return {{"publish.removed", "Who was removed publishes nothing.", "D2", "QP-E-GONE", kGone, "PublishKey:removed by the owner",
           publishing({}), "publish.first", {}, &Cast::other_vendor, other_vendor_removed},
          {"publish.removed-later", "Nor whom the owner removes later.", "D2 later", "QP-E-GONE", kGone,
           "PublishKey:removed meanwhile", publishing({}), "publish.first", removed_later},
          {"publish.listed", "A key that is listed is not listed again.", "D3", "QP-E-EXISTS", kWhy,
           "PublishedKey.PubKey:=its own, listed by the owner", own_again("")},
          {"publish.again", "Nor one that was published.", "D3 published", "QP-E-EXISTS", kWhy, "PublishKey:again, fresh MsgId",
           own_again("newcomer"), "publish.first", has_published},
          {"publish.other-use", "Nor for another use.", "D3 Usage", "QP-E-EXISTS", kWhy, "PublishedKey.Usage:=another",
           own_again("newcomer", "seal"), "publish.broker", has_published, &Cast::broker},
          {"publish.withdrawn-again", "A key that was taken back does not become good again.", "D3 withdrawn", "QP-E-EXISTS", kWhy,
           "PublishKey:again, after WithdrawKey", own_again("newcomer"), "publish.first", has_taken_back},
          {"publish.full", "An entry has room for sixteen keys, and no more are listed.", "D4", "QP-E-TOO-MANY",
           {"QP-ADD-20", "QP-ADD-18"}, "directory:=sixteen keys", publishing({}), "publish.last-room", {}, &Cast::vendor,
           full_but(0)}};
}

// ---------------------------------------------------------------- D5
struct Weak {
  const char* id;
  const char* title;
  const char* mutation;
  WeakKey key;
};

Ask with_weak_key(WeakKey which) {
  return publishing({.change = [which](Element& key) { set_text(key, "PubKey", base64_of(weak_key(which))); }});
}

std::vector<KeyWrong> weak_keys() {
  const Weak all[] = {{"publish.exponent-three", "A key with the exponent 3 is not listed.", "PublishedKey.PubKey:=3", WeakKey::exponent_three},
                      {"publish.exponent-one", "Nor with 1.", "PublishedKey.PubKey:=1", WeakKey::exponent_one},
                      {"publish.exponent-two", "Nor with 2.", "PublishedKey.PubKey:=2", WeakKey::exponent_two},
                      {"publish.exponent-seventeen", "Nor with 17.", "PublishedKey.PubKey:=17", WeakKey::exponent_seventeen},
                      {"publish.exponent-even", "Nor with 65536.", "PublishedKey.PubKey:=65536", WeakKey::exponent_even},
                      {"publish.exponent-padded", "Nor with 65537 in another encoding than DER's.", "PublishedKey.PubKey:=65537 with a zero in front", WeakKey::exponent_padded},
                      {"publish.exponent-long", "Nor with one beyond 2^31.", "PublishedKey.PubKey:=2^31 + 1", WeakKey::exponent_long},
                      {"publish.bits-512", "A key of 512 bits is not listed.", "PublishedKey.PubKey:=512 bits", WeakKey::bits_512},
                      {"publish.bits-1024", "Nor of 1024.", "PublishedKey.PubKey:=1024 bits", WeakKey::short_modulus},
                      {"publish.bits-2047", "Nor of 2047.", "PublishedKey.PubKey:=2047 bits", WeakKey::bits_2047},
                      {"publish.bits-8193", "Nor of 8193.", "PublishedKey.PubKey:=8193 bits", WeakKey::bits_8193},
                      {"publish.bits-16384", "Nor of 16384.", "PublishedKey.PubKey:=16384 bits", WeakKey::bits_16384},
                      {"publish.curve", "A key of another algorithm is not listed.", "PublishedKey.PubKey:=a curve", WeakKey::curve},
                      {"publish.bare", "Nor the numbers of one without SubjectPublicKeyInfo.", "PublishedKey.PubKey:=RSAPublicKey", WeakKey::bare},
                      {"publish.trailing", "Nor one with a byte behind it.", "PublishedKey.PubKey:=a byte behind it", WeakKey::trailing},
                      {"publish.of-purpose", "Nor one that is marked for another signature.", "PublishedKey.PubKey:=RSASSA-PSS", WeakKey::of_purpose}};
  std::vector<KeyWrong> wrongs;
  for (const Weak& weak : all) {
    wrongs.push_back({weak.id, weak.title, "D5", "QP-E-KEY", kWhy, weak.mutation, with_weak_key(weak.key)});
  }
  wrongs.push_back({"publish.over", "A key whose time is over is not listed.", "D5 NotAfter", "QP-E-KEY", kWhy,
                    "PublishedKey.NotAfter:=past", publishing({.from_s = -2 * kDay, .to_s = -kDay})});
  wrongs.push_back({"publish.backwards", "Nor one whose times are the wrong way round.", "D5 NotBefore", "QP-E-KEY", kWhy,
                    "PublishedKey.NotBefore:=after NotAfter", publishing({.from_s = 2 * kDay, .to_s = kDay})});
  return wrongs;
}

// ---------------------------------------------------------------- D6 and D7
Ask unsigned_key(BroughtKey key) {
  return [key = std::move(key)](KeyOwner& owner) {
    owner.signer.clear();
    return owner.publishes(key);
  };
}
Ask signed_by(std::string name) {
  return [name = std::move(name)](KeyOwner& owner) {
    owner.signer = name;
    return owner.publishes({});
  };
}
/// The entry has "stranger" beside the player's own key.
Arrange beside(std::function<void(const WorldPlan&, SigningKeyPlan&)> change, Who who = &Cast::vendor) {
  return [change = std::move(change), who](WorldPlan& plan) {
    lists(plan, plan.cast.*who, "stranger");
    change(plan, plan.signing_keys.back());
  };
}
std::string day(const WorldPlan& plan, std::int64_t offset) { return time_text(time_of(plan.now) + offset * kDay * 1000); }
void is_withdrawn(const WorldPlan& plan, SigningKeyPlan& key) { key.withdrawn_from = day(plan, -1); }
void is_over(const WorldPlan& plan, SigningKeyPlan& key) { key.not_after = day(plan, -1); }
void is_early(const WorldPlan& plan, SigningKeyPlan& key) { key.not_before = day(plan, 1); }
void is_to_seal(const WorldPlan&, SigningKeyPlan& key) { key.usage = "seal"; }
bool has_taken_its_own_back(KeyOwner& owner) { return owner.withdraws({}).ok(); }
/// Its one key to sign was withdrawn, in the directory.
void has_a_withdrawn_one(WorldPlan& plan) {
  for (SigningKeyPlan& key : plan.signing_keys) {
    key.withdrawn_from = key.player == plan.cast.vendor ? day(plan, -1) : key.withdrawn_from;
  }
}

std::vector<KeyWrong> wrong_signers() {
  const auto unentitled = [](const char* id, const char* title, const char* row, const char* mutation, Ask ask, const char* twin,
                             Arrange arrange = {}, std::function<bool(KeyOwner&)> reach = {}, Who who = &Cast::vendor) {
    return KeyWrong{id, title, row, "QP-E-SIGNATURE", kWhy, mutation, std::move(ask), twin, std::move(reach), who,
                    std::move(arrange), "H"};
  };
  const auto signer = [](const char* id, const char* title, const char* row, const char* mutation, Ask ask, Arrange arrange = {},
                         std::function<bool(KeyOwner&)> reach = {}, Who who = &Cast::vendor) {
    return KeyWrong{id, title, row, "QP-E-KEY", kWhy, mutation, std::move(ask), "publish.first", std::move(reach), who,
                    std::move(arrange)};
  };
  return {
      {"publish.unsigned-in-f", "In profile F every change is signed.", "step 9 Sig", "QP-E-PROFILE", {"QP-ADD-18", "QP-ADD-21"},
       "KeyChange.Sig:remove", unsigned_key({}), "publish.first", {}, &Cast::vendor, {}, "F"},
      {"publish.no-proof", "A key without a proof is none.", "Key.Sig", "QP-E-SCHEMA", {"QP-ADD-18", "QP-ADD-20"},
       "PublishedKey.Sig:remove",
       [](KeyOwner& owner) {
         Sending sending = owner.publishing(owner.change(owner.key({})));
         Element& key = *at(sending.document, "Body/KeyChange/Key");
         std::erase_if(key.children, [](const Element& each) { return each.name == "Sig"; });
         sending.label = "PublishedKey.Sig:remove";  // an unchanged message is valid
         return owner.world().send(std::move(sending));
       }},
      unentitled("publish.code-alone", "Who has a key to sign is not believed by its code alone.", "D6", "KeyChange.Sig:=absent",
                 unsigned_key({}), "publish.vendor-first"),
      unentitled("publish.seal-first", "The first key is one to sign.", "D6 Usage", "KeyChange.Sig:=absent & Usage:=seal",
                 unsigned_key({.name = "newcomer-seal", .usage = "seal"}), "publish.vendor-first",
                 [](WorldPlan& plan) { lists_none(plan, plan.cast.vendor); }),
      unentitled("publish.after-withdrawn", "Who took its key back does not begin anew.", "D6 withdrawn",
                 "KeyChange.Sig:=absent, after WithdrawKey", unsigned_key({}), "publish.vendor-first", {}, has_taken_its_own_back),
      unentitled("publish.after-listed-withdrawn", "Nor whose owner took it back.", "D6 withdrawn by the owner",
                 "KeyChange.Sig:=absent, key withdrawn", unsigned_key({}), "publish.vendor-first", has_a_withdrawn_one),
      unentitled("publish.wallet-twice", "Nor does a Wallet begin twice.", "D6 wallet", "KeyChange.Sig:=absent, of a Wallet, again",
                 unsigned_key({.name = "newcomer-seal"}), "publish.wallet-second", {},
                 [](KeyOwner& owner) { return owner.publishes({}).ok(); }, &Cast::wallet),
      signer("publish.by-stranger", "A key that is not listed vouches for none.", "D7", "KeyChange.Sig:=a stranger's",
             signed_by("stranger")),
      signer("publish.by-itself", "Nor does the new key for itself.", "D7 itself", "KeyChange.Sig:=by the new key",
             signed_by("newcomer")),
      signer("publish.by-other", "Nor that of another player.", "D7 another", "KeyChange.Sig:=another Vendor's", [](KeyOwner& owner) {
        owner.signer = owner.world().cast().other_vendor;
        return owner.publishes({});
      }),
      signer("publish.by-host", "Nor the Host's own.", "D7 Host", "KeyChange.Sig:=the Host's", [](KeyOwner& owner) {
        owner.signer = owner.world().cast().host;
        return owner.publishes({});
      }),
      signer("publish.by-seal", "Nor one to seal.", "D7 seal", "KeyChange.Sig:=by the key to seal", signed_by("stranger"),
             beside(is_to_seal, &Cast::broker), {}, &Cast::broker),
      signer("publish.by-withdrawn", "A key that was taken back signs no change.", "D7 withdrawn", "KeyChange.Sig:=by a withdrawn key",
             publishing({}), {}, has_taken_its_own_back),
      signer("publish.by-listed-withdrawn", "Nor one that the owner took back.", "D7 WithdrawnFrom",
             "KeyChange.Sig:=by a key that the owner withdrew", signed_by("stranger"), beside(is_withdrawn)),
      signer("publish.by-over", "Nor one whose time is over.", "D7 NotAfter", "KeyChange.Sig:=by a key that is over",
             signed_by("stranger"), beside(is_over)),
      signer("publish.by-early", "Nor one whose time has not come.", "D7 NotBefore", "KeyChange.Sig:=by a key of tomorrow",
             signed_by("stranger"), beside(is_early))};
}

// ---------------------------------------------------------------- D8
/// Everything is signed, then this is changed.
Ask changed_afterwards(const char* path, std::function<std::string(KeyOwner&)> value) {
  return [=](KeyOwner& owner) {
    Sending sending = owner.publishing(owner.change(owner.key({})));
    set_text(sending.document, path, value(owner));
    return owner.world().send(std::move(sending));
  };
}
/// The proof is right; the change is signed so.
Ask vouched(std::function<Element(KeyOwner&, Element)> sign) {
  return [sign = std::move(sign)](KeyOwner& owner) {
    return owner.world().send(owner.publishing(sign(owner, branch("KeyChange", {owner.key({})}))));
  };
}
/// This is changed in the key after its proof, and the change signed as it is.
Ask proven_before(Change change) {
  return [change = std::move(change)](KeyOwner& owner) {
    Element key = owner.key({});
    change(owner, key);
    return owner.world().send(owner.publishing(owner.change(std::move(key))));
  };
}
std::string flipped(const std::string& base64) {
  std::string raw = bytes_of_base64(base64).value_or(std::string(1, '\0'));
  raw.back() = static_cast<char>(raw.back() ^ 1);
  return base64_of(raw);
}

std::vector<KeyWrong> wrong_signatures() {
  const auto one = [](const char* id, const char* title, const char* row, const char* mutation, Ask ask) {
    return KeyWrong{id, title, row, "QP-E-SIGNATURE", kWhy, mutation, std::move(ask)};
  };
  return {
      one("proof.not-held", "Who does not have a key cannot have it listed.", "D8 proof", "PublishedKey.PubKey:=another's",
          publishing({.signer = "stranger"})),
      one("proof.by-own", "Its own listed key proves no other.", "D8 proof own", "PublishedKey.Sig:=by the listed key",
          [](KeyOwner& owner) { return owner.publishes({.signer = owner.id}); }),
      one("proof.other-purpose", "A signature for something else is no proof.", "D8 purpose", "PublishedKey.Sig:=purpose directory",
          publishing({.purpose = "directory"})),
      one("proof.as-change", "The word for a change is no proof.", "D8 purpose key-rollover",
          "PublishedKey.Sig:=purpose key-rollover", publishing({.purpose = "key-rollover"})),
      one("proof.of-another", "A proof is of whoever made it.", "D8 Player", "PublishedKey.Player:=another's proof",
          proven_before([](KeyOwner& owner, Element& key) {
            KeyOwner other(owner.session(), owner.world().cast().other_vendor);
            *child(key, "Sig") = *child(other.key({}), "Sig");
          })),
      one("proof.other-use", "It is about all that is said of the key: its use,", "D8 Usage", "PublishedKey.Usage:=seal, after its proof",
          proven_before([](KeyOwner&, Element& key) { set_text(key, "Usage", "seal"); })),
      one("proof.longer", "and its times.", "D8 NotAfter", "PublishedKey.NotAfter:=later, after its proof",
          proven_before([](KeyOwner& owner, Element& key) { set_text(key, "NotAfter", owner.world().now_text(3000 * kDay)); })),
      one("proof.other-id", "It names its key.", "D8 proof KeyId", "PublishedKey.Sig.KeyId:=another",
          proven_before([](KeyOwner&, Element& key) { set_text(key, "Sig/KeyId", std::string(64, '5')); })),
      one("proof.flipped", "A proof with one bit changed is none.", "D8 proof Value", "PublishedKey.Sig.Value:flip",
          proven_before([](KeyOwner&, Element& key) { set_text(key, "Sig/Value", flipped(text_at(key, "Sig/Value"))); })),
      one("word.other-purpose", "A signature for something else is no word for a change.", "D8 change purpose",
          "KeyChange.Sig:=purpose directory", vouched([](KeyOwner& owner, Element change) {
            return signed_with(*test_key(owner.signer), std::move(change), "directory");
          })),
      one("word.as-proof", "A proof is no word for a change.", "D8 change purpose key-proof", "KeyChange.Sig:=purpose key-proof",
          vouched([](KeyOwner& owner, Element change) {
            return signed_with(*test_key(owner.signer), std::move(change), "key-proof");
          })),
      one("word.of-another-change", "The word for one key is none for another.", "D8 change Key", "KeyChange.Key:=another, proven",
          vouched([](KeyOwner& owner, Element change) {
            const Element other = owner.change(owner.key({.name = "newcomer-seal"}));
            change.children.push_back(*child(other, "Sig"));
            return change;
          })),
      one("word.other-key", "A signature is by the key that it names.", "D8 change KeyId", "KeyChange.Sig:=a stranger's, under its name",
          vouched([](KeyOwner& owner, Element change) {
            change = signed_with(*test_key("stranger"), std::move(change));
            set_text(change, "Sig/KeyId", key_id_of(owner.signer));
            return change;
          })),
      one("word.flipped", "A word with one bit changed is none.", "D8 change Value", "KeyChange.Sig.Value:flip",
          [](KeyOwner& owner) {
            Sending sending = owner.publishing(owner.change(owner.key({})));
            set_text(sending.document, "Body/KeyChange/Sig/Value", flipped(text_at(sending.document, "Body/KeyChange/Sig/Value")));
            return owner.world().send(std::move(sending));
          }),
      one("word.changed-afterwards", "Nothing is changed after it was signed.", "D8 change NotAfter",
          "PublishedKey.NotAfter:=later, after all was signed",
          changed_afterwards("Body/KeyChange/Key/NotAfter", [](KeyOwner& owner) { return owner.world().now_text(3000 * kDay); }))};
}

// ---------------------------------------------------------------- D11 to D13
/// A right withdrawal, of which this is changed after it was signed.
Ask withdrawal_changed(const char* path, std::function<std::string(const Element&, KeyOwner&)> value) {
  return [=](KeyOwner& owner) {
    Element made = owner.withdrawal({.from_s = kDay});
    set_text(made, path, value(made, owner));
    return owner.world().send(owner.withdrawing(std::move(made)));
  };
}
/// By the key that the entry has beside its own.
Ask by_the_one_beside(const char* about = "") {
  return [=](KeyOwner& owner) { return owner.withdraws({.name = *about == '\0' ? owner.id : about, .signer = "stranger"}); };
}
bool follows_and_is_back(KeyOwner& owner) { return owner.publishes({}).ok() && owner.withdraws({}).ok(); }

std::vector<KeyWrong> wrong_withdrawals() {
  const auto one = [](const char* id, const char* title, const char* row, const char* code, const char* mutation, Ask ask,
                      Arrange arrange = {}, std::function<bool(KeyOwner&)> reach = {}, Who who = &Cast::vendor) {
    return KeyWrong{id, title, row, code, kWhy, mutation, std::move(ask), "withdraw.first", std::move(reach), who,
                    std::move(arrange)};
  };
  const char *const key = "QP-E-KEY", *const sig = "QP-E-SIGNATURE";
  return {
      one("withdraw.unknown", "A key that is not listed is not taken back.", "D11", key, "Withdrawal.KeyId:=not listed",
          withdrawing({.name = "stranger"})),
      one("withdraw.others-key", "Nor one of another player.", "D11 another", key, "Withdrawal.KeyId:=another Vendor's",
          [](KeyOwner& owner) { return owner.withdraws({.name = owner.world().cast().other_vendor}); }),
      one("withdraw.by-stranger", "A key that is not listed takes none back.", "D12", key, "Withdrawal.Sig:=a stranger's",
          by_the_one_beside()),
      one("withdraw.by-other", "Nor does that of another player.", "D12 another", key, "Withdrawal.Sig:=another Vendor's",
          [](KeyOwner& owner) { return owner.withdraws({.name = owner.id, .signer = owner.world().cast().other_vendor}); }),
      one("withdraw.by-seal", "Nor one to seal.", "D12 seal", key, "Withdrawal.Sig:=by the key to seal", by_the_one_beside(),
          beside(is_to_seal, &Cast::broker), {}, &Cast::broker),
      one("withdraw.seal-by-itself", "Which does not even take itself back.", "D12 seal itself", key,
          "Withdrawal.Sig:=by the key to seal, of itself", by_the_one_beside("stranger"), beside(is_to_seal, &Cast::broker), {},
          &Cast::broker),
      one("withdraw.by-withdrawn", "A key that was taken back takes back itself alone.", "D12 withdrawn", key,
          "Withdrawal.Sig:=by a withdrawn key", withdrawing({.name = "newcomer"}), {}, follows_and_is_back),
      one("withdraw.by-listed-withdrawn", "So it is with one that the owner took back.", "D12 WithdrawnFrom", key,
          "Withdrawal.Sig:=by a key that the owner withdrew", by_the_one_beside(), beside(is_withdrawn)),
      one("withdraw.by-over", "And with one whose time is over.", "D12 NotAfter", key, "Withdrawal.Sig:=by a key that is over",
          by_the_one_beside(), beside(is_over)),
      one("withdraw.by-early", "Nor does one whose time has not come.", "D12 NotBefore", key,
          "Withdrawal.Sig:=by a key of tomorrow", by_the_one_beside(), beside(is_early)),
      one("withdraw.other-purpose", "A signature for something else takes nothing back.", "D13 purpose", sig,
          "Withdrawal.Sig:=purpose directory", withdrawing({.purpose = "directory"})),
      one("withdraw.as-change", "Nor does the word for a change.", "D13 purpose key-rollover", sig,
          "Withdrawal.Sig:=purpose key-rollover", withdrawing({.purpose = "key-rollover"})),
      one("withdraw.other-key", "A signature is by the key that it names.", "D13 KeyId", sig,
          "Withdrawal.Sig:=a stranger's, under its name", [](KeyOwner& owner) {
            Element made = owner.withdrawal({.name = owner.id, .signer = "stranger"});
            set_text(made, "Sig/KeyId", key_id_of(owner.id));
            return owner.world().send(owner.withdrawing(std::move(made)));
          }),
      one("withdraw.flipped", "A word with one bit changed is none.", "D13 Value", sig, "Withdrawal.Sig.Value:flip",
          withdrawal_changed("Sig/Value", [](const Element& made, KeyOwner&) { return flipped(text_at(made, "Sig/Value")); })),
      one("withdraw.earlier-afterwards", "The time is in the word.", "D13 From", sig, "Withdrawal.From:=earlier, after it was signed",
          withdrawal_changed("From", [](const Element&, KeyOwner& owner) { return owner.world().now_text(-kDay); })),
      one("withdraw.reason-afterwards", "So is the reason.", "D13 Reason", sig, "Withdrawal.Reason:=leaked, after it was signed",
          withdrawal_changed("Reason", [](const Element&, KeyOwner&) { return std::string("leaked"); })),
      one("withdraw.other-afterwards", "And which key it is.", "D13 about", sig, "Withdrawal.KeyId:=its other, after it was signed",
          withdrawal_changed("KeyId", [](const Element&, KeyOwner&) { return key_id_of("newcomer"); }), {}, has_published)};
}

}  // namespace

void add_publish_refusals(Suite& suite) {
  add_key_wrongs(suite, takeovers());
  add_key_wrongs(suite, wrong_players());
  add_key_wrongs(suite, weak_keys());
  add_key_wrongs(suite, wrong_signers());
  add_key_wrongs(suite, wrong_signatures());
}

void add_withdrawal_refusals(Suite& suite) { add_key_wrongs(suite, wrong_withdrawals()); }

}  // namespace quickpay::conformance
