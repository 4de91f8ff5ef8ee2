#include "reference/daemon/trace_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "reference/codec/generated/protocol.hpp"
#include "reference/roles/trace_step.hpp"
#include "statemachines/monitor/trace_text.hpp"

namespace quickpay::daemon {

namespace monitor = statemachines::monitor;

tl::expected<void, std::string> TraceFile::begin(const std::string& path, const roles::NodeConfig& node, bool fresh) {
  file_.close();
  file_.clear();
  file_.open(path, std::ios::binary | std::ios::app);
  const monitor::BeginLine line{std::string(protocol::kSpecId), node.role, node.id, node.profile, fresh};
  if (file_ && put(monitor::to_text(line))) return {};
  file_.close();
  return tl::make_unexpected(fmt::format("{}: the trace cannot be written: {}", path, std::strerror(errno)));
}

bool TraceFile::write(const roles::TraceLine& line) { return put(monitor::to_text(roles::as_step(line))); }

void TraceFile::end() {
  if (!file_.is_open()) return;
  put(monitor::to_text(monitor::EndLine{}));
  file_.close();
}

bool TraceFile::put(const std::string& text) {
  file_ << text << '\n';
  file_.flush();
  return file_.good();
}

}  // namespace quickpay::daemon
