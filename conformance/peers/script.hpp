// What a player does instead of what its role core would do: answers that are scripted, changed, held back or lost.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/peers/http.hpp"
#include "conformance/peers/mutation.hpp"

namespace quickpay::conformance {

/// What becomes of one request that arrives at a player.
struct Act {
  enum class Kind : std::uint8_t {
    core,          ///< the role core answers, and its answer is sent as it is
    lose_request,  ///< the connection is closed; the role core never hears of it
    lose_answer,   ///< the role core does what it does; the connection is closed instead of an answer
    hold_request,  ///< nothing happens until the scenario releases it; then the role core answers
    hold_answer,   ///< the role core does what it does; its answer waits until the scenario releases it
    answer,        ///< a valid response with `code` (and `results`); the role core never hears of it
    change,        ///< the role core's answer, changed by `mutations` and `edit`
    raw,           ///< the role core does what it does; these HTTP bytes, or its damaged answer, are sent instead
    refuse_http,   ///< these HTTP bytes are sent; the role core never hears of it
  };
  Kind kind = Kind::core;
  std::string label;                   ///< shown in transcript and report; names the mutation
  std::string code;                    ///< answer
  std::vector<Element> results;        ///< answer, QP-OK
  std::function<std::vector<Element>(const Element& request)> make;  ///< answer: `results` that depend on the request
  Mutations mutations;                 ///< change, answer
  std::function<void(Element&)> edit;  ///< change: before the mutations
  std::string bytes;                   ///< raw, refuse_http
  std::function<std::string(const std::string& good)> damage;  ///< raw: of the whole HTTP response; empty: `bytes`
  bool held = false;                   ///< answer: waits until the scenario releases it
  bool trickle = false;                ///< what is sent is right, and goes out byte by byte
  bool invalid = false;                ///< what is sent may break schema or envelope: declared to the judges
};

Act lose_request();
Act lose_answer();
Act hold_request();
Act hold_answer();
/// The role core's answer, byte by byte.
Act trickling_answer();
Act answer_code(std::string code, std::vector<Element> results = {});
/// QP-OK with results that are made for the request. No script may learn anything that decides a verdict.
Act answer_made(std::string what, std::function<std::vector<Element>(const Element&)> make);
/// The name of a mutation of the response, e.g. "GetOrderResponse.Offer.Order.Amount:+1". A name that is not understood
/// gives an act without mutations whose label says so: the scenario's delivery check then fails.
Act change_answer(std::string_view mutation);
Act edit_answer(std::string label, std::function<void(Element&)> edit, bool invalid = false);
Act raw_answer(std::string label, std::string bytes);
/// The role core's answer as HTTP, damaged: a document that is right in an envelope that is not.
Act damaged_answer(std::string label, std::function<std::string(const std::string& good)> damage);
Act http_answer(unsigned status, const Headers& headers = {});

/// Applies an act to some of the requests that arrive.
struct Rule {
  std::string message;                       ///< "CheckCommit"; empty: any
  std::function<bool(const Element&)> when;  ///< empty: always
  int times = 1;                             ///< how often; -1: for ever
  Act act;
};

}  // namespace quickpay::conformance
