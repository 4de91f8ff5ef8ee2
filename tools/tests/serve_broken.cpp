// serve_broken ROLE CONFIG FAULT: like `quickpay serve`, with one fault. What level E is tried on; `quickpay serve` itself
// can do nothing wrong on request. FAULT is one of `quickpay reference-adapter --list`, or one of those below.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "conformance/mutants/fault.hpp"
#include "conformance/mutants/rewrite.hpp"
#include "reference/daemon/config_file.hpp"
#include "reference/daemon/control.hpp"
#include "reference/daemon/daemon.hpp"
#include "reference/daemon/line_input.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"

namespace quickpay {
namespace {

namespace mutants = conformance::mutants;

constexpr std::string_view kAnswersEarly = "answers-early";  ///< a fault of no node: answers leave before they are durable

/// Its notices are about orders that nobody made.
class NamesNobody final : public roles::Deviation {
 public:
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    if (call.message.rfind("Register", 0) == 0) {
      call.body = mutants::with_element(std::move(call.body), "OrderId", "<OrderId>nobodys-order</OrderId>");
    }
    return true;
  }
};

/// All its notices are about the first order that it gave notice of, in whatever session that was.
class NamesEarlier final : public roles::Deviation {
 public:
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    if (call.message.rfind("Register", 0) != 0) {
      return true;
    }
    if (first_.empty()) {
      first_ = mutants::element(call.body, "OrderRef");
    }
    call.body = mutants::with_element(std::move(call.body), "OrderRef", first_);
    return true;
  }

 private:
  std::string first_;
};

/// Whatever it asks of others, it says what it sells.
class TellsItems final : public roles::Deviation {
 public:
  explicit TellsItems(const roles::NodeConfig& config) : text_(config.items.empty() ? "" : config.items.front().text) {}
  bool rewrite_outgoing(roles::OutgoingCall& call) override {
    call.body += "<!-- for " + text_ + " -->";
    return true;
  }

 private:
  std::string text_;
};

/// Its settlements have a second signature.
class SignsTwice final : public roles::Deviation {
 public:
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override {
    const std::string signature(mutants::element(answer.body, "Sig"));
    if (path.ends_with("/settle-with-broker") && !signature.empty()) {
      answer.body = mutants::with_element(std::move(answer.body), "Sig", signature + signature);
    }
    return true;
  }
};

std::unique_ptr<roles::Deviation> deviation_of(const std::string& fault, const roles::NodeConfig& config) {
  if (fault == "tells-items") return std::make_unique<TellsItems>(config);
  if (fault == "signs-twice") return std::make_unique<SignsTwice>();
  if (fault == "names-nobody") return std::make_unique<NamesNobody>();
  if (fault == "names-earlier") return std::make_unique<NamesEarlier>();
  auto made = mutants::make_fault(fault);
  return made ? std::move(made->deviation) : nullptr;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int complain(const std::string& why) {
  fmt::print(stderr, "serve_broken: {}\n", why);
  return 1;
}

/// Files are named from the working directory here; the test runs in the folder of the configuration.
int run(const std::string& role, const std::string& config_path, const std::string& fault) {
  auto config = daemon::parse_config(role, text_of_file(config_path));
  if (!config) return complain(config.error());
  auto players = daemon::parse_directory(text_of_file(config->directory));
  if (!players) return complain(players.error());
  const auto deviation = deviation_of(fault, config->daemon.node);
  if (!deviation && fault != kAnswersEarly) return complain("no such fault, or one that is not in the node: " + fault);
  config->daemon.node.deviation = deviation.get();
  auto opened = ledger::open_sqlite(config->ledger);
  if (!opened) return complain(opened.error().what);
  std::unique_ptr<ledger::Ledger> ledger = std::move(*opened);
  if (fault == kAnswersEarly) ledger = std::make_unique<ledger::LazyLedger>(std::move(ledger));
  roles::TableDirectory directory;
  for (auto& player : *players) directory.put(std::move(player));
  boost::asio::io_context io{1};
  boost::asio::signal_set signals(io, SIGTERM);
  const daemon::SystemClock clock;
  crypto::BotanRandom random;
  daemon::Listeners listeners;
  listeners.log = [&](const daemon::LogLine& line) {
    fmt::print(stderr, "{}\n", daemon::to_json(line, clock.now_ms()));
  };
  std::optional<daemon::Control> control;
  listeners.user = [&](const roles::UserEvent& event) {
    if (control) control->on_event(event);
  };
  auto started = daemon::Daemon::start(config->daemon, {io, *ledger, clock, random, directory}, std::move(listeners));
  if (!started) return complain(started.error());
  const auto write = [](std::string_view line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
  };
  control.emplace(**started, write, [&] { io.stop(); });
  daemon::LineInput input(io, STDIN_FILENO, daemon::kMaxControlLine, [&](auto line) { control->on_line(line); }, [] {});
  signals.async_wait([&](const boost::system::error_code&, int) { io.stop(); });
  io.run();
  return 0;
}

}  // namespace
}  // namespace quickpay

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  if (argc != 4) return quickpay::complain("ROLE CONFIG FAULT");
  return quickpay::run(argv[1], argv[2], argv[3]);
}
