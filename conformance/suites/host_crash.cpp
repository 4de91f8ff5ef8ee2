// The Host is killed: before anything is asked of it, and after it has appended to a case and before anybody heard of it.
#include "conformance/suites/host_parts.hpp"

namespace quickpay::conformance {

namespace {

void after_restart(Session& session) {
  Registrar registrar(session);
  World& world = session.world();
  const PaidOrder paid = registrar.order();
  const Registered first = registered(world.send(registrar.commit(paid)));
  if (!first.ok || !world.restart(true)) {
    return unreached(session, "RegisterCommit and a restart");
  }
  const Reply reply = world.send(registrar.commit(paid));
  const Registered again = registered(reply);
  judge(session, "host.restart.case", again.ok && again.number == first.number && again.at == first.at,
        "CaseNo and RegisteredAt of the first time", outcome_text(reply), reply.entries);
}

/// The acknowledgement of one notice is lost with the process: what was appended is there, once, in the case of the others.
void unheard(Session& session, const std::string& check, int number) {
  Registrar registrar(session);
  World& world = session.world();
  const bool other = registrar.registers();  // so that a Host which forgets begins with another number
  const PaidOrder paid = registrar.order();
  const Registered before = registered(world.send(registrar.notice(paid, number == 6 ? 7 : 6)));
  Sending notice = registrar.notice(paid, number);
  notice.unheard = true;
  if (!other || !before.ok || world.send(notice).error != kAnswerLost || !world.restart(true)) {
    return unreached(session, "notices, a lost answer and a restart");
  }
  (void)world.advance(1);
  notice.unheard = false;
  const Reply reply = world.send(notice);
  const Registered again = registered(reply), anew = registered(world.send(registrar.notice(paid, number)));
  const bool one = again.ok && anew.ok && again.number == before.number && anew.number == before.number && again.at == anew.at;
  judge(session, check, one, "the case of the notice before, and one RegisteredAt", again.ok ? "others" : outcome_text(reply), reply.entries);
  if (!again.ok) {
    return;
  }
  (void)world.send(registrar.notice(paid, number == 8 ? 7 : 8));  // the third
  observed(session, check + ".record", paid, "in-time", "in-time");
}

}  // namespace

void add_host_crashes(Suite& suite) {
  suite.positive({.id = "restart.case",
                  .title = "A case outlives a crash.",
                  .subject = "H3",
                  .requirements = {"QP-ADD-06", "QP-ROLE-013"},
                  .mutation = "restart:hard",
                  .level_e = false},
                 after_restart);
  struct Lost {
    int number;
    const char* id;
    const char* subject;
    const char* requirement;
  };
  for (const Lost& one : {Lost{6, "crash.commit", "H4 kill", "QP-MP-010"}, Lost{7, "crash.delivery", "H11 kill", "QP-MP-011"},
                          Lost{8, "crash.reception", "H16 S2 kill", "QP-MP-012"}}) {
    suite.positive({.id = one.id,
                    .title = "Killed after a notice was appended and before it was acknowledged, the Host has it once.",
                    .subject = one.subject,
                    .requirements = {"QP-ADD-06", "QP-ADD-01", one.requirement},
                    .mutation = "acknowledgement:lost, restart:hard",
                    .level_e = false,
                    .more = {suite.check(std::string(one.id) + ".record", "The record says what was registered.", {"QP-ROLE-013"}, true)}},
                   [check = suite.name(one.id), number = one.number](Session& s) { unheard(s, check, number); });
  }
}

}  // namespace quickpay::conformance
