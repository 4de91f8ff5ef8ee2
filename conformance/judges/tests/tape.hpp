// A recorded session, made by hand: what judges are tried on.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <string>

#include "conformance/judges/judge.hpp"
#include "conformance/judges/worlds.hpp"

namespace quickpay::conformance::tests {

/// An implementation that only exists.
class StillIut final : public Iut {
 public:
  StillIut() { hello_.virtual_clock = true; }
  const Hello& hello() const override { return hello_; }
  bool alive() const override { return true; }
  bool has_adapter() const override { return false; }
  IutResult<Ready> setup(const Setup&) override { return Ready{}; }
  IutResult<void> directory(const Json&) override { return {}; }
  IutResult<Outcome> act(const std::string&, const Json&, std::int64_t) override { return none(); }
  IutResult<CallId> begin(const std::string&, const Json&, std::int64_t) override { return none(); }
  IutResult<Outcome> finish(CallId) override { return none(); }
  IutResult<Outcome> await(const std::string&, std::int64_t) override { return none(); }
  IutResult<Observation> observe(const std::string&) override { return none(); }
  IutResult<void> fence() override { return none(); }
  IutResult<ClockState> clock(std::int64_t) override { return none(); }
  IutResult<Ready> restart(bool) override { return none(); }
  IutResult<void> teardown() override { return {}; }

 private:
  static tl::unexpected<IutError> none() { return tl::unexpected(IutError{IutFault::unsupported, "still"}); }
  Hello hello_;
};

/// What sessions of one run have in common where the implementation outlives them (level E).
struct TapeRun {
  explicit TapeRun(const std::string& r, std::uint64_t s = 1) : role(r), salt(s), judges(judges_of(r)) {}
  std::string role;
  std::uint64_t salt;
  std::vector<std::shared_ptr<Observer>> judges;
  std::shared_ptr<KnownOrders> orders = std::make_shared<KnownOrders>(true);
  int sessions = 0;
};

/// Plays messages into the judges of a role and asks for their verdicts.
class Tape {
 public:
  explicit Tape(const std::string& role, const std::string& protocol = "micropayment", const std::string& profile = "F");
  /// The next session of a run.
  explicit Tape(TapeRun& run);

  World& world() { return *world_; }
  Session& session() { return *session_; }
  const Cast& cast() const { return world_->cast(); }
  HeadFacts head(const std::string& from, const std::string& to);
  std::string id() { return session_->random().hex(32); }

  /// Returns the number of the exchange.
  std::uint64_t request(const std::string& from, const std::string& to, const Element& document,
                        const std::string& mutation = {});
  void response(std::uint64_t exchange, const Element& document, const std::string& mutation = {});
  /// The response to `exchange` made by its receiver.
  Element answer(std::uint64_t exchange, const std::string& code, std::vector<Element> results = {});
  void lost(std::uint64_t exchange);
  void note(const std::string& text);

  /// Verdicts of all judges by name ("machine"), after the session was closed.
  std::map<std::string, Verdict> verdicts();
  /// What the first finding of a judge says.
  std::string finding(const std::string& judge) const;

 private:
  struct Exchange {
    std::string from, to, path;
    Element request;
  };
  void begin(std::uint64_t salt, std::vector<std::shared_ptr<Observer>> judges, std::shared_ptr<KnownOrders> orders,
             const std::string& profile = "F");
  ScenarioInfo info_;
  boost::asio::io_context io_;
  StillIut iut_;
  std::unique_ptr<Session> session_;
  std::shared_ptr<World> world_;
  std::map<std::uint64_t, Exchange> exchanges_;
};

}  // namespace quickpay::conformance::tests
