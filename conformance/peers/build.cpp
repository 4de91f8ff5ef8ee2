#include "conformance/peers/build.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "conformance/peers/digest.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

void add_unless_empty(Element& parent, std::string name, const std::string& text) {
  if (!text.empty()) {
    parent.children.push_back(leaf(std::move(name), text));
  }
}

Element head_element(const HeadFacts& head, const std::string& in_reply_to) {
  Element element = branch("Head", {leaf("Version", "1"), leaf("Profile", head.profile), leaf("Host", head.host)});
  add_unless_empty(element, "Sender", head.sender);
  add_unless_empty(element, "Receiver", head.receiver);
  element.children.push_back(leaf("MsgId", head.msg_id));
  add_unless_empty(element, "InReplyTo", in_reply_to);
  add_unless_empty(element, "SentAt", head.sent_at);
  return element;
}

}  // namespace

std::string path_of(std::string_view message) {
  const codec::MessageType* type = message_type(message);
  return type == nullptr ? std::string() : std::string(type->path);
}

std::string_view message_of(std::string_view path) {
  const codec::MessageType* type = message_at(path);
  return type == nullptr ? std::string_view() : name_of_message(*type);
}

bool is_path(std::string_view path) { return message_at(path) != nullptr; }

std::string_view protocol_of(std::string_view message) {
  const codec::MessageType* type = message_type(message);
  return type == nullptr ? std::string_view() : type->protocol;
}

std::string time_text(std::int64_t ms) {
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::int64_t time_of(std::string_view text) {
  std::tm parts{};
  char end = 0;
  if (text.size() != 20 ||
      std::sscanf(std::string(text).c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%c", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &end) != 7 ||
      end != 'Z') {
    return -1;
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<std::int64_t>(timegm(&parts)) * 1000;
}

Element request_of(std::string_view message, const HeadFacts& head, std::vector<Element> body) {
  const codec::MessageType* type = message_type(message);
  return branch(std::string(type == nullptr ? message : type->id), {head_element(head, {}), branch("Body", std::move(body))});
}

Element response_to(const Element& request, std::string_view code, std::string_view responder, std::string msg_id,
                    std::string sent_at, std::vector<Element> results) {
  HeadFacts head;
  head.profile = text_at(request, "Head/Profile");
  head.host = text_at(request, "Head/Host");
  head.sender = responder;
  const codec::MessageType* type = message_type(request.name);
  // An answer to a message without sender has no receiver, whatever the request said about itself.
  head.receiver = type != nullptr && type->anonymous ? std::string() : text_at(request, "Head/Sender");
  head.msg_id = std::move(msg_id);
  head.sent_at = std::move(sent_at);
  Element status = branch("Status", {leaf("Code", std::string(code))});
  if (code != protocol::QP_OK) {
    status.children.push_back(leaf("Retry", std::string(retry_of(code))));
    results.clear();
  }
  results.insert(results.begin(), std::move(status));
  return branch(request.name + "Response",
                {head_element(head, text_at(request, "Head/MsgId")), branch("Body", std::move(results))});
}

std::string_view retry_of(std::string_view code) {
  for (const protocol::ErrorInfo& error : protocol::kErrors) {
    if (error.code == code) {
      switch (error.retry) {
        case protocol::Retry::none:
          return "";
        case protocol::Retry::no:
          return "no";
        case protocol::Retry::same:
          return "same";
        case protocol::Retry::new_request:
          return "new";
      }
    }
  }
  return "no";
}

Element order_ref(const OrderFacts& facts) {
  return branch("OrderRef", {leaf("Kind", facts.kind), leaf("Vendor", facts.vendor), leaf("OrderId", facts.order_id),
                             leaf("Amount", std::to_string(facts.amount)), leaf("Currency", facts.currency),
                             leaf("Expires", facts.expires), leaf("Digest", facts.digest)});
}

Element order_ref_of(const Element& order) {
  Element ref = branch("OrderRef", {});
  for (const char* field : {"Kind", "Vendor", "OrderId", "Amount", "Currency", "Expires"}) {
    ref.children.push_back(leaf(field, text_at(order, field)));
  }
  ref.children.push_back(leaf("Digest", digest_of("order", order)));
  return ref;
}

std::string paycard_token(std::string_view secret_hex, std::string_view wallet, std::string_view paycard,
                          std::string_view msg_id, const Element& ref) {
  const Element token = branch("Token", {leaf("Wallet", std::string(wallet)), leaf("Paycard", std::string(paycard)),
                                         leaf("MsgId", std::string(msg_id)), ref});
  return base64_of(mac_of(bytes_of_hex(secret_hex), "paycard-token", token));
}

std::string removal_token(std::string_view secret_hex, std::string_view wallet, std::string_view paycard, std::string_view msg_id) {
  const Element removal = branch("Removal", {leaf("Wallet", std::string(wallet)), leaf("Paycard", std::string(paycard)),
                                             leaf("MsgId", std::string(msg_id))});
  return base64_of(mac_of(bytes_of_hex(secret_hex), "paycard-remove", removal));
}

std::string paycard_answer(std::string_view secret_hex, std::string_view msg_id, const Element& endorsement) {
  const Element answer = branch("Answer", {leaf("MsgId", std::string(msg_id)), endorsement});
  return base64_of(mac_of(bytes_of_hex(secret_hex), "paycard-answer", answer));
}

std::string buyer_tag(std::string_view buyer_secret) {
  return digest_of("buyer", branch("Buyer", {leaf("BuyerSecret", std::string(buyer_secret))}));
}

std::string item_hash(std::string_view salt, std::string_view text) {
  return digest_of("item", branch("Item", {leaf("Salt", std::string(salt)), leaf("ItemText", std::string(text))}));
}

}  // namespace quickpay::conformance
