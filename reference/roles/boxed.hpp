// Answers whose content is in a box under the ReplyKey of the request: made, and opened by who asked.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/reader.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

/// Answers QP-OK with `inner` in a box under the ReplyKey of the request (64 hexadecimal digits).
template <class Response, class Inner>
void give_boxed(Stage& stage, const Seals& seals, Request& request, const std::string& reply_key, const Inner& inner) {
  const codec::MessageType& type = *request.ops->type;
  stage.answers.give(request, protocol::QP_OK, [&](AnyDocument& response) {
    auto* answer = as<Response>(&response);
    const auto key = crypto::from_hex(reply_key);
    if (answer && key) {
      answer->body.boxed = seals.box(*key, *type.response_inner, &inner, type.response->root, response.head());
    }
  });
}

/// Draws the ReplyKey and the Nonce of a request that is to be sealed, and keeps both in its record.
inline void choose_reply_key(const Facts& facts, ledger::Record& record) {
  record.fields["reply_key"] = crypto::random_hex(facts.random, crypto::kBoxKeyBytes);
  record.fields["nonce"] = facts.fresh_id();
}
/// Puts both into the document that is to be sealed.
template <class Inner>
void put_reply_key(const ledger::Record& record, Inner& inner) {
  inner.reply_key = field(record, "reply_key");
  inner.nonce = field(record, "nonce");
}
inline void forget_reply_key(ledger::Record& record) {
  for (const char* name : {"reply_key", "nonce"}) record.fields.erase(name);
}

/// What is in the box of an answer to the request whose ReplyKey and Nonce the record keeps; nothing if there is no box, it does
/// not open, or it answers another request.
template <class Response, class Inner>
std::optional<Inner> opened_answer(const Seals& seals, const ledger::Record& record, const AnyDocument& response,
                                   const codec::MessageType& type) {
  const auto* answer = as<Response>(&response);
  const auto key = crypto::from_hex(field(record, "reply_key"));
  if (!answer || !answer->body.boxed || !key) return std::nullopt;
  const auto plain = seals.unbox(*key, *answer->body.boxed, type.response->root, answer->head);
  if (!plain) return std::nullopt;
  auto inner = codec::read<Inner>(plain->view(), *type.response_inner);
  if (!inner || inner->nonce != field(record, "nonce")) return std::nullopt;
  return std::move(*inner);
}

}  // namespace quickpay::roles
