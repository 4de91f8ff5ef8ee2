#include "reference/daemon/control.hpp"

#include "reference/crypto/encoding.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::daemon {
namespace {

constexpr const char* kWalletOrders = "wallet.order";
constexpr const char* kWrongAnswers = "wrong-answers";  // told before the next questions come
constexpr std::int64_t kMaxQuestionNo = 999'999'999;     ///< as the message admits
constexpr std::int64_t kMaxPort = 65535;
constexpr std::int64_t kMaxQuantity = 9999;  ///< as the message admits

using Outcome = tl::expected<Json, std::string>;

template <class T>
Outcome outcome_of(const tl::expected<T, roles::Refusal>& result) {
  if (!result) return tl::make_unexpected(result.error().reason);
  return Json::object();
}

std::string dump(const Json& json) { return json.dump(-1, ' ', true, Json::error_handler_t::replace); }

}  // namespace

struct Control::Command {
  Action action;
  std::string roles;  // who has it; empty: everybody

  bool is_for(const std::string& role) const { return roles.empty() || roles.find(role) != std::string::npos; }
};

const std::map<std::string, Control::Command>& Control::commands() {
  static const std::map<std::string, Command> kCommands = {
      {"pay-micro", {&Control::pay, "wallet"}},
      {"pay-regular", {&Control::pay_regular, "wallet"}},
      {"pay-link", {&Control::pay_link, "wallet"}},
      {"link", {&Control::link, "vendor"}},
      {"refunded", {&Control::refunded, "wallet"}},
      {"confirm", {&Control::confirm, "wallet"}},
      {"decline", {&Control::decline, "wallet"}},
      {"cancel", {&Control::cancel, "wallet"}},
      {"try-again", {&Control::try_again, "wallet"}},
      {"activate-paycard", {&Control::activate, "wallet"}},
      {"add-paycard", {&Control::add_paycard, "wallet"}},
      {"answer-questions", {&Control::answer_questions, "wallet"}},
      {"remove-paycard", {&Control::remove_paycard, "wallet"}},
      {"offers", {&Control::offers, "wallet"}},
      {"goods", {&Control::goods, "wallet"}},
      {"block-paycard", {&Control::block, "broker"}},
      {"settle-with-broker", {&Control::settle, "vendor"}},
      {"withdraw", {&Control::withdraw, "vendor"}},
      {"revoke", {&Control::revoke, "vendor"}},
      {"contest", {&Control::contest, "vendor"}},
      {"register", {&Control::enter, "wallet vendor broker"}},
      {"change", {&Control::change, "wallet vendor broker"}},
      {"leave", {&Control::leave, "wallet vendor"}},
      {"publish-key", {&Control::publish_key, "wallet vendor broker"}},
      {"withdraw-key", {&Control::withdraw_key, "wallet vendor broker"}},
      {"renew-key", {&Control::renew_key, "wallet vendor broker"}},
      {"suspend", {&Control::suspend, "host broker"}},
      {"resume", {&Control::resume, "host broker"}},
      {"records", {&Control::records, ""}},
      {"stop", {&Control::halt, ""}},
  };
  return kCommands;
}

Control::Control(Daemon& daemon, Output output, std::function<void()> stop)
    : daemon_(daemon), output_(std::move(output)), stop_(std::move(stop)) {}

void Control::write(const Json& json) { output_(dump(json)); }

void Control::on_line(std::string_view line) {
  if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
  problem_ = Problem();
  const Json json = parse_json(line, problem_);
  Json reply = Json::object();
  if (json.is_object() && json.contains("id")) reply["id"] = json["id"];
  auto outcome = problem_.found() ? tl::make_unexpected(problem_.text()) : run(json);
  reply["ok"] = outcome.has_value();
  if (outcome) {
    reply.update(*outcome);
  } else {
    reply["reason"] = outcome.error();
  }
  // Who is told that something was done may rely on it: it has to be durable by then.
  daemon_.touch([output = output_, text = dump(reply)] { output(text); });
}

Outcome Control::run(const Json& json) {
  ObjectReader reader(json, "", problem_);
  reader.has("id");
  const std::string word = reader.text("do");
  if (problem_.found()) return tl::make_unexpected(problem_.text());
  const std::string& role = daemon_.node().config().role;
  std::vector<std::string> known;
  for (const auto& [name, command] : commands()) {
    if (command.is_for(role)) known.push_back(name);
  }
  const auto found = commands().find(word);
  const bool mine = found != commands().end() && found->second.is_for(role);
  if (!mine) {
    const std::string meant = likeliest(word, known);
    return tl::make_unexpected("unknown command" + (meant.empty() ? "" : "; did you mean \"" + meant + "\"?"));
  }
  return (this->*found->second.action)(reader);
}

// Every command first reads all its fields, then refuses what is wrong with them, then acts.
#define QP_READ_DONE(reader) \
  (reader).done();           \
  if (problem_.found()) return tl::make_unexpected(problem_.text())

std::string Control::answer_in(ObjectReader& reader) {
  std::string answer = reader.text_or("confirm", "ask");
  if (answer != "ask" && answer != "yes" && answer != "no") reader.wrong("confirm", "must be ask, yes or no");
  return answer;
}

Outcome Control::opened(const tl::expected<std::string, roles::Refusal>& order, const std::string& answer) {
  if (!order) return tl::make_unexpected(order.error().reason);
  open_.insert(*order);
  if (answer != "ask") answers_[*order] = answer;
  return Json{{"order", *order}};
}

Outcome Control::pay(ObjectReader& reader) {
  const std::string vendor = reader.text("vendor");
  const std::string item = reader.text("item");
  const std::string answer = answer_in(reader);
  QP_READ_DONE(reader);
  return opened(daemon_.node().open_link(vendor, item), answer);
}

Outcome Control::pay_regular(ObjectReader& reader) {
  const std::string vendor = reader.text("vendor");
  const std::string item = reader.text("item");
  const std::int64_t quantity = reader.optional_integer("quantity", 1, kMaxQuantity).value_or(1);
  const std::string answer = answer_in(reader);
  QP_READ_DONE(reader);
  return opened(daemon_.node().open_regular_link(vendor, item, quantity), answer);
}

Outcome Control::pay_link(ObjectReader& reader) {
  const std::string document = reader.text("link");
  const std::int64_t quantity = reader.optional_integer("quantity", 1, kMaxQuantity).value_or(1);
  const std::string answer = answer_in(reader);
  QP_READ_DONE(reader);
  return opened(daemon_.node().open_purchase_link(document, quantity), answer);
}

Outcome Control::link(ObjectReader& reader) {
  const std::string item = reader.text("item");
  const std::string kind = reader.text_or("kind", "micro");
  if (kind != "micro" && kind != "regular") reader.wrong("kind", "must be micro or regular");
  QP_READ_DONE(reader);
  const auto made = daemon_.node().purchase_link(item, kind == "regular");
  if (!made) return tl::make_unexpected(made.error().reason);
  return Json{{"link", *made}};
}

Outcome Control::refunded(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().refunded(order));
}

Outcome Control::confirm(ObjectReader& reader) {
  const std::string order = reader.text("order");
  const std::string digest = reader.text("digest");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().confirm(order, digest));
}

Outcome Control::decline(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().decline(order));
}

Outcome Control::cancel(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  auto outcome = outcome_of(daemon_.node().cancel(order));
  if (outcome) adding_.erase(order);
  return outcome;
}

Outcome Control::try_again(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  auto outcome = outcome_of(daemon_.node().try_again(order));
  if (outcome) open_.insert(order);
  return outcome;
}

Outcome Control::activate(ObjectReader& reader) {
  const std::string paycard = reader.text_or("paycard", "");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().activate_paycard(paycard));
}

Outcome Control::add_paycard(ObjectReader& reader) {
  const std::string product = reader.text("product");
  const std::string code = reader.text("issue_code");
  QP_READ_DONE(reader);
  const auto adding = daemon_.node().add_paycard(product, code);
  if (!adding) return tl::make_unexpected(adding.error().reason);
  adding_.insert(*adding);
  return Json{{"order", *adding}};
}

Outcome Control::answer_questions(ObjectReader& reader) {
  const std::string adding = reader.text("order");
  std::vector<std::pair<std::int64_t, std::string>> answers;
  reader.list("answers", [&](ObjectReader& each) {
    const std::int64_t no = each.integer("no", 0, kMaxQuestionNo);
    answers.emplace_back(no, each.text("value"));
  });
  QP_READ_DONE(reader);
  const auto done = daemon_.node().answer_questions(adding, answers);
  if (done) adding_.insert(adding);
  return outcome_of(done);
}

Outcome Control::remove_paycard(ObjectReader& reader) {
  const std::string paycard = reader.text("paycard");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().remove_paycard(paycard));
}

Outcome Control::offers(ObjectReader& reader) {
  QP_READ_DONE(reader);
  daemon_.node().show_offers();
  return Json::object();
}

Outcome Control::goods(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  std::string after;
  while (true) {
    const auto page = daemon_.node().records(kWalletOrders, after);
    if (!page) return tl::make_unexpected(page.error().what);
    if (page->empty()) return tl::make_unexpected(std::string("unknown-order"));
    for (const auto& record : *page) {
      if (record.key != order) continue;
      const auto data = record.fields.find("goods");
      if (data == record.fields.end()) return tl::make_unexpected(std::string("no goods"));
      const auto type = record.fields.find("media_type");
      return Json{{"media_type", type == record.fields.end() ? "" : type->second},
                  {"data", crypto::base64_encode(data->second)}};
    }
    after = page->back().key;
  }
}

Outcome Control::block(ObjectReader& reader) {
  const std::string paycard = reader.text("paycard");
  const bool blocked = reader.flag_or("blocked", true);
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().block_paycard(paycard, blocked));
}

Outcome Control::settle(ObjectReader& reader) {
  QP_READ_DONE(reader);
  const auto made = daemon_.node().settle();
  if (!made) return tl::make_unexpected(made.error().reason);
  return Json{{"batches", *made}};
}

Outcome Control::withdraw(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().withdraw(order));
}

Outcome Control::revoke(ObjectReader& reader) {
  const std::string order = reader.text("order");
  const std::string reason = reader.text_or("reason", "other");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().revoke(order, reason));
}

Outcome Control::contest(ObjectReader& reader) {
  const std::string order = reader.text("order");
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().contest(order));
}

/// What comes of it is told under the id of the Host.
Outcome Control::begun(const tl::expected<void, roles::Refusal>& result) {
  if (result) adding_.insert(daemon_.node().config().host);
  return outcome_of(result);
}

roles::Wanted Control::wanted_in(ObjectReader& reader) {
  roles::Wanted wanted;
  const std::string& role = daemon_.node().config().role;
  if (role == "wallet") {
    wanted.bound = reader.texts("bound");
    return wanted;
  }
  wanted.name = reader.text_or("name", "");
  reader.list("endpoints", [&](ObjectReader& place) {
    const std::string address = place.text("address");
    wanted.endpoints.push_back({address, static_cast<std::uint16_t>(place.integer("port", 1, kMaxPort))});
  });
  return wanted;
}

Outcome Control::enter(ObjectReader& reader) {
  roles::Wanted wanted = wanted_in(reader);
  const std::string& role = daemon_.node().config().role;
  if (role == "broker") wanted.code = reader.text("code");
  if (role == "vendor" && wanted.endpoints.size() != 1) reader.wrong("endpoints", "must be the one place at which it listens");
  QP_READ_DONE(reader);
  return begun(daemon_.node().register_self(std::move(wanted)));
}

Outcome Control::change(ObjectReader& reader) {
  roles::Wanted wanted = wanted_in(reader);
  if (daemon_.node().config().role != "wallet") {
    wanted.terms = reader.flag_or("terms", false);
  } else {
    wanted.new_ticket = reader.flag_or("new_ticket", false);
    wanted.software = reader.flag_or("software", false);
  }
  QP_READ_DONE(reader);
  return begun(daemon_.node().change_self(std::move(wanted)));
}

Outcome Control::leave(ObjectReader& reader) {
  QP_READ_DONE(reader);
  return begun(daemon_.node().leave());
}

Outcome Control::publish_key(ObjectReader& reader) {
  const std::string key_id = reader.text("key_id");
  QP_READ_DONE(reader);
  return begun(daemon_.node().publish_key(key_id));
}

Outcome Control::withdraw_key(ObjectReader& reader) {
  const std::string key_id = reader.text("key_id");
  const std::string reason = reader.text_or("reason", "replaced");
  const std::string from = reader.text_or("from", "");
  const auto from_ms = roles::parse_time(from);
  if (!from.empty() && !from_ms) reader.wrong("from", "must be a time such as 2026-11-22T12:00:00Z");
  QP_READ_DONE(reader);
  return begun(daemon_.node().withdraw_key(key_id, reason, from_ms));
}

Outcome Control::renew_key(ObjectReader& reader) {
  const std::string peer = reader.text_or("peer", "");
  QP_READ_DONE(reader);
  return begun(daemon_.node().renew_key(peer));
}

Outcome Control::suspend(ObjectReader& reader) {
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().suspend());
}

Outcome Control::resume(ObjectReader& reader) {
  QP_READ_DONE(reader);
  return outcome_of(daemon_.node().resume());
}

Outcome Control::records(ObjectReader& reader) {
  const std::string machine = reader.text("machine");
  const std::string after = reader.text_or("after", "");
  const auto limit = reader.optional_integer("limit", 1, 1000).value_or(100);
  QP_READ_DONE(reader);
  const auto page = daemon_.node().records(machine, after, static_cast<std::size_t>(limit));
  if (!page) return tl::make_unexpected(page.error().what);
  Json list = Json::array();
  for (const auto& record : *page) {
    list.push_back({{"key", record.key}, {"state", record.state}, {"variables", record.variables}});
  }
  return Json{{"records", list}};
}

Outcome Control::halt(ObjectReader& reader) {
  QP_READ_DONE(reader);
  daemon_.touch();  // a daemon at rest would be over before its reply has left
  if (stop_) stop_();
  return Json::object();
}

#undef QP_READ_DONE

void Control::on_event(const roles::UserEvent& event) {
  Json json = {{"event", event.kind}, {"order", event.order}};
  if (!event.text.empty()) json["text"] = event.text;
  for (const auto& [name, value] : event.details) json[name] = value;
  write(json);
  if (event.kind == "offer") decide(event);
  const bool ended = event.kind == "received" || event.kind == "done";
  const bool decided = event.kind == "question" || (event.kind == "tell" && event.text != kWrongAnswers);
  if (ended) open_.erase(event.order);
  const bool added = decided && adding_.erase(event.order) > 0;
  if (ended || added) look_for_the_end();
}

void Control::decide(const roles::UserEvent& offer) {
  const auto answer = answers_.find(offer.order);
  if (answer == answers_.end()) return;
  const auto digest = offer.details.find("digest");
  const bool yes = answer->second == "yes" && digest != offer.details.end();
  answers_.erase(answer);
  const auto done = yes ? daemon_.node().confirm(offer.order, digest->second) : daemon_.node().decline(offer.order);
  if (!done) write({{"event", "refused"}, {"order", offer.order}, {"text", done.error().reason}});
  daemon_.touch();
}

void Control::on_end() {
  ended_ = true;
  look_for_the_end();
}

void Control::look_for_the_end() {
  if (!ended_ || !open_.empty() || !adding_.empty() || daemon_.node().config().role != "wallet") return;
  if (stop_) stop_();
}

}  // namespace quickpay::daemon
