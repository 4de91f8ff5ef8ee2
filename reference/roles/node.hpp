// A player of any role as a value: inputs in, one durable commit, outputs out. No socket, clock, random source or
// database inside; the daemon, the simulator, the fuzzers and the conformance runner's peers all drive this class.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "reference/crypto/counters.hpp"
#include "reference/crypto/random.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/roles/config.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/roles/directory.hpp"
#include "reference/roles/trace.hpp"

namespace quickpay::roles {

/// Names the exchange on which an answer is owed. Chosen by the driver, never reused while the node lives.
using ConnectionToken = std::uint64_t;

/// The wall clock of a node: UTC in milliseconds since 1970.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_ms() const = 0;
};

/// An HTTP answer. Status 200 has a body of type application/quickpay+xml, any other none.
struct Answer {
  ConnectionToken connection = 0;
  unsigned http_status = 200;
  std::string body;
};

/// A request to be sent now: POST `body` to `path` at an endpoint of `receiver`, and report by Node::on_call_result
/// within `timeout_ms`, whatever happens.
struct OutgoingCall {
  std::string msg_id;
  std::string receiver;  ///< role id; Node::directory() says where it takes calls
  std::string message;   ///< id, e.g. "CheckCommit"
  std::string path;
  std::string body;
  std::int64_t timeout_ms = 0;
  std::optional<Endpoint> at = {};  ///< goes there, whatever the directory says
};

/// Goods to be fetched now: GET `url` with the header QuickPay-Ticket, no redirects; report by Node::on_fetch_result.
struct OutgoingFetch {
  std::string id;  ///< the order's key
  std::string url;
  std::string ticket;
  std::int64_t timeout_ms = 0;
};

/// Something for the user or operator.
struct UserEvent {
  std::string kind;   ///< offer | question | tell | alarm | received | done
  std::string order;  ///< key of the order or record
  std::string text;   ///< tell: what; done: the terminal state
  std::map<std::string, std::string> details;
};

/// What may leave after a commit.
struct Output {
  std::vector<Answer> answers;
  std::vector<OutgoingCall> calls;
  std::vector<OutgoingFetch> fetches;
  std::vector<UserEvent> user;
  std::vector<TraceLine> trace;
};

/// What became of an OutgoingCall. Not delivered: timeout or connection failure; the rest is then ignored.
struct CallResult {
  bool delivered = false;
  unsigned http_status = 0;
  std::string content_type;
  std::string body;
};

/// What the owner of a player wants the Host to know of it.
struct Wanted {
  std::vector<Endpoint> endpoints = {};  ///< Vendor, Broker: where it listens
  std::string name = {};                 ///< Vendor, Broker: what users are shown
  std::vector<std::string> bound = {};   ///< Wallet: the networks of its machine, "address/bits"
  bool software = false;                 ///< Wallet, of a change: its software is another one now (NodeConfig::software)
  bool new_ticket = false;               ///< Wallet, of a change: it wants another ticket
  std::string code = {};                 ///< Broker, to register: the enrolment code of its contract
  /// Vendor, Broker, of a change: what its configuration says by now of where it sends from and, of a Broker, of currencies,
  /// commission and oldest Paycards. A Broker that registers says so anyway.
  bool terms = false;
};

/// Why a user's or operator's action did nothing: unknown-order | out-of-state | wrong-role | what the machine told.
struct Refusal {
  std::string reason;
};

/// Goods that a Vendor hands out against a ticket.
struct Goods {
  std::string media_type;
  std::string data;  ///< raw bytes
};

/// One player. Not thread-safe; inputs are processed one at a time, in the order of the calls.
///
/// Each input is one durable unit. Nothing leaves before flush() has made all units durable; when flush() fails the
/// process must stop, and a node made from the same ledger goes on where the last successful flush left it.
class Node {
 public:
  /// The references must outlive the node. Calls that the ledger still holds become due at once.
  Node(NodeConfig config, ledger::Ledger& ledger, const Clock& clock, crypto::Random& random,
       const Directory& directory);
  Node(Node&&) noexcept;
  Node& operator=(Node&&) noexcept;
  ~Node();

  const NodeConfig& config() const;

  /// A request for a path of this version arrived (steps 5 to 18 of the processing order). Exactly one answer for
  /// `connection` follows, now or after a later input, unless on_disconnect comes first.
  void on_request(ConnectionToken connection, std::string_view peer_address, std::string_view path,
                  std::string_view body);
  void on_call_result(std::string_view msg_id, const CallResult& result);
  void on_fetch_result(std::string_view id, bool ok, std::string body);
  void on_disconnect(ConnectionToken connection);
  /// Fires timers that are due and issues calls that are due. Large backlogs take several calls: see next_due_ms().
  void on_time();

  // ---- a Wallet's user
  /// The user opens a PurchaseLink, the bytes of which a browser hands over (AMB-83): an order of its Kind, a regular one of `quantity`
  /// pieces, 1..9999. Returns the key of the order. Refused, too: "QP-E-XML at byte N" or QP-E-SCHEMA (no such document), other-host,
  /// not-served. An Entry in it is used if the Host signed it and nothing newer is known (QP-ROLE-010).
  tl::expected<std::string, Refusal> open_purchase_link(std::string_view document, std::int64_t quantity = 1);
  /// The same for who has read it already: the user wants this item of this Vendor.
  tl::expected<std::string, Refusal> open_link(std::string_view vendor, std::string_view item);
  /// Likewise of a regular order of `quantity` pieces, 1..9999.
  tl::expected<std::string, Refusal> open_regular_link(std::string_view vendor, std::string_view item,
                                                       std::int64_t quantity = 1);
  /// The user confirms the order whose digest (64 hex) was shown (QP-WAL-015).
  tl::expected<void, Refusal> confirm(std::string_view order, std::string_view digest);
  tl::expected<void, Refusal> decline(std::string_view order);
  tl::expected<void, Refusal> cancel(std::string_view order);
  tl::expected<void, Refusal> try_again(std::string_view order);
  /// The Broker says, outside QuickPay, that it has given the money of a regular order back.
  tl::expected<void, Refusal> refunded(std::string_view order);
  /// Makes this Paycard the active one (QP-WAL-010). An empty id: none is active.
  tl::expected<void, Refusal> activate_paycard(std::string_view paycard);
  /// The user adds the Paycard that an issue code leads to, from the file of this product (NodeConfig::new_paycards). The
  /// key under which its questions come as events, and cancel() ends it. Refused: not-served, unfit-code, not-certified,
  /// out-of-state (it is being added, or was).
  tl::expected<std::string, Refusal> add_paycard(std::string_view product, std::string_view issue_code);
  /// The user answers all questions: their numbers, and what was answered. Refused: unknown-order, out-of-state, incomplete.
  tl::expected<void, Refusal> answer_questions(std::string_view adding,
                                               const std::vector<std::pair<std::int64_t, std::string>>& answers);
  /// The user gives a Paycard up that was added here. Refused: unknown-paycard, failed (it makes no token).
  tl::expected<void, Refusal> remove_paycard(std::string_view paycard);
  /// The offers and questions that wait for the user, again as events, e.g. after a restart.
  void show_offers();

  // ---- operators
  /// The PurchaseLink of one item that a Vendor's shop shows, `regular` for an order of that Kind, with the Vendor's own entry once it has that of its Host. Refused:
  /// wrong-role, out-of-state (it is not registered yet), not-served, unfit-item (no reference that a link can carry).
  tl::expected<std::string, Refusal> purchase_link(std::string_view item, bool regular = false);
  /// A Broker accepts this Paycard no more, or again.
  tl::expected<void, Refusal> block_paycard(std::string_view paycard, bool blocked = true);
  /// A Host or Broker stops: requests are answered 503 until resume(); the time in between is logged, and the deadlines
  /// that it sets others do not run meanwhile (QP-ADD-07).
  tl::expected<void, Refusal> suspend();
  tl::expected<void, Refusal> resume();
  /// A Vendor makes the batches that are due, one for each Broker and currency; says how many. Refused without a signing
  /// key (no-signing-key) and where settlement is not served (not-served).
  tl::expected<std::size_t, Refusal> settle();
  /// A Vendor gives the claim of an order up.
  tl::expected<void, Refusal> withdraw(std::string_view order_id);
  /// A Vendor takes a committed regular order back, for one of the reasons of RevokeReason. Refused: unknown-order,
  /// out-of-state (in a batch, before the Host, taken back before, no regular order), not-served, no-signing-key
  /// (profile H), unknown-reason.
  tl::expected<void, Refusal> revoke(std::string_view order_id, std::string_view reason = "other");
  /// A Vendor denies a revoke before the Host (QP-RV-012). Refused: unknown-order, out-of-state, not-served.
  tl::expected<void, Refusal> contest(std::string_view order_id);
  /// A player other than the Host has the Host list one of its own keys, to sign with or to seal to, named by its KeyId
  /// (SHA-256 of the SubjectPublicKeyInfo, 64 hexadecimal digits). Told: published | listed (it was before) | refused.
  /// Refused: not-served, no-such-key (or it is withdrawn), no-signing-key (none but this one is good now, and it is not
  /// the first to sign of profile H), too-soon (to sign, and used within T_dir: QP-ADD-18), out-of-state.
  tl::expected<void, Refusal> publish_key(std::string_view key_id);
  /// A player takes a key back for a reason of WithdrawalReason, from `from_ms` on (UTC ms; nothing: from the present on). It
  /// never signs with it again, whatever the Host says; a key to seal to still opens until its end. Told: withdrawn | refused.
  /// Refused: not-served, no-such-key (no KeyId), unknown-reason, no-signing-key (none is good now, and that one is not here),
  /// out-of-state.
  tl::expected<void, Refusal> withdraw_key(std::string_view key_id, std::string_view reason,
                                           std::optional<std::int64_t> from_ms = {});
  /// A player of profile H gets the next key that it shares with the Host, or, if it is a Vendor, the one with this Broker;
  /// T_dir before the end of one it does so by itself, with the next input. Told: renewed | refused. Refused: not-served
  /// (no Vendor, no Broker), no-shared-key (none with the Host is good now), no-seal-key, out-of-state.
  tl::expected<void, Refusal> renew_key(std::string_view peer = {});
  /// A player other than the Host registers at the Host, and has the id that it gets from then on if it was configured without
  /// one: a Vendor with the endpoint at which it listens, a Wallet with what it is bound to, a Broker with all of `wanted` that
  /// is of a Broker. What comes of it is told: registered | refused. Refused: not-served, no-seal-key, unfit-address and
  /// no-software (Wallet), incomplete and unfit-keys (Broker: at least one to sign and one to seal, at most four),
  /// out-of-state (it was registered by a message before).
  tl::expected<void, Refusal> register_self(Wanted wanted);
  /// A player that registered so changes what the Host knows of it; what is empty stays. Told: changed | refused | gone.
  /// Refused: as above, no-signing-key (Broker).
  tl::expected<void, Refusal> change_self(Wanted wanted);
  /// It leaves; a Broker does not (wrong-role). Told: gone | refused.
  tl::expected<void, Refusal> leave();
  /// The goods of a Vendor behind a ticket; nothing if the ticket is unknown or out of time.
  std::optional<Goods> redeem(std::string_view ticket) const;

  /// Who others are, as the node knows it now: the directory that it was made with, or what the Host told it
  /// (NodeConfig::host_entry). Valid while the node lives. Where it knows no endpoint of a receiver the call has failed.
  const Directory& directory() const;

  /// The own entry of a Host as it gives it to who asks, an element Entry: all that a player needs to begin
  /// (NodeConfig::host_entry). Nothing if it has no key that signs now, or is not in its directory; of no other role.
  std::optional<std::string> host_entry();

  /// The records of a machine (or of "account"), for observers; keys after `after_key`, at most `limit`.
  tl::expected<std::vector<ledger::Record>, ledger::Error> records(std::string_view machine,
                                                                   std::string_view after_key = {},
                                                                   std::size_t limit = 1000) const;

  /// Commits everything since the last flush, then hands out what may leave. After an error nothing ever leaves.
  tl::expected<Output, ledger::Error> flush();

  /// The RSA operations of this node since it was made.
  const crypto::CryptoCounters& crypto_counters() const;

  /// When on_time() has something to do, in the clock's milliseconds; may lie in the past.
  std::optional<std::int64_t> next_due_ms() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quickpay::roles
