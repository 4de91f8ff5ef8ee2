// The calls of a core as they should be: which are pending, when each may be made again, what an answer to one means.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/ledger/ledger.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::fuzz {

/// A call that must go out now.
struct NewCall {
  std::string key;  ///< the record that makes it
  std::string message;
  std::string receiver;
  bool notice = false;
  std::int64_t timeout_ms = 0;
  std::int64_t give_up_ms = 0;  ///< 0: never
};

/// A call that was not answered yet.
struct PendingCall : NewCall {
  std::string msg_id;
  std::string path;
  std::string body;
  std::int64_t attempts = 0;
  std::int64_t earliest_ms = 0, latest_ms = 0;  ///< between these the next attempt becomes due; jitter decides
  bool under_way = false;
};

/// What an answer means to who called.
struct Heard {
  std::string_view klass = "fail";  ///< ok | no | new | same | fail
  std::string code;
  std::int64_t after_s = 0;
  std::shared_ptr<roles::AnyDocument> response;  ///< unless fail
};

/// What a client may do after this code: ok | no | new | same; empty for a code that the specification does not know.
std::string_view class_of_code(std::string_view code);

class Calls {
 public:
  explicit Calls(std::string own_id) : own_id_(std::move(own_id)) {}

  /// The pending call; null if there is none (any more).
  const PendingCall* find(std::string_view msg_id) const;
  Heard hear(const PendingCall& call, const roles::CallResult& result) const;

  void promise(NewCall call) { promised_.push_back(std::move(call)); }
  void landed(std::string_view msg_id);
  void forget(std::string_view msg_id) { pending_.erase(std::string(msg_id)); }
  void retry(PendingCall call, std::int64_t after_s, std::int64_t now_ms);
  void hurry(std::string_view key, std::string_view message);
  void drop(std::string_view key, std::string_view message);
  /// The core is asked what is due.
  void pass() { asked_ = true; }
  void restart(std::int64_t now_ms);

  /// A call went out: what is wrong with it, or nothing.
  std::string check(const roles::OutgoingCall& call, std::int64_t now_ms);
  /// After the last one: what did not go out though it must, or is kept and must not be. Adds the records whose notices
  /// were given up to `alarms`.
  std::string check_rest(ledger::Ledger& ledger, std::int64_t now_ms, std::vector<std::string>& alarms);

 private:
  std::string check_again(PendingCall& call, const roles::OutgoingCall& out, std::int64_t now_ms);
  std::string check_new(const roles::OutgoingCall& out, std::int64_t now_ms);
  std::string check_missing(std::int64_t now_ms) const;
  bool answers(const PendingCall& call, const msg::Head& head, std::string_view code) const;

  std::string own_id_;
  std::map<std::string, PendingCall> pending_;
  std::vector<NewCall> promised_;
  std::vector<std::string> hurried_;  ///< must be made again now
  bool asked_ = false;                ///< what is due must be made again now
};

}  // namespace quickpay::fuzz
