// Answers: how they are made, remembered, parked and given.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/documents.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/node.hpp"
#include "reference/roles/shared_keys.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxParked = 16;   ///< requests that wait at one record
inline constexpr std::size_t kMaxJoined = 8;    ///< connections that wait for one request

/// A request that passed the processing order up to its idempotency check.
struct Request {
  ConnectionToken connection = 0;
  const MessageOps* ops = nullptr;
  std::unique_ptr<AnyDocument> document;
  std::string digest;    ///< of its canonical bytes
  std::int64_t epoch = 0;  ///< of the key that authenticated it, and that authenticates the answer; 0: none
  bool settled = false;  ///< answered or parked
  std::string peer = {};   ///< the address that it came from, as addresses are compared
  std::shared_ptr<void> inner = {};  ///< what a sealed request held: a document of the message's request_inner; or null

  const msg::Head& head() const { return document->head(); }
  std::string sender() const { return head().sender.value_or(""); }
  /// The inner document of `type` as its generated struct T, or null.
  template <class T>
  const T* opened(const codec::DocumentType& type) const {
    return ops->type->request_inner == &type ? static_cast<const T*>(inner.get()) : nullptr;
  }
  /// The key of a record about who asks, who may leave out who it is.
  std::string asker() const { return head().sender.value_or("-"); }
};

/// Puts the result fields into a QP-OK response.
using Fill = std::function<void(AnyDocument& response)>;

/// Whether answers with this code are kept and repeated: all but those that say "ask the same again".
bool is_final(std::string_view code);

class Answers {
 public:
  Answers(Facts& facts, Store& store, Output& output)
      : facts_(facts), keys_(facts.config), store_(store), output_(output) {}

  /// Answers the request; the answer is remembered under (path, Sender, MsgId). `after_s`: how long the client is to
  /// wait, if that is said.
  void give(Request& request, std::string_view code, const Fill& fill, std::optional<std::int64_t> after_s = {});
  /// Answers without remembering; `head` is the request's, null if it could not be read.
  /// `epoch` as in Request.
  void refuse(ConnectionToken connection, const MessageOps& ops, const msg::Head* head, std::string_view code,
              std::int64_t epoch = 0);
  /// Sends a remembered answer again.
  void repeat(ConnectionToken connection, const MessageOps& ops, std::string body);
  /// An HTTP answer without a body.
  void http(ConnectionToken connection, unsigned status);

  /// Lets the answer wait at a record; too many waiting there are answered QP-E-BUSY instead.
  void park(Request& request, std::string_view machine, std::string_view key);
  /// Answers everything parked at the record.
  void give_parked(std::string_view machine, std::string_view key, std::string_view code, const Fill& fill);
  /// The connection is gone; what it waited for is still computed and remembered.
  void disconnect(ConnectionToken connection);

 private:
  std::string build(const MessageOps& ops, const msg::Head* head, std::int64_t epoch, std::string_view code,
                    const Fill& fill, std::optional<std::int64_t> after_s = {}) const;
  void remember(std::string_view path, std::string_view sender, std::string_view msg_id, std::string_view digest,
                std::string_view code, std::string_view body);
  void push(ConnectionToken connection, const MessageOps& ops, std::string body);
  /// Whether this player has an id. One that has none answers under the name by which it was called.
  bool named() const { return !facts_.config.id.empty(); }

  Facts& facts_;
  SharedKeys keys_;
  Store& store_;
  Output& output_;
  std::map<std::string, std::vector<ConnectionToken>> waiting_;  ///< by path, sender, MsgId
};

}  // namespace quickpay::roles
