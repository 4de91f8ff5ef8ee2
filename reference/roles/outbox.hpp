// Calls: requests that a node sends and repeats, and what their answers mean.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "reference/roles/documents.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/node.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::int64_t kCallGraceMs = 5000;   ///< how long past its timeout a result may come
inline constexpr std::int64_t kMaxAfterSeconds = 3600;  ///< most that a server's `After` can delay a retry
inline constexpr std::size_t kMaxDueCalls = 64;      ///< calls issued by one input
inline constexpr std::size_t kMaxRecovered = 10000;  ///< calls made due after a restart; the rest comes when it is due
inline constexpr std::string_view kFetch = "fetch";  ///< stands for the message of a GET of goods

/// What a client makes of a CallResult.
struct Judged {
  std::string_view klass = "fail";  ///< ok | no | new | same | fail
  std::string code;                 ///< empty for fail
  std::int64_t after_s = 0;
  std::unique_ptr<AnyDocument> response;  ///< unless fail
};

/// How a call is made.
struct SendOptions {
  bool notice = false;
  std::int64_t timeout_s = 0;    ///< 0: T_call
  std::int64_t give_up_ms = 0;   ///< 0: the machine ends it
};

class Outbox {
 public:
  Outbox(Facts& facts, Store& store, Output& output)
      : facts_(facts), keys_(facts.config), store_(store), output_(output) {}

  /// The Head of a new request of this message to `receiver`.
  msg::Head new_head(const MessageOps& ops, std::string_view receiver, std::string_view msg_id = {}) const;
  /// Sends the document now and keeps it until it is answered.
  void send(std::string_view machine, std::string_view key, const MessageOps& ops, AnyDocument& document,
            const SendOptions& options);
  /// Fetches goods; `before` is the attempt that failed, or null.
  void fetch(std::string_view machine, std::string_view key, std::string_view url, std::string_view ticket,
             std::int64_t give_up_ms, const ledger::Call* before);
  /// Repeats the call, same bytes, after a pause.
  void retry(ledger::Call call, std::int64_t after_s);
  /// Makes a call anew that its server found stale: same Body, fresh MsgId, present SentAt. At once if it had grown old;
  /// after a pause if it was young, for then two clocks differ. False: it cannot be made anew, or it
  /// is none whose freshness is judged.
  bool renew(const ledger::Call& call, std::int64_t after_s);
  /// Repeats the pending call of this message now, unless it is under way.
  void hurry(std::string_view machine, std::string_view key, std::string_view message);
  /// What is known of this player has changed: sends what waited for that.
  void hurry_to(std::string_view receiver);
  /// Gives up the pending calls of this message.
  void drop(std::string_view machine, std::string_view key, std::string_view message);
  void drop_notices(std::string_view machine, std::string_view key);
  bool has_notices(std::string_view machine, std::string_view key);

  /// Where a call goes whose receiver is not in the directory; empty: all are.
  std::function<std::optional<Endpoint>(const ledger::Call&)> place_of;

  /// The attempt is over.
  void landed(std::string_view msg_id) { in_flight_.erase(std::string(msg_id)); }
  Judged judge(const ledger::Call& call, const CallResult& result) const;

  /// Issues what is due.
  void issue_due();
  /// After a restart: nothing is under way any more, so every call is due.
  void recover();

 private:
  void issue(ledger::Call call);
  void hold(ledger::Call call);
  std::int64_t pause_ms(std::int64_t attempts) const;
  bool answers(const ledger::Call& call, const msg::Head& head) const;
  void seal(const MessageOps& ops, AnyDocument& document) const;
  bool proven(const MessageOps& ops, const ledger::Call& call, AnyDocument& response) const;

  Facts& facts_;
  SharedKeys keys_;
  Store& store_;
  Output& output_;
  std::set<std::string, std::less<>> in_flight_;
  std::set<std::string, std::less<>> held_;  ///< calls that wait until it is known where their receiver is
};

}  // namespace quickpay::roles
