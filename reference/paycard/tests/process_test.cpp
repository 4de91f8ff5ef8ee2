// Paycards as shared objects: the two of the reference, what they remember, and that nothing is loaded unchecked.
#include "reference/paycard/process.hpp"

#include <gtest/gtest.h>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/paycard/tests/files.hpp"

namespace quickpay::paycard {
namespace {

const std::string kWallet = "W0123456789abcdef0123456789abcdef";
const std::string kMsgId(32, 'a');
const std::string kGuard(32, 'g');
const std::string kSecret(32, 's');

msg::OrderRef order() {
  return {msg::Kind::micro, "V1001", "2026-000042", 125, "USD", "2026-11-22T12:15:00Z", std::string(64, '4')};
}

State state_of(const std::string& paycard) {
  return {{"guard_key", kGuard}, {"secret", kSecret}, {"wallet", kWallet}, {"paycard", paycard}};
}

/// The inputs of authorize as a Wallet makes them.
std::vector<std::string> inputs(const std::string& paycard, const msg::OrderRef& ref,
                                const std::string& guard = kGuard) {
  msg::WalletOrder asked{kWallet, paycard, ref, {}, {}};
  asked.mac = msg::Mac{1, crypto::mac(guard, "wallet-order", "WalletOrder", msg::kWalletOrderType, &asked, "Mac")};
  return {codec::canonical("OrderRef", msg::kOrderRefType, &ref), kMsgId,
          codec::canonical("WalletOrder", msg::kWalletOrderType, &asked)};
}

struct ProcessTest : testing::Test {
  test::Folder folder;
  CardFiles plain = test::files_of(folder, "P7", "paycard-plain");
  CardFiles numbered = test::files_of(folder, "P8", "paycard-numbered");

  Trouble trouble(ProcessConfig config, const std::string& paycard) {
    ProcessPort port(std::move(config));
    const auto reply = port.call(paycard, Call::authorize, inputs(paycard, order()), state_of(paycard));
    EXPECT_FALSE(reply.has_value());
    return reply ? Trouble{} : reply.error();
  }
};

// QP-WAL-009, QP-PAY-002, QP-PAY-004, QP-GEN-009: two Paycards of two Brokers, each with a process of its own; each Broker takes its
// own alone.
TEST_F(ProcessTest, TwoPaycardsPayInTheirOwnWays) {
  ProcessPort port(test::config_of({plain, numbered}));
  const auto first = port.call("P7", Call::authorize, inputs("P7", order()), state_of("P7")).value();
  const auto second = port.call("P8", Call::authorize, inputs("P8", order()), state_of("P8")).value();
  ASSERT_EQ(first.result, Result::done);
  ASSERT_EQ(second.result, Result::done);
  const msg::Token seven{kWallet, "P7", kMsgId, order()}, eight{kWallet, "P8", kMsgId, order()};
  EXPECT_EQ(first.out, make_token(kSecret, seven));
  EXPECT_TRUE(check_token(kSecret, eight, second.out, Scheme::numbered));
  EXPECT_FALSE(check_token(kSecret, seven, second.out, Scheme::plain));
  EXPECT_FALSE(check_token(kSecret, seven, first.out, Scheme::numbered));
  EXPECT_EQ(port.start("P7")->label, "First Example Bank");
  EXPECT_EQ(port.start("P8")->label, "Second Example Bank");
}

// What a Paycard remembers is what the Wallet keeps: the same state gives the same number, the next one another.
TEST_F(ProcessTest, ThePaycardRemembersWhatTheWalletKeeps) {
  ProcessPort port(test::config_of({numbered}));
  const auto ask = [&](const State& state) {
    return port.call("P8", Call::authorize, inputs("P8", order()), state).value();
  };
  const State before = state_of("P8");
  const Reply first = ask(before);
  EXPECT_EQ(ask(before), first);
  const State after = merged(before, first.changed);
  EXPECT_NE(ask(after).out, first.out);
  ProcessPort restarted(test::config_of({numbered}));
  EXPECT_EQ(restarted.call("P8", Call::authorize, inputs("P8", order()), after).value(), ask(after));
  State spoiled = after;
  spoiled["next"] = "1x";
  EXPECT_EQ(ask(spoiled).result, Result::failed);
}

// QP-PAY-009: who does not know the guard key gets no token; nor does anybody for another order than the Wallet's.
TEST_F(ProcessTest, ThePaycardPaysForItsWalletOnly) {
  ProcessPort port(test::config_of({plain, numbered}));
  for (const std::string paycard : {"P7", "P8"}) {
    const auto result = [&](std::vector<std::string> in, const State& state) {
      return port.call(paycard, Call::authorize, in, state)->result;
    };
    EXPECT_EQ(result(inputs(paycard, order()), state_of(paycard)), Result::done);
    EXPECT_EQ(result(inputs(paycard, order(), std::string(32, 'h')), state_of(paycard)), Result::refused);
    auto other = order();
    other.amount = 126;
    auto mixed = inputs(paycard, order());
    mixed[0] = inputs(paycard, other)[0];
    EXPECT_EQ(result(mixed, state_of(paycard)), Result::refused);
    EXPECT_EQ(result(inputs("P9", order()), state_of(paycard)), Result::refused);
    EXPECT_EQ(result(inputs(paycard, order()), {}), Result::refused);
  }
}

msg::OrderRef regular_order() {
  auto ref = order();
  ref.kind = msg::Kind::regular;
  return ref;
}

/// The inputs of authorize as a Wallet makes them that signs.
std::vector<std::string> signed_inputs(const std::string& paycard, const crypto::RsaPrivateKey& key,
                                       std::string_view purpose = "wallet-order") {
  const auto ref = regular_order();
  msg::WalletOrder asked{kWallet, paycard, ref, {}, {}};
  crypto::CryptoCounters counters;
  crypto::SeededRandom random(std::uint64_t{1});
  const auto made = crypto::sign_object(key, purpose, "WalletOrder", msg::kWalletOrderType, &asked, random, counters).value();
  asked.sig = msg::Sig{made.key_id, made.value};
  return {codec::canonical("OrderRef", msg::kOrderRefType, &ref), kMsgId,
          codec::canonical("WalletOrder", msg::kWalletOrderType, &asked)};
}

std::string changed(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// QP-PAY-009: of an order that the Wallet signs a Paycard takes nothing but its signature.
TEST_F(ProcessTest, ThePaycardPaysWhatItsWalletSigned) {
  ProcessPort port(test::config_of({plain, numbered}));
  const auto& key = test::key("wallet");
  for (const std::string paycard : {"P7", "P8"}) {
    State state = state_of(paycard);
    state["wallet_key"] = key.public_key().spki_der();
    const auto result = [&](const std::vector<std::string>& in) { return port.call(paycard, Call::authorize, in, state)->result; };
    const auto right = signed_inputs(paycard, key);
    EXPECT_EQ(result(right), Result::done);
    EXPECT_EQ(result(inputs(paycard, regular_order())), Result::refused) << "a code";
    EXPECT_EQ(result(signed_inputs(paycard, test::key("stranger"))), Result::refused) << "another key";
    EXPECT_EQ(result(signed_inputs(paycard, key, "commitment")), Result::refused) << "another purpose";
    EXPECT_EQ(result(signed_inputs("P9", key)), Result::refused) << "another Paycard";
    auto other = regular_order();
    other.amount = 126;
    EXPECT_EQ(result({inputs(paycard, other)[0], kMsgId, right[2]}), Result::refused) << "another order";
    EXPECT_EQ(result({right[0], kMsgId, changed(right[2], "(Value=344:", "(Value=0344:")}), Result::refused) << "another spelling";
    EXPECT_EQ(result({right[0], kMsgId, right[2] + ")"}), Result::refused) << "something behind it";
    state["wallet_key"] = "no key";
    EXPECT_EQ(result(right), Result::refused) << "a key that is none";
    state.erase("wallet_key");
    EXPECT_EQ(result(right), Result::refused) << "no key to judge by";
    EXPECT_EQ(result(inputs(paycard, regular_order())), Result::done) << "a Wallet without a key";
  }
}

TEST_F(ProcessTest, ThePaycardKnowsItsBroker) {
  ProcessPort port(test::config_of({plain, numbered}));
  const msg::Answer answer{kMsgId,
                           {"B7", std::string(32, 'e'), order(), "2026-11-22T12:00:00Z", "2026-11-22T12:02:00Z"}};
  const std::string given = codec::canonical("Endorsement", msg::kEndorsementType, &answer.endorsement);
  const auto believes = [&](const std::string& paycard, const std::string& tag) {
    return port.call(paycard, Call::check_answer, {kMsgId, given, tag}, state_of(paycard))->result == Result::done;
  };
  EXPECT_TRUE(believes("P7", make_answer(kSecret, answer)));
  EXPECT_TRUE(believes("P8", make_answer(kSecret, answer, Scheme::numbered)));
  EXPECT_FALSE(believes("P7", make_answer(kSecret, answer, Scheme::numbered)));
  EXPECT_FALSE(believes("P8", make_answer(kSecret, answer)));
  EXPECT_FALSE(believes("P7", make_answer("another secret", answer)));
}

// QP-PAY-001, QP-PAY-003, QP-GEN-013: the interface is C, and its store keeps what a call put there.
TEST_F(ProcessTest, APaycardMayBeWrittenInC) {
  ProcessPort port(test::config_of({test::files_of(folder, "P9", "hostile/minimal")}));
  const auto ask = [&](const std::string& msg_id, const State& state) {
    return port.call("P9", Call::authorize, {"", msg_id, ""}, state).value();
  };
  const Reply first = ask("one", {});
  EXPECT_EQ(first, (Reply{Result::done, "first", {{"last", "one"}}}));
  EXPECT_EQ(ask("two", first.changed), (Reply{Result::done, "one", {{"last", "two"}}}));
  EXPECT_EQ(port.call("P9", Call::check_answer, {"", "", "tag"}, {})->result, Result::done);
  EXPECT_EQ(port.call("P9", Call::check_answer, {"", "", ""}, {})->result, Result::refused);
}

// Nothing is loaded that was not checked: the container does not even exist.
TEST_F(ProcessTest, ChecksBeforeItStartsAnything) {
  const std::vector<std::string> nowhere{"/nonexistent"};
  EXPECT_EQ(trouble(test::config_of({plain}, nowhere), "P7"), Trouble::cannot_start);  // all checks passed
  CardFiles spoiled = plain;
  spoiled.shared_object = folder.write("spoiled.so", test::content(plain.shared_object) + " ");
  EXPECT_EQ(trouble(test::config_of({spoiled}, nowhere), "P7"), Trouble::other_file);
  std::string text = test::content(plain.manifest);
  text[text.find("First")] = 'f';
  spoiled = plain;
  spoiled.manifest = folder.write("spoiled.manifest", text);
  EXPECT_EQ(trouble(test::config_of({spoiled}, nowhere), "P7"), Trouble::wrong_signature);
  spoiled.manifest = folder.file("none");
  EXPECT_EQ(trouble(test::config_of({spoiled}, nowhere), "P7"), Trouble::manifest_unreadable);
  spoiled.shared_object = folder.file("none");
  EXPECT_EQ(trouble(test::config_of({spoiled}, nowhere), "P7"), Trouble::file_unreadable);
  EXPECT_EQ(trouble(test::config_of({plain}, nowhere), "P9"), Trouble::unknown_card);
}

// Twin: the bytes that were refused above do load, and pay, where nobody checks them.
TEST_F(ProcessTest, UncheckedItWouldHaveBeenLoaded) {
  Child child;
  ASSERT_TRUE(child.start({test::kHost}, test::content(plain.shared_object) + " "));
  const auto response = child.ask({Call::authorize, inputs("P7", order()), state_of("P7")}, std::chrono::seconds(20));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->reply.result, Result::done);
}

// A key that was withdrawn while a Paycard ran counts no more when it is started again.
TEST_F(ProcessTest, AsksForTheKeysAtEachStart) {
  auto config = test::config_of({plain});
  bool withdrawn = false;
  config.keys = [&](std::string_view) {
    return withdrawn ? std::vector<std::string>{} : std::vector{test::spki("B7")};
  };
  ASSERT_TRUE(ProcessPort(config).start("P7"));
  withdrawn = true;
  const auto started = ProcessPort(config).start("P7");
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error(), Trouble::unknown_key);
}

// The file may be replaced while it is being checked: what was read is what is loaded.
TEST_F(ProcessTest, LoadsTheBytesThatItChecked) {
  CardFiles moving = plain;
  moving.shared_object = folder.write("moving.so", test::content(plain.shared_object));
  auto config = test::config_of({moving});
  config.keys = [&](std::string_view) {  // between the reading of the files and their loading
    folder.write("moving.so", "something else");
    return std::vector{test::spki("B7")};
  };
  ProcessPort port(config);
  EXPECT_EQ(port.call("P7", Call::authorize, inputs("P7", order()), state_of("P7"))->result, Result::done);
}

}  // namespace
}  // namespace quickpay::paycard
