// The configuration of a player and the directory file, read from JSON. docs/configuration.md describes every key.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "reference/daemon/daemon.hpp"
#include "reference/daemon/object_reader.hpp"
#include "reference/roles/config.hpp"
#include "reference/roles/directory.hpp"

namespace quickpay::daemon {

/// A configuration file as a whole. Names of files are relative to the folder of the configuration file.
struct ServeConfig {
  DaemonConfig daemon;
  std::string ledger;
  std::string directory;   ///< empty: the player asks the Host, and begins with `host_entry`
  std::string host_entry;  ///< a Host writes its own entry there; empty: nowhere
  std::string trace;  ///< empty: none
  std::string paycard_host;  ///< the program in which plug-ins of a Wallet run; empty: the one beside this program
  std::int64_t paycard_deadline_ms = 2000;  ///< of one call of a plug-in
  Level log_level = Level::info;
  /// A Vendor: seconds from one run of its batches to the next; 0: it makes none by itself (it has no key to sign with, or
  /// does not serve settlement). Every other role: 0.
  std::int64_t settle_every = 0;
};

/// Reads a configuration for `role`; an error is one line that names the key.
tl::expected<ServeConfig, std::string> parse_config(std::string_view role, std::string_view text);

/// Reads a directory file: {"players": […]}.
tl::expected<std::vector<roles::Player>, std::string> parse_directory(std::string_view text);

// The parts that the adapter protocol has in common with the files; what is wrong goes to the reader's problem.

/// A list of players under `key`.
std::vector<roles::Player> read_players(ObjectReader& reader, const char* key);
/// The object of protocol parameters in seconds under "parameters".
void read_parameters(ObjectReader& reader, roles::Parameters& parameters);
/// Whether fixtures may name files of this machine: only where its owner wrote them.
enum class Files : std::uint8_t { none, of_this_machine };
/// The object "fixtures": what the owner of a player of config.role gave it.
void read_fixtures(ObjectReader& reader, roles::NodeConfig& config, Files files = Files::none);
/// The key "policy": what the owner of a player of that role decides.
void read_policy(ObjectReader& reader, roles::NodeConfig& config);

}  // namespace quickpay::daemon
