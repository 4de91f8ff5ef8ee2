// The World's traffic: what scenarios and players send, and the record of everything that passes.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/peers/world.hpp"

#include "conformance/peers/seal.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxSummary = 200;

/// "V1001 2026-000042" of whatever names an order in a message; empty if nothing does.
std::string order_key(const Element& document) {
  for (const char* path : {"Body/OrderRef", "Body/Endorsement/OrderRef", "Body/Commitment/OrderRef", "Body/Revoke/OrderRef", "Body/Offer/Order"}) {
    const Element* order = at(document, path);
    if (order != nullptr) {
      return text_at(*order, "Vendor") + " " + text_at(*order, "OrderId");
    }
  }
  return {};
}

std::string_view late_words(Belongs belongs) {
  switch (belongs) {
    case Belongs::here:
      return "";
    case Belongs::earlier_scenario:
      return ", an order of an earlier scenario";
    case Belongs::earlier_run:
      return ", an order of an earlier run";
  }
  return "";
}

void describe(Entry& entry, const Element& document) {
  entry.message = document.name.substr(0, 64);
  entry.msg_id = text_at(document, "Head/MsgId").substr(0, 64);
  entry.code = text_at(document, "Body/Status/Code").substr(0, 64);
  entry.order = order_key(document).substr(0, 128);
}

/// One line for people; what could not be read is named by what carried it.
std::string summary_of(const Entry& entry, std::string_view otherwise) {
  if (entry.message.empty()) {
    return std::string(otherwise);
  }
  return fmt::format("{}{}{}{}{}{}", entry.message, entry.code.empty() ? "" : " ", entry.code,
                     entry.mutation.empty() ? "" : " / ", entry.mutation, late_words(entry.belongs));
}

void fill_reply(Reply& reply, const WireReply& wire) {
  reply.done = true;
  reply.delivered = wire.connected;
  reply.answered = wire.answered;
  reply.error = wire.error;
  reply.http_status = wire.message.status();
  reply.body = wire.message.body;
  if (auto document = parse_xml(reply.body)) {
    reply.document = std::move(*document);
    reply.code = text_at(reply.document, "Body/Status/Code");
  }
}

/// An answer that its receiver never gets.
WireReply lost(const WireReply& came) {
  WireReply reply;
  reply.connected = came.connected;
  reply.error = kAnswerLost;
  return reply;
}

}  // namespace

std::string path_of(const Sending& sending) {
  return sending.path.empty() ? path_of(sending.document.name) : sending.path;
}

// Orders are named by what the suite asks and the implementation answers. What it asks itself names nothing: it may be
// about an order that nobody made.
void World::place(Entry& entry, const Element& document) {
  if (entry.kind == EntryKind::request && entry.by_iut) {
    entry.belongs = orders_->place(entry.order, document);
    if (entry.belongs != Belongs::here) {
      late_[entry.exchange] = entry.belongs;
    }
    return;
  }
  if (const auto late = late_.find(entry.exchange); late != late_.end()) {
    entry.belongs = late->second;
  } else if (entry.by_iut || entry.kind == EntryKind::request) {
    orders_->name(entry.order);
  }
}

std::size_t World::record(Entry entry) {
  if (entry.kind == EntryKind::request || entry.kind == EntryKind::response) {
    const Element document = parse_xml(entry.body).value_or(Element{});
    const std::string otherwise = entry.summary;
    describe(entry, document);
    place(entry, document);
    entry.summary = summary_of(entry, otherwise).substr(0, kMaxSummary);
    if (entry.kind == EntryKind::request && entry.message.empty()) {
      entry.message = std::string(message_of(entry.path));
    }
  } else if (entry.kind == EntryKind::failure) {
    place(entry, {});
  }
  const std::size_t index = session_.transcript().add(std::move(entry));
  if (index < session_.transcript().entries().size()) {
    for (const auto& observer : observers_) {
      observer->on_entry(*this, index);
    }
  }
  return index;
}

std::size_t World::record_request(const Route& route, std::uint64_t exchange, const HttpMessage& message,
                                  const std::string& mutation) {
  Entry entry;
  entry.kind = EntryKind::request;
  entry.from = route.from;
  entry.to = route.to;
  entry.by_iut = is_iut(route.from);
  entry.exchange = exchange;
  entry.path = route.path;
  entry.headers = message.headers;
  entry.body = message.body;
  entry.mutation = mutation;
  entry.summary = message.start_line;
  return record(std::move(entry));
}

std::size_t World::record_response(const Route& route, std::uint64_t exchange, const HttpMessage& message,
                                   const std::string& mutation) {
  Entry entry;
  entry.kind = EntryKind::response;
  entry.from = route.to;
  entry.to = route.from;
  entry.by_iut = is_iut(route.to);
  entry.exchange = exchange;
  entry.path = route.path;
  entry.http_status = message.status();
  entry.headers = message.headers;
  entry.body = message.body;
  entry.mutation = mutation;
  entry.summary = fmt::format("HTTP {}", entry.http_status);
  return record(std::move(entry));
}

std::size_t World::record_failure(const Route& route, std::uint64_t exchange, const std::string& why) {
  Entry entry;
  entry.kind = EntryKind::failure;
  entry.from = route.to;
  entry.to = route.from;
  entry.by_iut = is_iut(route.to);
  entry.exchange = exchange;
  entry.path = route.path;
  entry.summary = why.substr(0, kMaxSummary);
  return record(std::move(entry));
}

Arrival World::record_arrival(const std::string& player, const std::string& peer_address, const HttpMessage& message) {
  const std::string from = player_at(peer_address);
  // Who sends from an address of nobody can only be the implementation: all others are ours.
  Route route{from.empty() ? plan_.iut : from, player, message.target()};
  const std::uint64_t exchange = ++exchanges_;
  const std::size_t entry = record_request(route, exchange, message, {});
  if (from.empty() && entry < session_.transcript().entries().size()) {
    session_.transcript().at(entry).findings.push_back("sent from an address that is not the sender's");
  }
  if (is_tls(message) && entry < session_.transcript().entries().size()) {
    session_.transcript().at(entry).findings.push_back("TLS, and not the plain HTTP of this port");
  }
  routes_[exchange] = std::move(route);
  return {exchange, late_.count(exchange) != 0};
}

void World::record_answer(std::uint64_t exchange, const std::string& bytes, const std::string& label, bool invalid) {
  const auto found = routes_.find(exchange);
  if (found == routes_.end()) {
    return;
  }
  const Route route = found->second;
  routes_.erase(found);
  std::string stream = bytes;
  const auto message = cut_message(stream, true, true);
  if (!message || message->broken) {
    record_failure(route, exchange, label.empty() ? "no answer" : label);
    return;
  }
  record_response(route, exchange, *message, invalid || !label.empty() ? label : std::string());
}

void World::call(const std::string& player, const Call& call, std::function<void(const WireReply&)> done) {
  const auto target = call.at ? call.at : target_of(call.to);
  if (!target) {
    return boost::asio::post(io(), [done = std::move(done), alive = std::weak_ptr<bool>(alive_)]() {
      if (const auto token = alive.lock(); token && *token) {
        done(WireReply{});
      }
    });
  }
  const std::string to = call.at ? player_at(*call.at) : call.to;
  const Route route{player, to, call.path};
  std::string bytes = post_bytes(fmt::format("{}:{}", target->address, target->port), call.path, call.body);
  const std::uint64_t exchange = is_iut(to) ? ++exchanges_ : 0;  // between players the receiver records
  if (exchange != 0) {
    std::string stream = bytes;
    record_request(route, exchange, cut_message(stream, false, true).value_or(HttpMessage{}), {});
  }
  wire_call(
      io(), address_of(player), *target, std::move(bytes), std::chrono::milliseconds(call.timeout_ms),
      [this, route, exchange, done = std::move(done), alive = std::weak_ptr<bool>(alive_)](const WireReply& reply) {
        const auto token = alive.lock();
        if (!token || !*token) {
          return;
        }
        if (exchange != 0 && reply.answered) {
          record_response(route, exchange, reply.message, {});
        } else if (exchange != 0) {
          record_failure(route, exchange, reply.error);
        }
        done(reply);
      });
}

tl::expected<std::string, std::string> World::bytes_of(const Sending& sending, const Address& target) const {
  if (sending.http) {
    return *sending.http;
  }
  std::string body;
  if (sending.body) {
    body = *sending.body;
  } else {
    const auto mutations = mutations_of(sending.mutation);
    if (!mutations) {
      return tl::unexpected(mutations.error());
    }
    auto bytes = mutated_and_sealed(sending.document, *mutations, [this](Element& document) {
      seal_request(plan_, document);
    });
    if (!bytes) {
      return bytes;
    }
    body = std::move(*bytes);
  }
  return post_bytes(fmt::format("{}:{}", target.address, target.port), path_of(sending), body, sending.headers, sending.chunked);
}

Pending World::begin(Sending sending) {
  auto pending = std::make_shared<Reply>();
  const std::string to = sending.to.empty() ? plan_.iut : sending.to;
  const auto target = target_of(to);
  auto bytes = target ? bytes_of(sending, *target) : tl::unexpected("nobody answers at " + to);
  if (!bytes) {
    pending->done = true;
    pending->error = bytes.error();
    note("not sent: " + bytes.error());
    return pending;
  }
  sending.to = to;
  transmit(sending, *target, std::move(*bytes), pending);
  return pending;
}

void World::transmit(const Sending& sending, const Address& target, std::string bytes, const Pending& pending) {
  std::string stream = bytes;
  HttpMessage seen = cut_message(stream, false, true).value_or(HttpMessage{});
  const std::string source = sending.source.empty() ? address_of(sending.from) : sending.source;
  // Who sends from an address that is not its own appears by this address.
  Route route{source == address_of(sending.from) ? sending.from : source, sending.to, seen.target()};
  Course& course = session_.course();
  if (!course.follows()) {
    course.note("say", course.mark(), true);
  } else if (course.follow("say") == nullptr) {
    return;
  }
  const std::uint64_t exchange = is_iut(sending.to) ? ++exchanges_ : 0;
  if (exchange != 0) {
    if (seen.broken) {
      seen.body = bytes;
      route.path = sending.path;
    }
    const std::string& label = sending.mutation.empty() ? sending.label : sending.mutation;
    pending->entries.push_back(record_request(route, exchange, seen, label));
  }
  if (course.follows()) {
    expected_.emplace(exchange, pending);
    return;
  }
  wire_call(io(), source, target, std::move(bytes), session_.patient(kAnswerLimit),
            [this, route, exchange, pending, unheard = sending.unheard, alive = std::weak_ptr<bool>(alive_)](const WireReply& came) {
              const auto token = alive.lock();
              if (!token || !*token) {
                return;
              }
              const WireReply reply = unheard && came.answered ? lost(came) : came;
              fill_reply(*pending, reply);
              if (exchange == 0) {
                return;
              }
              pending->entries.push_back(reply.answered ? record_response(route, exchange, reply.message, {})
                                                        : record_failure(route, exchange, reply.error));
            },
            false, sending.trickle);
}

Reply World::finish(const Pending& pending, std::chrono::milliseconds limit) {
  session_.wait_until([&]() { return pending->done; }, limit);
  recall_reply(pending);
  return *pending;
}

/// An entry of the recording, as if it had been seen now.
void World::recall(Entry entry) {
  const std::uint64_t exchange = entry.exchange;
  const bool request = entry.kind == EntryKind::request;
  exchanges_ = std::max(exchanges_, exchange);
  const std::size_t index = record(std::move(entry));
  const auto found = request ? expected_.end() : expected_.find(exchange);
  if (found == expected_.end() || index >= session_.transcript().entries().size()) {
    return;
  }
  const Entry& answer = session_.transcript().entries()[index];
  WireReply wire;
  wire.answered = answer.kind == EntryKind::response;
  wire.error = wire.answered ? std::string() : answer.summary;
  wire.message.start_line = fmt::format("HTTP/1.1 {}", answer.http_status);
  wire.message.headers = answer.headers;
  wire.message.body = answer.body;
  fill_reply(*found->second, wire);
  found->second->entries.push_back(index);
  expected_.erase(found);
}

/// What the transcript does not hold of a reply: whether a request without an answer was delivered, and what players
/// answer to each other.
void World::recall_reply(const Pending& pending) {
  Course& course = session_.course();
  const bool between_players = pending->entries.empty();
  if (!course.follows()) {
    Json noted = {{"delivered", pending->delivered}, {"done", pending->done}, {"error", pending->error}};
    if (between_players && pending->answered) {
      noted["status"] = pending->http_status;
      noted["body"] = pending->body;
    }
    return course.note("reply", course.mark(), std::move(noted));
  }
  const Json* noted = course.follow("reply");
  if (noted == nullptr || !noted->is_object()) {
    return;
  }
  if (noted->contains("body")) {
    WireReply wire;
    wire.answered = true;
    wire.message.start_line = fmt::format("HTTP/1.1 {}", noted->value("status", 0U));
    wire.message.body = noted->value("body", "");
    fill_reply(*pending, wire);
  }
  pending->delivered = noted->value("delivered", false);
  pending->done = noted->value("done", false);
  pending->error = noted->value("error", "");
}

Reply World::send(Sending sending) { return finish(begin(std::move(sending))); }

}  // namespace quickpay::conformance
