// One role core and everything that an input can make happen to it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/core/oracle.hpp"
#include "fuzz/core/script.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/random.hpp"
#include "reference/roles/node.hpp"
#include "reference/sim/memory_ledger.hpp"

namespace quickpay::fuzz {

inline constexpr std::size_t kMaxRemembered = 8;  ///< orders, endorsements and calls that operations can name

/// How a core is broken on purpose, by planted bugs and by the twins of the oracle. Default: not at all.
struct Sabotage {
  roles::Deviation* deviation = nullptr;  ///< not owned
  roles::EngineFactory engine_factory;
  std::function<void(ledger::Ledger&)> after_input;  ///< changes what is kept, behind the core's back
};

/// What became of an input.
struct Played {
  std::string wrong;            ///< the finding, or nothing
  std::size_t steps = 0;        ///< operations that were judged
  std::set<std::string> rows;   ///< rows and defaults that the core took, as "machine row"
  std::set<std::string> pairs;  ///< … as "row > row" where one followed the other at the same record
};

/// Runs one input. The first byte picks the role.
Played run_core(std::string_view input, const Sabotage& sabotage = {});

/// A node under a script. After every operation the oracle looks at all that came out and at all that is kept.
class Player {
 public:
  using OracleMaker = std::unique_ptr<Oracle> (*)(const roles::NodeConfig&, const roles::Directory&);

  Player(roles::NodeConfig config, OracleMaker make_oracle, const Sabotage& sabotage);
  virtual ~Player() = default;

  Played play(Script script);

 protected:
  class FixedClock : public roles::Clock {
   public:
    std::int64_t now = 1'795'348'800'000;  // 2026-11-22T12:00:00Z
    std::int64_t now_ms() const override { return now; }
  };

  virtual void first(const Operation& operation) = 0;
  virtual void second(const Operation& operation) = 0;
  virtual void toggle(const Operation& operation) = 0;
  virtual std::string ok_body(const roles::OutgoingCall& call) = 0;  ///< the answer that says yes
  virtual void saw(const roles::Answer& answer) = 0;

  msg::Head head(const std::string& sender, const std::string& receiver);
  msg::Head answer_head(const roles::OutgoingCall& call);
  std::string id() { return crypto::random_hex(ids_, 16); }
  /// Sends the request, or the last one of this message once more.
  void request(const codec::MessageType& type, const void* object, std::string_view address, bool repeat);
  void put_player(std::string name, std::string role, std::string address, bool accepted);

  FixedClock clock_;
  roles::TableDirectory directory_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<roles::Node> node_;

 private:
  void perform(const Operation& operation, Script& script);
  void power(const Operation& operation, Script& script);
  void pass_time(const Operation& operation);
  void answer_call(const Operation& operation);
  std::string answer_to(const roles::OutgoingCall& call, const Operation& operation);
  void damage(const Operation& operation);
  void disconnect(const Operation& operation);
  void deliver(std::string_view address, std::string_view path, std::string_view body);
  void restart();
  std::string look(Played& played);
  void note(const std::vector<roles::TraceLine>& trace, Played& played);

  roles::NodeConfig config_;
  Sabotage sabotage_;
  sim::MemoryLedger ledger_;
  crypto::SeededRandom random_{std::uint64_t{1}}, ids_{std::uint64_t{2}};
  std::string last_path_, last_body_, last_address_;
  std::vector<roles::OutgoingCall> calls_;
  std::map<std::string, std::string> last_rows_;  ///< by record
  roles::ConnectionToken next_connection_ = 1;
};

std::unique_ptr<Player> make_broker(const Sabotage& sabotage);
std::unique_ptr<Player> make_vendor(const Sabotage& sabotage);

}  // namespace quickpay::fuzz
