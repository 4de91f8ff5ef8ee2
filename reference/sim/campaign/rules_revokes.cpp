// Rules for what is taken back.
#include "reference/roles/facts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

using msg::revoke::RegisterRevoke;
using msg::revoke::RegisterRevokeResponse;
using msg::revoke::RevokeOrder;

const msg::Revoke* asked_for(const Sight& s) {
  const auto* asked = s.asked<RevokeOrder>();
  return asked ? &asked->body.revoke : nullptr;
}

const RegisterRevoke::Body* notice(const Sight& s) {
  const auto* asked = s.asked<RegisterRevoke>();
  return asked ? &asked->body : nullptr;
}

/// Whoever is named signed it; who says nothing signed nothing.
bool right(const Sight& s, const std::string& vendor, const std::optional<msg::Revoke>& revoke) {
  return !revoke || !revoke->sig || (s.lists(vendor, *revoke->sig) && s.signed_by(vendor, "Revoke", msg::kRevokeType, *revoke));
}

bool key_right(const Sight& s, const std::string& vendor, const std::optional<msg::Revoke>& revoke) { return !revoke || !revoke->sig || s.lists(vendor, *revoke->sig); }

bool is_in(const ledger::Record* record, std::string_view state) { return record != nullptr && record->state == state; }

// ---------------------------------------------------------------- Vendors
Said claim_at_rest(const Sight& s) {
  const ledger::Record* claim = s.before("vendor.claim", s.line.key);
  if (claim == nullptr || !roles::has_field(*claim, "Commitment")) return false;
  return is_in(claim, "CLAIMABLE") || is_in(claim, "SETTLED") || is_in(claim, "WITHDRAWN");
}

Said answer_right(const Sight& s) {
  const auto* given = s.answered<msg::revoke::RevokeOrderResponse>();
  const auto* asked = roles::as<RevokeOrder>(s.request);
  if (!given || !asked) return std::nullopt;
  return given->body.amount == asked->body.revoke.order_ref.amount && given->body.hold_until.has_value() == (given->body.state == msg::RevokeState::pending);
}

// ---------------------------------------------------------------- Brokers
Said sender_is_vendor(const Sight& s) {
  const auto* asked = s.asked<RevokeOrder>();
  return asked ? Said{asked->head.sender == asked->body.revoke.order_ref.vendor} : Said{};
}

Said asked_key_right(const Sight& s) { return asked_for(s) ? Said{key_right(s, asked_for(s)->order_ref.vendor, *asked_for(s))} : Said{}; }
Said asked_signature_right(const Sight& s) { return asked_for(s) ? Said{right(s, asked_for(s)->order_ref.vendor, *asked_for(s))} : Said{}; }
Said asked_is_regular(const Sight& s) { return asked_for(s) ? Said{asked_for(s)->order_ref.kind == msg::Kind::regular} : Said{}; }
Said asked_is_signed(const Sight& s) { return asked_for(s) ? Said{asked_for(s)->sig.has_value()} : Said{}; }
Said order_known(const Sight& s) { return asked_for(s) ? Said{s.before("broker.debt", s.line.key) != nullptr} : Said{}; }
Said debt_lapsed(const Sight& s) { return asked_for(s) ? Said{is_in(s.before("broker.debt", s.line.key), "UNCLAIMED")} : Said{}; }

Said asked_terms_equal(const Sight& s) {
  const msg::Revoke* revoke = asked_for(s);
  const ledger::Record* debt = s.before("broker.debt", s.line.key);
  if (revoke == nullptr) return std::nullopt;
  const auto ref = debt ? ref_of(*debt) : std::nullopt;
  const std::string_view commit = debt ? roles::field(*debt, "commit_id") : std::string_view{};
  return ref && *ref == revoke->order_ref && (commit.empty() || commit == revoke->commit_id);
}

template <msg::RevokeStanding kWord>
Said host_says(const Sight& s) {
  const auto* given = s.answered<RegisterRevokeResponse>();
  return given ? Said{given->body.revoke_state == kWord} : Said{};
}

/// T_hold after the hold began, whose last second still counts.
Said hold_over(const Sight& s) {
  const auto began = s.learnt.began.find({s.line.machine, s.place()});
  if (began == s.learnt.began.end()) return std::nullopt;
  return s.now() / 1000 > began->second / 1000 + roles::spans_of(s.site.config.parameters).hold;
}

// ---------------------------------------------------------------- the Host
Said vendor_issued(const Sight& s) { return notice(s) ? Said{s.plays("vendor", notice(s)->order_ref.vendor)} : Said{}; }
Said is_regular(const Sight& s) { return notice(s) ? Said{notice(s)->order_ref.kind == msg::Kind::regular} : Said{}; }
Said notice_key_right(const Sight& s) { return notice(s) ? Said{key_right(s, notice(s)->order_ref.vendor, notice(s)->revoke)} : Said{}; }
Said notice_signature_right(const Sight& s) { return notice(s) ? Said{right(s, notice(s)->order_ref.vendor, notice(s)->revoke)} : Said{}; }
Said proven(const Sight& s) { return notice(s) ? Said{notice(s)->revoke && notice(s)->revoke->sig} : Said{}; }

Said revoke_fits(const Sight& s) {
  const auto* said = notice(s);
  if (said == nullptr) return std::nullopt;
  const auto& revoke = said->revoke;
  return !revoke || (revoke->order_ref == said->order_ref && revoke->commit_id == said->commit_id && revoke->revoked_at == said->revoked_at);
}

Said same_revoke(const Sight& s) {
  const auto* said = notice(s);
  if (said == nullptr) return std::nullopt;
  return s.own() && roles::field(*s.own(), "revoke_id") == said->revoke_id && roles::field(*s.own(), "commit_id") == said->commit_id;
}

}  // namespace

std::vector<Rule> rules_of_revokes() {
  return {{"vendor.revoke.claim_at_rest", &claim_at_rest},
          {"vendor.revoke.answer_right", &answer_right},
          {"broker.revoke.sender_is_vendor", &sender_is_vendor},
          {"broker.revoke.key_right", &asked_key_right},
          {"broker.revoke.signature_right", &asked_signature_right},
          {"broker.revoke.is_regular", &asked_is_regular},
          {"broker.revoke.order_known", &order_known},
          {"broker.revoke.terms_equal", &asked_terms_equal},
          {"broker.revoke.debt_lapsed", &debt_lapsed},
          {"broker.revoke.signed", &asked_is_signed},
          {"broker.revoke.host_says_void", &host_says<msg::RevokeStanding::void_>},
          {"broker.revoke.host_says_standing", &host_says<msg::RevokeStanding::standing>},
          {"broker.revoke.hold_over", &hold_over},
          {"host.revoke.vendor_issued", &vendor_issued},
          {"host.revoke.is_regular", &is_regular},
          {"host.revoke.key_right", &notice_key_right},
          {"host.revoke.signature_right", &notice_signature_right},
          {"host.revoke.revoke_fits", &revoke_fits},
          {"host.revoke.same_revoke", &same_revoke},
          {"host.revoke.proven", &proven},
          {"host.revoke.put_off", &put_off}};
}

}  // namespace quickpay::sim
