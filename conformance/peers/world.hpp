// The players around the implementation under test in one session, and the way scenarios speak through them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/model/session.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/known_orders.hpp"
#include "conformance/peers/peer.hpp"
#include "conformance/peers/plan.hpp"

namespace quickpay::conformance {

inline constexpr std::chrono::milliseconds kFencedLimit{1000};  ///< behind a fence all has been sent, and has only to arrive
inline constexpr std::chrono::milliseconds kAnswerLimit{6000};  ///< an implementation that is silent longer is silent

/// One request that a scenario sends.
struct Sending {
  std::string from;    ///< player as which the suite speaks: gives the source address
  std::string to;      ///< empty: the implementation under test
  std::string source;  ///< another source address
  std::string path;    ///< empty: that of the document's message
  Element document;
  std::string mutation;             ///< applied to the document on its way out (mutation.hpp)
  std::optional<std::string> body;  ///< exactly this body instead of the document
  std::optional<std::string> http;  ///< exactly these bytes instead of a request
  std::string label;                ///< shown as mutation where there is none but the message is not a plain one
  Headers headers;
  bool chunked = false;
  bool trickle = false;  ///< byte by byte
  bool unheard = false;  ///< what is answered is lost on its way: neither the scenario nor a judge sees it
};

/// Reply::error of a request whose answer was lost on purpose: it was answered.
inline constexpr std::string_view kAnswerLost = "answer lost";

/// Where it goes: its own path, or that of its document's message.
std::string path_of(const Sending& sending);

/// What came back on a request.
struct Reply {
  bool done = false;
  bool delivered = false;  ///< the bytes could be sent
  bool answered = false;   ///< a complete HTTP response arrived
  unsigned http_status = 0;
  std::string body;
  Element document;                  ///< the response, if it can be read
  std::string code;                  ///< its Status code; empty if there is none
  std::string error;                 ///< why there is no answer, or why nothing was sent
  std::vector<std::size_t> entries;  ///< transcript: request, answer

  bool ok() const { return code == "QP-OK"; }
  std::string text(std::string_view path) const { return text_at(document, path); }
};
using Pending = std::shared_ptr<Reply>;

/// Sees every message of the session as it is recorded.
class Observer {
 public:
  virtual ~Observer() = default;
  /// A session begins. Where the implementation outlives sessions, it is not the first one: what the observer knows of
  /// orders still holds, what it knows of transcript and exchanges does not.
  virtual void on_open(World& world) { static_cast<void>(world); }
  /// The entry is complete but for findings and `allowed`, which observers may add.
  virtual void on_entry(World& world, std::size_t entry) = 0;
  /// The session is over; judges emit their checks.
  virtual void on_close(World& world) = 0;
};

/// What stands outside the plan.
struct WorldSetting {
  bool real_time = false;  ///< the implementation's clock cannot be set
  std::shared_ptr<KnownOrders> orders;  ///< of the run where the implementation outlives sessions; null: none
};

/// Created by open(); lives as long as the session. Where the session follows a recording, the world has no sockets and
/// no role cores: what others said comes from there, and what scenarios say must be in it.
class World : public PeerHost {
 public:
  static IutResult<std::shared_ptr<World>> open(Session& session, WorldPlan plan, const WorldSetting& setting,
                                                std::vector<std::shared_ptr<Observer>> observers);
  /// A world without players, into which a recorded session is fed by replay().
  static std::shared_ptr<World> for_replay(Session& session, WorldPlan plan,
                                           std::vector<std::shared_ptr<Observer>> observers,
                                           std::shared_ptr<KnownOrders> orders = nullptr);
  /// Feeds the next entry of a recorded session; notes move the clock and say what the user may do.
  std::size_t replay(Entry entry);
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  /// Tells the observers that it is over and stops the players.
  void close();

  Session& session() { return session_; }
  const WorldPlan& plan() const { return plan_; }
  const Cast& cast() const { return plan_.cast; }
  const std::string& iut() const { return plan_.iut; }
  bool is_iut(std::string_view player) const { return player == plan_.iut; }
  const Address& iut_address() const { return iut_address_; }
  /// A player that answers; null: nobody of that id does.
  Peer* peer(std::string_view id);
  /// The address from which a player sends; empty if it is unknown.
  std::string address_of(std::string_view player) const;
  /// An address of this session that belongs to nobody.
  std::string stray_address() const;

  // ---- who comes and goes
  /// The Host under test made this a player, or changed what it says of one: so the plan says it from now on.
  void enrol(PlayerPlan player);
  /// It lists this key, in place of what it listed of the same, or shares it; earlier epochs stay.
  void enrol(SigningKeyPlan key);
  void enrol(KeyPlan shared);
  /// The Host under test is given a directory with one more player, while the players here know nothing of it.
  bool list_meanwhile(const PlayerPlan& player);
  /// The implementation is a newcomer, which has no name yet but what others call it.
  bool iut_is_nameless() const { return is_nameless(plan_.iut); }
  /// It got a name.
  void name_iut(const std::string& id);

  // ---- time
  std::int64_t now_ms() const { return clock_.now_ms(); }
  std::string now_text(std::int64_t offset_s = 0) const { return time_text(now_ms() + offset_s * 1000); }
  bool real_time() const { return clock_.real; }
  /// How far the clock was moved in this session.
  std::int64_t moved_ms() const { return clock_.moved_ms; }
  /// Moves the clocks of all players and waits until the implementation is quiet again. False: it cannot.
  bool advance(std::int64_t seconds);
  /// Everything that arrived has been processed by the implementation, as far as it can say so.
  void settle();
  /// Stops and starts the implementation. False: it cannot, or did not come back.
  bool restart(bool hard);

  // ---- the user of a Wallet under test
  /// Notes that the user may do this from now on ("open-link", "confirm", "try-again"): monitors rely on it.
  void user_may(const std::string& action);
  bool user_did(std::string_view action) const { return user_actions_.count(std::string(action)) != 0; }

  // ---- speaking
  /// Head of a request of `from` to `to` (empty: the implementation), with a MsgId of its own and the time of now.
  /// `from` empty: anonymous.
  HeadFacts head(std::string_view from, std::string_view to = {});
  std::string fresh_id();
  Reply send(Sending sending);
  Pending begin(Sending sending);
  Reply finish(const Pending& pending, std::chrono::milliseconds limit = kAnswerLimit);

  // ---- listening
  // Messages about orders of earlier sessions are judged, but no scenario waits for them or counts them.
  /// Waits for an entry at or after `from` that fits. Nothing: none came in time.
  std::optional<std::size_t> wait_for(std::size_t from, const std::function<bool(const Entry&)>& fits,
                                      std::chrono::milliseconds limit = kAnswerLimit);
  /// The same, the `n`th one (0 the first), of what the implementation has to send now or others send because of that. One that has a fence is
  /// asked for it, and what it did not send by then is not waited for as long.
  std::optional<std::size_t> wait_fenced(std::size_t from, const std::function<bool(const Entry&)>& fits, std::size_t n = 0);
  /// Entries from `from` on that fit.
  std::vector<std::size_t> find(std::size_t from, const std::function<bool(const Entry&)>& fits) const;
  /// Requests of the implementation with that message, from `from` on.
  std::vector<std::size_t> sent_by_iut(std::string_view message, std::size_t from = 0) const;
  /// The document of an entry; an element without name if it cannot be read.
  Element document(std::size_t entry) const;

  // ---- PeerHost
  boost::asio::io_context& io() override { return session_.io(); }
  const roles::Clock& clock() const override { return clock_; }
  const roles::Directory& directory() const override { return directory_; }
  void seal(Element& response, const Element& request, const std::string& responder) override;
  std::string answer_id() override;
  Arrival record_arrival(const std::string& player, const std::string& peer_address,
                         const HttpMessage& message) override;
  void record_answer(std::uint64_t exchange, const std::string& bytes, const std::string& label, bool invalid) override;
  void call(const std::string& player, const Call& call, std::function<void(const WireReply&)> done) override;

 private:
  struct SessionClock : roles::Clock {
    std::int64_t base_ms = 0;
    std::int64_t moved_ms = 0;
    bool real = false;
    std::int64_t now_ms() const override;
  };
  struct Route {
    std::string from;
    std::string to;
    std::string path;
  };

  World(Session& session, WorldPlan plan, std::vector<std::shared_ptr<Observer>> observers);
  void move_players(std::int64_t seconds);
  std::int64_t next_step(const ClockState& state) const;
  void begin();
  tl::expected<void, std::string> start_players();
  tl::expected<void, std::string> listen(PlayerPlan& player);
  void recall_ports();
  void note(std::string text);
  void recall(Entry entry);
  void recall_reply(const Pending& pending);
  IutResult<void> set_up();
  IutResult<void> publish_directory();
  std::string hosts_entry();
  std::string player_at(const std::string& address) const;
  std::string player_at(const Address& place) const;
  std::optional<Address> target_of(std::string_view player) const;
  std::size_t record(Entry entry);
  /// Decides which session a message belongs to.
  void place(Entry& entry, const Element& document);
  std::size_t record_request(const Route& route, std::uint64_t exchange, const HttpMessage& message,
                             const std::string& mutation);
  std::size_t record_response(const Route& route, std::uint64_t exchange, const HttpMessage& message,
                              const std::string& mutation);
  std::size_t record_failure(const Route& route, std::uint64_t exchange, const std::string& why);
  tl::expected<std::string, std::string> bytes_of(const Sending& sending, const Address& target) const;
  void transmit(const Sending& sending, const Address& target, std::string bytes, const Pending& pending);

  Session& session_;
  WorldPlan plan_;
  SessionClock clock_;
  roles::TableDirectory directory_;
  Address iut_address_;
  bool newcomer_ = false;  ///< the implementation begins without a name, and no directory that is given has it
  std::string iut_source_;
  std::vector<std::shared_ptr<Observer>> observers_;
  std::shared_ptr<KnownOrders> orders_ = std::make_shared<KnownOrders>(false);
  std::map<std::uint64_t, Belongs> late_;  ///< exchanges about orders of earlier sessions
  std::map<std::uint64_t, Route> routes_;
  std::set<std::string> user_actions_;
  std::uint64_t exchanges_ = 0;
  Random answers_;  ///< of answer_id()
  std::map<std::uint64_t, Pending> expected_;  ///< following a recording: requests of the scenario without an answer yet
  std::map<std::string, std::unique_ptr<Peer>, std::less<>> peers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< callbacks hold it weakly
};

}  // namespace quickpay::conformance
