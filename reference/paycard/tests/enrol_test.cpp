// Add Paycard in the reference Paycards, each in its process, before a Broker that these tests play.
#include <gtest/gtest.h>

#include "reference/codec/canonical.hpp"
#include "reference/codec/codec.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/paycard/tests/files.hpp"

namespace quickpay::paycard {
namespace {

namespace admin = msg::admin;

const std::string kWallet = "W0123456789abcdef0123456789abcdef";
const std::string kGuard(32, 'g');
const std::string kNewSecret(32, 'n');
const std::string kSession(32, '5');
const std::string kAad = "what the request is bound to";
const std::string kAnswerAad = "what the answer is bound to";
constexpr codec::Family kLimits{"test", 1 << 17, 1 << 10, 8};

/// A Paycard of which nothing but its store outlives a call, and its Broker.
struct EnrolTest : testing::TestWithParam<const char*> {
  test::Folder folder;
  std::string broker = std::string(GetParam()) == "paycard-plain" ? "B7" : "B8";
  CardFiles files{broker, "", test::kFolder + "/" + GetParam() + ".so", "", GetParam()};
  std::string name = name_of_product(broker, GetParam());
  std::optional<ProcessPort> port;
  State state{{"wallet", kWallet}, {"file_hash", std::string(64, 'f')}, {"seal_key", test::spki("sealing")}};
  crypto::SeededRandom random{std::uint64_t{5}};
  crypto::CryptoCounters counters;
  msg::ConfirmPaycardInner confirmed;
  std::string nonce;  ///< of the last inner request

  void SetUp() override {
    const std::string text = test::signed_manifest(test::manifest_of(GetParam()), test::content(files.shared_object), broker);
    files.manifest = folder.write("manifest", text);
    port.emplace(test::config_of({files}));
  }

  Reply ask(Call call, const std::vector<std::string>& in) {
    const auto reply = port->call(name, call, in, state);
    EXPECT_TRUE(reply.has_value());
    return reply ? *reply : Reply{};
  }
  /// The call, and what it stored is kept.
  Reply done(Call call, const std::vector<std::string>& in) {
    Reply reply = ask(call, in);
    EXPECT_EQ(reply.result, Result::done);
    state = merged(state, reply.changed);
    return reply;
  }
  /// What the Broker finds in a sealed request.
  template <class Inner>
  Inner opened(const std::string& request, const codec::MessageType& message, const std::string& aad = kAad) {
    msg::Sealed sealed;
    EXPECT_TRUE(codec::read_canonical(request, "Sealed", msg::kSealedType, &sealed, kLimits));
    const auto plain = crypto::open(test::key("sealing"), {sealed.key_id, sealed.wrapped_key, {sealed.nonce, sealed.box}}, aad,
                                    random, counters);
    EXPECT_TRUE(plain.has_value());
    if (!plain) return {};
    const auto inner = codec::read<Inner>(plain->view(), *message.request_inner);
    EXPECT_TRUE(inner.has_value());
    if (inner) nonce = inner->nonce;
    return inner ? *inner : Inner{};
  }
  std::string boxed_text(std::string_view plain, const std::string& key, const std::string& aad = kAnswerAad) {
    const auto made = crypto::box(key, plain, aad, random);
    const msg::Boxed boxed{made->nonce, made->box};
    return codec::canonical("Boxed", msg::kBoxedType, &boxed);
  }
  template <class Inner>
  std::string boxed(const Inner& inner, const codec::MessageType& message) {
    return boxed_text(codec::write_document(*message.response_inner, &inner), *crypto::from_hex(confirmed.reply_key));
  }

  std::vector<std::string> confirmation(const std::string& guard = kGuard) {
    msg::WalletInfo info;
    info.wallet_id = kWallet;
    info.net = {{"127.0.4.1", 32}};
    return {kAad, codec::canonical("WalletInfo", msg::kWalletInfoType, &info), "ISSUE-4711-0815", guard};
  }
  void confirm() {
    confirmed = opened<msg::ConfirmPaycardInner>(done(Call::confirm, confirmation()).out, admin::kConfirmPaycardMessage);
  }
  msg::ConfirmPaycardResponseInner session_opened() {
    return {confirmed.nonce, kSession, "P20", "2026-11-22T12:10:00Z", 1};
  }
  std::string opening() { return boxed(session_opened(), admin::kConfirmPaycardMessage); }
  void take() {
    const Reply reply = done(Call::session, {kAnswerAad, opening(), kAad});
    EXPECT_EQ(opened<msg::TakeQuestionInner>(reply.out, admin::kTakeQuestionMessage).session_id, kSession);
  }
  msg::TakeQuestionResponseInner posed() {
    msg::Question question;
    question.no = 4;
    question.prompt = "Smith & <Sons>?";
    question.max_len = 9;
    return {nonce, {question}};
  }
  msg::AnswerList answer_list() { return {{{4, "a & <b>"}}}; }
  std::string answers() {
    const auto list = answer_list();
    return codec::canonical("AnswerList", msg::kAnswerListType, &list);
  }
  void answer() {
    const Reply reply = done(Call::answers, {kAad, answers()});
    EXPECT_EQ(opened<msg::AnswerResponseInner>(reply.out, admin::kAnswerResponseMessage).answer, answer_list().answer);
  }
  msg::AnswerResponseResponseInner given() {
    return {nonce, "P20", crypto::to_hex(kNewSecret), {}, "2026-11-22T12:01:00Z"};
  }
  std::string ending() { return boxed(given(), admin::kAnswerResponseMessage); }
  void until_answered() {
    confirm();
    take();
    done(Call::questions, {kAnswerAad, boxed(posed(), admin::kTakeQuestionMessage)});
    answer();
  }
};

INSTANTIATE_TEST_SUITE_P(Cards, EnrolTest, testing::Values("paycard-plain", "paycard-numbered"));

// QP-ADM-008 QP-ADM-009 QP-ADM-010 QP-ADM-011 QP-ADM-012: the whole way, and what the Broker gets to see of it.
TEST_P(EnrolTest, GetsItsSecretFromItsBroker) {
  confirm();
  EXPECT_EQ(confirmed.product, GetParam());
  EXPECT_EQ(confirmed.version, "1.0");
  EXPECT_EQ(confirmed.file_hash, std::string(64, 'f'));
  EXPECT_EQ(confirmed.issue_code, "ISSUE-4711-0815");
  EXPECT_EQ(confirmed.wallet_info.wallet_id, kWallet);
  EXPECT_EQ(confirmed.wallet_info.net.size(), 1u);
  EXPECT_EQ(state.at("guard_key"), kGuard);
  take();
  EXPECT_EQ(state.at("paycard"), "P20");
  const Reply reply = done(Call::questions, {kAnswerAad, boxed(posed(), admin::kTakeQuestionMessage)});
  const auto expected = posed();
  EXPECT_EQ(reply.out, codec::canonical("TakeQuestionResponseInner", msg::kTakeQuestionResponseInnerType, &expected));
  answer();
  EXPECT_FALSE(state.contains("secret"));
  done(Call::finish, {kAnswerAad, ending()});
  EXPECT_EQ(state.at("secret"), kNewSecret);
  state.erase("seal_key");
  state.erase("file_hash");
  EXPECT_EQ(state, (State{{"guard_key", kGuard}, {"paycard", "P20"}, {"secret", kNewSecret}, {"wallet", kWallet}}));
}

// QP-PAY-005 QP-PAY-009: the new secret makes the tokens, for the Wallet that has the guard key.
TEST_P(EnrolTest, PaysAfterwards) {
  until_answered();
  done(Call::finish, {kAnswerAad, ending()});
  const msg::OrderRef ref{msg::Kind::micro, "V1001", "o-1", 125, "USD", "2026-11-22T12:15:00Z", std::string(64, '4')};
  const auto asked = [&](const std::string& guard) {
    msg::WalletOrder order{kWallet, "P20", ref, {}, {}};
    order.mac = msg::Mac{1, crypto::mac(guard, "wallet-order", "WalletOrder", msg::kWalletOrderType, &order, "Mac")};
    return ask(Call::authorize, {codec::canonical("OrderRef", msg::kOrderRefType, &ref), std::string(32, 'a'),
                                 codec::canonical("WalletOrder", msg::kWalletOrderType, &order)});
  };
  const Scheme scheme = broker == "B7" ? Scheme::plain : Scheme::numbered;
  EXPECT_TRUE(check_token(kNewSecret, {kWallet, "P20", std::string(32, 'a'), ref}, asked(kGuard).out, scheme));
  EXPECT_EQ(asked(std::string(32, 'h')).result, Result::refused);
  const Reply removal = ask(Call::remove, {std::string(32, 'b')});
  EXPECT_TRUE(check_removal(kNewSecret, {kWallet, "P20", std::string(32, 'b')}, removal.out, scheme));
}

// QP-ADM-011 QP-ADM-012: keys and nonces are fresh for every request.
TEST_P(EnrolTest, RepeatsNothing) {
  confirm();
  const auto first = confirmed;
  confirm();
  EXPECT_NE(confirmed.reply_key, first.reply_key);
  EXPECT_NE(confirmed.nonce, first.nonce);
  take();
  const std::string before = nonce;
  take();  // after wrong answers the same answer is shown again
  EXPECT_NE(nonce, before);
}

// QP-ADM-011 QP-ADM-012: what does not open, or answers something else, is refused, and changes nothing.
TEST_P(EnrolTest, RefusesOtherBoxes) {
  const auto refuses = [&](Call call, const std::string& box, const std::string& aad = kAnswerAad) {
    std::vector<std::string> in{aad, box};
    if (call == Call::session) in.push_back(kAad);
    const Reply reply = ask(call, in);
    EXPECT_TRUE(reply.changed.empty());
    return reply.result == Result::refused;
  };
  confirm();
  const std::string key = *crypto::from_hex(confirmed.reply_key);
  auto other = session_opened();
  other.nonce = std::string(32, '0');
  EXPECT_TRUE(refuses(Call::session, boxed(other, admin::kConfirmPaycardMessage)));
  EXPECT_TRUE(refuses(Call::session, opening(), "another message"));
  EXPECT_TRUE(refuses(Call::session, boxed_text("<?", key)));
  const auto right = session_opened();
  const std::string plain = codec::write_document(*admin::kConfirmPaycardMessage.response_inner, &right);
  EXPECT_TRUE(refuses(Call::session, boxed_text(plain, std::string(32, 'k'))));
  EXPECT_TRUE(refuses(Call::session, boxed(posed(), admin::kTakeQuestionMessage)));
  EXPECT_EQ(ask(Call::session, {kAnswerAad, "no box", kAad}).result, Result::bad_input);
  take();
  auto questions = posed();
  questions.nonce = confirmed.nonce;
  EXPECT_TRUE(refuses(Call::questions, boxed(questions, admin::kTakeQuestionMessage)));
  done(Call::questions, {kAnswerAad, boxed(posed(), admin::kTakeQuestionMessage)});
  answer();
  auto ended = given();
  ended.nonce = confirmed.nonce;
  EXPECT_TRUE(refuses(Call::finish, boxed(ended, admin::kAnswerResponseMessage)));
  ended = given();
  ended.paycard = "P21";
  EXPECT_EQ(ask(Call::finish, {kAnswerAad, boxed(ended, admin::kAnswerResponseMessage)}).result, Result::failed);
  done(Call::finish, {kAnswerAad, ending()});
}

// QP-ADM-010: no request without what it needs, and no step before the one before it.
TEST_P(EnrolTest, NeedsItsTurn) {
  const State full = state;
  EXPECT_EQ(ask(Call::answers, {kAad, answers()}).result, Result::refused);
  EXPECT_EQ(ask(Call::session, {kAnswerAad, boxed_text("<a/>", kGuard), kAad}).result, Result::refused);
  EXPECT_EQ(ask(Call::finish, {kAnswerAad, boxed_text("<a/>", kGuard)}).result, Result::refused);
  EXPECT_EQ(ask(Call::confirm, confirmation("short")).result, Result::bad_input);
  auto in = confirmation();
  in[1] = "<WalletInfo/>";
  EXPECT_EQ(ask(Call::confirm, in).result, Result::bad_input);
  for (const char* missing : {"seal_key", "file_hash"}) {
    state = full;
    state.erase(missing);
    EXPECT_EQ(ask(Call::confirm, confirmation()).result, Result::refused) << missing;
  }
  state = full;
  state["seal_key"] = "no key";
  EXPECT_EQ(ask(Call::confirm, confirmation()).result, Result::refused);
  state = full;
  confirm();
  take();
  EXPECT_EQ(ask(Call::answers, {kAad, "(AnswerList)"}).result, Result::bad_input);
}

// A file for one Paycard may be loaded before anybody knows which one is added; one of another product may not.
TEST_P(EnrolTest, TheFileIsOfTheProductThatIsWanted) {
  EXPECT_EQ(port->start(name)->product, GetParam());
  auto manifest = test::manifest_of(GetParam());
  manifest.paycard = "P20";
  CardFiles bound = files;
  bound.manifest = folder.write("bound", test::signed_manifest(manifest, test::content(files.shared_object), broker));
  EXPECT_EQ(ProcessPort(test::config_of({bound})).start(name)->paycard, "P20");
  bound.product = "another";
  const auto started = ProcessPort(test::config_of({bound})).start(name_of_product(broker, "another"));
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error(), Trouble::other_paycard);
}

}  // namespace
}  // namespace quickpay::paycard
