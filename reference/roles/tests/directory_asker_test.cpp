// Players that ask the Host who others are: what they believe, for how long, how much they ask, and what waits meanwhile.
#include <gtest/gtest.h>

#include "reference/roles/tests/asking.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kInquiry = micro::kInquiryPaymentMessage;

micro::InquiryPayment inquiry(Single& broker, const std::string& wallet = kWallet) {
  micro::InquiryPayment request;
  request.head = broker.head(wallet, "B7");
  request.body.paycard = "P7";
  request.body.order_ref = some_ref();
  request.body.paycard_token = paycard::make_token(kSecret, {wallet, "P7", request.head.msg_id, request.body.order_ref});
  return request;
}

struct AskingBroker : Asking {
  explicit AskingBroker(NodeConfig config = broker_config()) : Asking(std::move(config)) {
    answer("H1", entry_of("H1", "127.0.1.1"));
  }
  /// A Wallet asks for an endorsement; the code of the answer.
  std::string inquire(const std::string& wallet = kWallet) {
    const auto said = node.ask<micro::InquiryPaymentResponse>(inquiry(node, wallet), kInquiry, kWalletAddress);
    look();
    return said ? said->body.status.code : "";
  }
  /// It has asked for the Wallet, and knows it.
  void know_wallet() {
    EXPECT_EQ(inquire(), protocol::QP_E_BUSY);
    answer(kWallet, entry_of(kWallet, kWalletAddress));
  }
  void know_all() {
    know_wallet();
    EXPECT_EQ(inquire(), protocol::QP_E_BUSY);
    answer("V1001", entry_of("V1001", kVendorAddress));
  }
};

// ---------------------------------------------------------------- to begin with
TEST(DirectoryAsker, BeginsWithTheHostsEntryAndAsksForANewerOne) {  // QP-ROLE-010 QP-ADD-18
  Asking vendor(vendor_config());
  ASSERT_TRUE(vendor.asked("H1"));
  const OutgoingCall& call = vendor.open.at("H1");
  EXPECT_EQ(call.receiver, "H1");
  const auto asked = read(call);
  EXPECT_EQ(asked.body.role, msg::PlayerRole::host);
  EXPECT_FALSE(asked.head.sender) << "the Host need not know who asks";
  EXPECT_EQ(vendor.questions, 1U) << "nobody else was met";
  ASSERT_EQ(vendor.node.node->directory().endpoints_of("H1").size(), 1U);
  EXPECT_EQ(vendor.node.node->directory().endpoints_of("H1")[0].address, "127.0.1.1");
}

TEST(DirectoryAsker, HeedsNoOtherDirectory) {  // QP-ROLE-010
  AskingBroker broker;
  EXPECT_NE(broker.found("B8"), Found::known) << "though the file of this test lists it";
}

TEST(DirectoryAsker, TakesTheHostsCurrencies) {  // QP-ROLE-009
  NodeConfig config = broker_config();
  config.currencies.clear();
  AskingBroker broker(config);
  EXPECT_EQ(broker.node.node->config().currencies, std::vector<std::string>{"USD"});
  AskingBroker own;
  EXPECT_EQ(own.node.node->config().currencies, broker_config().currencies) << "the owner's word comes first";
}

TEST(DirectoryAsker, SaysWhyAHostEntryIsNone) {  // QP-ADD-18
  EXPECT_TRUE(read_host_entry(host_entry() + "\n", "H1"));
  EXPECT_EQ(read_host_entry("<Entry/>", "H1").error(), "is no entry of a directory");
  EXPECT_EQ(read_host_entry(host_entry(), "H2").error(), "is the entry of H1, not of the Host H2");
  msg::Entry entry = entry_of("H1", "127.0.1.1");
  sign_entry(entry, stranger_key());
  const std::string not_its_own = codec::write_fragment("Entry", msg::kEntryType, &entry);
  EXPECT_EQ(read_host_entry(not_its_own, "H1").error(), "is signed by no key that is in it");
  entry = entry_of("V1001", kVendorAddress);
  EXPECT_FALSE(read_host_entry(codec::write_fragment("Entry", msg::kEntryType, &entry), "H1"));
}

// ---------------------------------------------------------------- meeting others
TEST(DirectoryAsker, ABrokerServesAVendorItNeverMet) {  // QP-REL-004 QP-ROLE-010 QP-MP-007
  AskingBroker broker;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  ASSERT_TRUE(broker.asked(kWallet));
  EXPECT_EQ(read(broker.open.at(kWallet)).body.ticket, kTicket);
  broker.answer(kWallet, entry_of(kWallet, kWalletAddress));
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY) << "nothing is endorsed for a Vendor that may not exist";
  ASSERT_TRUE(broker.asked("V1001"));
  EXPECT_FALSE(read(broker.open.at("V1001")).body.ticket);
  broker.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_EQ(broker.inquire(), protocol::QP_OK);
  const std::size_t asked = broker.questions;
  EXPECT_EQ(broker.inquire(), protocol::QP_OK);
  EXPECT_EQ(broker.questions, asked) << "whom it knows it does not ask about again";
}

TEST(DirectoryAsker, AWalletComesFromWhereTheHostSaysItIs) {  // QP-WAL-013 QP-ANON-012
  AskingBroker broker;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.answer(kWallet, entry_of(kWallet, "127.0.4.9"));
  EXPECT_EQ(broker.inquire(), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(broker.inquire(kOtherWallet), protocol::QP_E_FORBIDDEN);
  EXPECT_FALSE(broker.asked(kOtherWallet)) << "without its ticket nobody is told of it";
}

TEST(DirectoryAsker, AWalletThatMovedIsAskedForAgain) {  // QP-WAL-013 QP-REL-006
  AskingBroker broker;
  broker.know_all();
  const auto from_elsewhere = [&] {
    const auto said = broker.node.ask<micro::InquiryPaymentResponse>(inquiry(broker.node), kInquiry, "127.0.4.9");
    broker.look();
    return said->body.status.code;
  };
  EXPECT_EQ(from_elsewhere(), protocol::QP_E_FORBIDDEN);
  EXPECT_FALSE(broker.asked(kWallet)) << "its entry has just come";
  broker.pass(kUndoubtedMs + 1);
  EXPECT_EQ(from_elsewhere(), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(broker.inquire(), protocol::QP_OK) << "until the Host says otherwise it is where it was";
  ASSERT_TRUE(broker.asked(kWallet));
  broker.answer(kWallet, entry_of(kWallet, "127.0.4.9", broker.node.clock.now));
  EXPECT_EQ(from_elsewhere(), protocol::QP_OK);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_FORBIDDEN);
}

TEST(DirectoryAsker, ARemovedVendorIsDealtWithNoMore) {  // QP-ADD-23
  AskingBroker broker;
  broker.know_wallet();
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  msg::Entry entry = entry_of("V1001", kVendorAddress);
  entry.state = msg::PlayerState::removed;
  sign_entry(entry);
  broker.answer("V1001", entry);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_VENDOR);
}

TEST(DirectoryAsker, WhatItKnowsSurvivesARestart) {  // QP-ADD-20
  AskingBroker broker;
  broker.know_all();
  broker.restart();
  EXPECT_EQ(broker.inquire(), protocol::QP_OK);
  EXPECT_TRUE(broker.open.empty());
}

TEST(DirectoryAsker, AQuestionSurvivesARestart) {  // QP-ADD-20
  AskingBroker broker;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.restart();
  ASSERT_TRUE(broker.asked(kWallet));
  const std::size_t asked = broker.questions;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  EXPECT_EQ(broker.questions, asked) << "once is enough";
  broker.answer(kWallet, entry_of(kWallet, kWalletAddress));
  EXPECT_EQ(broker.found(kWallet), Found::known);
}

TEST(DirectoryAsker, WhatAnotherHostSaidIsForgotten) {  // QP-ADD-18
  AskingBroker broker;
  broker.know_wallet();
  auto record = broker.node.ledger->find(kEntryMachine, kWallet)->value();
  record.fields["host"] = "H2";
  ASSERT_TRUE(broker.node.ledger->begin_unit() && broker.node.ledger->put(record) && broker.node.ledger->end_unit());
  broker.restart();
  EXPECT_EQ(broker.found(kWallet), Found::unavailable);
}

TEST(DirectoryAsker, AKeyUnderAnotherNameIsNone) {  // QP-ADD-18
  msg::Entry entry = entry_of("V1001", kVendorAddress);
  EXPECT_EQ(player_of(entry).keys.size(), 1U);
  entry.key[0].key_id = std::string(64, 'a');
  EXPECT_TRUE(player_of(entry).keys.empty());
}

// ---------------------------------------------------------------- what is believed
struct Forgery {
  const char* check;  ///< that finds it
  const char* why;    ///< as the alarm says it
  msg::Entry entry;
};

/// Entries that answer the question about V1001 and must not be believed by who has an entry of now.
std::vector<Forgery> forgeries() {
  msg::Entry other_key = entry_of("V1001", "127.0.6.6");
  sign_entry(other_key, stranger_key());
  msg::Entry changed = entry_of("V1001", kVendorAddress);
  changed.endpoint[0].addr = "127.0.6.6";
  msg::Entry by_itself = entry_of("V1001", "127.0.6.6");
  sign_entry(by_itself, key_of("vendor"));
  msg::Entry other_purpose = entry_of("V1001", "127.0.6.6");
  sign_with(key_of("host"), "host-verdicts", "Entry", msg::kEntryType, other_purpose);
  msg::Entry after_the_key = entry_of("V1001", "127.0.6.6", kNoon + 401 * kDayMs);
  return {{"host_signed", "not-signed", other_key},       {"host_signed", "not-signed", changed},
          {"host_signed", "not-signed", by_itself},       {"host_signed", "not-signed", other_purpose},
          {"host_signed", "not-signed", after_the_key},   {"same_player", "other-player", entry_of("V1002", "127.0.6.6")},
          {"same_player", "other-player", entry_of("B8", "127.0.6.6")},
          {"not_older", "older", entry_of("V1001", "127.0.6.6", kNoon - 1000)}};
}

/// The Broker has an entry of V1001, which grew stale, and is told the forgery.
void tell(AskingBroker& broker, const Forgery& forgery) {
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  EXPECT_EQ(broker.found("V1001"), Found::unavailable);
  broker.pass(0);
  ASSERT_TRUE(broker.asked("V1001"));
  broker.answer("V1001", forgery.entry);
}

TEST(DirectoryAsker, BelievesNoForgedEntry) {  // QP-ADD-18 QP-ADD-19 QP-ROLE-010
  for (const Forgery& forgery : forgeries()) {
    AskingBroker broker;
    tell(broker, forgery);
    EXPECT_TRUE(broker.alarmed(forgery.why)) << forgery.why;
    EXPECT_FALSE(broker.asked("V1001")) << "it is no answer: asked again after a pause";
    broker.pass(60'000);
    EXPECT_TRUE(broker.asked("V1001"));
    broker.answer("V1001", entry_of("V1001", kVendorAddress, broker.node.clock.now));
    EXPECT_EQ(broker.node.node->directory().endpoints_of("V1001").at(0).address, kVendorAddress);
  }
}

// The twin: without the check that finds it, each forgery is taken.
TEST(DirectoryAsker, WithoutTheCheckTheForgeryIsTaken) {  // QP-ADD-18 QP-ROLE-010
  for (const Forgery& forgery : forgeries()) {
    LeavesOut deviation(forgery.check);
    NodeConfig config = broker_config();
    config.deviation = &deviation;
    AskingBroker broker(config);
    tell(broker, forgery);
    EXPECT_FALSE(broker.alarmed(forgery.why)) << forgery.why;
    const Player* taken = broker.node.node->directory().find(forgery.entry.id).player;
    ASSERT_TRUE(taken) << forgery.why;
    EXPECT_EQ(taken->endpoints.at(0).address, forgery.entry.endpoint.at(0).addr) << forgery.why;
  }
}

TEST(DirectoryAsker, BelievesNoAnswerOfAnotherHost) {  // QP-ADD-18
  AskingBroker broker;
  broker.know_wallet();
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.answer("V1001", entry_of("V1001", kVendorAddress), "H2");
  EXPECT_EQ(broker.found("V1001"), Found::unavailable);
  broker.pass(60'000);
  ASSERT_TRUE(broker.asked("V1001"));
  broker.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_EQ(broker.found("V1001"), Found::known) << "the same from its own Host";
}

TEST(DirectoryAsker, TakesNoEntryThatIsOldAlready) {  // QP-ROLE-010
  for (const bool checked : {true, false}) {
    LeavesOut deviation("in_time");
    NodeConfig config = broker_config();
    if (!checked) config.deviation = &deviation;
    AskingBroker broker(config);
    broker.pass(kStaleMs + protocol::T_skew_default * 1000 + 1000);
    EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
    ASSERT_TRUE(broker.asked(kWallet));
    broker.answer(kWallet, entry_of(kWallet, kWalletAddress));
    EXPECT_EQ(broker.alarmed("too-old"), checked);
    EXPECT_EQ(broker.found(kWallet), checked ? Found::unavailable : Found::known);
  }
}

TEST(DirectoryAsker, LearnsTheHostsNextKeyFromAnEntryOfThePresentOne) {  // QP-ADD-18
  for (const bool announced : {true, false}) {
    AskingBroker broker;
    broker.pass(kFreshMs + 1000);
    msg::Entry host = entry_of("H1", "127.0.1.1", broker.node.clock.now);
    if (announced) host.key.push_back(listed_key(stranger_key()));
    sign_entry(host);
    EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
    ASSERT_TRUE(broker.asked("H1")) << "a question is an occasion to ask for the Host's stale entry, too";
    broker.answer("H1", host);
    msg::Entry wallet = entry_of(kWallet, kWalletAddress, broker.node.clock.now);
    sign_entry(wallet, stranger_key());
    broker.answer(kWallet, wallet);
    EXPECT_EQ(broker.found(kWallet), announced ? Found::known : Found::unavailable);
    EXPECT_EQ(broker.asked("H1"), !announced) << "it may have missed something";
  }
}

TEST(DirectoryAsker, AWithdrawnKeyOfTheHostSignsNoMore) {  // QP-ADD-18
  AskingBroker broker;
  broker.pass(kFreshMs + 1000);
  msg::Entry host = entry_of("H1", "127.0.1.1", broker.node.clock.now);
  host.key[0].withdrawn_from = format_time(broker.node.clock.now + 10'000);
  host.key.push_back(listed_key(stranger_key()));
  sign_entry(host);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.answer("H1", host);
  broker.pass(20'000);
  broker.answer(kWallet, entry_of(kWallet, kWalletAddress, broker.node.clock.now));
  EXPECT_TRUE(broker.alarmed("not-signed"));
}

TEST(DirectoryAsker, ANewerPackageTakesOver) {  // QP-ROLE-010
  AskingBroker broker;
  broker.pass(1000);
  NodeConfig config = asking(broker_config());
  msg::Entry newer = entry_of("H1", "127.0.1.7", kNoon + 1000);
  config.host_entry = codec::write_fragment("Entry", msg::kEntryType, &newer);
  Node upgraded(config, *broker.node.ledger, broker.node.clock, broker.node.random, broker.node.directory);
  EXPECT_EQ(upgraded.directory().endpoints_of("H1").at(0).address, "127.0.1.7");
  ASSERT_TRUE(upgraded.flush());
  config.host_entry = host_entry();
  const Node again(config, *broker.node.ledger, broker.node.clock, broker.node.random, broker.node.directory);
  EXPECT_EQ(again.directory().endpoints_of("H1").at(0).address, "127.0.1.7") << "an older one does not";
}

// ---------------------------------------------------------------- for how long
TEST(DirectoryAsker, AnEntryIsFreshForTDir) {  // QP-ROLE-010
  AskingBroker broker;
  broker.know_all();
  const std::size_t asked = broker.questions;
  broker.pass(kFreshMs);
  EXPECT_EQ(broker.inquire(), protocol::QP_OK);
  EXPECT_EQ(broker.questions, asked) << "to the end of the span";
  broker.pass(1);
  EXPECT_EQ(broker.found("V1001"), Found::unavailable) << "while the Host may answer, it is asked";
  EXPECT_EQ(broker.found("H1"), Found::known) << "who else could say who the Host is?";
  broker.pass(0);
  EXPECT_TRUE(broker.asked("V1001"));
}

TEST(DirectoryAsker, AStaleEntryCountsWhileTheHostIsAway) {  // QP-MP-019 QP-ROLE-010
  AskingBroker broker;
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.fail(kWallet);
  EXPECT_EQ(broker.inquire(), protocol::QP_OK) << "the Host was asked and does not answer";
}

TEST(DirectoryAsker, AStaleEntryCountsForTDirStaleAndNoLonger) {  // QP-MP-019 QP-ROLE-010
  AskingBroker broker;
  broker.know_all();
  for (const std::int64_t at : {kStaleMs, kStaleMs + 1}) {
    broker.pass(kNoon + at - broker.node.clock.now);
    static_cast<void>(broker.found("V1001"));
    broker.pass(0);
    if (broker.asked("V1001")) broker.fail("V1001");
    EXPECT_EQ(broker.found("V1001"), at == kStaleMs ? Found::known : Found::unavailable) << at;
    EXPECT_EQ(broker.node.node->directory().endpoints_of("V1001").empty(), at != kStaleMs);
  }
  EXPECT_FALSE(broker.node.node->directory().endpoints_of("H1").empty()) << "the Host has to be asked somewhere";
}

TEST(DirectoryAsker, NoEntryCountsForLongerThanTheHostAllows) {  // QP-ROLE-010
  AskingBroker broker;
  broker.know_wallet();
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  msg::Entry brief = entry_of("V1001", kVendorAddress, kNoon - 100'000);
  brief.valid_to = format_time(kNoon - 40'000);
  sign_entry(brief);
  broker.answer("V1001", brief);
  EXPECT_EQ(broker.found("V1001"), Found::known) << "the span counts, from arrival; two clocks need not agree";
  broker.pass(60'000);
  EXPECT_EQ(broker.found("V1001"), Found::known);
  broker.pass(1);
  EXPECT_EQ(broker.found("V1001"), Found::unavailable);
  broker.pass(0);
  broker.fail("V1001");
  EXPECT_EQ(broker.found("V1001"), Found::unavailable) << "not even while the Host is away";
}

TEST(DirectoryAsker, AnAnswerShowsThatTheHostIsBack) {  // QP-ROLE-010
  AskingBroker broker;
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  for (const std::string& id : {kWallet, std::string("V1001")}) EXPECT_EQ(broker.found(id), Found::unavailable);
  broker.pass(0);
  broker.fail(kWallet);
  EXPECT_EQ(broker.found("V1001"), Found::known) << "the Host is away for all";
  broker.answer("V1001", entry_of("V1001", kVendorAddress, broker.node.clock.now));
  EXPECT_EQ(broker.found(kWallet), Found::unavailable);
}

TEST(DirectoryAsker, TheHostIsTakenToBeBackAfterAWhile) {  // QP-ROLE-010
  AskingBroker broker;
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  static_cast<void>(broker.found("V1001"));
  broker.pass(0);
  broker.fail_for_good("V1001");
  EXPECT_EQ(broker.found("V1001"), Found::known);
  broker.pass(kHostAwayMs + 1);
  EXPECT_EQ(broker.found("V1001"), Found::unavailable) << "it is to be asked once more first";
}

TEST(DirectoryAsker, ARefusalTakesNothingAwayThatTheHostSigned) {  // QP-ADD-23
  AskingBroker broker;
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  static_cast<void>(broker.found("V1001"));
  broker.pass(0);
  broker.refuse("V1001", protocol::QP_E_VENDOR);
  EXPECT_EQ(broker.found("V1001"), Found::known);
}

// ---------------------------------------------------------------- how much is asked
TEST(DirectoryAsker, WhomTheHostDoesNotKnowIsUnknownForAWhile) {  // QP-ADD-20
  AskingBroker broker;
  broker.know_wallet();
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  broker.refuse("V1001", protocol::QP_E_VENDOR);
  const std::size_t asked = broker.questions;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_VENDOR);
  broker.pass(kUnknownMs);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_VENDOR);
  EXPECT_EQ(broker.questions, asked);
  broker.pass(1);
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY) << "it may have come meanwhile";
  EXPECT_TRUE(broker.asked("V1001"));
}

TEST(DirectoryAsker, GivesAQuestionUp) {  // QP-ADD-20
  AskingBroker broker;
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  const std::size_t before = broker.questions;
  broker.fail_for_good(kWallet);
  EXPECT_EQ(broker.questions - before, static_cast<std::size_t>(kMaxAttempts) - 1);
  EXPECT_EQ(broker.found(kWallet), Found::unavailable);
}

/// Somebody names players that there are not: their number, the first one, and who answers.
std::size_t flood(AskingBroker& broker, int count, int first, bool answered) {
  const std::size_t before = broker.questions;
  for (int i = first; i < first + count; ++i) {
    micro::CheckCommit request;
    request.head = broker.node.head("V" + std::to_string(i), "B7");
    request.body.endorsement_id = std::string(32, 'e');
    request.body.order_ref = some_ref();
    const auto said = broker.node.ask<micro::CheckCommitResponse>(request, micro::kCheckCommitMessage, kVendorAddress);
    EXPECT_EQ(said->body.status.code, protocol::QP_E_BUSY);
    broker.look();
    if (answered && broker.asked("V" + std::to_string(i))) broker.refuse("V" + std::to_string(i), protocol::QP_E_VENDOR);
  }
  return broker.questions - before;
}

TEST(DirectoryAsker, UnknownIdsDoNotFloodTheHost) {  // QP-ADD-20
  AskingBroker broker;
  EXPECT_EQ(flood(broker, 500, 1000000, false), kMaxForOthers) << "open at a time";
  AskingBroker quick;
  EXPECT_EQ(flood(quick, 500, 1000000, true), kMaxForOthersAMinute) << "asked in a minute";
  quick.pass(61'000);
  EXPECT_EQ(flood(quick, 1, 2000000, true), 1U);
}

TEST(DirectoryAsker, UnknownIdsDoNotKeepItFromWhatItNeeds) {  // QP-ADD-20 QP-MP-019
  AskingBroker broker;
  broker.know_all();
  broker.pass(kFreshMs + 1000);
  EXPECT_EQ(flood(broker, 500, 1000000, false), kMaxForOthers + 1) << "and one for the Host's own entry";
  EXPECT_EQ(broker.inquire(), protocol::QP_E_BUSY);
  EXPECT_TRUE(broker.asked(kWallet)) << "whom it knows it asks about all the same";
}

TEST(DirectoryAsker, AnIdThatIsNoneIsNotAskedAbout) {  // QP-ADD-20
  AskingBroker broker;
  for (const char* none : {"", "X1", "V", "V01", "H2", "Wshort"}) EXPECT_EQ(broker.found(none), Found::unknown) << none;
  broker.pass(0);
  EXPECT_TRUE(broker.open.empty());
}

TEST(DirectoryAsker, KeepsNoMoreEntriesThanItMay) {  // QP-ADD-20
  NodeConfig config = asking(broker_config());
  Asking broker(broker_config());
  msg::Entry entry = entry_of("V1001", kVendorAddress);
  auto& ledger = *broker.node.ledger;
  ASSERT_TRUE(ledger.begin_unit());
  for (std::size_t i = 1; i < kMaxKnownPlayers; ++i) {  // the Host's makes one more
    entry.id = "V" + std::to_string(100000 + i);
    ledger::Record record{std::string(kEntryMachine), entry.id, "KEPT", {}, {}};
    keep(record, "Entry", msg::kEntryType, entry);
    set_number(record, "arrived_ms", kNoon - static_cast<std::int64_t>(i));
    record.fields["host"] = "H1";
    ASSERT_TRUE(ledger.put(record));
  }
  ASSERT_TRUE(ledger.end_unit());
  broker.restart();
  const std::string oldest = "V" + std::to_string(100000 + kMaxKnownPlayers - 1);
  EXPECT_EQ(broker.found(oldest), Found::known);
  EXPECT_EQ(broker.found("V1001"), Found::unavailable);
  broker.pass(0);
  broker.answer("V1001", entry_of("V1001", kVendorAddress, broker.node.clock.now));
  EXPECT_EQ(broker.found("V1001"), Found::known);
  EXPECT_EQ(broker.found(oldest), Found::unavailable) << "the one that came first made room";
  EXPECT_FALSE(ledger.find(kEntryMachine, oldest)->has_value());
  EXPECT_EQ(broker.found("H1"), Found::known);
}

}  // namespace
}  // namespace quickpay::roles
