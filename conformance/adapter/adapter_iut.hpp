// The implementation behind an adapter, and behind a bare endpoint, as scenarios see it.
#pragma once

#include <functional>
#include <string>

#include "conformance/adapter/adapter.hpp"
#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

/// One session of an adapter. The token is all that the adapter learns about which session this is.
class AdapterIut final : public Iut {
 public:
  /// `stop`: true once the scenario's deadline is over or the run was interrupted.
  AdapterIut(Adapter& adapter, std::string token, std::function<bool()> stop);

  const Hello& hello() const override { return adapter_.hello(); }
  bool alive() const override { return adapter_.running() && adapter_.starts() == start_; }
  bool has_adapter() const override { return true; }
  IutResult<Ready> setup(const Setup& setup) override;
  IutResult<void> directory(const Json& players) override;
  IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<CallId> begin(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<Outcome> finish(CallId call) override;
  IutResult<Outcome> await(const std::string& ref, std::int64_t deadline_ms) override;
  IutResult<Observation> observe(const std::string& what) override;
  IutResult<void> fence() override;
  IutResult<ClockState> clock(std::int64_t advance_ms) override;
  IutResult<Ready> restart(bool hard) override;
  IutResult<void> teardown() override;

 private:
  IutResult<Json> call(Json command, std::int64_t deadline_ms);

  Adapter& adapter_;
  std::string token_;
  std::function<bool()> stop_;
  std::size_t start_;
  std::map<CallId, std::int64_t> deadlines_;
};

/// A server that is reached by its address alone (level E). Everything but setup is unsupported.
/// The fixture file says how that server is configured; docs/adapter-protocol.md describes it.
class EndpointIut final : public Iut {
 public:
  EndpointIut(Address address, Json fixture);

  const Hello& hello() const override { return hello_; }
  bool alive() const override { return true; }
  bool has_adapter() const override { return false; }
  const Json* fixture() const override { return &fixture_; }
  IutResult<Ready> setup(const Setup& setup) override;
  IutResult<void> directory(const Json& players) override;
  IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<CallId> begin(const std::string& op, const Json& args, std::int64_t deadline_ms) override;
  IutResult<Outcome> finish(CallId call) override;
  IutResult<Outcome> await(const std::string& ref, std::int64_t deadline_ms) override;
  IutResult<Observation> observe(const std::string& what) override;
  IutResult<void> fence() override;
  IutResult<ClockState> clock(std::int64_t advance_ms) override;
  IutResult<Ready> restart(bool hard) override;
  IutResult<void> teardown() override { return {}; }

 private:
  Address address_;
  Json fixture_;
  Hello hello_;
};

}  // namespace quickpay::conformance
