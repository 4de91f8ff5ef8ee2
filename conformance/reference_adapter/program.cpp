#include "conformance/reference_adapter/program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <map>

#include "conformance/reference_adapter/observe.hpp"
#include "reference/codec/protocols.hpp"
#include "reference/daemon/config_file.hpp"
#include "reference/daemon/line_input.hpp"
#include "reference/daemon/program.hpp"
#include "reference/roles/parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxLine = 1U << 20;
constexpr std::size_t kMaxSessions = 16;

/// A folder in memory if there is one: ledgers live as long as their session.
std::string scratch_folder() {
  std::error_code error;
  const std::filesystem::path base =
      std::filesystem::is_directory("/dev/shm", error) ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path(error);
  std::string name = (base / "quickpay-adapter-XXXXXX").string();
  return ::mkdtemp(name.data()) == nullptr ? std::string() : name;
}

class Program {
 public:
  Program(const AdapterSettings& settings, std::function<void(std::string_view)> write)
      : settings_(settings), write_(std::move(write)), waiters_(io_), folder_(scratch_folder()) {
    if (const auto fault = mutants::make_fault(settings_.fault)) {
      null_ = fault->manners.null;
      claims_everything_ = fault->manners.claims_everything;
    }
  }
  ~Program() {
    sessions_.clear();
    std::error_code error;
    std::filesystem::remove_all(folder_, error);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  int run(int input_fd) {
    daemon::LineInput input(
        io_, input_fd, kMaxLine, [this](std::string_view line) { lines_.emplace_back(line); }, [this] { over_ = true; });
    const auto work = boost::asio::make_work_guard(io_);
    while (!over_ || !lines_.empty()) {
      if (lines_.empty()) {
        io_.run_one();
      }
      waiters_.look();
      // Commands are carried out between handlers: some of them end servers and clients.
      while (!lines_.empty()) {
        const std::string line = std::move(lines_.front());
        lines_.pop_front();
        on_line(line);
      }
    }
    return 0;
  }

 private:
  using Reply = ReferenceSession::Reply;

  void on_line(const std::string& line) {
    daemon::Problem problem;
    const OrderedJson command = daemon::parse_json(line, problem);
    if (problem.found() || !command.is_object() || !command.contains("id")) {
      return;
    }
    const Reply reply = [this, id = command["id"]](OrderedJson fields) {
      OrderedJson whole = {{"id", id}};
      whole.update(fields);
      write_(whole.dump(-1, ' ', true, OrderedJson::error_handler_t::replace));
    };
    on_command(command, command.value("cmd", std::string()), reply);
  }

  void on_command(const OrderedJson& command, const std::string& cmd, const Reply& reply) {
    if (cmd == "hello") {
      return reply(hello());
    }
    if (cmd == "bye") {
      over_ = true;
      return reply(OrderedJson::object());
    }
    if (null_) {
      return reply({{"unsupported", "this adapter does nothing"}});
    }
    const std::string name = command.value("session", std::string());
    if (cmd == "setup") {
      return set_up(name, command, reply);
    }
    const auto session = sessions_.find(name);
    if (cmd == "teardown") {
      end(name);
      return reply(OrderedJson::object());
    }
    if (session == sessions_.end()) {
      return reply({{"error", "no such session"}});
    }
    in_session(*session->second, command, cmd, reply);
  }

  void in_session(ReferenceSession& session, const OrderedJson& command, const std::string& cmd, const Reply& reply) {
    if (cmd == "directory") {
      const auto done = session.set_directory(command);
      return reply(done ? session.ready() : OrderedJson{{"error", done.error()}});
    }
    if (cmd == "do") {
      return session.act(command, reply);
    }
    if (cmd == "await") {
      const auto limit = std::chrono::milliseconds(command.value("deadline_ms", std::int64_t{1000}) * 9 / 10);
      return session.await(command.value("ref", std::string()), limit, reply);
    }
    if (cmd == "observe") {
      return reply(session.observe(command.value("what", std::string())));
    }
    if (cmd == "fence") {
      return session.fence(reply);
    }
    if (cmd == "clock") {
      return session.clock(command.value("advance_ms", std::int64_t{0}), reply);
    }
    if (cmd == "restart") {
      return session.restart(command.value("hard", false), reply);
    }
    reply({{"unsupported", "unknown command"}});
  }

  void set_up(const std::string& name, const OrderedJson& command, const Reply& reply) {
    const std::string role = command.value("role", std::string());
    if (!settings_.role.empty() && settings_.role != role) {
      return reply({{"error", "this adapter was started for another role"}});
    }
    if (sessions_.size() >= kMaxSessions || sessions_.count(name) != 0) {
      return reply({{"error", "too many sessions, or this one exists"}});
    }
    auto session = ReferenceSession::start(io_, waiters_, settings_, command, fmt::format("{}/{}", folder_, ++made_));
    if (!session) {
      return reply({{"error", session.error()}});
    }
    const OrderedJson ready = (*session)->ready();
    sessions_[name] = std::move(*session);
    reply(ready);
  }

  void end(const std::string& name) {
    if (sessions_.erase(name) == 0) {
      return;
    }
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder_, error)) {
      if (sessions_.empty()) {
        std::filesystem::remove(file.path(), error);
      }
    }
  }

  std::vector<std::string> claimed() const {
    if (claims_everything_) return codec::protocol_names();
    return settings_.protocols.empty() ? roles::linked_protocols() : settings_.protocols;
  }

  /// Who others are it can ask the Host in a build that has the protocol for it.
  static bool looks_up() {
    const auto linked = roles::linked_protocols();
    return std::find(linked.begin(), linked.end(), "administration") != linked.end();
  }

  OrderedJson hello() const {
    std::vector<std::string> roles = {"wallet", "vendor", "broker", "host"};
    if (!settings_.role.empty()) {
      roles = {settings_.role};
    }
    const std::string name =
        settings_.fault.empty() ? "QuickPay reference" : fmt::format("QuickPay reference with a fault ({})", settings_.fault);
    return {{"impl", {{"name", name}, {"version", daemon::program_version()}, {"vendor", "QuickPay"}}},
            {"roles", roles},
            {"profiles", {"F", "H"}},
            {"protocols", claimed()},
            {"features", {{"location", true}, {"look-ups", looks_up()}, {"links", true}, {"stapled-entries", looks_up()}}},
            {"observes", observable(settings_.role.empty() ? "wallet" : settings_.role)},
            {"clock", "virtual"},
            {"max_sessions", kMaxSessions},
            {"fence", true}};
  }

  AdapterSettings settings_;
  std::function<void(std::string_view)> write_;
  boost::asio::io_context io_{1};
  Waiters waiters_;
  std::string folder_;
  std::deque<std::string> lines_;
  std::map<std::string, std::unique_ptr<ReferenceSession>> sessions_;
  std::size_t made_ = 0;
  bool null_ = false;
  bool claims_everything_ = false;
  bool over_ = false;
};

}  // namespace

int run_reference_adapter(const AdapterSettings& settings, int input_fd,
                          const std::function<void(std::string_view)>& write) {
  const std::vector<std::string> known = roles::linked_protocols();
  for (const std::string& protocol : settings.protocols) {
    if (std::find(known.begin(), known.end(), protocol) == known.end()) {
      return 2;
    }
  }
  if (!settings.fault.empty() && !mutants::make_fault(settings.fault)) {
    return 2;
  }
  return Program(settings, write).run(input_fd);
}

}  // namespace quickpay::conformance
