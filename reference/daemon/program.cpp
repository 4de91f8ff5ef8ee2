#include "reference/daemon/program.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include "reference/crypto/hash.hpp"

namespace quickpay::daemon {
namespace {

std::string hash_of(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return bytes.empty() ? std::string() : crypto::sha256_hex(bytes);
}

}  // namespace

std::string_view program_version() { return QP_VERSION; }

const roles::SoftwareConfig& this_program() {
  static const roles::SoftwareConfig kSoftware{"quickpay", std::string(program_version()), hash_of("/proc/self/exe")};
  return kSoftware;
}

}  // namespace quickpay::daemon
