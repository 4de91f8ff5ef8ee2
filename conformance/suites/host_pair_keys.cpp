// Keys that players share with the Host in profile H, and Vendors with Brokers: who gets which, and until when it counts.
#include <fmt/format.h>

#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_keys.hpp"
#include "conformance/suites/registrar.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kOverlap = protocol::T_dir_default;

const char *const kBoth = ".both", *const kAgain = ".again", *const kReceipt = ".receipt";

void judge_given(KeyOwner& owner, const std::string& check, const Reply& reply, bool holds, const std::string& expected) {
  const std::string got = owner.given.name.empty() ? outcome_text(reply)
                                                   : fmt::format("epoch {} to {}", text_at(owner.given, "Epoch"), text_at(owner.given, "ValidTo"));
  judge(owner.session(), check, holds, expected, got, reply.entries, Reason::refused);
}
bool gave(const KeyOwner& owner, const std::string& epoch) { return text_at(owner.given, "Epoch") == epoch; }

/// Its own key is that of this epoch.
KeyPlay gets(const char* epoch) {
  return [epoch](KeyOwner& owner, const std::string& check) {
    const Reply reply = owner.asks();
    judge_given(owner, check, reply, gave(owner, epoch), fmt::format("the key of epoch {}", epoch));
  };
}

/// The key of the Broker's epoch, derived from the Broker's.
void judge_pair(KeyOwner& owner, const std::string& check, const std::string& broker, const Reply& reply) {
  const WorldPlan& plan = owner.world().plan();
  const KeyPlan right = pair_key_of(*plan.key(plan.cast.host, broker), owner.id, broker);
  const bool holds = gave(owner, std::to_string(right.epoch)) && text_at(owner.given, "Key") == right.key &&
                     text_at(owner.given, "ValidTo") == right.valid_to;
  judge_given(owner, check, reply, holds, fmt::format("what is derived from the key of {}, epoch {} to {}", broker, right.epoch, right.valid_to));
}
void pair(KeyOwner& owner, const std::string& check) {
  const std::string broker = owner.world().cast().broker;
  judge_pair(owner, check, broker, owner.asks(broker));
}
void pair_of_the_next(KeyOwner& owner, const std::string& check) {
  KeyOwner broker(owner.session(), owner.world().cast().broker);
  if (!broker.asks().ok() || !gave(broker, "2")) {
    return unreached(owner.session(), "a Broker with a key of the next epoch");
  }
  judge_pair(owner, check, broker.id, owner.asks(broker.id));
}

void the_same_again(KeyOwner& owner, const std::string& check) {
  judge_ok(owner.session(), check, owner.asks());
  const std::string key = text_at(owner.given, "Key");
  const Reply reply = owner.asks();
  judge_given(owner, check + kAgain, reply, gave(owner, "2") && text_at(owner.given, "Key") == key, "the key that it gave");
}
/// While two epochs overlap the codes of both are taken.
void both_count(KeyOwner& owner, const std::string& check) {
  if (!owner.asks().ok() || !gave(owner, "2")) {
    return unreached(owner.session(), "a key of the next epoch");
  }
  World& world = owner.world();
  const Element old = owner.withdrawal({.from_s = 2 * kDay}), next = owner.withdrawal({.from_s = kDay});
  judge_ok(owner.session(), check, world.send(owner.under(1, owner.withdrawing(old))));
  judge_ok(owner.session(), check + kBoth, world.send(owner.under(2, owner.withdrawing(next))));
}
bool slept(KeyOwner& owner) {
  return owner.asks().ok() && gave(owner, "2") && owner.world().advance(kHour + 60);
}
void the_new_one_counts(KeyOwner& owner, const std::string& check) {
  if (!slept(owner)) {
    return unreached(owner.session(), "the end of the epoch before");
  }
  judge_ok(owner.session(), check, owner.world().send(owner.under(2, owner.withdrawing(owner.withdrawal({})))));
}
void survives(KeyOwner& owner, const std::string& check) {
  if (!owner.asks().ok() || !gave(owner, "2") || !owner.world().restart(true)) {
    return unreached(owner.session(), "a key of the next epoch, and a restart");
  }
  const std::string key = text_at(owner.given, "Key");
  const Reply reply = owner.asks({}, 2);
  judge_given(owner, check, reply, gave(owner, "2") && text_at(owner.given, "Key") == key, "the key that it gave");
}
void different_for_each(KeyOwner& owner, const std::string& check) {
  KeyOwner other(owner.session(), owner.world().cast().broker);
  judge_ok(owner.session(), check, owner.asks());
  const Reply reply = other.asks();
  judge_given(other, check + kBoth, reply, gave(other, "2") && text_at(other.given, "Key") != text_at(owner.given, "Key"),
              "another key");
}
/// What the Host gives a Vendor to check is under the earliest key, which the Vendor has for sure.
void earliest_for_receipts(KeyOwner& owner, const std::string& check) {
  World& world = owner.world();
  const Reply asked = owner.asks();
  judge_given(owner, check, asked, gave(owner, "2"), "the key of epoch 2");
  if (!world.plan().claims("micropayment")) {
    return owner.session().emit(check + kReceipt, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim micropayment"});
  }
  Registrar registrar(owner.session());
  const Reply reply = world.send(registrar.commit(registrar.order()));
  const Element* receipt = at(reply.document, "Body/HostReceipt");
  const std::string epoch = receipt == nullptr ? "none" : text_at(*receipt, "Mac/KeyRef");
  const bool right = receipt == nullptr || (epoch == "1" && text_at(*receipt, "Mac/Value") == receipt_mac_of(world.plan(), *receipt));
  judge(owner.session(), check + kReceipt, reply.ok() && right, "QP-OK, and a receipt of epoch 1 or none",
        fmt::format("{}, {}", outcome_text(reply), epoch), reply.entries);
}

void both_end_soon(WorldPlan& plan) {
  ends_in(plan, plan.cast.vendor, kHour);
  ends_in(plan, plan.cast.broker, kHour);
}

std::vector<KeyRight> rights_to_ask() {
  const std::vector<std::string> why = {"QP-ADD-21", "QP-ADM-013"};
  std::vector<KeyRight> all = {
      {.id = "own.last", .title = "Who asks early gets the key that it has.", .rows = "D21", .requirements = why, .play = gets("1")},
      {.id = "own.nearly-due", .title = "That is so until T_dir before its end.", .rows = "D21 T_dir", .requirements = why,
       .play = gets("1"), .mutation = "ValidTo:=T_dir and a little more from now", .arrange = ends(kOverlap + 120)},
      {.id = "own.just-due", .title = "From then on it gets the next one.", .rows = "D20 T_dir", .requirements = why,
       .play = gets("2"), .mutation = "ValidTo:=a little less than T_dir from now", .arrange = ends(kOverlap - 120)},
      {.id = "own.next", .title = "A Vendor gets the key of its next epoch.", .rows = "D20", .requirements = why, .play = gets("2"),
       .mutation = "ValidTo:=in an hour", .arrange = ends(kHour)},
      {.id = "own.next-broker", .title = "So does a Broker.", .rows = "D20 broker", .requirements = why, .play = gets("2"),
       .mutation = "ValidTo:=in an hour, of a Broker", .who = &Cast::broker, .arrange = ends(kHour, &Cast::broker)},
      {.id = "own.next-wallet", .title = "And a Wallet.", .rows = "D20 wallet", .requirements = why, .play = gets("2"),
       .mutation = "ValidTo:=in an hour, of a Wallet", .who = &Cast::wallet, .arrange = ends(kHour, &Cast::wallet)},
      {.id = "own.again", .title = "Whoever asks once more gets the same key.", .rows = "D20 D21", .requirements = why,
       .play = the_same_again, .mutation = "GetPairKey:twice", .arrange = ends(kHour), .more = kAgain,
       .more_title = "It is the same, and of the same epoch."},
      {.id = "own.slept", .title = "Who slept through the end of its key gets the next one by its code all the same.",
       .rows = "D20 over", .requirements = why, .play = gets("2"), .mutation = "ValidTo:=a day ago", .arrange = ends(-kDay)},
      {.id = "own.different", .title = "Each player gets a key of its own.", .rows = "D20 each", .requirements = why,
       .play = different_for_each, .mutation = "GetPairKey:of two players", .arrange = both_end_soon, .more = kBoth,
       .more_title = "They are different."},
      {.id = "own.restart", .title = "What was given outlives a crash.", .rows = "D20 restart", .requirements = why, .play = survives,
       .mutation = "restart:hard", .arrange = ends(kHour)},
      {.id = "overlap.both", .title = "While two epochs overlap the Host takes codes of the old one.", .rows = "D20 KeyRef",
       .requirements = why, .play = both_count, .mutation = "Auth.KeyRef:=both", .arrange = ends(kHour), .more = kBoth,
       .more_title = "And of the next."},
      {.id = "overlap.over", .title = "When the old one is over the next one counts.", .rows = "D20 KeyRef later", .requirements = why,
       .play = the_new_one_counts, .mutation = "Auth.KeyRef:=the next, after the end", .arrange = ends(kHour)},
      {.id = "overlap.receipt", .title = "The Host gives the key of the next epoch,", .rows = "D20 HostReceipt",
       .requirements = {"QP-ADD-21", "QP-ADD-22"}, .play = earliest_for_receipts, .mutation = "RegisterCommit:in the overlap",
       .arrange = ends(kHour), .more = kReceipt, .more_title = "and makes its own codes with the earliest that is not over."},
      {.id = "pair.first", .title = "A Vendor gets the key that it shares with a Broker.", .rows = "D19", .requirements = why,
       .play = pair},
      {.id = "pair.next", .title = "It is of the Broker's last epoch.", .rows = "D19 Epoch", .requirements = why,
       .play = pair_of_the_next, .mutation = "ValidTo:=in an hour, of the Broker", .arrange = ends(kHour, &Cast::broker)},
      {.id = "pair.ends", .title = "And ends with the Broker's.", .rows = "D19 ValidTo", .requirements = why, .play = pair,
       .mutation = "ValidTo:=in two days, of the Broker", .arrange = ends(2 * kDay, &Cast::broker)}};
  for (KeyRight& one : all) {
    one.profile = "H";
  }
  return all;
}

// ---------------------------------------------------------------- refused
using Ask = std::function<Reply(KeyOwner&)>;

Ask asks(Who peer = nullptr, std::int64_t epoch = 0) {
  return [=](KeyOwner& owner) { return owner.asks(peer == nullptr ? std::string() : owner.world().cast().*peer, epoch); };
}
void other_broker_removed(WorldPlan& plan) { plan.player(plan.cast.other_broker)->removed = true; }

/// A right question, of which the sealed part is changed.
Ask box_changed(const char* path) {
  return [path](KeyOwner& owner) {
    Sending sending = owner.asking(owner.wish());
    spoil(sending.document, path);
    return owner.world().send(std::move(sending));
  };
}
Ask inside_changed(std::function<void(KeyOwner&, Element&)> change) {
  return [change = std::move(change)](KeyOwner& owner) {
    Element inner = owner.wish();
    change(owner, inner);
    return owner.world().send(owner.asking(inner));
  };
}
Reply under_another_head(KeyOwner& owner) {
  Sending sending = owner.asking(owner.wish());
  set_text(sending.document, "Head/MsgId", owner.world().fresh_id());
  return owner.world().send(std::move(sending));
}

std::vector<KeyWrong> wrong_questions() {
  const std::vector<std::string> why = {"QP-ADD-21"};
  const auto one = [&](const char* id, const char* title, const char* row, const char* code, const char* mutation, Ask ask,
                       const char* twin = "pair.first", Who who = &Cast::vendor, Arrange arrange = {},
                       std::function<bool(KeyOwner&)> reach = {}) {
    return KeyWrong{id, title, row, code, why, mutation, std::move(ask), twin, std::move(reach), who, std::move(arrange), "H"};
  };
  std::vector<KeyWrong> all = {
      one("own.removed", "Who was removed gets no further key.", "D15", "QP-E-GONE", "GetPairKey:removed by the owner", asks(),
          "own.last", &Cast::other_vendor, other_vendor_removed),
      one("pair.removed", "Nor one with a Broker.", "D15 pair", "QP-E-GONE", "GetPairKey:removed by the owner, pair",
          asks(&Cast::broker), "pair.first", &Cast::other_vendor, other_vendor_removed),
      one("pair.slept", "The code of a key that is over is good for one's own alone.", "D16 pair", "QP-E-KEY",
          "ValidTo:=a day ago, pair", asks(&Cast::broker), "own.slept", &Cast::vendor, ends(-kDay)),
      one("pair.broker", "A Broker has no key with another Broker.", "D17", "QP-E-FORBIDDEN", "GetPairKey:of a Broker, pair",
          asks(&Cast::other_broker), "pair.first", &Cast::broker),
      one("pair.broker-itself", "Nor one with itself.", "D17 itself", "QP-E-FORBIDDEN", "GetPairKey:of a Broker, with itself",
          asks(&Cast::broker), "pair.first", &Cast::broker),
      one("pair.wallet", "Nor has a Wallet.", "D17 wallet", "QP-E-FORBIDDEN", "GetPairKey:of a Wallet, pair", asks(&Cast::broker),
          "pair.first", &Cast::wallet),
      one("pair.unknown", "Nobody shares a key with a Broker that there is not.", "D18", "QP-E-BROKER", "Peer:=unknown",
          asks(&Cast::unknown_broker)),
      one("pair.removed-broker", "Nor with one that was removed.", "D18 removed", "QP-E-BROKER", "Peer:=removed",
          asks(&Cast::other_broker), "pair.first", &Cast::vendor, other_broker_removed),
      one("pair.slept-broker", "Nor with one whose key is over.", "D18 over", "QP-E-BROKER", "ValidTo:=a day ago, of the Broker",
          asks(&Cast::broker), "pair.first", &Cast::vendor, ends(-kDay, &Cast::broker)),
      one("overlap.old", "The code of a key that is over counts for nothing else.", "step 13 over", "QP-E-FORBIDDEN",
          "Auth.KeyRef:=that is over",
          [](KeyOwner& owner) { return owner.world().send(owner.under(1, owner.withdrawing(owner.withdrawal({})))); }, "overlap.over",
          &Cast::vendor, ends(kHour), slept),
      one("overlap.not-yet", "That of the next epoch does not count before it was given.", "step 13 next", "QP-E-FORBIDDEN",
          "Auth.KeyRef:=the next, not given",
          [](KeyOwner& owner) {
            Sending sending = owner.withdrawing(owner.withdrawal({}));
            Element auth = auth_of(owner.world().plan(), sending.document, owner.id, owner.world().iut());
            set_text(auth, "Mac/KeyRef", "2");
            sending.document.children.push_back(std::move(auth));
            return owner.world().send(std::move(sending));
          },
          "overlap.both", &Cast::vendor, ends(kHour)),
      one("own.forgotten", "T_retain after its end no key counts at all.", "step 13 T_retain", "QP-E-FORBIDDEN",
          "ValidTo:=T_retain and a little more ago", asks(), "own.slept", &Cast::vendor, ends(-protocol::T_retain_default - 120)),
      one("own.other-key", "What is sealed to another key is refused.", "Sealed.KeyId", "QP-E-FORBIDDEN", "GetPairKey.KeyId:=another",
          box_changed("Body/Sealed/KeyId"), "own.last"),
      one("own.other-wrapping", "A wrapped key that is none is refused.", "Sealed.WrappedKey", "QP-E-FORBIDDEN",
          "GetPairKey.WrappedKey:=changed", box_changed("Body/Sealed/WrappedKey"), "own.last"),
      one("own.other-box", "A box that was changed is refused.", "Sealed.Box", "QP-E-FORBIDDEN", "GetPairKey.Box:=changed",
          box_changed("Body/Sealed/Box"), "own.last"),
      one("own.other-head", "A box under another Head is refused.", "Sealed head", "QP-E-FORBIDDEN", "GetPairKey.Head.MsgId:=another",
          under_another_head, "own.last"),
      one("own.with-peer", "Who wants its own names nobody.", "inner Peer", "QP-E-SCHEMA", "GetPairKeyInner.Peer:=added",
          inside_changed([](KeyOwner& owner, Element& inner) {
            inner.children.insert(inner.children.begin() + 1, leaf("Peer", owner.world().cast().broker));
          }),
          "own.last"),
      one("pair.without-peer", "Who wants one with a Broker names it.", "inner Want", "QP-E-SCHEMA", "GetPairKeyInner.Peer:=absent",
          inside_changed([](KeyOwner&, Element& inner) { set_text(inner, "Want", "pair"); }))};
  all.push_back({"own.in-f", "In profile F nobody shares a key.", "D16", "QP-E-KEY", why, "GetPairKey:in profile F", asks(),
                 "publish.first", {}, &Cast::vendor, {}, "F"});
  all.push_back({"pair.in-f", "Not with a Broker either.", "D16 pair in F", "QP-E-KEY", why, "GetPairKey:in profile F, pair",
                 asks(&Cast::broker), "publish.first", {}, &Cast::vendor, {}, "F"});
  return all;
}

FamilyBase asking_base() {
  FamilyBase base;
  base.message = "GetPairKey";
  base.twin = "keys.own.last";
  base.valid = [](Session& session) {
    KeyOwner owner(session, session.world().cast().vendor);
    return owner.asking(owner.wish());
  };
  base.benign = publishes_another;
  base.unserved = "GetOrder";
  base.twin_in_f = "keys.publish.first";
  return base;
}

}  // namespace

void add_pair_keys(Suite& suite) {
  add_key_rights(suite, rights_to_ask());
  add_key_wrongs(suite, wrong_questions());
  add_auth_family(suite, asking_base());
}

}  // namespace quickpay::conformance
