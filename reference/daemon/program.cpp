#include "reference/daemon/program.hpp"

#include <fstream>
#include <iterator>

#include "reference/crypto/hash.hpp"

namespace quickpay::daemon {
namespace {

std::string hash_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return bytes.empty() ? std::string() : crypto::sha256_hex(bytes);
}

}  // namespace

const std::string& hash_of_program() {
  static const std::string kHash = hash_of("/proc/self/exe");
  return kHash;
}

}  // namespace quickpay::daemon
