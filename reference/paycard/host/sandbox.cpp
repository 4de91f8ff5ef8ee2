#include "reference/paycard/host/sandbox.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

namespace quickpay::paycard {
namespace {

#if defined(__x86_64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "say what this architecture is called in the kernel's audit"
#endif

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kShadowMemory = true;  // AddressSanitizer reserves terabytes of addresses
#else
constexpr bool kShadowMemory = false;
#endif

// What a computation needs that has its bytes already. Signals to others, processes, sockets and files are not here.
constexpr int kCalls[] = {
    SYS_read,
    SYS_write,
    SYS_close,
    SYS_lseek,
    SYS_fstat,
    SYS_mmap,
    SYS_mremap,
    SYS_munmap,
    SYS_mprotect,
    SYS_brk,
    SYS_madvise,
    SYS_futex,
    SYS_getrandom,
    SYS_clock_gettime,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_exit,
    SYS_exit_group,
    SYS_getpid,
    SYS_gettid,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sysinfo,
    SYS_uname,
#if defined(SYS_time)
    SYS_time,
#endif
};

// What the loader of shared objects needs besides, without the opening of files, whose flags are looked at.
constexpr int kLoading[] = {
    SYS_pread64,   SYS_newfstatat, SYS_readlinkat, SYS_getcwd, SYS_statx,
#if defined(SYS_readlink)
    SYS_readlink,  SYS_access,     SYS_stat,
#endif
    SYS_faccessat,
};

// A file may be opened to be read, and for nothing else.
constexpr unsigned kForbiddenFlags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_TMPFILE;

std::string failed(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)); }

/// The second list is installed with it; nothing else that the process has set can be changed.
void allow_closing(std::vector<sock_filter>& program) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 4));
  program.push_back(load(offsetof(seccomp_data, args[0])));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

void allow(std::vector<sock_filter>& program, int call) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

void allow_reading(std::vector<sock_filter>& program) {
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 3));
  program.push_back(load(offsetof(seccomp_data, args[2])));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kForbiddenFlags & ~O_DIRECTORY, 1, 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

/// A list of what is allowed; everything else is EPERM. A program of another architecture, whose numbers mean other
/// things, is ended.
std::vector<sock_filter> filter(bool loading) {
  std::vector<sock_filter> program{
      load(offsetof(seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS), load(offsetof(seccomp_data, nr))};
  for (const int call : kCalls) allow(program, call);
  if (loading) {
    for (const int call : kLoading) allow(program, call);
    allow_closing(program);
    allow_reading(program);  // the last one: it loads something else
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  return program;
}

tl::expected<void, std::string> install(std::vector<sock_filter> program) {
  const sock_fprog given{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &given) != 0) return tl::unexpected(failed("seccomp"));
  return {};
}

bool limit(__rlimit_resource what, unsigned long long most) {
  const rlimit given{most, most};
  return ::setrlimit(what, &given) == 0;
}

tl::expected<void, std::string> set_limits() {
  const bool done = (kShadowMemory || limit(RLIMIT_AS, kMaxMemory)) && limit(RLIMIT_CPU, kMaxCpuSeconds) &&
                    limit(RLIMIT_NOFILE, kMaxDescriptors) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CORE, 0);
  if (!done) return tl::unexpected(failed("setrlimit"));
  return {};
}

/// Adds a folder or file that may be read to the rules; one that does not exist needs none.
bool readable(int rules, const char* path) {
  landlock_path_beneath_attr beneath{};
  beneath.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  beneath.parent_fd = ::open(path, O_PATH | O_CLOEXEC);
  if (beneath.parent_fd < 0) return errno == ENOENT;
  const auto added = ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
  ::close(beneath.parent_fd);
  return added == 0;
}

// A kernel without Landlock is no error: no file can be written or sent anywhere all the same.
tl::expected<void, std::string> confine_files() {
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                              LANDLOCK_ACCESS_FS_WRITE_FILE;
  const auto rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0));
  if (rules < 0) return {};
  bool done = true;
  for (const char* path : {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"}) {
    done = done && readable(rules, path);
  }
  done = done && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  ::close(rules);
  if (!done) return tl::unexpected(failed("landlock"));
  return {};
}

}  // namespace

tl::expected<void, std::string> enter_sandbox(const Protections& protections) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return tl::unexpected(failed("prctl"));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return tl::unexpected(failed("no_new_privs"));
  if (protections.limits) {
    if (auto done = set_limits(); !done) return done;
  }
  if (protections.files) {
    if (auto done = confine_files(); !done) return done;
  }
  return protections.syscalls ? install(filter(true)) : tl::expected<void, std::string>{};
}

tl::expected<void, std::string> close_sandbox(const Protections& protections) {
  return protections.syscalls ? install(filter(false)) : tl::expected<void, std::string>{};
}

}  // namespace quickpay::paycard
