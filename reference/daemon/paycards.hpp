// The Paycards of a served Wallet that are plug-ins.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reference/daemon/config_file.hpp"
#include "reference/paycard/process.hpp"
#include "reference/roles/node.hpp"

namespace quickpay::daemon {

/// The program in which plug-ins run: the one that is configured, or the one beside this program.
std::string host_program(const std::string& configured);

/// The signing keys of a Broker that the directory lists and that are good at the moment: what a manifest may be signed
/// with. SubjectPublicKeyInfo, DER.
std::vector<std::string> good_keys(const roles::Directory& directory, std::string_view broker, std::int64_t now_ms,
                                   std::int64_t skew_ms);
/// MinPaycard of the Broker's entry (QP-ADM-006); none without an entry.
std::vector<msg::OldestPaycard> oldest_of(const roles::Directory& directory, std::string_view broker);

/// What the port of the plug-ins stands on. Everything outlives it.
struct PaycardSurroundings {
  const roles::Directory& directory;
  const roles::Clock& clock;
  LogSink log;
};

/// The port of the plug-ins among the Paycards of a configuration, or null if there are none. Names of files are as
/// they are opened.
std::unique_ptr<paycard::ProcessPort> open_paycards(const ServeConfig& config, PaycardSurroundings surroundings);

/// Starts each plug-in once, so that the log tells at once which of them can pay. None is needed for the Wallet to go
/// on.
void start_paycards(paycard::ProcessPort& port, const roles::NodeConfig& config, const LogSink& log);

}  // namespace quickpay::daemon
