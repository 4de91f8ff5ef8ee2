#include "conformance/suites/signed_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/claimant.hpp"

namespace quickpay::conformance {

namespace {

/// Who has to sign a Claim, a HostCase or a Revoke.
std::string vendor_of(const Element& object) {
  const std::string vendor = text_at(object, "Vendor");
  return vendor.empty() ? text_at(object, "OrderRef/Vendor") : vendor;
}

Element by_vendor(World& world, Element object) {
  const std::string vendor = vendor_of(object);
  return signed_by(world.plan(), vendor, std::move(object));
}

/// The request with the faults.
Sending spoil(Session& session, const SignedBase& base, const std::vector<Spoilt>& faults, const Element& right) {
  Element object = right;
  Signer sign = by_vendor;
  for (auto fault = faults.rbegin(); fault != faults.rend(); ++fault) {
    if (fault->change) {
      fault->change(session, object);  // the first fault has the last word
    }
  }
  for (const Spoilt& fault : faults) {
    sign = fault.sign ? fault.sign : sign;
  }
  object = sign(session.world(), std::move(object));
  for (const Spoilt& fault : faults) {
    if (fault.after) {
      fault.after(session.world(), object);
    }
  }
  Sending sending = base.send(session, std::move(object));
  for (const Spoilt& fault : faults) {
    if (fault.address) {
      fault.address(session.world(), sending);
    }
    sending.label += (sending.label.empty() ? "" : " & ") + std::string(fault.mutation);
  }
  return sending;
}

std::optional<Element> right_object(Session& session, const SignedBase& base, const std::vector<Spoilt>& faults) {
  const bool inner = std::any_of(faults.begin(), faults.end(), [](const Spoilt& fault) { return fault.inner; });
  return inner ? base.make_inner(session) : base.make(session);
}

/// The refusal of a request with these faults; `later`: of a batch that was accepted before.
Refusal refused_whole(Session& session, const SignedBase& base, const std::vector<Spoilt>& faults, const char* code,
                      bool later) {
  const auto right = std::make_shared<Element>();
  Refusal refusal;
  refusal.reach = [&session, base, faults, later, right]() {
    const WorldPlan& plan = session.world().plan();
    const bool fits = std::all_of(faults.begin(), faults.end(), [&](const Spoilt& fault) { return !fault.fits || fault.fits(plan); });
    if (!fits || lacks_keys(session)) {
      return false;
    }
    auto made = right_object(session, base, faults);
    if (!made) {
      return false;
    }
    *right = std::move(*made);
    return !later || session.world().send(base.send(session, by_vendor(session.world(), *right))).ok();
  };
  refusal.stimulus = [&session, base, faults, right]() {
    return session.world().send(spoil(session, base, faults, *right));
  };
  refusal.codes = {code};
  refusal.benign = [&session, base]() { return base.benign(session); };
  return refusal;
}

void add_one(Suite& suite, const SignedBase& base, const Spoilt& fault, bool later, const Arrange& arrange = {}) {
  const std::string again = later ? "again." : "";
  suite.refused({.id = fmt::format("{}.{}{}", base.slug, again, fault.id),
                 .title = fault.title + std::string(later ? " Also under a BatchId that is known." : ""),
                 .subject = later ? fault.later_row : fault.row,
                 .requirements = fault.requirements,
                 .mutation = fault.mutation,
                 .twin = base.twin,
                 .level_e = !arrange,
                 .parts = fault.parts},
                [base, fault, later](Session& session) {
                  return refused_whole(session, base, {fault}, fault.code, later);
                },
                arrange);
}

}  // namespace

Signer with_key(std::string name) {
  return [name = std::move(name)](World& world, Element object) {
    const SigningKeyPlan* held = signing_key(world.plan(), name);
    const crypto::RsaPrivateKey* key = held != nullptr ? &*held->key : test_key(name);
    return key == nullptr ? std::move(object) : signed_with(*key, std::move(object));
  };
}

void from_other_vendor(World& world, Sending& sending) {
  sending.from = world.cast().other_vendor;
  set_text(sending.document, "Head/Sender", sending.from);
}

void add_spoilt(Suite& suite, const SignedBase& base, const std::vector<Spoilt>& faults) {
  for (const Spoilt& fault : faults) {
    if (*fault.row != '\0') {
      add_one(suite, base, fault, false);
    }
    if (*fault.later_row != '\0') {
      add_one(suite, base, fault, true);
    }
  }
}

void add_spoilt_pairs(Suite& suite, const SignedBase& base, const std::vector<Spoilt>& faults,
                      const std::vector<std::pair<std::string, std::string>>& pairs) {
  const auto find = [&](const std::string& id) {
    return *std::find_if(faults.begin(), faults.end(), [&](const Spoilt& fault) { return fault.id == id; });
  };
  for (const auto& [first_id, second_id] : pairs) {
    const Spoilt first = find(first_id), second = find(second_id);
    std::vector<Part> parts = first.parts;
    parts.insert(parts.end(), second.parts.begin(), second.parts.end());
    suite.refused({.id = fmt::format("{}.order.{}-before-{}", base.slug, first.id, second.id),
                   .title = fmt::format("Of two faults {} is named and not {}.", first.code, second.code),
                   .subject = first.row,
                   .requirements = {"QP-BS-007", "QP-ADD-20"},
                   .mutation = fmt::format("{} & {}", first.mutation, second.mutation),
                   .twin = base.twin,
                   .parts = parts},
                  [base, first, second](Session& session) {
                    return refused_whole(session, base, {first, second}, first.code, false);
                  });
  }
}

namespace {

/// A key of the Vendor beside its good one, which is not fit for what it is used for.
struct OddKey {
  const char* id;
  const char* title;
  std::function<void(const WorldPlan&, SigningKeyPlan&)> change;
  std::optional<WeakKey> weak = std::nullopt;
};

constexpr std::int64_t kYearMs = 365LL * 86400 * 1000;

std::string moment(const WorldPlan& plan, std::int64_t offset_ms) { return time_text(time_of(plan.now) + offset_ms); }

const std::vector<OddKey>& odd_keys() {
  static const std::vector<OddKey> all = {
      {"withdrawn-key", "A key that was withdrawn signs nothing any more.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.withdrawn_from = moment(plan, -kYearMs / 365); }},
      {"expired-key", "A key whose time is over signs nothing any more.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_after = moment(plan, -kYearMs / 365); }},
      {"early-key", "A key whose time has not come signs nothing yet.",
       [](const WorldPlan& plan, SigningKeyPlan& key) { key.not_before = moment(plan, kYearMs / 365); }},
      {"sealing-key", "A key that is for sealing signs nothing.",
       [](const WorldPlan&, SigningKeyPlan& key) { key.usage = "seal"; }},
      {"exponent-three", "A key with the exponent 3 is no key, whatever the signature.", {}, WeakKey::exponent_three},
      {"short-key", "A key of 1024 bits is no key, whatever the signature.", {}, WeakKey::short_modulus},
      {"curve-key", "A key of another algorithm is no key, whatever the signature.", {}, WeakKey::curve}};
  return all;
}

/// Lists the odd key for the Vendor, behind its good one.
void list_odd_key(WorldPlan& plan, const OddKey& odd) {
  SigningKeyPlan key = signing_key_plan(plan, plan.cast.vendor, *test_key("second"));
  key.held = false;
  if (odd.weak) {
    key.key.reset();
    key.spki = weak_key(*odd.weak);
  } else {
    odd.change(plan, key);
  }
  plan.signing_keys.push_back(std::move(key));
}

/// Nobody has the private half: any value is as good as another.
Signer with_weak_key(WeakKey weak) {
  return [weak](World& world, Element object) {
    return signed_as(sha256_of(weak_key(weak)), std::move(object), bytes_of_hex(world.session().random().hex(512)));
  };
}

void add_odd_keys(Suite& suite, const SignedBase& base) {
  for (const OddKey& odd : odd_keys()) {
    Spoilt fault{odd.id, odd.title, base.key_row.c_str(), "", "QP-E-KEY", {"QP-ADD-18"}, odd.id, {}};
    fault.sign = odd.weak ? with_weak_key(*odd.weak) : with_key("second");
    add_one(suite, base, fault, false, [odd](WorldPlan& plan) { list_odd_key(plan, odd); });
  }
}

// ---------------------------------------------------------------- encodings of a signature
constexpr std::size_t kModulusBytes = 256;
const std::string kHashInfo = bytes_of_hex("3031300d060960864801650304020105000420");
const std::string kHashInfoWithoutNull = bytes_of_hex("302f300b0609608648016503040201" "0420");
const std::string kHashInfoLongLength = bytes_of_hex("308131300d060960864801650304020105000420");
const std::string kOldHashInfo = bytes_of_hex("3021300906052b0e03021a05000414");

/// 00 type FF … 00 tail, as long as the modulus.
std::string padded(char type, const std::string& tail, const std::string& behind = {}) {
  const std::size_t used = tail.size() + behind.size() + 3;
  return std::string(1, '\0') + type + std::string(kModulusBytes - used, '\xff') + std::string(1, '\0') + tail + behind;
}

struct Encoding {
  const char* id;
  const char* title;
  std::function<std::string(const std::string& hash)> encode;  ///< under the Vendor's own key
};

const std::vector<Encoding>& encodings() {
  static const std::vector<Encoding> all = {
      {"without-null", "A DigestInfo without its NULL is none.",
       [](const std::string& hash) { return padded('\1', kHashInfoWithoutNull + hash); }},
      {"long-length", "A length in BER's long form is none.",
       [](const std::string& hash) { return padded('\1', kHashInfoLongLength + hash); }},
      {"garbage-behind", "Nothing may follow the hash.",
       [](const std::string& hash) { return padded('\1', kHashInfo + hash, std::string(40, '\x5a')); }},
      {"short-padding", "The padding fills the modulus.",
       [](const std::string& hash) {
         const std::string head = std::string("\0\1", 2) + std::string(8, '\xff') + std::string(1, '\0') + kHashInfo + hash;
         return head + std::string(kModulusBytes - head.size(), '\x5a');
       }},
      {"encryption-padding", "The padding of an encryption is none of a signature.",
       [](const std::string& hash) { return padded('\2', kHashInfo + hash); }},
      {"old-hash", "Another hash than SHA-256 is none.",
       [](const std::string& hash) { return padded('\1', kOldHashInfo + hash.substr(0, 20)); }},
      {"bare-hash", "A hash without DigestInfo is none.", [](const std::string& hash) { return padded('\1', hash); }}};
  return all;
}

Signer encoded(const Encoding& encoding) {
  return [encoding](World& world, Element object) {
    const std::string hash = bytes_of_hex(sha256_of(signed_bytes(purpose_of(object.name), object)));
    const SigningKeyPlan* key = signing_key(world.plan(), vendor_of(object));
    return signed_as(sha256_of(key->spki), std::move(object), raw_signature(key->player, encoding.encode(hash)));
  };
}

void add_encodings(Suite& suite, const SignedBase& base) {
  for (const Encoding& encoding : encodings()) {
    Spoilt fault{encoding.id, encoding.title, base.signature_row.c_str(), "", "QP-E-SIGNATURE", {"QP-ADD-18"}, encoding.id, {}};
    fault.sign = encoded(encoding);
    add_one(suite, base, fault, false, [](WorldPlan&) {});  // only the keys of the standard cast can be used so
  }
}

// ---------------------------------------------------------------- values and purposes
Signer with_value(std::function<std::string(std::string)> change) {
  return [change = std::move(change)](World& world, Element object) {
    Element made = by_vendor(world, std::move(object));
    const std::string raw = bytes_of_base64(text_at(made, "Sig/Value")).value_or(std::string());
    set_text(made, "Sig/Value", base64_of(change(raw)));
    return made;
  };
}

/// The signature is right, but for another purpose label.
Signer for_purpose(std::string purpose) {
  return [purpose = std::move(purpose)](World& world, Element object) {
    const SigningKeyPlan* key = signing_key(world.plan(), text_at(object, "Vendor"));
    return signed_with(*key->key, std::move(object), purpose);
  };
}

/// The Sig of another object of the same signer.
Element with_sig_of_another(World& world, Element object) {
  Element other = object;
  set_text(other, "BatchId", world.fresh_id());
  other = by_vendor(world, std::move(other));
  object.children.push_back(*child(other, "Sig"));
  return object;
}

void add_values(Suite& suite, const SignedBase& base) {
  const char* key = base.key_row.c_str();
  const char* sig = base.signature_row.c_str();
  const char* const other = base.inner == "Approval" ? "host-case" : "batch-claim";
  const std::vector<Spoilt> all = {
      {"no-signature", "What is not signed is no message of this protocol.", "Sig", "", "QP-E-SCHEMA", {"QP-BS-006", "QP-ADD-18"},
       "Sig:remove", {}, [](World&, Element object) { return object; }},
      {"hosts-key", "The Host's key signs nothing for a Vendor.", key, "", "QP-E-KEY", {"QP-ADD-18", "QP-BS-006"}, "Sig by the Host", {},
       [](World& world, Element object) { return with_key(world.cast().host)(world, std::move(object)); }},
      {"brokers-key", "A Broker's key signs nothing for a Vendor.", key, "", "QP-E-KEY", {"QP-ADD-18", "QP-BS-006"},
       "Sig by the Broker", {}, [](World& world, Element object) { return with_key(world.cast().broker)(world, std::move(object)); }},
      {"other-vendors-key", "The key of another Vendor signs nothing for this one.", key, "", "QP-E-KEY",
       {"QP-ADD-18", "QP-BS-006"}, "Sig by another Vendor", {},
       [](World& world, Element object) { return with_key(world.cast().other_vendor)(world, std::move(object)); }, {},
       {}, {Part::other_vendor}},
      {"wrong-purpose", "A signature for another purpose is none.", sig, "", "QP-E-SIGNATURE", {"QP-ADD-19", "QP-ADD-18"},
       "Sig:another purpose", {}, for_purpose(other)},
      {"sig-of-another", "The signature of another object is none.", sig, "", "QP-E-SIGNATURE", {"QP-ADD-18"},
       "Sig:of another object", {}, with_sig_of_another},
      {"flipped-bit", "One changed bit of the signature spoils it.", sig, "", "QP-E-SIGNATURE", {"QP-ADD-18"}, "Sig.Value:flip", {},
       with_value([](std::string raw) {
         raw.back() = static_cast<char>(raw.back() ^ 1);
         return raw;
       })},
      {"longer-value", "A signature longer than the modulus is none, whatever its value.", sig, "", "QP-E-SIGNATURE",
       {"QP-ADD-18"}, "Sig.Value:extra", {}, with_value([](const std::string& raw) { return std::string(1, '\0') + raw; })},
      {"shorter-value", "A signature shorter than the modulus is none.", sig, "", "QP-E-SIGNATURE", {"QP-ADD-18"},
       "Sig.Value:cut", {}, with_value([](const std::string& raw) { return raw.substr(0, raw.size() - 1); })},
      {"zero-value", "Zero is no signature.", sig, "", "QP-E-SIGNATURE", {"QP-ADD-18"}, "Sig.Value:=0", {},
       with_value([](const std::string& raw) { return std::string(raw.size(), '\0'); })}};
  add_spoilt(suite, base, all);
}

// ---------------------------------------------------------------- the object inside
using ChangeInner = std::function<Element(World&, Element)>;

void change_inner(Session& session, const SignedBase& base, Element& object, const ChangeInner& change) {
  if (Element* inner = child(object, base.inner)) {
    *inner = change(session.world(), *inner);
  }
}

void add_inner(Suite& suite, const SignedBase& base) {
  struct Inner {
    const char* id;
    const char* title;
    const char* code;
    ChangeInner change;
  };
  const std::string other = base.inner == "Approval" ? "host-verdicts" : "batch-claim";
  const std::vector<Inner> all = {
      {"inner-stranger", "What a stranger has signed inside is worth nothing.", "QP-E-KEY",
       [](World& world, Element object) { return with_key("stranger")(world, std::move(object)); }},
      {"inner-vendors-key", "A Vendor cannot sign for the others.", "QP-E-KEY",
       [](World& world, Element object) { return with_key(world.cast().vendor)(world, std::move(object)); }},
      {"inner-altered", "What was changed inside after it was signed is worth nothing.", "QP-E-SIGNATURE",
       [](World& world, Element object) {
         set_text(object, "BatchId", world.fresh_id());
         return object;
       }},
      {"inner-purpose", "What was signed for another purpose is worth nothing inside.", "QP-E-SIGNATURE",
       [other](World& world, Element object) {
         const bool host = object.name == "Approval";
         const SigningKeyPlan* key = signing_key(world.plan(), host ? world.cast().host : text_at(object, "Broker"));
         return key == nullptr ? std::move(object) : signed_with(*key->key, std::move(object), other);
       }},
      {"inner-sig-moved", "The signature of another object inside is none.", "QP-E-SIGNATURE", [](World& world, Element object) {
         Element another = object;
         set_text(another, "BatchId", world.fresh_id());
         const bool host = object.name == "Approval";
         another = signed_by(world.plan(), host ? world.cast().host : text_at(object, "Broker"), std::move(another));
         if (const Element* sig = child(another, "Sig")) {
           *child(object, "Sig") = *sig;
         }
         return object;
       }}};
  for (const Inner& one : all) {
    const bool key = std::string_view(one.code) == "QP-E-KEY";
    Spoilt fault{one.id, one.title, key ? base.key_row.c_str() : base.signature_row.c_str(), "", one.code,
                 {"QP-ADD-18", "QP-BS-006"}, one.id,
                 [base, change = one.change](Session& session, Element& object) { change_inner(session, base, object, change); }};
    fault.inner = true;
    add_one(suite, base, fault, false);
  }
}

}  // namespace

std::vector<OddSignature> odd_signatures() {
  std::vector<OddSignature> all;
  for (const OddKey& odd : odd_keys()) {
    if (odd.weak) {
      all.push_back({odd.id, odd.title, "QP-E-KEY", with_weak_key(*odd.weak), [odd](WorldPlan& plan) { list_odd_key(plan, odd); }});
    }
  }
  for (const Encoding& encoding : encodings()) {
    all.push_back({encoding.id, encoding.title, "QP-E-SIGNATURE", encoded(encoding), [](WorldPlan&) {}});
  }
  return all;
}

void add_signature_attacks(Suite& suite, const SignedBase& base) {
  add_values(suite, base);
  add_odd_keys(suite, base);
  add_encodings(suite, base);
  add_inner(suite, base);
}

}  // namespace quickpay::conformance
