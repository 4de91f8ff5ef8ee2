// A Wallet that registers itself, is bound to other addresses, and leaves.
#include "conformance/suites/joiner.hpp"
#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

void first(Session& session, const std::string& check) {
  Joiner joiner(session);
  if (!judge_entered(session, joiner, check)) {
    return;
  }
  const auto left = joiner.does("leave");
  const auto sent = session.world().sent_by_iut(joiner.message_of("leave"));
  judge(session, check + ".speaks", is_accepted(left) && !sent.empty(), "UnregisterWallet in its name", outcome_text(left), sent);
}

}  // namespace

void add_wallet_registration(Suite& suite) {
  suite.belongs_to("registration", false);
  const std::vector<std::string> comes = {"QP-WAL-005", "QP-WAL-006", "QP-WAL-013"};
  Joining joining{"wallet", "It is bound to another address, too, and has another ticket.", comes, "QP-E-ADDRESS", "QP-E-ADDRESS"};
  joining.register_row = 21, joining.enters_row = 22, joining.change_row = 24, joining.leave_row = 28;
  std::vector<Right> all = joining_rights(joining);
  all.push_back({"first", "A Wallet that was installed says what it is made of and where it is, and has a name.", "F21 F22", comes, first,
                 "", {{".speaks", "It speaks under the name that it got.", {"QP-WAL-005"}}}});
  add_rights(suite, "registration", all);
}

}  // namespace quickpay::conformance
