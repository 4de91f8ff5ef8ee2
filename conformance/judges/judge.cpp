#include "conformance/judges/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quickpay::conformance {

namespace {

CheckInfo ambient(std::string_view role, const char* name, std::vector<std::string> requirements, const char* title) {
  CheckInfo check;
  check.id = fmt::format("{}.ambient.{}", role, name);
  check.requirements = std::move(requirements);
  check.title = title;
  check.ambient = true;
  return check;
}

std::vector<std::string> machine_requirements(std::string_view role) {
  if (role == "wallet") return {"QP-WAL-015", "QP-MP-004"};
  if (role == "vendor") return {"QP-MP-022", "QP-ADD-28"};
  if (role == "broker") return {"QP-SEC-001", "QP-SAFE-003"};
  return {"QP-ROLE-012", "QP-MP-015"};
}

std::vector<std::string> money_requirements(std::string_view role) {
  if (role == "wallet") return {"QP-SAFE-001", "QP-MP-012"};
  if (role == "vendor") return {"QP-SAFE-004", "QP-ADD-28"};
  if (role == "broker") return {"QP-SAFE-003", "QP-SAFE-009"};
  return {"QP-ADD-06", "QP-ROLE-013"};
}

std::vector<std::string> settlement_requirements(std::string_view role) {
  if (role == "vendor") return {"QP-BS-001", "QP-BS-005", "QP-BS-007", "QP-ADD-24"};
  if (role == "broker") return {"QP-ADD-09", "QP-SAFE-004", "QP-SAFE-005", "QP-ADD-24"};
  return {"QP-BS-010", "QP-ADD-09", "QP-ADD-18"};
}

std::vector<std::string> regular_requirements(std::string_view role) {
  if (role == "wallet") return {"QP-RP-005", "QP-RP-007", "QP-ADD-17"};
  if (role == "vendor") return {"QP-RP-010", "QP-RP-002", "QP-SAFE-003", "QP-ADD-18"};
  if (role == "broker") return {"QP-RP-010", "QP-SAFE-003", "QP-ADD-17"};
  return {"QP-RP-008", "QP-ADD-06"};
}

std::vector<std::string> revoke_requirements(std::string_view role) {
  if (role == "vendor") return {"QP-RV-002", "QP-RV-005", "QP-ADD-16"};
  if (role == "broker") return {"QP-RV-002", "QP-RV-006", "QP-ADD-16", "QP-ADD-18"};
  return {"QP-RV-006", "QP-RV-012", "QP-ADD-16"};
}

std::vector<std::string> privacy_requirements(std::string_view role) {
  return role == "wallet" ? std::vector<std::string>{"QP-ANON-010", "QP-ADD-12", "QP-ADD-13"}
                          : std::vector<std::string>{"QP-ANON-014", "QP-ADD-13"};
}

CheckInfo settlement_check(std::string_view role) {
  return ambient(role, "settlement", settlement_requirements(role),
                 "Whatever it claims, signs and decides follows from its machines, adds up, and pays no order twice.");
}

}  // namespace

namespace {

CheckInfo registration_check(std::string_view role) {
  if (role == "host") {
    return ambient(role, "registration", {"QP-ADD-26", "QP-REL-002", "QP-ADD-23", "QP-ADD-21"},
                   "Whoever it lists showed where it listens, has an identifier that nobody had, and can open its answer.");
  }
  if (role == "vendor") {
    return ambient(role, "registration", {"QP-ADD-26", "QP-ADD-18"},
                   "Its secrets are fresh, and for nobody but who probes it for what is open; its proofs are right.");
  }
  return ambient(role, "registration", {"QP-ADD-21", "QP-ADD-18"},
                 "The Host can open what it seals, under a fresh ReplyKey; its proofs and places are its own.");
}

}  // namespace

std::vector<CheckInfo> ambient_checks(std::string_view role, std::string_view protocol) {
  std::vector<CheckInfo> checks = {
      ambient(role, "documents", {"QP-ADD-20"},
              "Every document it sends keeps the XML profile and the tables of its message."),
      ambient(role, "envelope", {"QP-ADD-01"}, "Heads, addresses, message ids and repeated answers are right.")};
  if (protocol == "communication") {
    checks.push_back(ambient(role, "mail", {"QP-CM-007", "QP-CM-011", "QP-ANON-010"},
                             "Whatever message it hands out was registered, is unchanged and is for the reader."));
  } else if (protocol == "administration") {
    checks.push_back(ambient(role, "entries", {"QP-ROLE-009", "QP-ADD-18", "QP-ANON-012"},
                             "Whatever entry it gives is signed, is of the player that was asked for, and says what its directory says."));
  } else if (protocol == "registration") {
    checks.push_back(registration_check(role));
  } else if (protocol == "keys") {
    checks.push_back(role == "host" ? ambient(role, "keys", {"QP-ADD-18", "QP-ADD-21", "QP-ADD-20"},
                                              "Whatever key it lists, withdraws and gives is its owner's, on a right word and in time.")
                                    : ambient(role, "keys", {"QP-ADD-18", "QP-ADD-21"},
                                              "Its keys are proven and vouched for, what it took back signs nothing, and it speaks in "
                                              "its last epoch."));
  } else if (protocol == "paycard") {
    checks.push_back(role == "wallet" ? ambient(role, "boxes", {"QP-ADM-009", "QP-ADM-011", "QP-ADM-012"},
                                                "Whatever it seals its Broker can open, and it is about the session that was opened.")
                                      : ambient(role, "boxes", {"QP-ADM-011", "QP-ADM-012", "QP-ADM-008"},
                                                "Whatever it answers to what was sealed opens under the key of that session, and "
                                                "answers that request."));
  } else if (protocol == "regular") {
    checks.push_back(ambient(role, "regular", regular_requirements(role),
                             "Whatever it offers, promises, accepts and registers follows from its machine and rests on signatures."));
    if (role != "wallet") {
      checks.push_back(settlement_check(role));
    }
  } else if (protocol == "settlement") {
    checks.push_back(settlement_check(role));
  } else if (protocol == "revoke") {
    checks.push_back(ambient(role, "revoke", revoke_requirements(role),
                             "Whatever it takes back, books and registers follows from its machine and rests on the Vendor's word."));
    checks.push_back(settlement_check(role));
  } else {
    checks.push_back(ambient(role, "machine", machine_requirements(role),
                             "Whatever it sends can be explained by the machine of the order."));
    checks.push_back(
        ambient(role, "money", money_requirements(role), "What was promised, paid and registered agrees."));
  }
  checks.push_back(ambient(role, "privacy", privacy_requirements(role), "Nobody is told what is not for him."));
  return checks;
}

void Judge::violation(World& world, std::size_t entry, std::string expected, std::string got, Reason reason,
                      std::optional<std::size_t> offset) {
  auto& findings = world.session().transcript().at(entry).findings;
  findings.push_back(fmt::format("{}: expected {}, got {}", name_, expected, got));
  if (violations_.size() < kMaxViolations) {
    violations_.push_back({reason, std::move(expected), std::move(got), {entry}, {}, offset});
  }
}

void Judge::defect(World& world, std::size_t entry, std::string what) {
  world.session().transcript().at(entry).findings.push_back(fmt::format("{}: defect of the suite: {}", name_, what));
  if (defects_.size() < kMaxViolations) {
    defects_.push_back({Reason::suite_defect, {}, std::move(what), {entry}, {}});
  }
}

void Judge::on_open(World& world) {
  judged_ = 0;
  violations_.clear();
  defects_.clear();
  begin(world);
}

void Judge::on_close(World& world) {
  conclude(world);
  Session& session = world.session();
  const std::string check = fmt::format("{}.ambient.{}", world.plan().role, name_);
  const auto& declared = session.info().checks;
  if (std::none_of(declared.begin(), declared.end(), [&](const CheckInfo& one) { return one.id == check; })) {
    return;
  }
  for (Evidence& evidence : defects_) {
    session.emit(check, Verdict::error, std::move(evidence));
  }
  for (Evidence& evidence : violations_) {
    session.emit(check, Verdict::fail, std::move(evidence));
  }
  if (session.emitted(check)) {
    return;
  }
  if (judged_ == 0) {
    session.inconclusive(check, Reason::precondition_unmet, "the implementation sent nothing");
  } else {
    session.pass(check, fmt::format("{} messages", judged_));
  }
}

}  // namespace quickpay::conformance
