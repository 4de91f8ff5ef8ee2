#include "conformance/interop/meeting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "conformance/adapter/adapter_iut.hpp"
#include "conformance/interop/blame.hpp"
#include "conformance/interop/recorder.hpp"
#include "conformance/model/serve.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"

namespace quickpay::conformance {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kMeetingLimit{120};
constexpr std::chrono::seconds kQuietLimit{3};   ///< for what is on its way when nobody has a fence
constexpr std::int64_t kBackoffMs = 2000;        ///< more than the first retry waits
constexpr const char* kLost = "InquiryPayment";  ///< whose answer is lost once

std::string now_text() {
  return time_text(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
}

/// One party at the table.
struct Seat {
  std::unique_ptr<Adapter> adapter;
  std::unique_ptr<AdapterIut> iut;
  WorldPlan plan;  ///< in which it is the one under test
  std::string address;
  Address front;
};

class Table {
 public:
  Table(Meeting& meeting, std::string profile, std::uint64_t number, const std::atomic<bool>* stop)
      : meeting_(meeting), profile_(std::move(profile)), number_(number), stop_(stop), recorder_(io_) {}

  bool start();
  bool set_up();
  void play(const std::string& name, const std::string& confirm, bool lose);
  void conclude();

 private:
  bool over() const { return (stop_ != nullptr && *stop_) || Steady::now() >= deadline_; }
  bool virtual_time() const;
  bool fail(std::size_t role, const std::string& why);
  void rest();
  void move_clocks();
  IutResult<Outcome> purchase(const std::string& confirm, bool lose);
  std::optional<Json> observation(std::size_t role, const std::string& what);

  Meeting& meeting_;
  std::string profile_;
  std::uint64_t number_;
  const std::atomic<bool>* stop_;
  Steady::time_point deadline_ = Steady::now() + kMeetingLimit;
  boost::asio::io_context io_{1};
  Recorder recorder_;
  std::array<Seat, 4> seats_;
  std::string now_;
  std::size_t paid_ = 0;
  std::optional<Fault> missing_;
};

bool Table::fail(std::size_t role, const std::string& why) {
  meeting_.unreachable = kMeetingRoles[role];
  meeting_.why = why;
  return false;
}

bool Table::virtual_time() const {
  return std::all_of(seats_.begin(), seats_.end(), [](const Seat& seat) { return seat.iut->hello().virtual_clock; });
}

bool Table::start() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    seat.adapter = std::make_unique<Adapter>(io_, meeting_.parties[i].command);
    if (const auto running = seat.adapter->ensure_running(); !running) {
      return fail(i, running.error().what);
    }
    meeting_.hellos[i] = seat.adapter->hello();
    const auto& roles = meeting_.hellos[i].roles;
    if (std::find(roles.begin(), roles.end(), kMeetingRoles[i]) == roles.end()) {
      return fail(i, "it does not claim this role");
    }
    seat.iut = std::make_unique<AdapterIut>(*seat.adapter, "meeting", [this] { return over(); });
    seat.plan = standard_plan(kMeetingRoles[i]);
    seat.plan.profile = profile_;
    complete_keys(seat.plan);
    seat.address = fmt::format("127.{}.{}.{}", 220 + number_ / 250 % 20, 1 + number_ % 250, 10 + i);
  }
  now_ = virtual_time() ? seats_[0].plan.now : now_text();
  return true;
}

bool Table::set_up() {
  Json directory = Json::array();
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    Seat& seat = seats_[i];
    const std::string role(kMeetingRoles[i]);
    const std::string listen = role == "wallet" ? std::string() : seat.address;
    const auto ready = seat.iut->setup({role, seat.plan.iut, seat.plan.cast.host, profile_, listen, seat.address, now_, Json::array(),
                                        seat.plan.currencies, fixtures_json(seat.plan)});
    if (!ready) {
      return fail(i, ready.error().what);
    }
    const auto front = recorder_.stand_before(seat.plan.iut, ready->listen.value_or(Address{seat.address, 0}));
    if (!front) {
      return fail(i, front.error());
    }
    seat.front = *front;
    WorldPlan alone = seat.plan;
    alone.players.clear();
    const Json own = directory_json(alone, seat.front);
    directory.insert(directory.end(), own.begin(), own.end());
  }
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (const auto told = seats_[i].iut->directory(directory); !told) {
      return fail(i, told.error().what);
    }
  }
  for (Seat& seat : seats_) {  // the judges know the players by where they are
    seat.plan.now = now_;
    for (const Seat& other : seats_) {
      if (PlayerPlan* player = seat.plan.player(other.plan.iut)) {
        player->address = other.front.address;
        player->port = other.front.port;
      }
    }
  }
  return true;
}

/// Until nothing is on its way any more, as far as the parties can say so.
void Table::rest() {
  for (int round = 0; round < 2; ++round) {
    for (Seat& seat : seats_) {
      if (seat.iut->alive() && seat.iut->hello().fence) {
        (void)seat.iut->fence();
      }
    }
  }
  serve_until(io_, [this] { return recorder_.open() == 0; }, std::min(deadline_, Steady::now() + kQuietLimit), [this] { return over(); });
}

void Table::move_clocks() {
  recorder_.note(fmt::format("the clock moves by {} s", kBackoffMs / 1000));
  for (Seat& seat : seats_) {
    (void)seat.iut->clock(kBackoffMs);
  }
}

IutResult<Outcome> Table::purchase(const std::string& confirm, bool lose) {
  recorder_.note("the user may open-link");
  if (confirm == "yes") {
    recorder_.note("the user may confirm");
  }
  bool lost = false;
  recorder_.lose([&lost, lose](const Entry& request) { return lose && request.message == kLost && !std::exchange(lost, true); });
  Iut& wallet = *seats_[0].iut;
  const auto call = wallet.begin("pay-micro", {{"vendor", seats_[1].plan.iut}, {"item", "article-1"}, {"confirm", confirm}}, kPurchaseMs);
  if (!call) {
    return tl::unexpected(call.error());
  }
  if (lose) {
    serve_until(io_, [&lost] { return lost; }, std::min(deadline_, Steady::now() + kQuietLimit), [this] { return over(); });
    rest();  // so that the backoff has begun when time moves
    if (virtual_time()) {
      move_clocks();
    }
  }
  auto outcome = wallet.finish(*call);
  recorder_.lose({});
  return outcome;
}

std::optional<Json> Table::observation(std::size_t role, const std::string& what) {
  const auto& offers = seats_[role].iut->hello().observes;
  if (std::find(offers.begin(), offers.end(), what) == offers.end()) {
    return std::nullopt;
  }
  const auto seen = seats_[role].iut->observe(what);
  return seen && seen->unverifiable.empty() ? std::optional<Json>(seen->value) : std::nullopt;
}

void Table::play(const std::string& name, const std::string& confirm, bool lose) {
  if (over() || missing_) {
    return;
  }
  CoursePlan course{name, confirm, paid_ + (confirm == "yes" ? 1U : 0U), recorder_.entries().size()};
  recorder_.note(name);
  Statements said;
  said.wallet = purchase(confirm, lose);
  rest();
  said.vendor_orders = observation(1, "orders");
  said.host_cases = observation(3, "cases");
  missing_ = missing_step(recorder_.entries(), course, said);
  paid_ = course.paid;
  meeting_.courses.push_back({name, !missing_});
}

/// Who died is to blame before all others; then what the judges found, in the order in which it happened.
void Table::conclude() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (!seats_[i].iut->alive()) {
      meeting_.faults.push_back(fault_of(kMeetingRoles[i], "interop.alive", "the implementation goes on", "its process ended", {}, Reason::crash));
    }
  }
  for (Seat& seat : seats_) {
    for (Fault& fault : judged_faults(recorder_.entries(), seat.plan, *seat.iut)) {
      meeting_.faults.push_back(std::move(fault));
    }
  }
  std::stable_sort(meeting_.faults.begin(), meeting_.faults.end(), [](const Fault& a, const Fault& b) {
    const auto first = [](const Fault& fault) { return fault.found.evidence.entries.empty() ? 0 : fault.found.evidence.entries.front(); };
    return first(a) < first(b);
  });
  if (meeting_.faults.empty() && missing_) {
    meeting_.faults.push_back(std::move(*missing_));
  }
  meeting_.record.info.id = "interop";
  meeting_.record.ran = true;
  meeting_.record.transcript = recorder_.entries();
  meeting_.record.dropped = recorder_.dropped();
  meeting_.interrupted = stop_ != nullptr && *stop_;
  for (const Fault& fault : meeting_.faults) {
    meeting_.record.checks.push_back(fault.found);
  }
  for (Seat& seat : seats_) {
    (void)seat.iut->teardown();
    seat.adapter->bye();
  }
}

}  // namespace

bool Meeting::good() const {
  return unreachable.empty() && faults.empty() && !interrupted && !courses.empty() &&
         std::all_of(courses.begin(), courses.end(), [](const JointCourse& course) { return course.complete; });
}

std::vector<std::string> Meeting::blamed() const {
  std::vector<std::string> roles;
  for (const std::string_view role : kMeetingRoles) {
    if (std::any_of(faults.begin(), faults.end(), [&](const Fault& fault) { return fault.role == role; })) {
      roles.emplace_back(role);
    }
  }
  return roles;
}

Meeting meet(const Parties& parties, const std::string& profile, std::uint64_t number, const std::atomic<bool>* stop) {
  Meeting meeting;
  meeting.parties = parties;
  Table table(meeting, profile, number, stop);
  if (!table.start() || !table.set_up()) {
    return meeting;
  }
  table.play("a purchase that is paid", "yes", false);
  table.play("a purchase that the user declines", "no", false);
  table.play("a purchase of which one answer is lost", "yes", true);
  table.conclude();
  return meeting;
}

}  // namespace quickpay::conformance
