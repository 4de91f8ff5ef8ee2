// A Broker that registers itself with the code of its contract, and changes its name.
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/joiner.hpp"

namespace quickpay::conformance {

namespace {

void first(Session& session, const std::string& check) {
  Joiner joiner(session);
  if (!judge_entered(session, joiner, check)) {
    return;
  }
  const auto once = joiner.does("rename"), again = joiner.does("rename");
  const auto sent = session.world().sent_by_iut(joiner.message_of("rename"));
  judge(session, check + ".speaks", is_accepted(once) && is_accepted(again), "two changes in its name, one after the other",
        outcome_text(once) + ", " + outcome_text(again), sent);
}

}  // namespace

void add_broker_registration(Suite& suite) {
  suite.belongs_to("registration", false);
  const std::vector<std::string> comes = {"QP-ROLE-025", "QP-ROLE-007", "QP-ADD-18"};
  Joining joining{"broker", "It changes its name.", comes, "QP-E-FORBIDDEN", "QP-E-KEY", false};
  joining.register_row = 41, joining.enters_row = 42, joining.change_row = 44, joining.leave_row = 0;
  std::vector<Right> all = joining_rights(joining);
  all.push_back({"first", "A Broker that the Host's owner has admitted brings its keys along, and has a name.", "F41 F42", comes, first,
                 "", {{".speaks", "It speaks under the name that it got, and no two changes are of one moment.", {"QP-ROLE-007", "QP-ADM-013"}}}});
  add_rights(suite, "registration", all);
}

}  // namespace quickpay::conformance
