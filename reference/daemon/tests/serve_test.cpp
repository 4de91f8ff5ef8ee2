// A player as a program: from its files to its exit code.
#include "reference/daemon/serve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::daemon {
namespace {

using ::testing::HasSubstr;

class ServeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "serve-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write("directory.json", R"({"players":[{"id":"H1","role":"host"}]})");
    write("host.json", R"({"player":"H1","listen":{"address":"127.0.0.1","port":0},"ledger":"host.ledger",
      "directory":"directory.json","trace":"trace.ndjson"})");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  // Runs the program; the commands are all that it can read.
  int run(const std::string& role, const std::string& config, const std::string& commands) {
    write("commands", commands);
    FILE* file = std::fopen((folder_ / "commands").c_str(), "r");
    ServeStreams streams;
    streams.input_fd = fileno(file);
    streams.output = [&](std::string_view line) { output_ += std::string(line) + "\n"; };
    streams.log = [&](const LogLine& line) {
      log_ += line.event + "\n";
      if (on_log_) on_log_(line.event);
    };
    streams.complain = [&](const std::string& why) { complaint_ = why; };
    const int code = serve(role, (folder_ / config).string(), streams);
    std::fclose(file);
    return code;
  }

  std::filesystem::path folder_;
  std::function<void(const std::string& event)> on_log_;
  std::string output_, log_, complaint_;
};

TEST_F(ServeTest, StopsWhenAsked) {
  EXPECT_EQ(run("host", "host.json", "{\"id\":\"a\",\"do\":\"stop\"}\n"), kExitStopped) << complaint_;
  EXPECT_EQ(output_, "{\"id\":\"a\",\"ok\":true}\n");
  EXPECT_THAT(log_, HasSubstr("listening"));
  EXPECT_THAT(log_, HasSubstr("stopped"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "host.ledger"));
}

// L5: every life begins with the specification and whether the ledger was new, and ends with its end.
TEST_F(ServeTest, WritesTheLivesIntoTheTrace) {
  const std::string life = R"({"trace":"begin","spec":")" + std::string(protocol::kSpecId) +
                           R"(","role":"host","player":"H1","profile":"F","fresh":)";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(run("host", "host.json", "{\"do\":\"stop\"}\n"), kExitStopped) << complaint_;
  std::ifstream file(folder_ / "trace.ndjson");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text, life + "true}\n{\"trace\":\"end\"}\n" + life + "false}\n{\"trace\":\"end\"}\n");
}

TEST_F(ServeTest, DoesNotStartWithoutItsTrace) {
  write("full.json", R"({"player":"H1","listen":{"address":"127.0.0.1","port":0},"ledger":":memory:",
    "directory":"directory.json","trace":"/dev/full"})");
  EXPECT_EQ(run("host", "full.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("/dev/full: the trace cannot be written"));
}

TEST_F(ServeTest, StopsAtASignal) {
  on_log_ = [](const std::string& event) {
    if (event == "listening") raise(SIGTERM);
  };
  EXPECT_EQ(run("host", "host.json", ""), kExitStopped);
}

/// A key of a test, as a configuration has it, and as a directory lists it.
const crypto::RsaPrivateKey& test_key() {
  static const auto& key = *new crypto::RsaPrivateKey([] {
    crypto::SeededRandom random("a key of a test");
    crypto::CryptoCounters counters;
    return *crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
  }());
  return key;
}
std::string key_entry(const std::string& der) {
  return R"({"key":")" + crypto::base64_encode(der) +
         R"(","not_before":"2006-01-01T00:00:00Z","not_after":"2096-01-01T00:00:00Z"})";
}

struct EntryOfAHost : ServeTest {
  void prepare(const std::string& signing_keys) {
    write("directory.json", R"({"players":[{"id":"H1","role":"host","endpoints":[{"address":"127.0.0.1","port":1}],"keys":[)" +
                                key_entry(test_key().public_key().spki_der()) + "]}]}");
    write("host.json", R"({"player":"H1","listen":{"address":"127.0.0.1","port":0},"ledger":":memory:",
      "directory":"directory.json","host_entry":"host-entry.xml","fixtures":{"signing_keys":[)" + signing_keys + "]}}");
    write("wallet.json", R"({"player":"W0123456789abcdef0123456789abcdef","ledger":":memory:","host_entry":"host-entry.xml"})");
  }
};

// QP-ROLE-010, QP-ADD-18: a Host writes what others begin with.
TEST_F(EntryOfAHost, IsWhatOthersBeginWith) {
  prepare(key_entry(test_key().pkcs8_der()));
  EXPECT_EQ(run("host", "host.json", "{\"do\":\"stop\"}\n"), kExitStopped) << complaint_;
  EXPECT_EQ(run("wallet", "wallet.json", R"({"do":"records","machine":"directory.entry"})" "\n"), kExitStopped) << complaint_;
  EXPECT_THAT(output_, HasSubstr(R"("key":"H1")"));
}

// The twin: what was changed on the way is nothing to begin with; neither is another Host's.
TEST_F(EntryOfAHost, IsRefusedIfItWasChanged) {
  prepare(key_entry(test_key().pkcs8_der()));
  EXPECT_EQ(run("host", "host.json", "{\"do\":\"stop\"}\n"), kExitStopped) << complaint_;
  std::ifstream file(folder_ / "host-entry.xml");
  std::string text(std::istreambuf_iterator<char>(file), {});
  text.replace(text.find("<Port>1<"), 8, "<Port>2<");
  write("host-entry.xml", text);
  EXPECT_EQ(run("wallet", "wallet.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("host-entry.xml: is signed by no key that is in it"));
  write("wallet.json", R"({"player":"W0123456789abcdef0123456789abcdef","host":"H2","ledger":":memory:",
    "host_entry":"host-entry.xml"})");
  EXPECT_EQ(run("wallet", "wallet.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("is the entry of H1, not of the Host H2"));
}

TEST_F(EntryOfAHost, HasToBeWritable) {  // QP-ADD-20
  prepare(key_entry(test_key().pkcs8_der()));
  std::filesystem::create_directory(folder_ / "host-entry.xml");
  EXPECT_EQ(run("host", "host.json", ""), kExitNoStart);
  EXPECT_THAT(complaint_, HasSubstr("host-entry.xml: cannot be written"));
}

TEST_F(EntryOfAHost, IsWrittenAgainWithTheDirectory) {  // QP-ROLE-009
  prepare(key_entry(test_key().pkcs8_der()));
  bool removed = false;
  on_log_ = [&](const std::string& event) {
    if (event == "listening") raise(SIGHUP);
    if (event != "directory read again") return;
    const bool first = !std::exchange(removed, true);
    EXPECT_EQ(std::filesystem::remove(folder_ / "host-entry.xml"), true) << "written at the start, and again since";
    raise(first ? SIGHUP : SIGTERM);
  };
  EXPECT_EQ(run("host", "host.json", ""), kExitStopped) << complaint_;
  EXPECT_TRUE(removed);
}

TEST_F(EntryOfAHost, IsNotWrittenWithoutAKey) {  // QP-ADD-18
  prepare("");
  EXPECT_EQ(run("host", "host.json", ""), kExitNoStart);
  EXPECT_THAT(complaint_, HasSubstr("this Host has no key that signs now"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "host-entry.xml"));
}

/// A delivered order that waits for a batch, as micropayment leaves it.
void leave_claim(const std::filesystem::path& ledger_path, const std::string& order_id) {
  msg::OrderRef ref;
  ref.vendor = "V1001";
  ref.order_id = order_id;
  ref.amount = 125;
  ref.currency = "USD";
  ref.expires = "2036-11-22T12:00:00Z";
  ref.digest = std::string(64, 'd');
  ledger::Record port{"port.claim", "micro/V1001/" + order_id, "HANDED-OVER", {}, {}};
  roles::keep(port, "OrderRef", msg::kOrderRefType, ref);
  const msg::Endorsement endorsement{"B7", std::string(32, 'e'), ref, "2036-11-22T11:00:00Z", "2036-11-22T11:02:00Z"};
  roles::keep(port, "Endorsement", msg::kEndorsementType, endorsement);
  port.fields["commit_id"] = std::string(32, 'c');
  auto ledger = ledger::open_sqlite(ledger_path.string());
  ASSERT_TRUE(ledger && (*ledger)->begin_unit() && (*ledger)->put(port) && (*ledger)->end_unit() && (*ledger)->flush());
}

struct SettlingVendor : ServeTest {
  /// `keys`: its signing keys, as JSON.
  void prepare(const std::string& keys) {
    leave_claim(folder_ / "vendor.ledger", "order-1");
    write("directory.json", R"({"players":[{"id":"B7","role":"broker","endpoints":[{"address":"127.0.0.1","port":1}]}]})");
    write("vendor.json", R"({"player":"V1001","listen":{"address":"127.0.0.1","port":0},"ledger":"vendor.ledger",
      "directory":"directory.json","currencies":["USD"],"settle_every":1,"log_level":"debug","fixtures":{"signing_keys":[)" +
                             keys + "]}}");
  }
  static std::string key() {
    return key_entry(test_key().pkcs8_der());
  }
};

// QP-BS-001: a served Vendor makes its batches by itself, at once and then at its interval.
TEST_F(SettlingVendor, MakesBatchesByItself) {
  prepare(key());
  on_log_ = [](const std::string& event) {
    if (event == "nothing to settle") raise(SIGTERM);  // the second run: the only order is in a batch
  };
  EXPECT_EQ(run("vendor", "vendor.json", ""), kExitStopped) << complaint_;
  EXPECT_THAT(log_, HasSubstr("batches made\n"));
}

// The twin: without a key nothing runs, and nothing is claimed.
TEST_F(SettlingVendor, MakesNoneWithoutAKey) {
  prepare("");
  EXPECT_EQ(run("vendor", "vendor.json", R"({"do":"settle-with-broker"})" "\n" R"({"do":"stop"})" "\n"), kExitStopped) << complaint_;
  EXPECT_THAT(log_, ::testing::Not(HasSubstr("batches made")));
  EXPECT_THAT(output_, HasSubstr("no-signing-key"));
}

TEST_F(ServeTest, ReadsTheDirectoryAgain) {
  on_log_ = [](const std::string& event) {
    if (event == "listening") raise(SIGHUP);
    if (event == "directory read again") raise(SIGTERM);
  };
  EXPECT_EQ(run("host", "host.json", ""), kExitStopped);
  EXPECT_THAT(log_, HasSubstr("directory read again"));
}

TEST_F(ServeTest, KeepsTheOldDirectoryIfTheNewOneIsWrong) {
  on_log_ = [this](const std::string& event) {
    if (event == "listening") write("directory.json", "{"), raise(SIGHUP);
    if (event == "directory not read again") raise(SIGTERM);
  };
  EXPECT_EQ(run("host", "host.json", ""), kExitStopped);
}

TEST_F(ServeTest, AWalletEndsWithItsCommands) {
  write("wallet.json", R"({"player":"W0123456789abcdef0123456789abcdef","ledger":"wallet.ledger",
    "directory":"directory.json"})");
  EXPECT_EQ(run("wallet", "wallet.json", "{\"do\":\"offers\"}\n"), kExitStopped) << complaint_;
  EXPECT_EQ(output_, "{\"ok\":true}\n");
}

TEST_F(ServeTest, SaysWhichFileIsWrong) {
  EXPECT_EQ(run("host", "none.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("none.json: No such file"));
  write("bad.json", R"({"player":"H1","lisen":{}})");
  EXPECT_EQ(run("host", "bad.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("bad.json: "));
  EXPECT_EQ(run("hots", "host.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("did you mean \"host\"?"));
  write("directory.json", R"({"player":[]})");
  EXPECT_EQ(run("host", "host.json", ""), kExitConfig);
  EXPECT_THAT(complaint_, HasSubstr("directory.json: "));
}

TEST_F(ServeTest, SaysWhyItCannotStart) {
  write("far.json", R"({"player":"H1","listen":{"address":"192.0.2.1","port":0},"ledger":":memory:",
    "directory":"directory.json"})");
  EXPECT_EQ(run("host", "far.json", ""), kExitNoStart);
  EXPECT_THAT(complaint_, HasSubstr("cannot listen at 192.0.2.1"));
}

TEST_F(ServeTest, ALedgerThatIsNoneIsItsOwnExitCode) {
  write("host.ledger", std::string(5000, 'x'));
  EXPECT_EQ(run("host", "host.json", ""), kExitLedger);
  EXPECT_THAT(complaint_, HasSubstr("not a database"));
}

}  // namespace
}  // namespace quickpay::daemon
