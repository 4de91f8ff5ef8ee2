// A Broker that waits for Wallets, and a client that seals what it asks and opens what it gets, as a Paycard would.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {

namespace admin = msg::admin;

inline const std::string kOtherAddress = "127.0.4.2";
inline const std::string kCode = "ISSUE-4711-0815";    // leads to P20, which spends from acc-20
inline const std::string kOtherCode = "ISSUE-4712-1";  // leads to P21, which spends from acc-21
inline const std::string kFileHash(64, '7');
inline const std::string kSomeReplyKey(32, 'r');

inline NodeConfig issuing(NodeConfig config = broker_config()) {
  config.sealing_keys = {{key_of("broker").pkcs8_der(), kNoon - kDayMs, kNoon + 400 * kDayMs}};
  config.paycard_files = {{"card", "1.2", kFileHash}, {"card", "1.3", std::string(64, '8')}};
  config.accounts.push_back({"acc-20", 500, 0, "USD"});
  config.accounts.push_back({"acc-21", 0, 0, "USD"});
  const std::vector<QuestionConfig> questions = {
      {"Your mother's maiden name?", "text", {}, 64, "Smith & Sons"},
      {"The last digits of your card?", "digits", {}, 4, "4711"},
      {"Which day were you born?", "date", {}, 10, "1980-02-29"},
      {"Which of these was your street?", "choice", {"Oak Lane", "Elm Road"}, 16, "Elm Road"}};
  config.enrolments = {{kCode, "P20", "acc-20", paycard::Scheme::plain, questions, 3},
                       {kOtherCode, "P21", "acc-21", paycard::Scheme::numbered, {questions[1]}, 1}};
  return config;
}

/// The right answer to each prompt.
inline std::string right_answer(const std::string& prompt) {
  static const NodeConfig config = issuing();
  for (const QuestionConfig& question : config.enrolments[0].questions) {
    if (question.prompt == prompt) return question.answer;
  }
  return "?";
}

/// One Wallet with the Paycard that it adds.
class Adder {
 public:
  Adder(const Adder&) = delete;  // `post` knows where it is
  Adder& operator=(const Adder&) = delete;
  Adder(Single& broker, std::string wallet = kWallet, std::string address = kWalletAddress)
      : broker_(broker), wallet_(std::move(wallet)), address_(std::move(address)) {}

  std::string reply_key = kSomeReplyKey;
  std::string session;
  std::vector<msg::Question> questions;
  std::string secret;  ///< of the Paycard, raw bytes
  msg::Status status;  ///< of the last answer
  /// How bytes reach the Broker and its answer comes back; empty: nothing came.
  using Post = std::function<std::string(std::string_view path, const std::string& body, const std::string& address)>;
  Post post = [this](std::string_view path, const std::string& body, const std::string& address) {
    return broker_.raw(path, body, address);
  };

  /// Sends a request; the answer if one comes.
  template <class Response, class Request>
  std::optional<Response> ask(const Request& request, const codec::MessageType& type) {
    auto read = codec::read<Response>(post(type.path, codec::write_document(*type.request, &request), address_), *type.response);
    return read ? std::optional<Response>(std::move(*read)) : std::nullopt;
  }

  msg::ConfirmPaycardInner confirmation(const std::string& code) {
    msg::ConfirmPaycardInner inner;
    inner.product = "card";
    inner.version = "1.2";
    inner.file_hash = kFileHash;
    inner.issue_code = code;
    inner.wallet_info.wallet_id = wallet_;
    inner.wallet_info.net = {{address_, 32}};
    inner.wallet_info.lookup_ticket = std::string(32, 'c');
    inner.reply_key = crypto::to_hex(reply_key);
    inner.nonce = broker_.fresh_id();
    return inner;
  }
  msg::TakeQuestionInner taking() { return {session, broker_.fresh_id()}; }
  msg::AnswerResponseInner answering() {
    msg::AnswerResponseInner inner{session, {}, broker_.fresh_id()};
    for (const msg::Question& question : questions) inner.answer.push_back({question.no, right_answer(question.prompt)});
    return inner;
  }

  /// The sealed request; its Head is fresh.
  template <class Request, class Inner>
  Request sealed(const codec::MessageType& type, const Inner& inner) {
    Request request;
    request.head = broker_.head(wallet_, "B7");
    seal(request, type, codec::write_document(*type.request_inner, &inner));
    return request;
  }
  template <class Request>
  void seal(Request& request, const codec::MessageType& type, const std::string& plain) {
    crypto::CryptoCounters counters;
    const std::string context = crypto::box_context(type.request->root, msg::kHeadType, &request.head);
    const auto made = crypto::seal(key_of("broker").public_key(), plain, context, broker_.ids, counters);
    request.body.sealed = {made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
  }
  /// What the box of the answer holds, if the answer is QP-OK and the box opens.
  template <class Inner, class Response, class Request>
  std::optional<Inner> exchange(const codec::MessageType& type, const Request& request) {
    const auto answer = ask<Response>(request, type);
    status = answer ? answer->body.status : msg::Status{};
    if (!answer || !answer->body.boxed) return std::nullopt;
    const std::string context = crypto::box_context(type.response->root, msg::kHeadType, &answer->head);
    const auto plain = crypto::unbox(reply_key, {answer->body.boxed->nonce, answer->body.boxed->box}, context);
    if (!plain) return std::nullopt;
    auto inner = codec::read<Inner>(plain->view(), *type.response_inner);
    return inner ? std::optional<Inner>(*inner) : std::nullopt;
  }

  std::string confirm(const msg::ConfirmPaycardInner& inner) {
    const auto request = sealed<admin::ConfirmPaycard>(admin::kConfirmPaycardMessage, inner);
    const auto got = exchange<msg::ConfirmPaycardResponseInner, admin::ConfirmPaycardResponse>(
        admin::kConfirmPaycardMessage, request);
    if (got && got->nonce == inner.nonce) session = got->session_id, confirmed = *got;
    return status.code;
  }
  std::string confirm(const std::string& code = kCode) { return confirm(confirmation(code)); }

  std::string take(const msg::TakeQuestionInner& inner) {
    const auto request = sealed<admin::TakeQuestion>(admin::kTakeQuestionMessage, inner);
    const auto got =
        exchange<msg::TakeQuestionResponseInner, admin::TakeQuestionResponse>(admin::kTakeQuestionMessage, request);
    if (got && got->nonce == inner.nonce) questions = got->question;
    return status.code;
  }
  std::string take() { return take(taking()); }

  std::string answer(const msg::AnswerResponseInner& inner) {
    const auto request = sealed<admin::AnswerResponse>(admin::kAnswerResponseMessage, inner);
    const auto got = exchange<msg::AnswerResponseResponseInner, admin::AnswerResponseResponse>(
        admin::kAnswerResponseMessage, request);
    if (got && got->nonce == inner.nonce) given = *got, secret = *crypto::from_hex(got->paycard_secret);
    return status.code;
  }
  std::string answer() { return answer(answering()); }
  std::string answer_wrongly() {
    msg::AnswerResponseInner inner = answering();
    if (inner.answer.empty()) inner.answer = {{1, "?"}};
    inner.answer.back().value += "?";
    return answer(inner);
  }
  /// The whole way; the code of what it ended with.
  std::string add(const std::string& code = kCode) {
    if (confirm(code) != "QP-OK" || take() != "QP-OK") return status.code;
    return answer();
  }

  std::string remove(const std::string& paycard, const std::string& with_secret) {
    admin::RemovePaycard request;
    request.head = broker_.head(wallet_, "B7");
    request.body.paycard = paycard;
    const msg::Removal removal{wallet_, paycard, request.head.msg_id};
    const std::string encoded = codec::canonical("Removal", msg::kRemovalType, &removal);
    request.body.paycard_token = paycard::plain_proof(with_secret, codec::signing_input("paycard-remove", encoded));
    request.body.reason = msg::RemovalReason::user;
    const auto answer = ask<admin::RemovePaycardResponse>(request, admin::kRemovePaycardMessage);
    return answer ? answer->body.status.code : "";
  }
  /// What the Broker says to an inquiry of this Paycard.
  std::string inquire(const std::string& paycard, const std::string& with_secret, const msg::OrderRef& ref) {
    micro::InquiryPayment request;
    request.head = broker_.head(wallet_, "B7");
    request.body.paycard = paycard;
    request.body.order_ref = ref;
    const msg::Token token{wallet_, paycard, request.head.msg_id, ref};
    request.body.paycard_token = paycard::make_token(with_secret, token);
    const auto answer = ask<micro::InquiryPaymentResponse>(request, micro::kInquiryPaymentMessage);
    return answer ? answer->body.status.code : "";
  }

  msg::ConfirmPaycardResponseInner confirmed;
  msg::AnswerResponseResponseInner given;

 private:
  Single& broker_;
  std::string wallet_;
  std::string address_;
};

}  // namespace quickpay::roles
