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
    sending.label += (sending.label.empty() ? "" : " & ") + fault.mutation;
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

void from_other_vendor(World& world, Sending& sending) {
  sending.from = world.cast().other_vendor;
  set_text(sending.document, "Head/Sender", sending.from);
}

void add_spoilt(Suite& suite, const SignedBase& base, const std::vector<Spoilt>& faults) {
  for (const Spoilt& fault : faults) {
    if (!fault.row.empty()) {
      add_one(suite, base, fault, false);
    }
    if (!fault.later_row.empty()) {
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

/// Keys and encodings of the Vendor with which nothing is signed.
void add_odd_signatures(Suite& suite, const SignedBase& base) {
  for (const OddSignature& odd : all_odd_signatures(&Cast::vendor)) {
    const std::string& row = odd.of_key() ? base.key_row : base.signature_row;
    Spoilt fault{odd.id, odd.title, row, "", odd.code, {"QP-ADD-18"}, odd.id, {}};
    fault.sign = odd.sign;
    add_one(suite, base, fault, false, odd.arrange);
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

void add_odd_inner(Suite& suite, const SignedBase& base) {
  for (const OddSignature& odd : all_odd_signatures(base.inner == "Approval" ? &Cast::host : &Cast::broker)) {
    const std::string id = "inner-" + odd.id;
    Spoilt fault{id, odd.title, odd.of_key() ? base.key_row : base.signature_row, "", odd.code, {"QP-ADD-18", "QP-BS-006"}, id,
                 [base, sign = odd.sign](Session& session, Element& object) { change_inner(session, base, object, sign); }};
    fault.inner = true;
    add_one(suite, base, fault, false, odd.arrange);
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
  add_odd_inner(suite, base);
}

}  // namespace

void add_signature_attacks(Suite& suite, const SignedBase& base) {
  add_values(suite, base);
  add_odd_signatures(suite, base);
  add_inner(suite, base);
}

}  // namespace quickpay::conformance
