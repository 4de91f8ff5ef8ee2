#include "conformance/adapter/adapter_iut.hpp"

namespace quickpay::conformance {

namespace {
tl::unexpected<IutError> needs_adapter() {
  return tl::unexpected(IutError{IutFault::unsupported, "needs an adapter"});
}
}  // namespace

EndpointIut::EndpointIut(Address address, Json fixture) : address_(std::move(address)), fixture_(std::move(fixture)) {
  hello_.name = fixture_.value("name", std::string("endpoint"));
  hello_.version = fixture_.value("version", std::string());
  hello_.protocols = fixture_.value("protocols", std::vector<std::string>{"micropayment"});
  hello_.roles = {fixture_.value("role", std::string())};
  hello_.profiles = {fixture_.value("profile", std::string("F"))};
}

IutResult<Ready> EndpointIut::setup(const Setup&) { return Ready{address_}; }
IutResult<void> EndpointIut::directory(const Json&) { return {}; }
IutResult<Outcome> EndpointIut::act(const std::string&, const Json&, std::int64_t) { return needs_adapter(); }
IutResult<CallId> EndpointIut::begin(const std::string&, const Json&, std::int64_t) { return needs_adapter(); }
IutResult<Outcome> EndpointIut::finish(CallId) { return needs_adapter(); }
IutResult<Outcome> EndpointIut::await(const std::string&, std::int64_t) { return needs_adapter(); }
IutResult<Observation> EndpointIut::observe(const std::string&) { return needs_adapter(); }
IutResult<void> EndpointIut::fence() { return needs_adapter(); }
IutResult<ClockState> EndpointIut::clock(std::int64_t) { return needs_adapter(); }
IutResult<Ready> EndpointIut::restart(bool) { return needs_adapter(); }

}  // namespace quickpay::conformance
