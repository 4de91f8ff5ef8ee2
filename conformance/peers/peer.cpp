#include "conformance/peers/peer.hpp"

#include <algorithm>
#include <utility>

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {

roles::CallResult call_result(const WireReply& reply) {
  roles::CallResult result;
  result.delivered = reply.answered;
  result.http_status = reply.message.status();
  result.content_type = reply.message.header("Content-Type");
  result.body = reply.message.body;
  return result;
}

std::string http_of(const roles::Answer& answer) {
  return answer_bytes(answer.http_status,
                      answer.http_status == 200 ? std::string_view(answer.body) : std::string_view());
}

std::string with_header(std::string answer, const std::string& line) {
  return answer.insert(answer.find("\r\n") + 2, line + "\r\n");
}

}  // namespace

Peer::Peer(PeerHost& host, PlayerPlan plan, bool present) : host_(host), plan_(std::move(plan)) {
  if (!present) {
    return;
  }
  WireServer::Handlers handlers;
  handlers.request = [this](ConnectionId connection, const std::string& address, const HttpMessage& message) {
    on_request(connection, address, message);
  };
  handlers.gone = [this](ConnectionId connection) { on_gone(connection); };
  server_ = std::make_unique<WireServer>(host_.io(), std::move(handlers));
}

Peer::~Peer() = default;

tl::expected<void, std::string> Peer::listen() {
  const auto bound = server_->listen(plan_.address, plan_.port);
  if (!bound) {
    return tl::unexpected(bound.error());
  }
  plan_.port = bound->port;
  return {};
}

tl::expected<void, std::string> Peer::start(const WorldPlan& world, std::unique_ptr<crypto::Random> random) {
  auto ledger = ledger::open_sqlite(":memory:");
  if (!ledger) {
    return tl::unexpected(ledger.error().what);
  }
  ledger_ = std::move(*ledger);
  random_ = std::move(random);
  node_ =
      std::make_unique<roles::Node>(node_config(world, plan_), *ledger_, host_.clock(), *random_, host_.directory());
  return {};
}

void Peer::script(Rule rule) { rules_.push_back(std::move(rule)); }
void Peer::script(std::string message, Act act, int times) {
  script(Rule{std::move(message), {}, times, std::move(act)});
}

std::size_t Peer::release() {
  const auto held = std::exchange(held_, {});
  for (const ConnectionId connection : held) {
    const auto found = open_.find(connection);
    if (found == open_.end()) {
      continue;
    }
    const auto answer = held_answers_.find(connection);
    if (answer != held_answers_.end()) {
      const std::string bytes = answer->second;
      held_answers_.erase(answer);
      const bool invalid = found->second.act.invalid;
      finish(connection, bytes, invalid ? std::string(found->second.act.label) : std::string(), invalid);
    } else {
      found->second.act = Act{};
      to_core(connection);
    }
  }
  return held.size();
}

void Peer::set_down(bool down) {
  if (!server_) {
    return;
  }
  if (down) {
    server_->close();
    open_.clear();
    held_.clear();
    held_answers_.clear();
  } else if (!server_->listening()) {
    (void)server_->listen(plan_.address, plan_.port);
  }
}

std::size_t Peer::arrived(std::string_view message) const {
  const auto found = arrived_.find(message);
  return found == arrived_.end() ? 0 : found->second;
}

void Peer::on_time() {
  if (node_) {
    node_->on_time();
    pump();
  }
}

std::optional<std::int64_t> Peer::next_due_ms() const { return node_ ? node_->next_due_ms() : std::nullopt; }

Act Peer::choose(const std::string& message, const Element& request) {
  for (Rule& rule : rules_) {
    const bool fits =
        rule.times != 0 && (rule.message.empty() || rule.message == message) && (!rule.when || rule.when(request));
    if (fits) {
      rule.times -= rule.times > 0 ? 1 : 0;
      return rule.act;
    }
  }
  return {};
}

void Peer::on_request(ConnectionId connection, const std::string& peer_address, const HttpMessage& message) {
  Exchange exchange;
  const Arrival arrival = host_.record_arrival(plan_.id, peer_address, message);
  exchange.number = arrival.exchange;
  exchange.late = arrival.late;
  if (message.broken) {
    return server_->drop(connection);
  }
  if (message.method() == "GET") {
    open_[connection] = std::move(exchange);
    return serve_goods(connection, message);
  }
  exchange.path = message.target();
  exchange.peer_address = peer_address;
  exchange.body = message.body;
  const std::string name(message_of(exchange.path));
  exchange.request = parse_xml(message.body).value_or(Element{});
  if (!arrival.late) {
    ++arrived_[name];
    exchange.act = choose(name, exchange.request);
  }
  open_[connection] = std::move(exchange);
  perform(connection);
}

void Peer::perform(ConnectionId connection) {
  const Exchange& exchange = open_.at(connection);
  switch (exchange.act.kind) {
    case Act::Kind::lose_request:
      return finish(connection, {}, exchange.act.label, true);
    case Act::Kind::hold_request:
      held_.push_back(connection);
      return;
    case Act::Kind::answer:
      return scripted(connection);
    case Act::Kind::refuse_http:
      return finish(connection, std::string(exchange.act.bytes), exchange.act.label, true);
    case Act::Kind::core:
    case Act::Kind::lose_answer:
    case Act::Kind::hold_answer:
    case Act::Kind::change:
    case Act::Kind::raw:
      return to_core(connection);
  }
}

void Peer::to_core(ConnectionId connection) {
  const Exchange& exchange = open_.at(connection);
  if (!is_path(exchange.path)) {
    return finish(connection, answer_bytes(404, {}), {}, false);
  }
  node_->on_request(connection, exchange.peer_address, exchange.path, exchange.body);
  pump();
}

void Peer::scripted(ConnectionId connection) {
  const Exchange& exchange = open_.at(connection);
  const Act& act = exchange.act;
  // Who is no player yet answers under the name by which it is called.
  const std::string responder = plan_.listed ? plan_.id : text_at(exchange.request, "Head/Receiver");
  Element response = response_to(exchange.request, act.code, responder, host_.answer_id(), time_text(host_.clock().now_ms()),
                                 act.make ? act.make(exchange.request) : act.results);
  const auto seal = [&](Element& made) { host_.seal(made, exchange.request, plan_.id); };
  const auto changed = mutated_and_sealed(response, act.mutations, seal);
  if (!changed) {
    seal(response);
  }
  std::string bytes = answer_bytes(200, changed ? *changed : to_xml(response));
  if (act.held) {
    held_answers_[connection] = std::move(bytes);
    held_.push_back(connection);
    return;
  }
  finish(connection, bytes, exchange.act.label, exchange.act.invalid);
}

void Peer::pump() {
  if (pumping_) {
    return;  // the outer call goes round once more
  }
  pumping_ = true;
  for (;;) {
    auto output = node_->flush();
    if (!output || (output->answers.empty() && output->calls.empty())) {
      break;
    }
    for (const roles::Answer& answer : output->answers) {
      core_answered(answer);
    }
    for (const roles::OutgoingCall& call : output->calls) {
      const auto at = call.at ? std::optional<Address>({call.at->address, call.at->port}) : std::nullopt;
      host_.call(plan_.id, {call.receiver, at, call.path, call.body, call.timeout_ms},
                 [this, id = call.msg_id](const WireReply& reply) {
                   node_->on_call_result(id, call_result(reply));
                   pump();
                 });
    }
  }
  pumping_ = false;
}

void Peer::core_answered(const roles::Answer& answer) {
  const auto found = open_.find(answer.connection);
  if (found == open_.end()) {
    return;
  }
  const Act act = found->second.act;
  switch (act.kind) {
    case Act::Kind::lose_answer:
      return finish(answer.connection, {}, act.label, true);
    case Act::Kind::raw:
      return finish(answer.connection, act.damage ? act.damage(http_of(answer)) : act.bytes, act.label, true);
    case Act::Kind::hold_answer:
      held_answers_[answer.connection] = http_of(answer);
      held_.push_back(answer.connection);
      return;
    case Act::Kind::change:
      break;
    case Act::Kind::core:
    case Act::Kind::lose_request:
    case Act::Kind::hold_request:
    case Act::Kind::answer:
    case Act::Kind::refuse_http:
      return finish(answer.connection, http_of(answer), {}, false);
  }
  auto document = parse_xml(answer.body);
  if (!document) {
    return finish(answer.connection, http_of(answer), {}, false);
  }
  if (act.edit) {
    act.edit(*document);
  }
  const Element& request = found->second.request;
  const auto bytes = mutated_and_sealed(std::move(*document), act.mutations,
                                        [&](Element& changed) { host_.seal(changed, request, plan_.id); });
  if (!bytes) {  // e.g. a refusal has no Offer to change: what was declared did not happen
    return finish(answer.connection, http_of(answer), {}, false);
  }
  finish(answer.connection, answer_bytes(200, *bytes), act.label, act.invalid);
}

void Peer::finish(ConnectionId connection, const std::string& bytes, const std::string& label, bool invalid) {
  const auto found = open_.find(connection);
  if (found == open_.end()) {
    return;
  }
  const bool trickle = found->second.act.trickle;
  const bool late = found->second.late;
  const std::string sent = late && !bytes.empty() ? with_header(bytes, "Connection: close") : bytes;
  host_.record_answer(found->second.number, sent, label, invalid);
  open_.erase(found);
  if (sent.empty()) {
    server_->drop(connection);
  } else {
    server_->respond(connection, sent, invalid || late, trickle);  // what is no answer may be half of one: nobody should wait for the rest
  }
}

void Peer::serve_goods(ConnectionId connection, const HttpMessage& message) {
  const auto goods = node_->redeem(message.header("QuickPay-Ticket"));
  const Act act = choose("fetch", {});
  if (act.kind == Act::Kind::lose_request) {
    return finish(connection, {}, act.label, true);
  }
  if (act.kind == Act::Kind::refuse_http) {
    return finish(connection, act.bytes, act.label, true);
  }
  if (!goods) {
    return finish(connection, answer_bytes(404, {}), {}, false);
  }
  finish(connection, answer_bytes(200, goods->data, {{"Content-Type", goods->media_type}}), {}, false);
}

void Peer::on_gone(ConnectionId connection) {
  const auto found = open_.find(connection);
  if (found == open_.end()) {
    return;
  }
  open_.erase(found);
  held_.erase(std::remove(held_.begin(), held_.end(), connection), held_.end());
  held_answers_.erase(connection);
  node_->on_disconnect(connection);
  pump();
}

}  // namespace quickpay::conformance
