// A Paycard that does harm: its secret in the store says which. With QP_HOSTILE_* it does so when it is loaded.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include "reference/paycard/generated/qp_paycard.h"
#include "reference/paycard/host/container.hpp"

struct qp_paycard {
  const qp_store_api* store;
};

namespace {

using quickpay::paycard::kWalletSocket;

int give(qp_buf* out, const std::string& text) {
  std::memcpy(out->data, text.data(), text.size());
  out->size = text.size();
  return QP_PAYCARD_DONE;
}

/// What trying it came to, as a token: "done", or why not.
int outcome(qp_buf* out, bool done) {
  const std::string why = "no" + std::to_string(errno);
  return give(out, done ? "done" : why);
}

std::string behaviour(const qp_paycard* card) {
  std::string name(64, '\0');
  const qp_bytes key{reinterpret_cast<const std::uint8_t*>("secret"), 6};
  qp_buf value{reinterpret_cast<std::uint8_t*>(name.data()), name.size(), 0};
  if (card->store->get(card->store->context, &key, &value) != QP_PAYCARD_DONE) return {};
  return name.substr(0, value.size);
}

void put(const qp_paycard* card, const std::string& key, const std::string& value) {
  const qp_bytes k{reinterpret_cast<const std::uint8_t*>(key.data()), key.size()};
  const qp_bytes v{reinterpret_cast<const std::uint8_t*>(value.data()), value.size()};
  card->store->put(card->store->context, &k, &v);
}

void say(const std::string& bytes) {
  if (::write(kWalletSocket, bytes.data(), bytes.size()) < 0) std::abort();
}

int fork_and_tell(qp_buf* out) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(child, nullptr, 0);
  return outcome(out, child > 0);
}

int run_a_program(qp_buf* out) {
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  ::execv(name, arguments);
  return outcome(out, false);
}

int take_memory(qp_buf* out) {
  constexpr std::size_t kMuch = 4ULL * 1024 * 1024 * 1024;
  void* const room = ::mmap(nullptr, kMuch, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return outcome(out, room != MAP_FAILED);
}

int write_a_file(qp_buf* out) {
  const int fd = ::open("/tmp/quickpay-paycard-was-here", O_WRONLY | O_CREAT, 0600);
  if (fd >= 0) ::unlink("/tmp/quickpay-paycard-was-here");
  return outcome(out, fd >= 0);
}

int print_much(qp_buf* out) {
  for (int i = 0; i < 100000; ++i) std::printf("{\"ok\": true}\n");
  std::fflush(stdout);
  std::fprintf(stderr, "nonsense\n");
  return give(out, "done");
}

int fill_the_store(const qp_paycard* card, qp_buf* out) {
  for (int i = 0; i < 1000; ++i) put(card, "key" + std::to_string(i), std::string(16000, 'x'));
  return give(out, "done");
}

/// Whether a descriptor from `first` on is open.
bool any_open(int first) {
  constexpr int kLast = 256;
  for (int fd = first; fd < kLast; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) return true;
  }
  return false;
}

int too_much(qp_buf* out) {
  out->size = out->capacity + 1;
  return QP_PAYCARD_DONE;
}

const std::map<std::string, std::function<int(const qp_paycard*, qp_buf*)>>& behaviours() {
  static const std::map<std::string, std::function<int(const qp_paycard*, qp_buf*)>> kAll = {
      {"good", [](auto*, qp_buf* out) { return give(out, "Z29vZA=="); }},
      {"crash", [](auto*, qp_buf*) -> int { ::raise(SIGSEGV), ::_exit(7); }},
      {"abort", [](auto*, qp_buf*) -> int { std::abort(); }},
      {"exit", [](auto*, qp_buf*) -> int { ::_exit(0); }},
      {"hang",
       [](auto*, qp_buf*) -> int {
         for (;;) ::getppid();
       }},
      {"too-much", [](auto*, qp_buf* out) { return too_much(out); }},
      {"unknown-result", [](auto*, qp_buf*) { return 77; }},
      {"garbage",
       [](auto*, qp_buf* out) {
         say(std::string("\0\0\0\5gnarl", 9));
         return give(out, "x");
       }},
      {"endless-frame",
       [](auto*, qp_buf* out) {
         say("\xff\xff\xff\xff");
         return give(out, "x");
       }},
      {"half-a-frame",
       [](auto*, qp_buf*) -> int {
         say(std::string("\0\0\1\0R", 5));
         for (;;) ::pause();
       }},
      {"second-answer",
       [](auto*, qp_buf* out) {
         say(std::string("\0\0\0\2R\1\0\0\0\2R\1", 12));
         return give(out, "x");
       }},
      {"close",
       [](auto*, qp_buf*) -> int {
         ::close(kWalletSocket);
         for (;;) ::pause();
       }},
      {"print", [](auto*, qp_buf* out) { return print_much(out); }},
      {"store", [](const qp_paycard* card, qp_buf* out) { return fill_the_store(card, out); }},
      {"fork", [](auto*, qp_buf* out) { return fork_and_tell(out); }},
      {"exec", [](auto*, qp_buf* out) { return run_a_program(out); }},
      {"memory", [](auto*, qp_buf* out) { return take_memory(out); }},
      {"write", [](auto*, qp_buf* out) { return write_a_file(out); }},
      {"read", [](auto*, qp_buf* out) { return outcome(out, ::open("/etc/passwd", O_RDONLY) >= 0); }},
      {"socket", [](auto*, qp_buf* out) { return outcome(out, ::socket(AF_INET, SOCK_STREAM, 0) >= 0); }},
      {"signal", [](auto*, qp_buf* out) { return outcome(out, ::kill(::getppid(), 0) == 0); }},
      {"environment", [](auto*, qp_buf* out) { return outcome(out, environ != nullptr && *environ != nullptr); }},
      {"descriptors", [](auto*, qp_buf* out) { return outcome(out, any_open(quickpay::paycard::kFirstClosed)); }},
      {"own-descriptors", [](auto*, qp_buf* out) { return outcome(out, any_open(kWalletSocket)); }},
  };
  return kAll;
}

#ifdef QP_HOSTILE_READS
// What the constructor of a shared object could see of the machine before the sandbox is closed.
const bool kSeen = ::open("/etc/passwd", O_RDONLY) >= 0;
#elif defined(QP_HOSTILE_LIMITS)
// What it could change of the Wallet, or of what the container has set: whether that is open to it, not the harm itself.
const bool kSeen = ::prlimit(::getppid(), RLIMIT_NOFILE, nullptr, nullptr) == 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0;
#else
const bool kSeen = false;
#endif

#ifdef QP_HOSTILE_CRASHES
[[gnu::constructor]] void crash() { std::abort(); }
#endif

}  // namespace

#ifndef QP_HOSTILE_ABI
#define QP_HOSTILE_ABI QP_PAYCARD_ABI
#endif
#ifndef QP_HOSTILE_LABEL
#define QP_HOSTILE_LABEL "9:Hostility"
#endif

uint32_t qp_paycard_abi(void) { return QP_HOSTILE_ABI; }

int qp_paycard_describe(qp_buf* out) {
  return give(out, "(Description(Broker=2:B9)(Product=7:hostile)(Version=3:1.0)(Label=" QP_HOSTILE_LABEL "))");
}
int qp_paycard_open(const qp_store_api* store, qp_paycard** out) {
  *out = new qp_paycard{store};
  return QP_PAYCARD_DONE;
}
void qp_paycard_close(qp_paycard* paycard) { delete paycard; }
int qp_paycard_authorize(qp_paycard* card, const qp_bytes*, const qp_bytes*, const qp_bytes*, qp_buf* token) {
  const std::string name = behaviour(card);
  if (name == "seen") return give(token, kSeen ? "done" : "no");
  const auto found = behaviours().find(name);
  return found == behaviours().end() ? QP_PAYCARD_REFUSED : found->second(card, token);
}
int qp_paycard_check_answer(qp_paycard*, const qp_bytes*, const qp_bytes*, const qp_bytes*) { return QP_PAYCARD_DONE; }
int qp_paycard_remove(qp_paycard*, const qp_bytes*, qp_buf* token) { return give(token, "eA=="); }
int qp_paycard_confirm(qp_paycard*, const qp_bytes*, const qp_bytes*, const qp_bytes*, const qp_bytes*, qp_buf*) {
  return 1;
}
int qp_paycard_session(qp_paycard*, const qp_bytes*, const qp_bytes*, const qp_bytes*, qp_buf*) { return 1; }
int qp_paycard_questions(qp_paycard*, const qp_bytes*, const qp_bytes*, qp_buf*) { return 1; }
int qp_paycard_answers(qp_paycard*, const qp_bytes*, const qp_bytes*, qp_buf*) { return 1; }
#ifndef QP_HOSTILE_INCOMPLETE
int qp_paycard_finish(qp_paycard*, const qp_bytes*, const qp_bytes*) { return 1; }
#endif
