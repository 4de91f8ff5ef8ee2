// One event at one record: what predicates are asked about and what effects change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/ledger/ledger.hpp"
#include "reference/roles/answers.hpp"
#include "reference/roles/config.hpp"
#include "reference/roles/documents.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::roles {

class Actor;

/// What the user decided or asked for (a Wallet's actions).
struct UserInput {
  std::string vendor;  ///< open-link
  std::string item;    ///< open-link
  std::string digest;  ///< confirm
  std::int64_t quantity = 1;  ///< open-link of a regular order
  std::string product = {};     ///< add: what the file of the Paycard is
  std::string issue_code = {};  ///< add
  std::vector<msg::QuestionAnswer> answers = {};  ///< answer
};

/// One event at one record. Made by Stage::open; the pointers are null where the event brings no such thing.
struct Turn {
  Actor* actor = nullptr;
  ledger::Record record;
  ledger::Record original;  ///< as it was loaded
  bool existed = false;
  statemachines::EventId event = 0;
  int depth = 0;  ///< follow-up events before this one

  Request* request = nullptr;            ///< to be answered
  const AnyDocument* message = nullptr;  ///< the request or response that came
  const ledger::Call* call = nullptr;    ///< the call that was answered
  std::int64_t after_s = 0;              ///< the pause that the answer asked for
  const UserInput* user = nullptr;
  const std::string* fetched = nullptr;  ///< the whole body behind a Location
  const ledger::Record* origin = nullptr;  ///< the record that another protocol handed over through a port

  std::optional<std::string> told;  ///< what a user's action came to, if it did nothing else
  bool refused = false;

  struct FollowUp {
    std::string machine;
    std::string key;
    std::string event;
    bool from_port = false;  ///< of another protocol, which sees the record
  };
  std::vector<FollowUp> follow_ups;

  const std::string& key() const { return record.key; }
  /// The request or response as the generated struct T, or null.
  template <class T>
  const T* get() const {
    return as<T>(message);
  }
};

}  // namespace quickpay::roles
