// Valid messages as the players of a session would write them; scenarios break them afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/model/message_names.hpp"
#include "conformance/peers/element.hpp"
#include "reference/codec/generated/messages.hpp"

namespace quickpay::conformance {

/// "GetOrder" → "/qp/1/micro/get-order"; empty for a message that is none.
std::string path_of(std::string_view message);
/// The message of a path; empty for a path that is none. Lives as long as the program.
std::string_view message_of(std::string_view path);
/// Whether a message of this version has the path.
bool is_path(std::string_view path);
/// "GetOrder" → "micropayment"; empty for a message that is none.
std::string_view protocol_of(std::string_view message);

/// "2026-11-22T12:00:00Z"; UTC milliseconds since 1970, cut to seconds.
std::string time_text(std::int64_t ms);
/// Milliseconds of a Time value; -1 if `text` is none.
std::int64_t time_of(std::string_view text);

/// The head of a request. `sender` empty: an anonymous one, without Sender and SentAt.
struct HeadFacts {
  std::string profile = "F";
  std::string host;
  std::string sender;
  std::string receiver;
  std::string msg_id;
  std::string sent_at;
};
/// The document of a request: its root has the id of the message.
Element request_of(std::string_view message, const HeadFacts& head, std::vector<Element> body);
/// The valid response to `request` with `code` and, for QP-OK, `results`.
Element response_to(const Element& request, std::string_view code, std::string_view responder, std::string msg_id,
                    std::string sent_at, std::vector<Element> results = {});
/// The Retry class that the specification gives to a code; "no" for unknown ones, empty for QP-OK.
std::string_view retry_of(std::string_view code);

/// What an OrderRef says.
struct OrderFacts {
  std::string vendor;
  std::string order_id;
  std::int64_t amount = 125;
  std::string currency = "USD";
  std::string expires;
  std::string digest;
  std::string kind = "micro";
};
Element order_ref(const OrderFacts& facts);
/// The OrderRef of a complete Order element: its fields and the digest over it.
Element order_ref_of(const Element& order);

/// base64 of the reference Paycard's token.
std::string paycard_token(std::string_view secret_hex, std::string_view wallet, std::string_view paycard,
                          std::string_view msg_id, const Element& ref);
/// base64 of the reference Paycard's answer.
std::string paycard_answer(std::string_view secret_hex, std::string_view msg_id, const Element& endorsement);
/// base64 of the reference Paycard's token of its own removal.
std::string removal_token(std::string_view secret_hex, std::string_view wallet, std::string_view paycard, std::string_view msg_id);
std::string buyer_tag(std::string_view buyer_secret);
std::string item_hash(std::string_view salt, std::string_view text);

}  // namespace quickpay::conformance
