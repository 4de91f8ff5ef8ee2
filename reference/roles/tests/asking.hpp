// A node that begins with nothing but the Host's entry, and the Host that tests play for it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "reference/crypto/encoding.hpp"
#include "reference/roles/directory_asker.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {

namespace admin = msg::admin;

inline const std::string kTicket = "0123456789abcdef0123456789abcdef";
inline constexpr std::int64_t kFreshMs = protocol::T_dir_default * 1000;
inline constexpr std::int64_t kStaleMs = kFreshMs + protocol::T_dir_stale_default * 1000;

inline msg::ListedKey listed_key(const crypto::RsaPrivateKey& key) {
  msg::ListedKey listed;
  listed.key_id = key.public_key().key_id();
  listed.pub_key = crypto::base64_encode(key.public_key().spki_der());
  listed.not_before = format_time(kNoon - kDayMs);
  listed.not_after = format_time(kNoon + 400 * kDayMs);
  return listed;
}

inline void sign_entry(msg::Entry& entry, const crypto::RsaPrivateKey& key = key_of("host")) {
  sign_with(key, "directory", "Entry", msg::kEntryType, entry);
}

/// What the Host says of a player at a time; `address`: where it listens, or a Wallet is.
inline msg::Entry entry_of(const std::string& id, const std::string& address, std::int64_t issued_ms = kNoon) {
  msg::Entry entry;
  entry.role = spelled_as<msg::PlayerRole>(role_of_id(id)).value();
  entry.id = id;
  entry.state = msg::PlayerState::live;
  if (entry.role == msg::PlayerRole::wallet) {
    entry.net = {{address, 32}};
  } else {
    entry.endpoint = {{address, 8080}};
    entry.key = {listed_key(key_of(role_of_id(id)))};
  }
  if (entry.role == msg::PlayerRole::host) entry.currency = {{"USD", {}, msg::YesNo::yes}, {"DEM", {}, msg::YesNo::no}};
  entry.issued_at = format_time(issued_ms);
  entry.valid_to = format_time(issued_ms + kStaleMs);
  sign_entry(entry);
  return entry;
}

inline admin::LookupPlayer read(const OutgoingCall& call) {
  return codec::read<admin::LookupPlayer>(call.body, *admin::kLookupPlayerMessage.request).value();
}

inline std::string host_entry(std::int64_t issued_ms = kNoon) {
  const msg::Entry entry = entry_of("H1", "127.0.1.1", issued_ms);
  return codec::write_fragment("Entry", msg::kEntryType, &entry);
}

inline NodeConfig asking(NodeConfig config) {
  config.host_entry = host_entry();
  if (config.role == "broker") config.tickets = {{kWallet, kTicket}};
  return config;
}

/// The node. What it has asked for and nobody answered is kept by the id it asks about.
struct Asking {
  explicit Asking(NodeConfig config) : node(asking(std::move(config))) { look(); }

  /// Takes the questions out of what left last.
  void look() {
    for (const OutgoingCall& call : node.last.calls) {
      if (call.path != admin::kLookupPlayerMessage.path) continue;
      open.insert_or_assign(read(call).body.id.value_or(""), call);
      ++questions;
    }
  }
  void answer(const std::string& id, const msg::Entry& entry, const std::string& host = "H1") {
    admin::LookupPlayerResponse said;
    said.body.status = success();
    said.body.entry = entry;
    respond(id, std::move(said), host);
  }
  void refuse(const std::string& id, std::string_view code) {
    admin::LookupPlayerResponse said;
    said.body.status = refusal(code, msg::Retry::no);
    respond(id, std::move(said), "H1");
  }
  /// The Host cannot be reached.
  void fail(const std::string& id) {
    const OutgoingCall call = taken(id);
    node.give(call, {});
    look();
  }
  /// Until the question is given up.
  void fail_for_good(const std::string& id) {
    while (open.contains(id)) {
      fail(id);
      pass(60'000);
    }
  }
  void pass(std::int64_t ms) {
    node.pass(ms);
    look();
  }
  void restart() {
    open.clear();
    node.restart();
    node.pass(1000);  // what was under way is due again
    look();
  }
  bool asked(const std::string& id) const { return open.contains(id); }
  bool alarmed(std::string_view why) const {
    for (const UserEvent& event : node.last.user) {
      if (event.kind == "alarm" && event.text == "entry-refused" && event.details.at("why") == why) return true;
    }
    return false;
  }
  /// What the node would do with the player now.
  Found found(const std::string& id) { return node.node->directory().find(id).found; }

  Single node;
  std::map<std::string, OutgoingCall> open;
  std::size_t questions = 0;

 private:
  OutgoingCall taken(const std::string& id) {
    const OutgoingCall call = open.at(id);
    open.erase(id);
    return call;
  }
  void respond(const std::string& id, admin::LookupPlayerResponse said, const std::string& host) {
    const OutgoingCall call = taken(id);
    said.head = node.answer_head(call, "");
    said.head.host = host;
    if (node.node->config().profile == "H") said.head.profile = msg::Profile::H;
    node.reply(call, std::move(said), admin::kLookupPlayerMessage);
    look();
  }
};

/// Leaves one check of entries out.
struct LeavesOut final : Deviation {
  explicit LeavesOut(std::string left_out) : check(std::move(left_out)) {}
  std::string check;
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return value || (machine == kEntryMachine && predicate == check);
  }
};

}  // namespace quickpay::roles
