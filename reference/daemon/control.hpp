// The channel on which a person or a script acts as a daemon's user or operator: one JSON object a line in, replies and
// events out. docs/configuration.md lists the commands.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "reference/daemon/daemon.hpp"
#include "reference/daemon/object_reader.hpp"

namespace quickpay::daemon {

inline constexpr std::size_t kMaxControlLine = 1024 * 1024;  ///< bytes; a PurchaseLink of any length fits

/// Turns lines into actions on a daemon's node.
class Control {
 public:
  using Output = std::function<void(std::string_view line)>;  ///< without line end

  /// `stop` is run at the command "stop", or once no more commands come and nothing is open.
  Control(Daemon& daemon, Output output, std::function<void()> stop);

  /// Its reply is written once what the line did is durable.
  void on_line(std::string_view line);
  /// An event of the daemon's node: it is written out, and offers that were answered in advance are decided.
  void on_event(const roles::UserEvent& event);
  /// No more lines will come. A Wallet then stops when the purchases made here have ended; others go on.
  void on_end();

 private:
  struct Command;
  using Action = tl::expected<Json, std::string> (Control::*)(ObjectReader&);
  static const std::map<std::string, Command>& commands();

  tl::expected<Json, std::string> run(const Json& json);
  tl::expected<Json, std::string> pay(ObjectReader& reader);
  tl::expected<Json, std::string> pay_regular(ObjectReader& reader);
  tl::expected<Json, std::string> pay_link(ObjectReader& reader);
  tl::expected<Json, std::string> link(ObjectReader& reader);
  tl::expected<Json, std::string> refunded(ObjectReader& reader);
  tl::expected<Json, std::string> confirm(ObjectReader& reader);
  tl::expected<Json, std::string> decline(ObjectReader& reader);
  tl::expected<Json, std::string> cancel(ObjectReader& reader);
  tl::expected<Json, std::string> try_again(ObjectReader& reader);
  tl::expected<Json, std::string> activate(ObjectReader& reader);
  tl::expected<Json, std::string> add_paycard(ObjectReader& reader);
  tl::expected<Json, std::string> answer_questions(ObjectReader& reader);
  tl::expected<Json, std::string> remove_paycard(ObjectReader& reader);
  tl::expected<Json, std::string> offers(ObjectReader& reader);
  tl::expected<Json, std::string> goods(ObjectReader& reader);
  tl::expected<Json, std::string> block(ObjectReader& reader);
  tl::expected<Json, std::string> settle(ObjectReader& reader);
  tl::expected<Json, std::string> withdraw(ObjectReader& reader);
  tl::expected<Json, std::string> revoke(ObjectReader& reader);
  tl::expected<Json, std::string> contest(ObjectReader& reader);
  tl::expected<Json, std::string> enter(ObjectReader& reader);
  tl::expected<Json, std::string> change(ObjectReader& reader);
  tl::expected<Json, std::string> leave(ObjectReader& reader);
  tl::expected<Json, std::string> publish_key(ObjectReader& reader);
  tl::expected<Json, std::string> withdraw_key(ObjectReader& reader);
  tl::expected<Json, std::string> renew_key(ObjectReader& reader);
  tl::expected<Json, std::string> suspend(ObjectReader& reader);
  tl::expected<Json, std::string> resume(ObjectReader& reader);
  tl::expected<Json, std::string> records(ObjectReader& reader);
  tl::expected<Json, std::string> halt(ObjectReader& reader);
  void decide(const roles::UserEvent& offer);
  void look_for_the_end();
  void write(const Json& json);

  Daemon& daemon_;
  Output output_;
  std::function<void()> stop_;
  static std::string answer_in(ObjectReader& reader);
  tl::expected<Json, std::string> begun(const tl::expected<void, roles::Refusal>& result);
  roles::Wanted wanted_in(ObjectReader& reader);
  tl::expected<Json, std::string> opened(const tl::expected<std::string, roles::Refusal>& order, const std::string& answer);

  std::map<std::string, std::string> answers_;  // order → yes | no, for offers to come
  std::set<std::string> open_;                  // purchases made here that have not ended
  std::set<std::string> adding_;                // what was begun here and waits for a Broker or the Host
  Problem problem_;
  bool ended_ = false;
};

}  // namespace quickpay::daemon
