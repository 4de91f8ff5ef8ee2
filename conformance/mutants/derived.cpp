#include "conformance/mutants/derived.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "conformance/model/message_names.hpp"
#include "conformance/mutants/miniatures.hpp"
#include "conformance/mutants/rewrite.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/node.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance::mutants {

namespace {

using codec::MessageType;
using roles::Answer;
using roles::Deviation;
using roles::OutgoingCall;

constexpr std::array kServerSteps = {8, 9, 10, 11, 12, 13, 14, 15};  ///< of the processing order, after reading
constexpr std::array kRoles = {"wallet", "vendor", "broker", "host"};
constexpr std::string_view kOtherCurrency = "<Currency>JPY</Currency>";

/// The name of the message of a path; empty for a path that is none.
std::string_view name_at(std::string_view path) {
  const MessageType* type = message_at(path);
  return type == nullptr ? std::string_view() : name_of_message(*type);
}

/// What the answer to a message is called.
std::string response_name(std::string_view message) { return std::string(message) + "Response"; }

bool holds_field(const codec::StructType& type, std::string_view name) {
  return std::any_of(type.fields.begin(), type.fields.end(), [&](const codec::Field& field) {
    return field.name == name || (field.type != nullptr && holds_field(*field.type, name));
  });
}

/// One wrong answer to one question of one machine.
class Prejudiced final : public Deviation {
 public:
  Prejudiced(std::string machine, std::string predicate, bool value)
      : machine_(std::move(machine)), predicate_(std::move(predicate)), value_(value) {}
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return machine == machine_ && predicate == predicate_ ? value_ : value;
  }

 private:
  std::string machine_, predicate_;
  bool value_;
};

class SkipsOneStep final : public Deviation {
 public:
  explicit SkipsOneStep(int step) : step_(step) {}
  bool skip_step(int step, std::string_view) override { return step == step_; }

 private:
  int step_;
};

class NeverSends final : public Deviation {
 public:
  explicit NeverSends(std::string message) : message_(std::move(message)) {}
  bool rewrite_outgoing(OutgoingCall& call) override { return name_at(call.path) != message_; }

 private:
  std::string message_;
};

std::string one_more(std::string document) {
  const std::string_view amount = text_of(document, "Amount");
  std::int64_t value = 0;
  if (std::from_chars(amount.data(), amount.data() + amount.size(), value).ec != std::errc()) {
    return document;
  }
  return with_element(std::move(document), "Amount", fmt::format("<Amount>{}</Amount>", value + 1));
}

/// Changes each document of one kind as it leaves; what the node itself knows stays right.
class Miswrites final : public Deviation {
 public:
  using Change = std::string (*)(std::string);
  Miswrites(std::string document, Change change) : document_(std::move(document)), change_(change) {}
  bool rewrite_outgoing(OutgoingCall& call) override {
    if (name_at(call.path) == document_) {
      call.body = change_(std::move(call.body));
    }
    return true;
  }
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    if (response_name(name_at(path)) == document_) {
      answer.body = change_(std::move(answer.body));
    }
    return true;
  }

 private:
  std::string document_;
  Change change_;
};

/// Refuses what is to be refused, for a reason that is not the one.
class NamesAnotherFault final : public Deviation {
 public:
  explicit NamesAnotherFault(const MessageType& type) : type_(type) {}
  bool rewrite_answer(std::string_view path, Answer& answer) override {
    const std::string_view code = text_of(answer.body, "Code");
    if (path != type_.path || code == "QP-OK" || code.empty()) {
      return true;
    }
    const auto at = std::find(type_.errors.begin(), type_.errors.end(), code);
    const std::size_t next = at == type_.errors.end() ? 0 : static_cast<std::size_t>(at - type_.errors.begin()) + 1;
    const std::string other(type_.errors[next % type_.errors.size()]);
    answer.body = as_refusal(std::move(answer.body), other, "no");
    return true;
  }

 private:
  const MessageType& type_;
};

void add_predicates(std::vector<std::string>& ids, std::string_view role) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().role != role) {
      continue;
    }
    for (const auto& predicate : entry.table().predicates) {
      ids.push_back(fmt::format("believes:{}:{}", entry.table().id, predicate.id));
      ids.push_back(fmt::format("doubts:{}:{}", entry.table().id, predicate.id));
    }
  }
}

void add_document(std::vector<std::string>& ids, const codec::DocumentType& document, std::string_view name) {
  if (holds_field(*document.type, "Amount")) {
    ids.push_back(fmt::format("adds-one:{}", name));
  }
  if (holds_field(*document.type, "Currency")) {
    ids.push_back(fmt::format("other-currency:{}", name));
  }
}

/// Some machine of the role sends the message by itself.
bool sends(std::string_view role, const MessageType& message) {
  for (const auto& entry : statemachines::all::machines()) {
    const auto& effects = entry.table().effects;
    const bool own = entry.table().role == role && entry.table().protocol == message.protocol;
    if (own && std::any_of(effects.begin(), effects.end(), [&](const auto& effect) {
          using statemachines::Verb;
          return (effect.verb == Verb::send || effect.verb == Verb::outbox) && effect.first == message.id;
        })) {
      return true;
    }
  }
  return false;
}

void add_messages(std::vector<std::string>& ids, std::string_view role) {
  for (const roles::MessageOps& ops : roles::message_ops()) {
    const std::string_view name = name_of_message(*ops.type);
    if (sends(role, *ops.type)) {
      ids.push_back(fmt::format("never-sends:{}", name));
      add_document(ids, *ops.type->request, name);
    }
    if (ops.type->to == role) {
      ids.push_back(fmt::format("accepts:{}", name));
      ids.push_back(fmt::format("other-code:{}", name));
      add_document(ids, *ops.type->response, response_name(name));
    }
  }
}

/// The protocol of what has this name: a machine, a message or a document.
std::string_view protocol_named(std::string_view name) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().id == name) {
      return entry.table().protocol;
    }
  }
  for (const roles::MessageOps& ops : roles::message_ops()) {
    const std::string_view message = name_of_message(*ops.type);
    if (message == name || response_name(message) == name) {
      return ops.type->protocol;
    }
  }
  return {};
}

std::unique_ptr<Deviation> made(std::string_view kind, std::string_view rest) {
  if (kind == "believes" || kind == "doubts") {
    const std::size_t cut = rest.find(':');
    return std::make_unique<Prejudiced>(std::string(rest.substr(0, cut)), std::string(rest.substr(cut + 1)),
                                        kind == "believes");
  }
  if (kind == "skips-step") return std::make_unique<SkipsOneStep>(std::stoi(std::string(rest)));
  if (kind == "never-sends") return std::make_unique<NeverSends>(std::string(rest));
  if (kind == "adds-one") return std::make_unique<Miswrites>(std::string(rest), one_more);
  if (kind == "other-currency") {
    return std::make_unique<Miswrites>(std::string(rest), [](std::string document) {
      return with_element(std::move(document), "Currency", kOtherCurrency);
    });
  }
  const MessageType& type = *message_type(rest);
  if (kind == "accepts") return std::make_unique<AcceptsEverything>(std::string(type.path));
  return std::make_unique<NamesAnotherFault>(type);
}

}  // namespace

std::vector<std::string> derived_faults(std::string_view role) {
  std::vector<std::string> ids;
  add_predicates(ids, role);
  for (const int step : kServerSteps) {
    if (role != "wallet" || step == 13) {  // a Wallet serves nothing; it checks the Auth of answers
      ids.push_back(fmt::format("skips-step:{}", step));
    }
  }
  add_messages(ids, role);
  return ids;
}

std::unique_ptr<Deviation> make_derived(std::string_view id) {
  const bool known = std::any_of(kRoles.begin(), kRoles.end(), [&](const char* role) {
    const auto ids = derived_faults(role);
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  });
  if (!known) {
    return nullptr;
  }
  const std::size_t cut = id.find(':');
  return made(id.substr(0, cut), id.substr(cut + 1));
}

std::string_view profile_of_derived(std::string_view id) {
  return id == "skips-step:13" || id == "skips-step:15" ? "H" : "F";
}

std::string_view protocol_of(std::string_view id) {
  for (std::size_t begin = 0; begin < id.size();) {
    const std::size_t end = std::min(id.find(':', begin), id.size());
    if (const std::string_view protocol = protocol_named(id.substr(begin, end - begin)); !protocol.empty()) {
      return protocol;
    }
    begin = end + 1;
  }
  return {};
}

}  // namespace quickpay::conformance::mutants
