// The vote through a running Host: rows of vectors/vote, each made true by what players register and state.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/vote_rows.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kLate = protocol::T_register_default + 60;  ///< seconds after the first registration

/// The Broker registers its commitment too late: after somebody else has opened the case in time.
bool commits_late(const VoteRow& row) { return !row.commit && row.broker == 'y' && (row.delivery || row.order); }

/// A row that takes no more than what its players can bring about. Without a commitment no Wallet is named, so that none
/// can vote; a revoke belongs to another protocol; who claims nothing sends nothing. What a receipt proves is registered (QP-ADD-22).
bool can_be_brought_about(const VoteRow& row) {
  const bool named = row.commit || commits_late(row);
  if (row.revoked || row.vendor == 's' || (row.wallet != 's' && !named) || (row.wallet == 'y' && row.order)) {
    return false;
  }
  return !row.proof;
}

/// The same row but for the suspension.
const VoteRow* without_suspension(const VoteRow& row) {
  const auto same = [&](const VoteRow& each) {
    return each.commit == row.commit && each.delivery == row.delivery && each.order == row.order && each.proof == row.proof &&
           !each.suspended && each.revoked == row.revoked && each.broker == row.broker && each.vendor == row.vendor &&
           each.wallet == row.wallet;
  };
  const auto rows = vote_rows();
  const auto found = std::find_if(rows.begin(), rows.end(), same);
  return found == rows.end() ? nullptr : &*found;
}

/// Rows in which a suspension or a withdrawal decides, and all plain ones.
bool is_of_the_sample(const VoteRow& row) {
  if (!can_be_brought_about(row) || (row.vendor == 'n' && (row.broker != 'n' || row.order || row.wallet != 's'))) {
    return false;
  }
  const VoteRow* plain = row.suspended ? without_suspension(row) : nullptr;
  return !row.suspended || (plain != nullptr && (plain->decision != row.decision || plain->code != row.code));
}

bool takes_time(const VoteRow& row) {
  return row.suspended || row.wallet == 'y' || commits_late(row) || row.broker == 's' || row.decision == "pending";
}

/// Makes the evidence of a row true, step by step.
class Evidence {
 public:
  Evidence(Session& session, const VoteRow& row) : session_(session), world_(session.world()), row_(row), registrar_(session) {}

  /// Everything that is registered before the case. False: it could not be.
  bool register_all() {
    paid_ = registrar_.order();
    return suspend() && (!row_.commit || sent(registrar_.commit(paid_))) && (!row_.delivery || sent(registrar_.delivery(paid_))) &&
           (!row_.order || sent(registrar_.reception(paid_))) && wait() &&
           (!commits_late(row_) || sent(registrar_.commit(paid_))) && (row_.wallet != 'y' || sent(registrar_.reception(paid_))) &&
           (row_.wallet != 'n' || sent(registrar_.reception(paid_, "not-received")));
  }

  /// The case with what the Broker says.
  Element host_case() {
    Claimant claimant(session_);
    Element made = claimant.host_case({paid_});
    if (row_.broker == 's' || commits_late(row_)) {
      Claimant::add(made, claimant.unreachable());
    } else {
      const std::string_view code = row_.broker == 'y' ? protocol::QP_E_SETTLE_EXPIRED : protocol::QP_E_UNKNOWN_ORDER;
      Claimant::add(made, claimant.settlement(paid_, {{paid_.ref, std::string(code)}}));
    }
    if (row_.vendor == 'n') {
      child(made, "Item")->children.push_back(leaf("Withdrawn", "yes"));
    }
    return claimant.signed_by_vendor(made);
  }

 private:
  bool sent(const Sending& sending) { return world_.send(sending).ok(); }

  bool suspend() {
    return !row_.suspended || suspended_for(session_, 60);
  }

  /// Until what comes now comes late, and until the Broker could have been tried for long enough.
  bool wait() {
    const bool needed = row_.wallet == 'y' || row_.broker == 's' || commits_late(row_);
    return !needed || world_.advance(kLate);
  }

  Session& session_;
  World& world_;
  const VoteRow& row_;
  Registrar registrar_;
  PaidOrder paid_;
};

/// What the Verdict has to say at once.
std::string expected_of(const VoteRow& row) {
  if (row.decision == "pending") {
    return "pending " + std::string(protocol::QP_E_PENDING);
  }
  return fmt::format("{} {}", row.decision == "no-claim" ? "reject" : row.decision, row.code);
}

/// The verdict at the end of the window, if nobody says anything more.
void at_the_end(Session& session, const std::string& check, const VoteRow& row, const Element& host_case) {
  Claimant claimant(session);
  if (!session.world().advance(protocol::T_stmt_default + 1)) {
    return session.inconclusive(check, Reason::precondition_unmet, "the clock cannot be moved");
  }
  const Reply reply = session.world().send(claimant.bringing(host_case));
  const std::string expected = fmt::format("reject {}", row.code);
  judge(session, check, verdict_of(reply) == expected, expected, reply.ok() ? verdict_of(reply) : outcome_text(reply),
        reply.entries, Reason::wrong_state);
}

void vote(Session& session, const std::string& check, const VoteRow& row) {
  Evidence evidence(session, row);
  Claimant claimant(session);
  if (lacks_keys(session)) {
    return;
  }
  if (!evidence.register_all()) {
    return unreached(session, "the evidence could not be registered");
  }
  const Element host_case = evidence.host_case();
  const Reply reply = session.world().send(claimant.bringing(host_case));
  const std::string expected = expected_of(row);
  judge(session, check, verdict_of(reply) == expected, expected, reply.ok() ? verdict_of(reply) : outcome_text(reply),
        reply.entries, Reason::wrong_state);
  if (row.decision == "pending") {
    at_the_end(session, check + ".end", row, host_case);
  }
}

const char* rows_of(const VoteRow& row) {
  if (row.decision == "pending") {
    return "Y11 Y27";
  }
  return row.decision == "approve" ? "Y9" : row.decision == "reject" ? "Y10" : "Y1";
}

}  // namespace

void add_host_votes(Suite& suite) {
  for (const VoteRow& row : vote_rows()) {
    if (!is_of_the_sample(row)) {
      continue;
    }
    const std::string id = "verdict." + std::string(row.id);
    Spec spec{.id = id,
              .title = "The votes decide as the table of the vote says, whoever gains by it.",
              .subject = rows_of(row),
              .requirements = {"QP-ADD-08", "QP-BS-010", "QP-SEC-006"},
              .mutation = std::string(row.id),
              .level_e = !takes_time(row)};
    if (row.decision == "pending") {
      spec.more = {suite.check(id + ".end", "At DecideBy the Host decides on what it has.", {"QP-ADD-08", "QP-BS-010"}, true)};
    }
    suite.positive(spec, [check = suite.name(id), row](Session& session) { vote(session, check, row); });
  }
}

}  // namespace quickpay::conformance
