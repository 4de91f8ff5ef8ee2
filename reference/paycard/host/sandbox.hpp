// What the process of a Paycard may not do, whatever code runs in it.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace quickpay::paycard {

/// The protections of the process. Programs that ship have all of them; only tests switch one off, to show what it is
/// for.
struct Protections {
  bool limits = true;    ///< RLIMIT_AS, CPU, NOFILE, FSIZE, CORE
  bool syscalls = true;  ///< seccomp: no processes, sockets, signals, files to write
  bool files = true;     ///< Landlock, where the kernel has it: reads shared libraries and nothing else
};

inline constexpr unsigned long long kMaxMemory = 768ULL * 1024 * 1024;  ///< bytes of address space
inline constexpr unsigned long long kMaxCpuSeconds = 60;                ///< of one process; then it is started anew
inline constexpr unsigned long long kMaxDescriptors = 16;

/// Limits the calling process before the shared object is loaded, which runs code of its own: files can still be read.
/// An error names what the kernel refused; nothing may be loaded then.
tl::expected<void, std::string> enter_sandbox(const Protections& protections);

/// Takes away what loading needed: no file is opened any more.
tl::expected<void, std::string> close_sandbox(const Protections& protections);

}  // namespace quickpay::paycard
