// Keys and encodings with which nothing is signed, in whatever changes the Host's directory: proofs that somebody has a key,
// words for changes, withdrawals, and what Brokers say of themselves.
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/suites/host_admission.hpp"
#include "conformance/suites/host_keys.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/odd_signatures.hpp"

namespace quickpay::conformance {

namespace {

const std::vector<std::string> kWhy = {"QP-ADD-18"};
const char* const kNewKey = "newcomer";  ///< name of the test key that somebody brings

std::string row_of(const char* key_row, const char* signature_row, const OddSignature& odd) {
  return (odd.of_key() ? std::string(key_row) : std::string(signature_row)) + " " + odd.id;
}

// ---------------------------------------------------------------- listed players
KeyWrong wrong_word(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](KeyOwner& owner) {
    return owner.world().send(owner.publishing(sign(owner.world(), branch("KeyChange", {owner.key({})}))));
  };
  return {"word." + odd.id, odd.title, row_of("D7", "D8 change", odd), odd.code, kWhy, "KeyChange.Sig:=" + odd.id, ask,
          "publish.first", {}, &Cast::vendor, odd.arrange};
}

KeyWrong wrong_proof(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](KeyOwner& owner) {
    return owner.world().send(owner.publishing(owner.change(sign(owner.world(), owner.key({.name = kNewKey})))));
  };
  return {"proof." + odd.id, odd.title, "D8 proof " + odd.id, odd.code, kWhy, "PublishedKey.Sig:=" + odd.id, ask,
          "publish.first", {}, &Cast::vendor, odd.arrange};
}

KeyWrong wrong_withdrawal(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](KeyOwner& owner) {
    return owner.world().send(owner.withdrawing(sign(owner.world(), owner.withdrawal({}))));
  };
  return {"withdraw." + odd.id, odd.title, row_of("D12", "D13", odd), odd.code, kWhy, "Withdrawal.Sig:=" + odd.id, ask,
          "withdraw.first", {}, &Cast::vendor, odd.arrange};
}

// ---------------------------------------------------------------- newcomers
Wrong<NewVendor> vendors_proof(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](NewVendor& vendor) {
    vendor.brings_key = true;
    Sending sending = vendor.registration({.name = kNewKey});
    vendor.shows();
    Element& key = *at(sending.document, "Body/Key");
    key = sign(vendor.world(), std::move(key));
    sending.label = "RegisterVendor.Key.Sig";
    return vendor.world().send(std::move(sending));
  };
  return {"vendor.key-" + odd.id, odd.title, "Q2 " + odd.id, odd.code, kWhy, "RegisterVendor.Key.Sig:=" + odd.id, anything, ask,
          "vendor.with-key", odd.arrange};
}

/// Signs the first key of a registration that is sealed.
Element with_first_proof(World& world, Element inner, const Signer& sign) {
  Element& key = *child(inner, "Key");
  key = sign(world, std::move(key));
  return inner;
}

Wrong<NewWallet> wallets_proof(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](NewWallet& wallet) {
    return wallet.registers(with_first_proof(wallet.world(), wallet.inner_with({.name = kNewKey}), sign));
  };
  return {"wallet.key-" + odd.id, odd.title, "I3 " + odd.id, odd.code, kWhy, "RegisterWallet.Key.Sig:=" + odd.id, anything, ask,
          "wallet.with-key", odd.arrange};
}

Wrong<NewBroker> brokers_proof(const OddSignature& odd) {
  const auto ask = [sign = odd.sign](NewBroker& broker) {
    return broker.registers(with_first_proof(broker.world(), broker.inner(), sign));
  };
  return {"broker.key-" + odd.id, odd.title, "A3 " + odd.id, odd.code, kWhy, "RegisterBroker.Key.Sig:=" + odd.id, anything, ask,
          "broker.first", odd.arrange};
}

Wrong<NewBroker> brokers_change(const OddSignature& odd) {
  const auto is_the_owners = [](NewBroker& broker) {
    broker.speak_for(broker.world().cast().broker);
    return true;
  };
  const auto ask = [sign = odd.sign](NewBroker& broker) {
    return broker.world().send(broker.update(sign(broker.world(), broker.change("Renamed Bank"))));
  };
  return {"broker.change-" + odd.id, odd.title, row_of("A6", "A7", odd), odd.code, {"QP-ADD-18", "QP-ADM-013"},
          "BrokerChange.Sig:=" + odd.id, is_the_owners, ask, "broker.owner-renamed", odd.arrange};
}

/// Good keys of others, which sign no change of this Broker.
std::vector<OddSignature> keys_of_others() {
  const auto nothing = [](WorldPlan&) {};
  const auto of = [](Who who) { return [who](World& world, Element object) { return with_key(world.cast().*who)(world, std::move(object)); }; };
  return {{"hosts-key", "The Host's key signs nothing for a Broker.", "QP-E-KEY", of(&Cast::host), nothing},
          {"vendors-key", "Nor does a Vendor's.", "QP-E-KEY", of(&Cast::vendor), nothing}};
}

/// Nothing became of the change, and the next one registers.
template <class Member>
WrongTable<Member> table() {
  return {"registration", "", [](Session& session, Member& member) {
            const bool same = member.id.empty() || is_listed(session, member.id);
            return same && registers_another(session);
          }};
}

template <class Member>
std::vector<Wrong<Member>> tried(const std::vector<OddSignature>& all, Wrong<Member> (*make)(const OddSignature&)) {
  std::vector<Wrong<Member>> wrongs;
  for (const OddSignature& odd : all) {
    wrongs.push_back(make(odd));
  }
  return wrongs;
}

}  // namespace

void add_odd_key_words(Suite& suite) {
  std::vector<KeyWrong> wrongs;
  for (const OddSignature& odd : odd_signatures(&Cast::vendor)) {
    wrongs.push_back(wrong_word(odd));
    wrongs.push_back(wrong_withdrawal(odd));
  }
  for (const OddSignature& odd : odd_encodings_of(kNewKey)) {
    wrongs.push_back(wrong_proof(odd));
  }
  add_key_wrongs(suite, wrongs);
}

void add_odd_registrations(Suite& suite) {
  const auto proofs = odd_encodings_of(kNewKey);
  WrongTable<NewVendor> vendors = table<NewVendor>();
  vendors.forbidden = is_probe;
  vendors.forbidden_text = "no QP-OK, and no Probe";
  add_wrongs(suite, vendors, tried(proofs, vendors_proof));
  add_wrongs(suite, table<NewWallet>(), tried(proofs, wallets_proof));
  add_wrongs(suite, table<NewBroker>(), tried(proofs, brokers_proof));
  for (const auto& all : {all_odd_signatures(&Cast::broker), keys_of_others()}) {
    add_wrongs(suite, table<NewBroker>(), tried(all, brokers_change));
  }
}

}  // namespace quickpay::conformance
