#include "conformance/peers/script.hpp"

#include <fmt/format.h>

#include <utility>

namespace quickpay::conformance {

namespace {
Act act_of(Act::Kind kind, std::string label) {
  Act act;
  act.kind = kind;
  act.label = std::move(label);
  return act;
}
}  // namespace

Act lose_request() { return act_of(Act::Kind::lose_request, "request lost"); }
Act lose_answer() { return act_of(Act::Kind::lose_answer, "answer lost"); }
Act hold_request() { return act_of(Act::Kind::hold_request, "held back"); }
Act hold_answer() { return act_of(Act::Kind::hold_answer, "answer held back"); }

Act trickling_answer() {
  Act act;
  act.trickle = true;
  return act;
}

Act answer_code(std::string code, std::vector<Element> results) {
  Act act = act_of(Act::Kind::answer, "scripted " + code);
  act.code = std::move(code);
  act.results = std::move(results);
  return act;
}

Act answer_made(std::string what, std::function<std::vector<Element>(const Element&)> make) {
  Act act = act_of(Act::Kind::answer, "scripted " + what);
  act.code = "QP-OK";
  act.make = std::move(make);
  return act;
}

Act change_answer(std::string_view mutation) {
  Act act = act_of(Act::Kind::change, std::string(mutation));
  act.invalid = true;
  if (auto mutations = mutations_of(mutation)) {
    act.mutations = std::move(*mutations);
  } else {
    act.label = mutations.error();
  }
  return act;
}

Act edit_answer(std::string label, std::function<void(Element&)> edit, bool invalid) {
  Act act = act_of(Act::Kind::change, std::move(label));
  act.edit = std::move(edit);
  act.invalid = invalid;
  return act;
}

Act raw_answer(std::string label, std::string bytes) {
  Act act = act_of(Act::Kind::raw, std::move(label));
  act.bytes = std::move(bytes);
  act.invalid = true;
  return act;
}

Act damaged_answer(std::string label, std::function<std::string(const std::string&)> damage) {
  Act act = raw_answer(std::move(label), {});
  act.damage = std::move(damage);
  return act;
}

Act http_answer(unsigned status, const Headers& headers) {
  Act act = act_of(Act::Kind::refuse_http, fmt::format("HTTP {}", status));
  act.bytes = answer_bytes(status, {}, headers);
  act.invalid = true;
  return act;
}

}  // namespace quickpay::conformance
