// quickpay paycard sign|check|run: what the writer of a Paycard needs.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/pem.hpp"
#include "reference/daemon/paycards.hpp"
#include "reference/paycard/process.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {
namespace {

constexpr int kDone = 0;
constexpr int kRefused = 1;  // the manifest or the Paycard is not good
constexpr int kTrouble = 3;  // a file cannot be read or written
constexpr const char* kWallet = "W0123456789abcdef0123456789abcdef";

struct Options {
  std::string shared_object;
  std::string manifest;
  std::string key;
  std::string out;
  std::string secret = std::string(64, '0');
  msg::Manifest said;
  std::string paycard;
};

int cannot(int code, const std::string& why) {
  std::fprintf(stderr, "quickpay paycard: %s\n", why.c_str());
  return code;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A typed problem with what was said on the command line; nothing if it makes a manifest.
std::optional<std::string> wrong_words(const msg::Manifest& said) {
  const auto read = paycard::read_manifest(paycard::write_manifest(said));
  if (read) return std::nullopt;
  return "the Broker, Paycard, product, version or label is none that a manifest can carry (docs/paycards.md)";
}

int sign(const Options& options) {
  const auto der = crypto::from_pem(crypto::kPemPrivateKey, content(options.key));
  if (!der) return cannot(kUsage, options.key + " is no private key in PEM (PKCS#8, not encrypted)");
  const auto key = crypto::RsaPrivateKey::load(*der);
  if (!key) return cannot(kUsage, fmt::format("{}: {}", options.key, crypto::text_of(key.error())));
  msg::Manifest manifest = options.said;
  if (!options.paycard.empty()) manifest.paycard = options.paycard;
  if (manifest.min_version.empty()) manifest.min_version = manifest.version;
  if (paycard::older(manifest.version, manifest.min_version)) return cannot(kUsage, "--min-version is newer than --version");
  const auto shared_object = paycard::file_bytes(options.shared_object, paycard::kMaxSharedObjectBytes);
  if (!shared_object) return cannot(kTrouble, options.shared_object + " cannot be read, is empty or too large");
  crypto::BotanRandom random;
  crypto::CryptoCounters counters;
  const auto done = paycard::sign_manifest(manifest, *shared_object, *key, random, counters);
  if (!done) return cannot(kTrouble, fmt::format("it cannot be signed: {}", crypto::text_of(done.error())));
  if (const auto wrong = wrong_words(manifest)) return cannot(kUsage, *wrong);
  const std::string path = options.out.empty() ? options.shared_object + ".manifest" : options.out;
  std::ofstream file(path, std::ios::binary);
  if (!(file << paycard::write_manifest(manifest) << "\n" << std::flush))
    return cannot(kTrouble, path + " cannot be written");
  std::printf("manifest: %s\nfile hash: %s\nkey id: %s\n", path.c_str(), manifest.file_hash.c_str(),
              manifest.sig.key_id.c_str());
  return kDone;
}

void describe(const msg::Manifest& manifest) {
  std::printf("broker: %s\nproduct: %s %s (at least %s)\nlabel: %s\npaycard: %s\n", manifest.broker.c_str(),
              manifest.product.c_str(), manifest.version.c_str(), manifest.min_version.c_str(), manifest.label.c_str(),
              manifest.paycard.value_or("any").c_str());
}

int check(const Options& options) {
  const auto der = crypto::from_pem(crypto::kPemPublicKey, content(options.key));
  if (!der) return cannot(kUsage, options.key + " is no public key in PEM");
  const std::vector<std::string> keys{*der};
  const auto shared_object = paycard::file_bytes(options.shared_object, paycard::kMaxSharedObjectBytes);
  if (!shared_object) return cannot(kRefused, std::string(paycard::text_of(paycard::Trouble::file_unreadable)));
  const auto text = paycard::file_bytes(options.manifest, paycard::kMaxManifestBytes);
  if (!text) return cannot(kRefused, std::string(paycard::text_of(paycard::Trouble::manifest_unreadable)));
  crypto::CryptoCounters counters;
  const auto checked = paycard::check_manifest(*text, *shared_object,
                                               {options.said.broker, options.paycard, keys}, counters);
  if (!checked) return cannot(kRefused, std::string(paycard::text_of(checked.error())));
  describe(*checked);
  std::printf("the manifest vouches for the file\n");
  return kDone;
}

msg::OrderRef sample_order() {
  return {msg::Kind::micro, "V1001", "sample", 125, "USD", "2026-11-22T12:15:00Z", crypto::sha256_hex("sample")};
}

/// What a Wallet with this secret would give the Paycard for the sample order.
struct Sample {
  std::vector<std::string> in;
  paycard::State state;
};

Sample sample(const Options& options, const std::string& secret) {
  const std::string guard(paycard::kGuardKeyEntryBytes, 'g');
  const msg::OrderRef ref = sample_order();
  msg::WalletOrder asked{kWallet, options.paycard, ref, {}, {}};
  asked.mac = msg::Mac{1, crypto::mac(guard, "wallet-order", "WalletOrder", msg::kWalletOrderType, &asked, "Mac")};
  return {{codec::canonical("OrderRef", msg::kOrderRefType, &ref), std::string(32, 'a'),
           codec::canonical("WalletOrder", msg::kWalletOrderType, &asked)},
          {{std::string(paycard::kSecretEntry), secret},
           {std::string(paycard::kGuardKeyEntry), guard},
           {std::string(paycard::kWalletEntry), kWallet},
           {std::string(paycard::kPaycardEntry), options.paycard}}};
}

int authorize(paycard::Port& port, const Options& options, const std::string& secret) {
  const Sample given = sample(options, secret);
  const auto begun = std::chrono::steady_clock::now();
  const auto reply = port.call(options.paycard, paycard::Call::authorize, given.in, given.state);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
  if (!reply) return cannot(kRefused, std::string(paycard::text_of(reply.error())));
  std::printf("authorize: %s in %.1f ms\n", std::string(paycard::to_string(reply->result)).c_str(), took.count());
  if (reply->result != paycard::Result::done) return kRefused;
  std::printf("token: %s\n", reply->out.c_str());
  for (const auto& [key, value] : reply->changed) {
    std::printf("stored: %s (%zu bytes)\n", crypto::to_hex(key).c_str(), value.size());
  }
  return kDone;
}

int run(const Options& options) {
  const auto der = crypto::from_pem(crypto::kPemPublicKey, content(options.key));
  if (!der) return cannot(kUsage, options.key + " is no public key in PEM");
  const auto secret = crypto::from_hex(options.secret);
  if (!secret || secret->size() > paycard::kSecretEntryBytes)
    return cannot(kUsage, "--secret must be hexadecimal digits, at most 128");
  paycard::ProcessConfig config;
  config.host = {daemon::host_program("")};
  config.cards = {{options.said.broker, options.paycard, options.shared_object, options.manifest}};
  config.keys = [&](std::string_view) { return std::vector<std::string>{*der}; };
  paycard::ProcessPort port(std::move(config));
  const auto started = port.start(options.paycard);
  if (!started) return cannot(kRefused, std::string(paycard::text_of(started.error())));
  describe(*started);
  return authorize(port, options, *secret);
}

/// A subcommand that keeps its options for as long as the command line lives.
CLI::App* add(CommandLine& line, CLI::App& parent, const char* name, const char* what, int (*action)(const Options&),
              const std::shared_ptr<Options>& options) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->add_option("FILE", options->shared_object, "shared object of the Paycard")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--broker", options->said.broker, "the Broker that issues it, such as B7")->required();
  command->callback([&line, options, action] { line.chosen = [options, action] { return action(*options); }; });
  return command;
}

void add_sign(CommandLine& line, CLI::App& parent) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add(line, parent, "sign", "Write the signed manifest of a Paycard", sign, options);
  command->add_option("--key", options->key, "signing key of the Broker (PEM)")->required()->check(CLI::ExistingFile);
  command->add_option("--product", options->said.product, "name of the product")->required();
  command->add_option("--version", options->said.version, "its version, such as 1.0")->required();
  command->add_option("--min-version", options->said.min_version,
                      "the oldest version still in use (default: --version)");
  command->add_option("--label", options->said.label, "what the user is shown")->required();
  command->add_option("--paycard", options->paycard,
                      "the one Paycard that the file is for (default: any of the Broker)");
  command->add_option("--out", options->out, "file of the manifest (default: FILE.manifest)");
}

CLI::App* add_with_manifest(CommandLine& line, CLI::App& parent, const char* name, const char* what,
                            int (*action)(const Options&), const std::shared_ptr<Options>& options) {
  CLI::App* command = add(line, parent, name, what, action, options);
  command->add_option("MANIFEST", options->manifest, "its manifest")->required()->check(CLI::ExistingFile);
  command->add_option("--key", options->key, "public signing key of the Broker (PEM)")
      ->required()
      ->check(CLI::ExistingFile);
  command->add_option("--paycard", options->paycard, "the Paycard that the Wallet wants, such as P7")->required();
  return command;
}

}  // namespace

void add_paycard(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("paycard", "Sign, check and try the shared object of a Paycard");
  command->require_subcommand(1);
  add_sign(line, *command);
  add_with_manifest(line, *command, "check", "Check a manifest as a Wallet does, without loading anything", check,
                    std::make_shared<Options>());
  const auto options = std::make_shared<Options>();
  CLI::App* tried = add_with_manifest(line, *command, "run",
                                      "Check it, start it in its process, have it pay a sample order", run, options);
  tried->add_option("--secret", options->secret,
                    "the secret it shares with its Broker, hexadecimal (default: 32 zero bytes)");
  command->footer("Exit codes: 0 it is good, 1 it was refused, 2 usage, 3 a file cannot be read or written, or the key cannot sign");
}

}  // namespace quickpay::cli
