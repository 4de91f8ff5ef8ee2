// The implementation under test as scenarios see it: the commands of the adapter protocol (docs/adapter-protocol.md).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::conformance {

using Json = nlohmann::json;

/// Reject reasons of the adapter protocol: a closed list.
enum class RejectReason : std::uint8_t {
  bad_signature, untrusted_key, malformed, unknown_field, out_of_state, replay, expired, amount_mismatch, insufficient,
  currency, not_authorised, revoked, duplicate, limit, peer_error, internal, unspecified
};
/// The name on the adapter channel, e.g. "bad-signature".
std::string_view name_of(RejectReason reason);
std::optional<RejectReason> reject_reason_of(std::string_view name);

/// Why a command has no answer.
enum class IutFault : std::uint8_t {
  timeout,      ///< nothing within the deadline
  crashed,      ///< the process ended
  protocol,     ///< the line is not what the adapter protocol allows
  unsupported,  ///< the adapter says that it does not know the command, or there is no adapter
};
struct IutError {
  IutFault fault = IutFault::timeout;
  std::string what;  ///< hostile text where it comes from the adapter
};
template <class T>
using IutResult = tl::expected<T, IutError>;

struct Address {
  std::string address;
  std::uint16_t port = 0;
};

/// What the adapter says about the implementation.
struct Hello {
  std::string name, version, vendor, commit, url, issues;
  std::vector<std::string> roles, profiles, observes;
  std::vector<std::string> protocols;  ///< claimed; micropayment where the adapter does not say
  std::map<std::string, bool> features;
  std::map<std::string, std::string> disputes;  ///< checks that it calls wrong, each with the reason; hostile text
  bool virtual_clock = false;
  int max_sessions = 1;
  bool fence = false;
};

/// Everything an implementation needs to start a session.
struct Setup {
  std::string role;
  std::string id;         ///< role id that it shall have, e.g. "V1001"
  std::string host;       ///< HostId of the system
  std::string profile;    ///< "F" or "H"
  std::string listen;     ///< servers: loopback address to bind, any port
  std::string source;     ///< clients: loopback address to send from
  std::string now;        ///< time the session starts at, "2026-11-22T12:00:00Z"
  Json directory = Json::array();
  std::vector<std::string> currencies;
  Json fixtures = Json::object();
};
struct Ready {
  std::optional<Address> listen;  ///< servers
};

enum class OutcomeKind : std::uint8_t { accepted, rejected, pending };
struct Outcome {
  OutcomeKind kind = OutcomeKind::pending;
  std::optional<RejectReason> reason;  ///< rejected: unspecified if the implementation does not know
  std::string ref;                     ///< names the transaction in await and later operations
  Json details = Json::object();
};
struct Observation {
  Json value;
  std::string unverifiable;  ///< not empty: why the implementation cannot say
};
struct ClockState {
  std::string now;
  std::optional<std::int64_t> next_due_ms;  ///< until the next timer; nothing: no timer runs
};
using CallId = std::uint64_t;

/// One session of the implementation under test. While a call waits, the peers of the session are served.
/// Calls after a crash, after the scenario's deadline or without an adapter fail at once.
class Iut {
 public:
  virtual ~Iut() = default;
  virtual const Hello& hello() const = 0;
  virtual bool alive() const = 0;
  /// False at level E: only the wire is there.
  virtual bool has_adapter() const = 0;
  /// Level E: the fixture file, which says how the endpoint is configured. Otherwise null.
  virtual const Json* fixture() const { return nullptr; }

  virtual IutResult<Ready> setup(const Setup& setup) = 0;
  /// Replaces the directory, now that all ports are known.
  virtual IutResult<void> directory(const Json& players) = 0;
  /// Performs an operation (`do`), e.g. act("pay-micro", {{"vendor","V1001"},…}). deadline_ms 0: the default.
  virtual IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t deadline_ms = 0) = 0;
  /// The two halves of act: sends the command; waits for its reply.
  virtual IutResult<CallId> begin(const std::string& op, const Json& args, std::int64_t deadline_ms = 0) = 0;
  virtual IutResult<Outcome> finish(CallId call) = 0;
  virtual IutResult<Outcome> await(const std::string& ref, std::int64_t deadline_ms = 0) = 0;
  virtual IutResult<Observation> observe(const std::string& what) = 0;
  /// Returns when everything received so far has been processed and all notices due were sent.
  virtual IutResult<void> fence() = 0;
  virtual IutResult<ClockState> clock(std::int64_t advance_ms) = 0;
  virtual IutResult<Ready> restart(bool hard) = 0;
  virtual IutResult<void> teardown() = 0;
};

}  // namespace quickpay::conformance
