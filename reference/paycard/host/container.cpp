#include "reference/paycard/host/container.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "reference/paycard/frame.hpp"

namespace quickpay::paycard {
namespace {

bool read_all(std::string& into) {
  for (std::size_t got = 0; got < into.size();) {
    const ssize_t n = ::read(kWalletSocket, into.data() + got, into.size() - got);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    got += static_cast<std::size_t>(n);
  }
  return true;
}

bool write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(kWalletSocket, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string_view text(const qp_bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }

qp_bytes view(std::string_view bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }

/// The store of one call: what the Wallet gave, and what the Paycard changed.
struct Store {
  State state;
  State changed;

  static int get(void* context, const qp_bytes* key, qp_buf* value) {
    auto& self = *static_cast<Store*>(context);
    const auto found = self.state.find(std::string(text(*key)));
    if (found == self.state.end()) return QP_PAYCARD_REFUSED;
    if (found->second.size() > value->capacity) return QP_PAYCARD_BAD_INPUT;
    found->second.copy(reinterpret_cast<char*>(value->data), found->second.size());
    value->size = found->second.size();
    return QP_PAYCARD_DONE;
  }

  static int put(void* context, const qp_bytes* key, const qp_bytes* value) {
    auto& self = *static_cast<Store*>(context);
    const State one{{std::string(text(*key)), std::string(text(*value))}};
    State changed = self.changed;
    changed[one.begin()->first] = one.begin()->second;
    const State after = merged(self.state, one);
    if (!within_limits(changed) || !within_limits(after)) return QP_PAYCARD_BAD_INPUT;
    self.state = after;
    self.changed = std::move(changed);
    return QP_PAYCARD_DONE;
  }
};

/// The shared object, with the functions of its interface.
class SharedObject {
 public:
  /// How far loading came.
  Stage load() {
    const std::string path = "/proc/self/fd/" + std::to_string(kSharedObjectFile);
    handle_ = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle_ == nullptr) return Stage::not_loadable;
    const auto abi = reinterpret_cast<decltype(&qp_paycard_abi)>(::dlsym(handle_, kAbiSymbol));
    if (abi == nullptr) return Stage::not_loadable;
    if (abi() != kAbi) return Stage::other_abi;
    return find_functions() ? Stage::answered : Stage::not_loadable;
  }

  Reply run(const Request& request) const {
    Store store{request.state, {}};
    const CallInfo& info = calls()[static_cast<std::size_t>(request.call)];
    std::vector<qp_bytes> in;
    for (const std::string& value : request.in) in.push_back(view(value));
    std::string room(info.out.empty() ? 0 : info.out.front().max_bytes, '\0');
    qp_buf out{reinterpret_cast<std::uint8_t*>(room.data()), room.size(), 0};
    const int result = info.bare ? invoke(request.call, symbol(request.call), nullptr, in.data(), &out)
                                 : with_instance(request.call, store, in.data(), &out);
    return reply(result, store, room.substr(0, std::min(out.size, room.size())), out.size > room.size());
  }

 private:
  bool find_functions() {
    open_ = reinterpret_cast<decltype(&qp_paycard_open)>(::dlsym(handle_, kOpenSymbol));
    close_ = reinterpret_cast<decltype(&qp_paycard_close)>(::dlsym(handle_, kCloseSymbol));
    bool all = open_ != nullptr && close_ != nullptr;
    for (const CallInfo& info : calls()) {
      symbols_.push_back(::dlsym(handle_, info.symbol));
      all = all && symbols_.back() != nullptr;
    }
    return all;
  }

  void* symbol(Call call) const { return symbols_[static_cast<std::size_t>(call)]; }

  int with_instance(Call call, Store& store, const qp_bytes* in, qp_buf* out) const {
    const qp_store_api api{&store, Store::get, Store::put};
    qp_paycard* instance = nullptr;
    if (const int opened = open_(&api, &instance); opened != QP_PAYCARD_DONE) return opened;
    if (instance == nullptr) return QP_PAYCARD_FAILED;
    const int result = invoke(call, symbol(call), instance, in, out);
    close_(instance);
    return result;
  }

  static Reply reply(int result, Store& store, std::string out, bool overfull) {
    const bool known = result >= 0 && result <= UINT8_MAX && !to_string(static_cast<Result>(result)).empty();
    if (!known || overfull) return {};
    if (static_cast<Result>(result) != Result::done) return {static_cast<Result>(result), {}, {}};
    return {Result::done, std::move(out), std::move(store.changed)};
  }

  void* handle_ = nullptr;
  decltype(&qp_paycard_open) open_ = nullptr;
  decltype(&qp_paycard_close) close_ = nullptr;
  std::vector<void*> symbols_;
};

std::optional<Request> next_request() {
  std::string head(kFrameHead, '\0');
  if (!read_all(head)) return std::nullopt;
  const auto length = read_head(head);
  if (!length) return std::nullopt;
  std::string content(*length, '\0');
  if (!read_all(content)) return std::nullopt;
  auto request = read_request(content);
  if (!request) return std::nullopt;
  return std::move(*request);
}

bool answer(Call call, const Response& response) {
  const auto frame = write_response(call, response);
  return frame && write_all(*frame);
}

}  // namespace

int run_container(const Protections& protections) {
  if (!enter_sandbox(protections)) return 1;
  SharedObject shared_object;
  const Stage stage = shared_object.load();
  if (!close_sandbox(protections)) return 1;
  while (const auto request = next_request()) {
    Response response{stage, {}};
    if (stage == Stage::answered) response.reply = shared_object.run(*request);
    if (!answer(request->call, response)) return 1;
  }
  return 0;
}

}  // namespace quickpay::paycard
