// Answers whose content is in a box under the ReplyKey of the request.
#pragma once

#include <string>

#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
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

}  // namespace quickpay::roles
