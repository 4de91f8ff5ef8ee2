#include "conformance/judges/tests/tape.hpp"

#include <algorithm>

#include "conformance/peers/signing.hpp"

namespace quickpay::conformance::tests {

Tape::Tape(const std::string& role, const std::string& protocol, const std::string& profile) {
  info_.id = role + ".tape";
  info_.role = role;
  info_.protocol = protocol;
  begin(0, judges_of(role), nullptr, profile);
}

Tape::Tape(TapeRun& run) {
  info_.id = run.role + ".tape-" + std::to_string(++run.sessions);
  info_.role = run.role;
  begin(run.salt, run.judges, run.orders);
}

void Tape::begin(std::uint64_t salt, std::vector<std::shared_ptr<Observer>> judges,
                 std::shared_ptr<KnownOrders> orders, const std::string& profile) {
  const std::string& role = info_.role;
  info_.checks = ambient_checks(role, info_.protocol);
  SessionSetting setting;
  setting.seed = 5;
  setting.salt = salt;
  setting.profile = profile;
  setting.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
  session_ = std::make_unique<Session>(info_, setting, io_, iut_);
  WorldPlan plan = standard_plan(role);
  if (signs(info_.protocol)) {
    complete_signing_keys(plan);
  }
  complete_tickets(plan);
  if (info_.protocol == "paycard") {
    complete_enrolments(plan);
  }
  if (info_.protocol == "registration") {
    complete_newcomers(plan);
  }
  if (info_.protocol == "keys") {
    complete_epochs(plan);
    complete_own_keys(plan);
  }
  std::uint16_t number = 1;
  for (PlayerPlan& player : plan.players) {
    player.address = "127.1.1." + std::to_string(number);
    player.port = number++;
  }
  world_ = World::for_replay(*session_, std::move(plan), std::move(judges), std::move(orders));
}

HeadFacts Tape::head(const std::string& from, const std::string& to) {
  HeadFacts head;
  head.profile = session_->profile();
  head.host = cast().host;
  head.sender = from;
  head.receiver = to;
  head.msg_id = id();
  head.sent_at = from.empty() ? std::string() : world_->now_text();
  return head;
}

std::uint64_t Tape::request(const std::string& from, const std::string& to, const Element& document,
                            const std::string& mutation) {
  const std::string of = info_.protocol == "revoke" ? "regular" : info_.protocol;  // what is taken back is regular
  const std::string own = of + "/" + document.name;                                 // a name that recurs
  Entry entry;
  entry.kind = EntryKind::request;
  entry.from = from;
  entry.to = to;
  entry.by_iut = world_->is_iut(from);
  entry.exchange = exchanges_.size() + 1;
  entry.path = path_of(message_type(own) == nullptr ? document.name : own);
  entry.headers = {{"Content-Type", "application/quickpay+xml"}};
  entry.body = to_xml(document);
  entry.message = document.name;
  entry.msg_id = text_at(document, "Head/MsgId");
  entry.mutation = mutation;
  exchanges_[entry.exchange] = {from, to, entry.path, document};
  const std::uint64_t exchange = entry.exchange;
  world_->replay(std::move(entry));
  return exchange;
}

Element Tape::answer(std::uint64_t exchange, const std::string& code, std::vector<Element> results) {
  const Exchange& asked = exchanges_.at(exchange);
  const PlayerPlan* to = world_->plan().player(asked.to);
  const bool nameless = to != nullptr && !to->listed;  // called by the name that it will have
  const std::string responder = nameless ? text_at(asked.request, "Head/Receiver") : asked.to;
  return response_to(asked.request, code, responder, id(), world_->now_text(), std::move(results));
}

void Tape::response(std::uint64_t exchange, const Element& document, const std::string& mutation) {
  const Exchange& asked = exchanges_.at(exchange);
  Entry entry;
  entry.kind = EntryKind::response;
  entry.from = asked.to;
  entry.to = asked.from;
  entry.by_iut = world_->is_iut(asked.to);
  entry.exchange = exchange;
  entry.path = asked.path;
  entry.http_status = 200;
  entry.headers = {{"Content-Type", "application/quickpay+xml"}};
  entry.body = to_xml(document);
  entry.message = document.name;
  entry.msg_id = text_at(document, "Head/MsgId");
  entry.code = text_at(document, "Body/Status/Code");
  entry.mutation = mutation;
  world_->replay(std::move(entry));
}

void Tape::lost(std::uint64_t exchange) {
  const Exchange& asked = exchanges_.at(exchange);
  Entry entry;
  entry.kind = EntryKind::failure;
  entry.from = asked.to;
  entry.to = asked.from;
  entry.by_iut = world_->is_iut(asked.to);
  entry.exchange = exchange;
  entry.path = asked.path;
  world_->replay(std::move(entry));
}

void Tape::note(const std::string& text) {
  Entry entry;
  entry.summary = text;
  world_->replay(std::move(entry));
}

std::map<std::string, Verdict> Tape::verdicts() {
  world_->close();
  std::map<std::string, Verdict> worst;
  for (const Finding& finding : session_->findings()) {
    Verdict& verdict = worst[finding.check.substr(finding.check.rfind('.') + 1)];
    verdict = worse(verdict, finding.verdict);
  }
  return worst;
}

std::string Tape::finding(const std::string& judge) const {
  for (const Finding& finding : session_->findings()) {
    if (finding.check.substr(finding.check.rfind('.') + 1) == judge) {
      return finding.evidence.expected + " / " + finding.evidence.got + finding.evidence.detail;
    }
  }
  return {};
}

}  // namespace quickpay::conformance::tests
