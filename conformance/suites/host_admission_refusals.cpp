// Wallets and Brokers that the Host does not list, and changes that it does not take.
#include <fmt/format.h>

#include <functional>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/host_admission.hpp"
#include "conformance/suites/rights.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

// ---------------------------------------------------------------- Wallets
using WrongWallet = Wrong<NewWallet>;

bool wallet_joined(NewWallet& wallet) { return wallet.joins(); }
bool wallet_left(NewWallet& wallet) { return wallet.joins() && wallet.leaves().ok(); }
bool is_the_owners_wallet(NewWallet& wallet) {
  wallet.speak_for(wallet.world().cast().wallet);
  return true;
}
bool wallet_removed(NewWallet& wallet) { return wallet.joins() && remove_by_owner(wallet.world(), wallet.id); }
bool is_other_wallet(NewWallet& wallet) {
  wallet.speak_for(wallet.world().cast().other_wallet);
  return true;
}
void other_wallet_removed(WorldPlan& plan) { plan.player(plan.cast.other_wallet)->removed = true; }

/// Registers, or changes, with one network.
std::function<Reply(NewWallet&)> with_net(std::string address, std::string prefix) {
  return [address = std::move(address), prefix = std::move(prefix)](NewWallet& wallet) {
    const std::string own = wallet.world().address_of(wallet.place);
    const Element net = wallet.net(address.empty() ? own : address, prefix);
    if (wallet.id.empty()) {
      Element inner = wallet.inner();
      *child(inner, "Net") = net;
      return wallet.registers(inner);
    }
    Element inner = wallet.change();
    inner.children.insert(inner.children.begin(), net);
    return wallet.updates(inner);
  };
}
/// A right network beside one that nobody can be bound to.
Reply with_a_wide_net_beside(NewWallet& wallet) {
  Element inner = wallet.inner();
  inner.children.insert(inner.children.begin() + 1, wallet.net("2001:db8::", "48"));
  return wallet.registers(inner);
}
std::function<Reply(NewWallet&)> with_key(BroughtKey key) {
  return [key = std::move(key)](NewWallet& wallet) { return wallet.registers(wallet.inner_with(key)); };
}
std::function<Reply(NewWallet&)> with_weak_key(WeakKey which) {
  return with_key({.change = [which](Element& key) { set_text(key, "PubKey", base64_of(weak_key(which))); }});
}
Reply wants_ticket(NewWallet& wallet) { return wallet.updates(ticket_wanted(wallet)); }
Reply goes(NewWallet& wallet) { return wallet.leaves(); }

std::vector<WrongWallet> wrong_nets() {
  const std::vector<std::string> why = {"QP-WAL-013", "QP-REL-006"};
  const auto net = [&](const char* id, const char* title, const char* mutation, const char* address, const char* prefix) {
    return WrongWallet{id, title, "I1", "QP-E-ADDRESS", why, mutation, anything, with_net(address, prefix), "wallet.first"};
  };
  const auto update = [&](const char* id, const char* title, const char* mutation, const char* address, const char* prefix) {
    return WrongWallet{id, title, "I6", "QP-E-ADDRESS", why, mutation, wallet_joined, with_net(address, prefix), "wallet.moved"};
  };
  return {
      net("wallet.elsewhere", "Nobody is bound to where he is not.", "RegisterWallet.Net:=elsewhere", "192.0.2.1", "32"),
      net("wallet.wide", "Nor to a network of IPv4.", "RegisterWallet.Prefix:=24", "", "24"),
      net("wallet.nearly-whole", "Not even to two addresses.", "RegisterWallet.Prefix:=31", "", "31"),
      net("wallet.six", "A network of IPv6 covers no address of IPv4.", "RegisterWallet.Net:=IPv6", "2001:db8::", "64"),
      net("wallet.disguise", "Nor does one in disguise.", "RegisterWallet.Net:=IPv4 in IPv6", "::ffff:7f00:1", "128"),
      {"wallet.wide-beside", "Each of its networks is small.", "I1 Net", "QP-E-ADDRESS", why, "RegisterWallet.Prefix:=48 beside",
       anything, with_a_wide_net_beside, "wallet.two-nets"},
      {"wallet.owner-moves-elsewhere", "So it is with whom the owner listed.", "I6 UNREGISTERED", "QP-E-ADDRESS", why,
       "UpdateWallet.Net:=elsewhere, of the owner", is_the_owners_wallet, with_net("192.0.2.1", "32"), "wallet.owner-changed"},
      update("wallet.moves-elsewhere", "Nobody moves to where he is not.", "UpdateWallet.Net:=elsewhere", "192.0.2.1", "32"),
      update("wallet.moves-wide", "Nor to a network of IPv4.", "UpdateWallet.Prefix:=24", "", "24")};
}

std::vector<WrongWallet> wrong_wallet_keys() {
  const std::vector<std::string> why = {"QP-ADD-18"};
  const auto key = [&](const char* id, const char* title, const char* row, const char* code, const char* mutation,
                       std::function<Reply(NewWallet&)> ask) {
    return WrongWallet{id, title, row, code, why, mutation, anything, std::move(ask), "wallet.with-key"};
  };
  return {key("wallet.key-exponent", "A key with a weak exponent is not listed.", "I2", "QP-E-KEY",
              "RegisterWallet.Key:=exponent 3", with_weak_key(WeakKey::exponent_three)),
          key("wallet.key-short", "Nor is a short one.", "I2", "QP-E-KEY", "RegisterWallet.Key:=1024 bits",
              with_weak_key(WeakKey::short_modulus)),
          key("wallet.key-over", "Nor one whose time is over.", "I2", "QP-E-KEY", "RegisterWallet.Key.NotAfter:=past",
              with_key({.from_s = -200, .to_s = -100})),
          key("wallet.key-other-nonce", "The proof of another request is none.", "I3 Nonce", "QP-E-SIGNATURE",
              "RegisterWallet.Key.Nonce:=another",
              with_key({.change = [](Element& e) { set_text(e, "Nonce", std::string(32, '4')); }})),
          key("wallet.key-not-held", "Who signs with another key does not have this one.", "I3 Sig", "QP-E-SIGNATURE",
              "RegisterWallet.Key.PubKey:=another's", with_key({.signer = "stranger"})),
          key("wallet.key-other-purpose", "A signature for something else is no proof.", "I3 purpose", "QP-E-SIGNATURE",
              "RegisterWallet.Key.Sig:=purpose directory", with_key({.purpose = "directory"})),
          key("wallet.key-to-seal", "A Wallet's key is to sign with.", "Key.Usage", "QP-E-SCHEMA",
              "RegisterWallet.Key.Usage:=seal", with_key({.usage = "seal"}))};
}

/// The Wallet's request, from a Vendor.
NewWallet vendor_for(NewWallet& wallet) {
  NewWallet other = wallet;
  other.place = other.id = wallet.world().cast().vendor;
  return other;
}

std::vector<WrongWallet> wrong_senders() {
  const std::vector<std::string> role = {"QP-ROLE-001", "QP-WAL-006"};
  return {{"wallet.vendor-changes", "A Vendor changes no Wallet.", "step 11 UpdateWallet", "QP-E-FORBIDDEN", role,
           "UpdateWallet.Head.Sender:=a Vendor", wallet_joined,
           [](NewWallet& wallet) { return wallet.world().send(vendor_for(wallet).update(ticket_wanted(wallet))); }, "wallet.new-ticket"},
          {"wallet.vendor-leaves", "Nor does it leave as one.", "step 11 UnregisterWallet", "QP-E-FORBIDDEN", role,
           "UnregisterWallet.Head.Sender:=a Vendor", wallet_joined,
           [](NewWallet& wallet) { return wallet.world().send(vendor_for(wallet).leaving()); }, "wallet.left"}};
}

std::vector<WrongWallet> wrong_wallets() {
  const std::vector<std::string> gone = {"QP-ADD-23", "QP-WAL-008"};
  return {{"wallet.removed-changes", "Who was removed changes nothing.", "I5", "QP-E-GONE", gone,
           "UpdateWallet:removed by the owner", is_other_wallet, wants_ticket, "wallet.owner-changed", other_wallet_removed},
          {"wallet.removed-leaves", "Nor leaves again.", "I8", "QP-E-GONE", gone, "UnregisterWallet:removed by the owner",
           is_other_wallet, goes, "wallet.owner-left", other_wallet_removed},
          {"wallet.removed-later-changes", "Whom the owner removed changes anything, however it came.", "I5 LIVE", "QP-E-GONE",
           gone, "UpdateWallet:registered, removed by the owner", wallet_removed, wants_ticket, "wallet.new-ticket"},
          {"wallet.removed-later-leaves", "Nor leaves again.", "I8 LIVE", "QP-E-GONE", gone,
           "UnregisterWallet:registered, removed by the owner", wallet_removed, goes, "wallet.left"},
          {"wallet.left-changes", "Who left changes nothing.", "REMOVED UpdateWallet", "QP-E-GONE", gone,
           "UpdateWallet:after UnregisterWallet", wallet_left, wants_ticket, "wallet.left"},
          {"wallet.left-leaves", "Nor leaves again.", "REMOVED UnregisterWallet", "QP-E-GONE", gone, "UnregisterWallet:again",
           wallet_left, goes, "wallet.left"},
          {"wallet.stranger-changes",
           "In profile F nobody changes a Wallet from elsewhere.",
           "I7 step 12",
           "QP-E-FORBIDDEN",
           {"QP-ADD-15", "QP-WAL-013"},
           "UpdateWallet:source:=stray",
           wallet_joined,
           [](NewWallet& wallet) {
             Sending sending = wallet.update(ticket_wanted(wallet));
             sending.source = wallet.world().stray_address();
             return wallet.world().send(std::move(sending));
           },
           "wallet.new-ticket",
           {},
           "F"}};
}

/// What does not open, and what comes out and is no document.
std::vector<WrongWallet> wrong_boxes() {
  const std::vector<std::string> why = {"QP-WAL-005", "QP-ADD-21"};
  const auto changed = [](const char* path) {
    return [path](NewWallet& wallet) {
      Sending sending = wallet.registration(wallet.inner());
      spoil(sending.document, path);
      return wallet.world().send(std::move(sending));
    };
  };
  const auto box = [&](const char* id, const char* title, const char* row, const char* mutation,
                       std::function<Reply(NewWallet&)> ask) {
    return WrongWallet{id, title, row, "QP-E-FORBIDDEN", why, mutation, anything, std::move(ask), "wallet.first"};
  };
  const auto inside = [](const char* bytes) {
    return [bytes](NewWallet& wallet) { return wallet.world().send(wallet.sealed("RegisterWallet", bytes)); };
  };
  return {box("wallet.other-key", "What is sealed to another key is refused.", "Sealed.KeyId", "RegisterWallet.KeyId:=another",
              changed("Body/Sealed/KeyId")),
          box("wallet.other-wrapping", "A wrapped key that is none is refused.", "Sealed.WrappedKey",
              "RegisterWallet.WrappedKey:=changed", changed("Body/Sealed/WrappedKey")),
          box("wallet.other-nonce", "A box under another nonce is refused.", "Sealed.Nonce", "RegisterWallet.Nonce:=changed",
              changed("Body/Sealed/Nonce")),
          box("wallet.other-box", "A box that was changed is refused.", "Sealed.Box", "RegisterWallet.Box:=changed",
              changed("Body/Sealed/Box")),
          box("wallet.other-head", "A box under another Head is refused.", "Sealed head", "RegisterWallet.Head.MsgId:=another",
              [](NewWallet& wallet) {
                Sending sending = wallet.registration(wallet.inner());
                set_text(sending.document, "Head/MsgId", wallet.world().fresh_id());
                return wallet.world().send(std::move(sending));
              }),
          box("wallet.other-message", "A box of another message is refused.", "Sealed root", "RegisterWallet:=in RegisterBroker",
              [](NewWallet& wallet) {
                Sending sending = wallet.registration(wallet.inner());
                sending.document.name = "RegisterBroker";
                return wallet.world().send(std::move(sending));
              }),
          {"wallet.inner-xml",
           "What is sealed keeps the XML profile.",
           "inner XML",
           "QP-E-XML",
           {"QP-ADD-20"},
           "RegisterWalletInner:=no document",
           anything,
           inside("<RegisterWalletInner xmlns=\"urn:quickpay:1\"><!-- --></RegisterWalletInner>"),
           "wallet.first"},
          {"wallet.inner-schema",
           "And the tables: there is no room for a person.",
           "inner schema",
           "QP-E-SCHEMA",
           {"QP-ANON-006", "QP-WAL-007"},
           "RegisterWalletInner.Owner:=added",
           anything,
           [](NewWallet& wallet) {
             Element inner = wallet.inner();
             inner.children.insert(inner.children.begin(), leaf("Owner", "Alice"));
             return wallet.registers(inner);
           },
           "wallet.first"}};
}

// ---------------------------------------------------------------- Brokers
using WrongBroker = Wrong<NewBroker>;

bool broker_joined(NewBroker& broker) { return broker.joins(); }
bool code_used(NewBroker& broker) { return broker.joins() && broker.world().restart(true); }
Reply comes(NewBroker& broker) { return broker.registers(); }
std::function<Reply(NewBroker&)> with_keys(std::function<void(std::vector<BroughtKey>&)> change) {
  return [change = std::move(change)](NewBroker& broker) {
    change(broker.keys);
    return broker.registers();
  };
}

std::vector<WrongBroker> wrong_brokers() {
  const std::vector<std::string> code = {"QP-ROLE-025"}, key = {"QP-ADD-18"};
  const auto keys = [&](const char* id, const char* title, const char* row, const char* refusal, const char* mutation,
                        std::function<void(std::vector<BroughtKey>&)> change) {
    return WrongBroker{id, title, row, refusal, key, mutation, anything, with_keys(std::move(change)), "broker.first"};
  };
  return {{"broker.other-code", "Nobody becomes a Broker by a code that was not given out.", "A1", "QP-E-FORBIDDEN", code,
           "RegisterBroker.EnrolmentCode:=unknown", anything,
           [](NewBroker& broker) {
             broker.code = "GUESS-1";
             return broker.registers();
           },
           "broker.first"},
          {"broker.code-begun", "Nor by the beginning of one.", "A1 prefix", "QP-E-FORBIDDEN", code,
           "RegisterBroker.EnrolmentCode:=shorter", anything,
           [](NewBroker& broker) {
             broker.code.pop_back();
             return broker.registers();
           },
           "broker.first"},
          {"broker.used-code", "Nor by one that was used, even after a crash.", "A1 used", "QP-E-FORBIDDEN", code,
           "RegisterBroker.EnrolmentCode:=used", code_used, comes, "broker.first"},
          keys("broker.weak-key", "A weak key is not listed.", "A2", "QP-E-KEY", "RegisterBroker.Key:=exponent 3",
               [](auto& all) {
                 all[0].change = [](Element& e) { set_text(e, "PubKey", base64_of(weak_key(WeakKey::exponent_three))); };
               }),
          keys("broker.key-over", "Nor one whose time is over.", "A2 NotAfter", "QP-E-KEY", "RegisterBroker.Key.NotAfter:=past",
               [](auto& all) { all[1].from_s = -200, all[1].to_s = -100; }),
          keys("broker.same-key", "Nor the same one twice.", "A2 twice", "QP-E-KEY", "RegisterBroker.Key:=the same twice",
               [](auto& all) { all[1].name = all[0].name; }),
          keys("broker.none-to-seal", "A Broker has a key to seal to.", "A2 seal", "QP-E-KEY", "RegisterBroker.Key:=none to seal",
               [](auto& all) { all[1].usage = "sign"; }),
          keys("broker.none-to-sign", "And one to sign with.", "A2 sign", "QP-E-KEY", "RegisterBroker.Key:=none to sign",
               [](auto& all) { all[0].usage = "seal"; }),
          keys("broker.key-other-nonce", "The proof of another request is none.", "A3 Nonce", "QP-E-SIGNATURE",
               "RegisterBroker.Key.Nonce:=another",
               [](auto& all) { all[0].change = [](Element& e) { set_text(e, "Nonce", std::string(32, '4')); }; }),
          keys("broker.key-not-held", "All keys are its own.", "A3 Sig", "QP-E-SIGNATURE", "RegisterBroker.Key.PubKey:=another's",
               [](auto& all) { all[1].signer = "stranger"; }),
          keys("broker.key-other-purpose", "A signature for something else is no proof.", "A3 purpose", "QP-E-SIGNATURE",
               "RegisterBroker.Key.Sig:=purpose directory", [](auto& all) { all[0].purpose = "directory"; })};
}

/// A change that is sent as `change` makes it, signed by what `sign` says.
std::function<Reply(NewBroker&)> changing(std::function<void(NewBroker&, Element&)> before,
                                          std::function<void(Element&)> after = {}) {
  return [before = std::move(before), after = std::move(after)](NewBroker& broker) {
    Element change = broker.change("Renamed Bank");
    before(broker, change);
    change = broker.signed_change(std::move(change));
    if (after) {
      after(change);
    }
    return broker.world().send(broker.update(change));
  };
}
std::function<Reply(NewBroker&)> signed_otherwise(std::function<Element(NewBroker&, Element)> sign) {
  return [sign = std::move(sign)](NewBroker& broker) {
    return broker.world().send(broker.update(sign(broker, broker.change("Renamed Bank"))));
  };
}
bool is_other_broker(NewBroker& broker) {
  broker.speak_for(broker.world().cast().other_broker);
  return true;
}
void other_broker_removed(WorldPlan& plan) { plan.player(plan.cast.other_broker)->removed = true; }
bool is_the_owners_broker(NewBroker& broker) {
  broker.speak_for(broker.world().cast().broker);
  return true;
}
bool has_changed(NewBroker& broker) { return broker.joins() && broker.renames("A Name of before").ok(); }

std::vector<WrongBroker> wrong_changes() {
  const std::vector<std::string> own = {"QP-ADM-013"}, key = {"QP-ADD-18", "QP-ADM-013"};
  const auto one = [&](const char* id, const char* title, const char* row, const char* code, const std::vector<std::string>& why,
                       const char* mutation, std::function<Reply(NewBroker&)> ask,
                       std::function<bool(NewBroker&)> reach = broker_joined) {
    return WrongBroker{id, title, row, code, why, mutation, std::move(reach), std::move(ask), "broker.renamed"};
  };
  const auto keep = [](NewBroker&, Element&) {};
  std::vector<WrongBroker> all = {
      one("broker.about-another", "A Broker speaks for itself alone.", "A5", "QP-E-FORBIDDEN", own,
          "BrokerChange.Broker:=another",
          changing([](NewBroker& broker, Element& change) { set_text(change, "Broker", broker.world().cast().other_broker); })),
      one("broker.removed-changes", "Who was removed changes nothing.", "A5 removed", "QP-E-FORBIDDEN",
          {"QP-ADD-23", "QP-ADM-013"}, "UpdateBroker:removed by the owner", changing(keep), is_other_broker),
      one("broker.unlisted-key", "A key that is not listed signs nothing.", "A6", "QP-E-KEY", key, "BrokerChange.Sig:=stranger's",
          signed_otherwise([](NewBroker&, Element change) { return signed_with(*test_key("stranger"), std::move(change)); })),
      one("broker.sealing-key", "Nor does one to seal.", "A6 seal", "QP-E-KEY", key, "BrokerChange.Sig:=by the key to seal",
          signed_otherwise(
              [](NewBroker&, Element change) { return signed_with(*test_key("newcomer-seal"), std::move(change)); })),
      one("broker.others-key", "Nor that of another Broker.", "A6 another", "QP-E-KEY", key, "BrokerChange.Sig:=another Broker's",
          signed_otherwise([](NewBroker& broker, Element change) {
            return signed_by(broker.world().plan(), broker.world().cast().broker, std::move(change));
          })),
      one("broker.before-its-key", "Nor what is older than its key.", "A6 ChangedAt", "QP-E-KEY", key,
          "BrokerChange.ChangedAt:=before NotBefore", changing([](NewBroker& broker, Element& change) {
            set_text(change, "ChangedAt", broker.world().now_text(-86400LL * 30));
          })),
      one("broker.changed-afterwards", "What was changed after it was signed is not its word.", "A7", "QP-E-SIGNATURE", key,
          "BrokerChange.Name:=another, after it was signed",
          changing(keep, [](Element& change) { set_text(change, "Name", "Another Bank"); })),
      one("broker.change-other-purpose", "Nor what was signed for something else.", "A7 purpose", "QP-E-SIGNATURE", key,
          "BrokerChange.Sig:=purpose directory", signed_otherwise([](NewBroker&, Element change) {
            return signed_with(*test_key("newcomer"), std::move(change), "directory");
          })),
      one("broker.owner-unlisted-key", "So it is with whom the owner listed.", "A6 UNREGISTERED", "QP-E-KEY", key,
          "BrokerChange.Sig:=stranger's, of the owner",
          signed_otherwise([](NewBroker&, Element change) { return signed_with(*test_key("stranger"), std::move(change)); }),
          is_the_owners_broker),
      one("broker.owner-changed-afterwards", "And with its word.", "A7 UNREGISTERED", "QP-E-SIGNATURE", key,
          "BrokerChange.Name:=another, after it was signed, of the owner",
          changing(keep, [](Element& change) { set_text(change, "Name", "Another Bank"); }), is_the_owners_broker),
      one(
          "broker.same-change", "An old change is of no use again.", "A8", "QP-E-CONFLICT", own,
          "UpdateBroker:again, fresh MsgId",
          [](NewBroker& broker) { return broker.world().send(broker.update(broker.last_change)); }, has_changed),
      one("broker.older-change", "Nor one that is older.", "A8 older", "QP-E-CONFLICT", own,
          "BrokerChange.ChangedAt:=before the last",
          changing([](NewBroker& broker, Element& change) { set_text(change, "ChangedAt", broker.world().now_text(-60)); }),
          has_changed)};
  all[1].arrange = other_broker_removed;
  all[1].twin = "broker.owner-renamed";
  return all;
}

/// Each names its twin.
template <class Member>
WrongTable<Member> table() {
  return {"registration", "", [](Session& session, Member&) { return registers_another(session); }};
}

}  // namespace

void add_admission_refusals(Suite& suite) {
  for (const auto& wrongs : {wrong_nets(), wrong_wallet_keys(), wrong_wallets(), wrong_senders(), wrong_boxes()}) {
    add_wrongs(suite, table<NewWallet>(), wrongs);
  }
  add_wrongs(suite, table<NewBroker>(), wrong_brokers());
  add_wrongs(suite, table<NewBroker>(), wrong_changes());
}

}  // namespace quickpay::conformance
