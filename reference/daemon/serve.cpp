#include "reference/daemon/serve.hpp"

#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "reference/daemon/config_file.hpp"
#include "reference/daemon/control.hpp"
#include "reference/daemon/daemon.hpp"
#include "reference/daemon/line_input.hpp"
#include "reference/daemon/paycards.hpp"
#include "reference/daemon/program.hpp"
#include "reference/daemon/trace_file.hpp"
#include "reference/roles/directory_asker.hpp"

namespace quickpay::daemon {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

tl::expected<std::string, std::string> file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return tl::make_unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <class T>
tl::expected<T, std::string> with_file_name(tl::expected<T, std::string> result, const std::string& path) {
  if (!result) return tl::make_unexpected(fmt::format("{}: {}", path, result.error()));
  return result;
}

std::string beside(const std::string& config_path, const std::string& file) {
  if (file.empty() || file == ":memory:") return file;
  return (std::filesystem::path(config_path).parent_path() / file).string();
}

// Who others are, as the node of a daemon knows it: what a Wallet's plug-ins ask for.
class HeededDirectory final : public roles::Directory {
 public:
  explicit HeededDirectory(const std::unique_ptr<Daemon>& daemon) : daemon_(daemon) {}
  roles::Lookup find(std::string_view id) const override {
    return daemon_ ? daemon_->node().directory().find(id) : roles::Lookup{roles::Found::unavailable, nullptr};
  }
  roles::Lookup find_vendor(const roles::Endpoint& at) const override {
    return daemon_ ? daemon_->node().directory().find_vendor(at) : roles::Lookup{roles::Found::unavailable, nullptr};
  }

 private:
  const std::unique_ptr<Daemon>& daemon_;
};

// A whole program, from its files to its exit code.
class Service {
 public:
  Service(std::string_view role, const std::string& config_path, const ServeStreams& streams)
      : role_(role),
        config_path_(config_path),
        streams_(streams),
        signals_(io_, SIGTERM, SIGINT, SIGHUP),
        settle_timer_(io_) {}

  int run() {
    if (const int code = prepare(); code >= 0) return code;
    if (!start()) return kExitNoStart;
    await_signal();
    if (config_.settle_every > 0) settle();
    io_.run();
    input_.reset();
    daemon_.reset();
    return exit_code_;
  }

 private:
  int prepare();
  int open_files();
  tl::expected<void, std::string> load_directory();
  tl::expected<void, std::string> load_host_entry();
  bool write_host_entry();
  // Whether this player learns from the Host who others are.
  bool asks() const { return !config_.host_entry.empty() && role_ != "host"; }
  bool start();
  Listeners listeners();
  void plug_in();
  void await_signal();
  void on_signal(int signal);
  void settle();
  void stop();
  void end(int code) {
    exit_code_ = code;
    io_.stop();
  }
  int complain(int code, const std::string& why) {
    if (streams_.complain) streams_.complain(why);
    return code;
  }
  void log(LogLine line) {
    if (streams_.log && line.level >= config_.log_level) streams_.log(line);
  }
  void write(std::string_view line) {
    if (streams_.output) streams_.output(line);
  }

  std::string role_;
  std::string config_path_;
  const ServeStreams& streams_;
  asio::io_context io_{1};
  asio::signal_set signals_;
  asio::steady_timer settle_timer_;
  ServeConfig config_;
  SystemClock clock_;
  crypto::BotanRandom random_;
  roles::TableDirectory directory_;
  std::vector<std::string> listed_;  // ids in the directory
  TraceFile trace_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<paycard::ProcessPort> paycards_;
  std::unique_ptr<Daemon> daemon_;
  HeededDirectory heeded_{daemon_};
  std::optional<Control> control_;
  std::optional<LineInput> input_;
  bool stopping_ = false;
  int exit_code_ = kExitStopped;
};

// The exit code if something is wrong, else -1.
int Service::prepare() {
  const auto text = file_text(config_path_);
  if (!text) return complain(kExitConfig, text.error());
  auto config = with_file_name(parse_config(role_, *text), config_path_);
  if (!config) return complain(kExitConfig, config.error());
  config_ = std::move(*config);
  config_.directory = beside(config_path_, config_.directory);
  config_.host_entry = beside(config_path_, config_.host_entry);
  roles::SoftwareConfig& software = config_.daemon.node.software;
  if (role_ == "wallet" && software.release_hash.empty()) software = this_program();
  const auto loaded = asks() ? load_host_entry() : load_directory();
  if (!loaded) return complain(kExitConfig, loaded.error());
  return open_files();
}

int Service::open_files() {
  const std::string path = beside(config_path_, config_.ledger);
  const bool fresh = !std::filesystem::exists(path);
  auto opened = ledger::open_sqlite(path);
  if (!opened) return complain(kExitLedger, opened.error().what);
  ledger_ = std::move(*opened);
  if (config_.trace.empty()) return -1;
  const auto begun = trace_.begin(beside(config_path_, config_.trace), config_.daemon.node, fresh);
  return begun ? -1 : complain(kExitConfig, begun.error());
}

tl::expected<void, std::string> Service::load_directory() {
  const auto text = file_text(config_.directory);
  if (!text) return tl::make_unexpected(text.error());
  auto players = with_file_name(parse_directory(*text), config_.directory);
  if (!players) return tl::make_unexpected(players.error());
  for (const auto& id : listed_) directory_.remove(id);
  listed_.clear();
  for (auto& player : *players) {
    listed_.push_back(player.id);
    directory_.put(std::move(player));
  }
  return {};
}

tl::expected<void, std::string> Service::load_host_entry() {
  const auto text = file_text(config_.host_entry);
  if (!text) return tl::make_unexpected(text.error());
  roles::NodeConfig& node = config_.daemon.node;
  const auto entry = with_file_name(roles::read_host_entry(*text, node.host), config_.host_entry);
  if (!entry) return tl::make_unexpected(entry.error());
  node.host_entry = *text;
  return {};
}

// What others need to begin. False: there is no such entry.
bool Service::write_host_entry() {
  const auto entry = daemon_->node().host_entry();
  daemon_->touch();
  if (!entry) return complain(0, "host_entry: this Host has no key that signs now, or is not in its directory"), false;
  const std::string fresh = config_.host_entry + ".new";  // nobody reads half of it
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << *entry << '\n';
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(fresh, config_.host_entry, error);
  if (file && !error) return true;
  return complain(0, fmt::format("{}: cannot be written", config_.host_entry)), false;
}

Listeners Service::listeners() {
  Listeners all;
  all.user = [this](const roles::UserEvent& event) {
    if (control_) control_->on_event(event);
  };
  if (trace_.is_open()) {
    all.trace = [this](const roles::TraceLine& line) { return trace_.write(line); };
  }
  all.log = [this](const LogLine& line) { log(line); };
  all.failed = [this](const std::string&) { end(kExitLedger); };
  return all;
}

// Starts the Paycards that are plug-ins.
void Service::plug_in() {
  for (roles::PaycardConfig& card : config_.daemon.node.paycards) {
    card.shared_object = beside(config_path_, card.shared_object);
    card.manifest = beside(config_path_, card.manifest);
  }
  for (roles::NewPaycardConfig& card : config_.daemon.node.new_paycards) {
    card.shared_object = beside(config_path_, card.shared_object);
    card.manifest = beside(config_path_, card.manifest);
  }
  if (!config_.paycard_host.empty()) config_.paycard_host = beside(config_path_, config_.paycard_host);
  const LogSink sink = [this](const LogLine& line) { log(line); };
  const roles::Directory& directory = asks() ? static_cast<const roles::Directory&>(heeded_) : directory_;
  paycards_ = open_paycards(config_, {directory, clock_, sink});
  if (!paycards_) return;
  if (!asks()) start_paycards(*paycards_, config_.daemon.node, sink);  // else once its Broker's entry is there
  config_.daemon.node.paycard_port = paycards_.get();
}

bool Service::start() {
  plug_in();
  auto started = Daemon::start(config_.daemon, {io_, *ledger_, clock_, random_, directory_}, listeners());
  if (!started) return complain(0, started.error()), false;
  daemon_ = std::move(*started);
  if (!asks() && !config_.host_entry.empty() && !write_host_entry()) return false;
  control_.emplace(
      *daemon_, [this](std::string_view line) { write(line); }, [this] { stop(); });
  if (streams_.input_fd >= 0) {
    input_.emplace(
        io_, streams_.input_fd, kMaxControlLine, [this](std::string_view line) { control_->on_line(line); },
        [this] { control_->on_end(); });
  }
  return true;
}

void Service::await_signal() {
  signals_.async_wait([this](error_code error, int signal) {
    if (error) return;
    on_signal(signal);
    await_signal();
  });
}

void Service::on_signal(int signal) {
  if (signal == SIGHUP) {
    if (asks()) return log({Level::warning, "no directory to read again", {}});
    const auto loaded = load_directory();
    if (loaded && !config_.host_entry.empty()) write_host_entry();
    if (loaded) return log({Level::info, "directory read again", {}});
    return log({Level::error, "directory not read again", {{"why", loaded.error()}}});
  }
  if (stopping_) return end(kExitNoStart);
  stop();
}

// At once, since claims may wait from before, and then at the interval of the configuration.
void Service::settle() {
  const auto made = daemon_->node().settle();
  daemon_->touch();
  if (!made) {
    log({Level::error, "no batches made", {{"why", made.error().reason}}});
  } else {
    log({*made > 0 ? Level::info : Level::debug, *made > 0 ? "batches made" : "nothing to settle",
         {{"batches", std::to_string(*made)}}});
  }
  settle_timer_.expires_after(std::chrono::seconds(config_.settle_every));
  settle_timer_.async_wait([this](error_code error) {
    if (!error) settle();
  });
}

void Service::stop() {
  if (stopping_) return;
  stopping_ = true;
  settle_timer_.cancel();
  daemon_->stop([this] {
    if (exit_code_ == kExitStopped) trace_.end();
    end(exit_code_);
  });
}

}  // namespace

int serve(std::string_view role, const std::string& config_path, const ServeStreams& streams) {
  try {
    return Service(role, config_path, streams).run();
  } catch (const std::exception& error) {  // no randomness, no memory, no descriptors
    if (streams.complain) streams.complain(error.what());
    return kExitNoStart;
  }
}

}  // namespace quickpay::daemon
