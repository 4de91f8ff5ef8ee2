#include "fuzz/core/player.hpp"

#include <algorithm>

#include "fuzz/core/when.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/writer.hpp"
#include "reference/roles/documents.hpp"

namespace quickpay::fuzz {
namespace {

constexpr std::int64_t kSpans[] = {1, 999, 1000, 5000, 120'000, 121'000, 900'000, 86'400'000};
constexpr std::string_view kMediaTypes[] = {"application/quickpay+xml", "Application/QuickPay+XML; charset=utf-8"};
constexpr std::string_view kOftenRefused[] = {protocol::QP_E_UNKNOWN_ORDER, protocol::QP_E_MISMATCH,
                                              protocol::QP_E_ENDORSEMENT_EXPIRED, protocol::QP_E_FORBIDDEN,
                                              protocol::QP_E_BUSY};

constexpr unsigned kMaxLost = 3;  ///< operations between the last flush and a failure of the power

/// How a call can be answered; the numbers are those of the inputs that are kept.
enum class How : std::uint8_t {
  yes,
  yes_spelled_otherwise,
  often_refused,
  any_code,
  unknown_code,
  not_delivered,
  unavailable,
  other_media_type,
  to_another_call,
  from_another_sender,
  for_another_receiver,
  unreferenced,
  cut_short,
  of_another_host
};
constexpr unsigned kHows = 14;

}  // namespace

Player::Player(roles::NodeConfig config, OracleMaker make_oracle, const Sabotage& sabotage)
    : config_(std::move(config)), sabotage_(sabotage) {
  config_.trace = true;
  put_player("H1", "host", "127.0.1.1", true);
  put_player("B7", "broker", "127.0.2.1", true);
  put_player("B8", "broker", "127.0.2.2", true);
  put_player("V1001", "vendor", "127.0.3.1", true);
  put_player("V1002", "vendor", "127.0.3.2", true);
  put_player("W" + std::string(32, '1'), "wallet", "127.0.4.1", true);
  put_player("W" + std::string(32, '2'), "wallet", "127.0.4.2", true);
  oracle_ = make_oracle(config_, directory_);
  config_.deviation = sabotage_.deviation;  // after the oracle took its copy: it shall know nothing of this
  config_.engine_factory = sabotage_.engine_factory;
  restart();
}

void Player::put_player(std::string name, std::string role, std::string address, bool accepted) {
  roles::Player player{std::move(name), std::move(role), "", {}, {}, accepted};
  player.bound_addresses.push_back(address);
  player.endpoints.push_back({std::move(address), 80});
  directory_.put(std::move(player));
}

void Player::restart() {
  node_ = nullptr;
  ledger_.crash();
  oracle_->restart(clock_.now);
  node_ = std::make_unique<roles::Node>(config_, ledger_, clock_, random_, directory_);
}

msg::Head Player::head(const std::string& sender, const std::string& receiver) {
  msg::Head made;
  made.version = std::string("1");
  made.host = std::string("H1");
  made.receiver = receiver;
  made.msg_id = id();
  if (sender.empty()) return made;
  made.sender = sender;
  made.sent_at = spell(clock_.now);
  return made;
}

msg::Head Player::answer_head(const roles::OutgoingCall& call) {
  msg::Head made = head(call.receiver, config_.id);
  made.in_reply_to = call.msg_id;
  return made;
}

void Player::request(const codec::MessageType& type, const void* object, std::string_view address, bool repeat) {
  if (!repeat || last_path_ != type.path) {
    last_path_ = type.path;
    last_body_ = codec::write_document(*type.request, object);
    last_address_ = address;
  }
  deliver(last_address_, last_path_, last_body_);
}

void Player::deliver(std::string_view address, std::string_view path, std::string_view body) {
  const roles::ConnectionToken connection = next_connection_++;
  oracle_->request(clock_.now, connection, address, path, body);
  node_->on_request(connection, address, path, body);
}

void Player::damage(const Operation& operation) {
  if (last_body_.empty()) return;
  std::string body = last_body_;
  body[(operation.a + 256u * operation.b) % body.size()] = static_cast<char>(operation.c);
  deliver(last_address_, last_path_, body);
}

void Player::disconnect(const Operation& operation) {
  const auto waiting = oracle_->waiting();
  if (waiting.empty()) return;
  const roles::ConnectionToken connection = waiting[operation.a % waiting.size()];
  oracle_->disconnect(connection);
  node_->on_disconnect(connection);
}

/// Time passes by a span, or to just before or just at the moment when the next timer is due.
void Player::pass_time(const Operation& operation) {
  const std::size_t spans = std::size(kSpans), choice = operation.a % (spans + 2);
  const std::int64_t due = oracle_->next_due().value_or(clock_.now);
  if (choice < spans) {
    clock_.now += kSpans[choice];
  } else {
    clock_.now = std::max(clock_.now, choice == spans ? due - 1 : due);
  }
  oracle_->time(clock_.now);
  node_->on_time();
}

std::string Player::answer_to(const roles::OutgoingCall& call, const Operation& operation) {
  const How how = static_cast<How>(operation.b % kHows);
  const bool yes = how < How::often_refused || how > How::unavailable;
  if (yes && how != How::unreferenced) return ok_body(call);
  std::string_view code = kOftenRefused[operation.c % std::size(kOftenRefused)];
  if (how == How::any_code) code = protocol::kErrors[1 + operation.c % (std::size(protocol::kErrors) - 1)].code;
  if (how == How::unknown_code) code = "QP-E-OF-TOMORROW";
  if (how == How::unreferenced) code = operation.c % 2 != 0 ? protocol::QP_E_SCHEMA : protocol::QP_E_FORBIDDEN;
  const roles::MessageOps* ops = roles::ops_of_path(call.path);
  const auto response = ops->response();
  response->head() = answer_head(call);
  if (how == How::unreferenced) response->head().receiver = response->head().in_reply_to = std::nullopt;
  response->status()->code = std::string(code);
  response->status()->retry = static_cast<msg::Retry>(operation.c % 3);  // known codes follow their own class
  if ((operation.c & 64) != 0) response->status()->after = (operation.c & 32) != 0 ? 100'000 : 7;
  return codec::write_document(*ops->type->response, response->object());
}

void Player::answer_call(const Operation& operation) {
  if (calls_.empty()) return;
  const std::size_t index = operation.a % calls_.size();
  roles::OutgoingCall call = calls_[index], claimed = call;
  if (operation.a < 128)
    calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));  // else: answered again later
  const How how = static_cast<How>(operation.b % kHows);
  if (how == How::to_another_call) claimed.msg_id = id();
  if (how == How::from_another_sender) claimed.receiver = claimed.receiver == "B8" ? "B7" : "B8";
  roles::CallResult result{how != How::not_delivered, 200, std::string(kMediaTypes[how == How::yes_spelled_otherwise]),
                           answer_to(claimed, operation)};
  if (how == How::unavailable) result.http_status = 503;
  if (how == How::other_media_type) result.content_type = "text/xml";
  if (how == How::cut_short) result.body.resize(result.body.size() / 2);
  const auto replace = [&](const std::string& from, const std::string& to) {
    if (const std::size_t at = result.body.find(from); at != std::string::npos)
      result.body.replace(at, from.size(), to);
  };
  if (how == How::for_another_receiver) replace("<Receiver>" + config_.id, "<Receiver>H1");
  if (how == How::of_another_host) replace("<Host>H1", "<Host>H2");
  oracle_->call_result(clock_.now, call.msg_id, result);
  node_->on_call_result(call.msg_id, result);
}

/// What was not flushed when the power fails has never happened; the oracle forgets it, too. a: how many of the next
/// operations are lost like that.
void Player::power(const Operation& operation, Script& script) {
  auto before = oracle_->clone();
  Operation next;
  for (unsigned lost = operation.a % (kMaxLost + 1); lost > 0 && script.next(next); --lost) {
    if (next.what != What::power) perform(next, script);
  }
  oracle_ = std::move(before);
  restart();
}

void Player::perform(const Operation& operation, Script& script) {
  switch (operation.what) {
    case What::first:
      return first(operation);
    case What::second:
      return second(operation);
    case What::time:
      return pass_time(operation);
    case What::result:
      return answer_call(operation);
    case What::power:
      return power(operation, script);
    case What::toggle:
      return toggle(operation);
    case What::disconnect:
      return disconnect(operation);
    case What::damage:
      return damage(operation);
    case What::raw: {
      const auto all = roles::message_ops();
      return deliver("127.0.4.1", all[operation.a % all.size()].type->path, operation.bytes);
    }
  }
}

void Player::note(const std::vector<roles::TraceLine>& trace, Played& played) {
  for (const roles::TraceLine& line : trace) {
    played.rows.insert(line.machine + " " + line.row);
    std::string& last = last_rows_[line.key];
    played.pairs.insert(last + " > " + line.row);
    last = line.row;
  }
}

std::string Player::look(Played& played) {
  const int flushes = ledger_.flushes();
  auto output = node_->flush();
  if (!output) return "the ledger failed: " + output.error().what;
  if (ledger_.flushes() == flushes || ledger_.unflushed() != 0) return "something left before it was durable";
  if (sabotage_.after_input) sabotage_.after_input(ledger_);
  note(output->trace, played);
  std::string wrong = oracle_->check(*output, *node_, ledger_);
  for (const roles::Answer& answer : output->answers) saw(answer);
  for (const roles::OutgoingCall& call : output->calls) {
    if (calls_.size() < kMaxRemembered) calls_.push_back(call);
  }
  return wrong;
}

Played Player::play(Script script) {
  Played played;
  Operation operation;
  played.wrong = look(played);
  while (played.wrong.empty() && script.next(operation)) {
    perform(operation, script);
    played.wrong = look(played);
    ++played.steps;
  }
  return played;
}

Played run_core(std::string_view input, const Sabotage& sabotage) {
  if (input.empty()) return {};
  const auto player = (input[0] & 1) != 0 ? make_vendor(sabotage) : make_broker(sabotage);
  return player->play(Script(input.substr(1)));
}

}  // namespace quickpay::fuzz
