// What tests of plug-ins need: keys, signed manifests in a folder of their own, a port over them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "reference/paycard/process.hpp"

namespace quickpay::paycard::test {

inline const std::string kHost = QP_TEST_HOST;
inline const std::string kBareHost = QP_TEST_BARE_HOST;
inline const std::string kFolder = QP_TEST_PAYCARDS;

inline std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A signing key that is the same in every test.
inline const crypto::RsaPrivateKey& key(const std::string& whose) {
  // Never destroyed: at exit the pool that the library keeps secrets in may be gone before a key is.
  static auto& all = *new std::map<std::string, crypto::RsaPrivateKey>;
  const auto found = all.find(whose);
  if (found != all.end()) return found->second;
  crypto::SeededRandom random("key of " + whose);
  crypto::CryptoCounters counters;
  return all.emplace(whose, crypto::RsaPrivateKey::generate(2048, random, counters).value()).first->second;
}

inline std::string spki(const std::string& whose) { return key(whose).public_key().spki_der(); }

/// What a reference Paycard or the hostile one says of itself.
inline msg::Manifest manifest_of(const std::string& shared_object) {
  if (shared_object == "paycard-plain") return {"B7", shared_object, "1.0", 0, {}, "1.0", "First Example Bank", {}, {}};
  if (shared_object == "paycard-numbered") return {"B8", shared_object, "1.0", 0, {}, "1.0", "Second Example Bank", {}, {}};
  return {"B9", "hostile", "1.0", 0, {}, "1.0", "Hostility", {}, {}};
}

inline std::string signed_manifest(msg::Manifest manifest, std::string_view bytes, const std::string& signer) {
  crypto::SeededRandom random(std::uint64_t{1});
  crypto::CryptoCounters counters;
  if (!sign_manifest(manifest, bytes, key(signer), random, counters)) throw std::runtime_error("no signature");
  return write_manifest(manifest);
}

/// A folder that is removed with the object.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "paycardXXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, std::string_view bytes) const {
    std::ofstream(file(name), std::ios::binary) << bytes;
    return file(name);
  }

 private:
  std::string path_;
};

/// The files of a Paycard, its manifest signed by its Broker.
inline CardFiles files_of(const Folder& folder, const std::string& paycard, const std::string& shared_object) {
  const std::string path = kFolder + "/" + shared_object + ".so";
  const msg::Manifest manifest = manifest_of(shared_object);
  const std::string text = signed_manifest(manifest, content(path), manifest.broker);
  return {manifest.broker, paycard, path, folder.write(paycard + ".manifest", text)};
}

inline ProcessConfig config_of(std::vector<CardFiles> cards, std::vector<std::string> host = {kHost}) {
  ProcessConfig config;
  config.host = std::move(host);
  config.cards = std::move(cards);
  config.deadline = std::chrono::seconds(30);  // of no concern where nobody is late
  config.keys = [](std::string_view broker) { return std::vector<std::string>{spki(std::string(broker))}; };
  return config;
}

}  // namespace quickpay::paycard::test
