// The implementation as a recording knows it: commands noted with their replies, and replies without an implementation.
#include "conformance/model/course.hpp"

namespace quickpay::conformance {

namespace {

// ---- values of replies as JSON
Json json_of(const Ready& ready) {
  return ready.listen ? Json{{"address", ready.listen->address}, {"port", ready.listen->port}} : Json(nullptr);
}
Json json_of(const Outcome& outcome) {
  return {{"kind", static_cast<int>(outcome.kind)},
          {"reason", outcome.reason ? Json(name_of(*outcome.reason)) : Json(nullptr)},
          {"ref", outcome.ref},
          {"details", outcome.details}};
}
Json json_of(const Observation& seen) { return {{"value", seen.value}, {"unverifiable", seen.unverifiable}}; }
Json json_of(const ClockState& clock) {
  return {{"now", clock.now}, {"next_due_ms", clock.next_due_ms ? Json(*clock.next_due_ms) : Json(nullptr)}};
}
Json json_of(CallId call) { return call; }

template <class T>
T value_of(const Json& json);
template <>
Ready value_of<Ready>(const Json& json) {
  return json.is_null() ? Ready{} : Ready{Address{json.at("address"), json.at("port")}};
}
template <>
Outcome value_of<Outcome>(const Json& json) {
  const Json& reason = json.at("reason");
  return {static_cast<OutcomeKind>(json.at("kind").get<int>()),
          reason.is_null() ? std::nullopt : reject_reason_of(reason.get<std::string>()), json.at("ref"),
          json.at("details")};
}
template <>
Observation value_of<Observation>(const Json& json) {
  return {json.at("value"), json.at("unverifiable")};
}
template <>
ClockState value_of<ClockState>(const Json& json) {
  const Json& due = json.at("next_due_ms");
  return {json.at("now"), due.is_null() ? std::nullopt : std::optional(due.get<std::int64_t>())};
}
template <>
CallId value_of<CallId>(const Json& json) {
  return json.get<CallId>();
}

template <class T>
Json noted(const IutResult<T>& result) {
  if (!result) {
    return {{"fault", static_cast<int>(result.error().fault)}, {"what", result.error().what}};
  }
  if constexpr (std::is_void_v<T>) {
    return {{"value", true}};
  } else {
    return {{"value", json_of(*result)}};
  }
}

/// The reply that was noted. A recording that makes no sense is a fault like one of the implementation.
template <class T>
IutResult<T> told(const Json* json) {
  const IutError senseless{IutFault::unsupported, "the recording has no such reply"};
  if (json == nullptr || !json->is_object()) {
    return tl::unexpected(senseless);
  }
  try {
    if (json->contains("fault")) {
      return tl::unexpected(IutError{static_cast<IutFault>(json->at("fault").get<int>()), json->at("what")});
    }
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return value_of<T>(json->at("value"));
    }
  } catch (const Json::exception&) {
    return tl::unexpected(senseless);
  }
}

class NotingIut final : public Iut {
 public:
  NotingIut(Iut& inner, Course& course) : inner_(inner), course_(course) {}

  const Hello& hello() const override { return inner_.hello(); }
  bool has_adapter() const override { return inner_.has_adapter(); }
  const Json* fixture() const override { return inner_.fixture(); }
  bool alive() const override {
    const bool lives = inner_.alive();
    course_.note("alive", course_.mark(), lives);
    return lives;
  }
  IutResult<Ready> setup(const Setup& setup) override {
    return note("setup", [&] { return inner_.setup(setup); });
  }
  IutResult<void> directory(const Json& players) override {
    return note("directory", [&] { return inner_.directory(players); });
  }
  IutResult<Outcome> act(const std::string& op, const Json& args, std::int64_t deadline_ms) override {
    return note("do", [&] { return inner_.act(op, args, deadline_ms); });
  }
  IutResult<CallId> begin(const std::string& op, const Json& args, std::int64_t deadline_ms) override {
    return note("begin", [&] { return inner_.begin(op, args, deadline_ms); });
  }
  IutResult<Outcome> finish(CallId call) override {
    return note("finish", [&] { return inner_.finish(call); });
  }
  IutResult<Outcome> await(const std::string& ref, std::int64_t deadline_ms) override {
    return note("await", [&] { return inner_.await(ref, deadline_ms); });
  }
  IutResult<Observation> observe(const std::string& what) override {
    return note("observe", [&] { return inner_.observe(what); });
  }
  IutResult<void> fence() override {
    return note("fence", [&] { return inner_.fence(); });
  }
  IutResult<ClockState> clock(std::int64_t advance_ms) override {
    return note("clock", [&] { return inner_.clock(advance_ms); });
  }
  IutResult<Ready> restart(bool hard) override {
    return note("restart", [&] { return inner_.restart(hard); });
  }
  IutResult<void> teardown() override {
    return note("teardown", [&] { return inner_.teardown(); });
  }

 private:
  template <class Call>
  auto note(std::string_view what, Call call) -> decltype(call()) {
    const std::size_t begin = course_.mark();
    auto result = call();
    course_.note(what, begin, noted(result));
    return result;
  }

  Iut& inner_;
  Course& course_;
};

class FollowedIut final : public Iut {
 public:
  FollowedIut(const Hello& hello, Course& course) : hello_(hello), course_(course) {}

  const Hello& hello() const override { return hello_; }
  bool has_adapter() const override { return true; }
  bool alive() const override {
    const Json* lives = course_.follow("alive");
    return lives != nullptr && *lives == true;
  }
  IutResult<Ready> setup(const Setup&) override { return told<Ready>(course_.follow("setup")); }
  IutResult<void> directory(const Json&) override { return told<void>(course_.follow("directory")); }
  IutResult<Outcome> act(const std::string&, const Json&, std::int64_t) override {
    return told<Outcome>(course_.follow("do"));
  }
  IutResult<CallId> begin(const std::string&, const Json&, std::int64_t) override {
    return told<CallId>(course_.follow("begin"));
  }
  IutResult<Outcome> finish(CallId) override { return told<Outcome>(course_.follow("finish")); }
  IutResult<Outcome> await(const std::string&, std::int64_t) override { return told<Outcome>(course_.follow("await")); }
  IutResult<Observation> observe(const std::string&) override { return told<Observation>(course_.follow("observe")); }
  IutResult<void> fence() override { return told<void>(course_.follow("fence")); }
  IutResult<ClockState> clock(std::int64_t) override { return told<ClockState>(course_.follow("clock")); }
  IutResult<Ready> restart(bool) override { return told<Ready>(course_.follow("restart")); }
  IutResult<void> teardown() override { return told<void>(course_.follow("teardown")); }

 private:
  Hello hello_;
  Course& course_;
};

}  // namespace

std::unique_ptr<Iut> noting_iut(Iut& inner, Course& course) { return std::make_unique<NotingIut>(inner, course); }
std::unique_ptr<Iut> followed_iut(const Hello& hello, Course& course) {
  return std::make_unique<FollowedIut>(hello, course);
}

}  // namespace quickpay::conformance
