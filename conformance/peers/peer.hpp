// One player that answers: a role core of the reference behind a socket of its own, and the script that overrides it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "conformance/peers/element.hpp"
#include "conformance/peers/plan.hpp"
#include "conformance/peers/script.hpp"
#include "conformance/peers/wire.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::conformance {

/// A request that arrived at a player.
struct Arrival {
  std::uint64_t exchange = 0;  ///< its number
  bool late = false;           ///< about an order of an earlier session: no script of this one is meant for it
};

/// What a peer needs from the session around it.
class PeerHost {
 public:
  virtual ~PeerHost() = default;
  virtual boost::asio::io_context& io() = 0;
  virtual const roles::Clock& clock() const = 0;
  virtual const roles::Directory& directory() const = 0;
  /// Ends what `responder` answers to `request` with an Auth where the session's profile wants one.
  virtual void seal(Element& response, const Element& request, const std::string& responder) = 0;
  /// A MsgId for a scripted answer. Not from the generator of the scenario: what that draws must not depend on who answers when.
  virtual std::string answer_id() = 0;
  /// A request arrived at `player`.
  virtual Arrival record_arrival(const std::string& player, const std::string& peer_address,
                                 const HttpMessage& message) = 0;
  /// `player` answered (or, with empty bytes, did not). `label` names what was changed on purpose.
  virtual void record_answer(std::uint64_t exchange, const std::string& bytes, const std::string& label,
                             bool invalid) = 0;
  /// Sends a request of `player` and reports what came back. Records both.
  struct Call {
    std::string to;                  ///< a player
    std::optional<Address> at = {};  ///< goes there, whatever the directory says of the player
    std::string path;
    std::string body;
    std::int64_t timeout_ms = 0;
  };
  virtual void call(const std::string& player, const Call& call, std::function<void(const WireReply&)> done) = 0;
};

class Peer {
 public:
  /// `present`: false where a recording says what the player did; then it never listens nor answers.
  Peer(PeerHost& host, PlayerPlan plan, bool present = true);
  ~Peer();

  const PlayerPlan& plan() const { return plan_; }
  /// Opens the socket; the plan's address and port are final afterwards.
  tl::expected<void, std::string> listen();
  /// Makes the role core, which draws from `random`. After every player listens.
  tl::expected<void, std::string> start(const WorldPlan& world, std::unique_ptr<crypto::Random> random);

  /// Rules are tried in the order in which they were added; the first that fits counts.
  void script(Rule rule);
  void script(std::string message, Act act, int times = 1);
  void clear_script() { rules_.clear(); }
  /// Lets go what was held back, oldest first. Returns how many.
  std::size_t release();
  std::size_t held() const { return held_.size(); }
  /// The player is gone (connections are refused), or is back at the same address and port.
  void set_down(bool down);

  /// Fires what is due by the session's clock.
  void on_time();
  /// When on_time() has something to do; nothing: never.
  std::optional<std::int64_t> next_due_ms() const;
  roles::Node& node() { return *node_; }
  /// Requests of that message that arrived so far, late ones left out.
  std::size_t arrived(std::string_view message) const;

 private:
  struct Exchange {
    std::uint64_t number = 0;
    /// A client may start over, once, when a connection that it had used before is lost. Of what is late no connection stays,
    /// or whether an answer of this session is lost would depend on an earlier one.
    bool late = false;
    std::string path;
    std::string peer_address;
    std::string body;
    Element request;
    Act act;
  };

  void on_request(ConnectionId connection, const std::string& peer_address, const HttpMessage& message);
  void on_gone(ConnectionId connection);
  Act choose(const std::string& message, const Element& request);
  void perform(ConnectionId connection);
  void to_core(ConnectionId connection);
  void pump();
  void core_answered(const roles::Answer& answer);
  void finish(ConnectionId connection, const std::string& bytes, const std::string& label, bool invalid);
  void scripted(ConnectionId connection);
  void serve_goods(ConnectionId connection, const HttpMessage& message);

  PeerHost& host_;
  PlayerPlan plan_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<crypto::Random> random_;
  std::unique_ptr<roles::Node> node_;
  std::unique_ptr<WireServer> server_;
  std::vector<Rule> rules_;
  std::map<ConnectionId, Exchange> open_;
  std::deque<ConnectionId> held_;
  std::map<ConnectionId, std::string> held_answers_;  ///< bytes that wait
  std::map<std::string, std::size_t, std::less<>> arrived_;
  bool pumping_ = false;
};

/// What the role core of `player` is told.
roles::NodeConfig node_config(const WorldPlan& world, const PlayerPlan& player);

}  // namespace quickpay::conformance
