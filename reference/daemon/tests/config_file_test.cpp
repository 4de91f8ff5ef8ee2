// What a configuration may say, and what is said about one that is wrong.
#include "reference/daemon/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kSecret = R"("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")";

std::string vendor(const std::string& more = "") {
  return R"({"player":"V1001","listen":{"address":"127.0.0.1","port":0},"ledger":"v.ledger","directory":"d.json")" +
         more + "}";
}

std::string wrong(std::string_view role, const std::string& text) {
  const auto config = parse_config(role, text);
  return config ? "nothing is wrong" : config.error();
}

TEST(ConfigFile, TakesTheLeastAVendorNeeds) {
  const auto config = parse_config("vendor", vendor());
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->daemon.node.id, "V1001");
  EXPECT_EQ(config->daemon.node.host, "H1");
  EXPECT_EQ(config->daemon.node.profile, "F");
  EXPECT_EQ(config->daemon.node.parameters.t_order, -1);
  EXPECT_FALSE(config->daemon.node.trace);
  EXPECT_EQ(config->ledger, "v.ledger");
}

TEST(ConfigFile, TakesEverythingAVendorMaySay) {
  const auto config = parse_config("vendor", vendor(R"(,"host":"H2","source":"127.0.0.9","authorities":["shop:80"],
    "currencies":["USD","EUR"],"parameters":{"T_order":60,"T_call":3},"trace":"t.ndjson","log_level":"warning",
    "policy":{"name":"Shop","receipt_from":1000},"protocols":["micropayment"],
    "fixtures":{"brokers_accepted":["B7"],"items":[{"item":"a","text":"A","amount":5,"currency":"USD",
      "media_type":"a/b","data":"aGk=","content_hash":true,"url":"/a"}]})"));
  ASSERT_TRUE(config) << config.error();
  const auto& node = config->daemon.node;
  EXPECT_EQ(node.parameters.t_order, 60);
  EXPECT_EQ(node.items.at(0).data, "hi");
  EXPECT_TRUE(node.items[0].content_hash);
  EXPECT_EQ(node.receipt_from, 1000);
  EXPECT_EQ(node.protocols, std::vector<std::string>{"micropayment"});
  EXPECT_TRUE(node.trace);
  EXPECT_EQ(config->log_level, Level::warning);
}

TEST(ConfigFile, TakesABrokerAndAWallet) {
  const auto broker = parse_config("broker", R"({"player":"B7","listen":{"address":"127.0.0.1","port":1},
    "ledger":"b","directory":"d","policy":{"decline_above":5,"max_open":2},
    "fixtures":{"accounts":[{"account":"a","limit":10,"currency":"USD"}],
    "bindings":[{"wallet":"W1","paycard":"P1","account":"a","secret":)" +
                                                 kSecret + "}]}}");
  ASSERT_TRUE(broker) << broker.error();
  EXPECT_THAT(broker->daemon.node.bindings.at(0).secret, SizeIs(32));
  const auto wallet = parse_config("wallet", R"({"player":"W0","ledger":"w","directory":"d",
    "fixtures":{"paycards":[{"broker":"B7","paycard":"P1","active":true,"secret":)" +
                                                 kSecret + "}]}}");
  ASSERT_TRUE(wallet) << wallet.error();
  EXPECT_TRUE(wallet->daemon.node.paycards.at(0).active);
  EXPECT_EQ(wallet->daemon.listen_address, "");
}

TEST(ConfigFile, NamesTheKeyThatIsWrong) {
  EXPECT_EQ(wrong("vendor", vendor(R"(,"ledgre":"x")")), R"(unknown key "ledgre"; did you mean "ledger"?)");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"zzzzzzzz":1)")), R"(unknown key "zzzzzzzz")");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"fixtures":{"item":[]})")),
            R"(unknown key "item" in fixtures; did you mean "items"?)");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"fixtures":{"items":[{"item":"a","text":"A","ammount":1}]})")),
            "fixtures.items[0].amount is missing");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"parameters":{"T_oder":60})")),
            R"(unknown key "T_oder" in parameters; did you mean "T_order"?)");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"parameters":{"T_order":1})")),
            "parameters.T_order must be a whole number from 60 to 86400");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"protocols":["micropaiment"])")),
            R"(protocols names "micropaiment", which is none; did you mean "micropayment"?)");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"currencies":"USD")")), "currencies must be a list of texts");
  EXPECT_EQ(wrong("vendor", vendor(R"(,"log_level":"loud")")), "log_level must be debug, info, warning or error");
  EXPECT_EQ(wrong("vendor", "{}"), "player is missing");
  EXPECT_EQ(wrong("vendor", "[]"), "the whole must be an object");
  EXPECT_THAT(wrong("broker", vendor()), HasSubstr("player is no id of a broker"));
  EXPECT_THAT(wrong("wallet", R"({"player":"W1","ledger":"w","directory":"d","listen":{}})"),
              HasSubstr("unknown key \"listen\""));
  EXPECT_EQ(wrong("vender", "{}"), R"(there is no role "vender"; did you mean "vendor"?)");  // QP-ROLE-001
}

TEST(ConfigFile, TakesAPlayerThatHasNoIdYet) {  // QP-WAL-005
  const std::string rest = R"(,"ledger":"w","directory":"d")";
  const auto config = parse_config("wallet", R"({"player":"new","fixtures":{"software":{"name":"w","version":"2.1","release_hash":)" +
                                                 kSecret + "}}" + rest + "}");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->daemon.node.id, "");
  EXPECT_EQ(config->daemon.node.software.version, "2.1");
  EXPECT_EQ(config->daemon.node.software.release_hash, kSecret.substr(1, 64));
  EXPECT_EQ(wrong("wallet", R"({"player":"new","protocols":["micropayment"])" + rest + "}"),
            "player must be an id: the protocol registration is not served");
  EXPECT_EQ(wrong("host", R"({"player":"new","listen":{"address":"127.0.0.1","port":0})" + rest + "}"), "player is no id of a host");
}

TEST(ConfigFile, RefusesJsonThatReadersDisagreeAbout) {
  EXPECT_THAT(wrong("vendor", R"({"player":"V1","player":"V2"})"), HasSubstr("occurs twice"));
  EXPECT_THAT(wrong("vendor", "{\n  \"player\": ,\n}"), HasSubstr("line 2"));
  EXPECT_THAT(wrong("vendor", std::string(100, '[') + std::string(100, ']')), HasSubstr("nested too deeply"));
  EXPECT_THAT(wrong("vendor", "{} x"), HasSubstr("not JSON"));
  EXPECT_THAT(wrong("vendor", vendor(R"(,"policy":{"receipt_from":1.5})")), HasSubstr("whole number"));
  EXPECT_THAT(wrong("vendor", vendor(R"(,"policy":{"receipt_from":18446744073709551615})")), HasSubstr("whole number"));
}

TEST(ConfigFile, ReadsADirectory) {
  const auto players = parse_directory(R"({"players":[
    {"id":"B7","role":"broker","name":"Bank","endpoints":[{"address":"127.0.0.1","port":80}],"accepted":false},
    {"id":"W1","role":"wallet","bound":["127.0.0.4"],"removed":true}]})");
  ASSERT_TRUE(players) << players.error();
  ASSERT_THAT(*players, SizeIs(2));
  EXPECT_FALSE(players->at(0).accepted);
  EXPECT_EQ(players->at(0).endpoints.at(0).port, 80);
  EXPECT_EQ(players->at(1).bound_addresses.at(0), "127.0.0.4");
  EXPECT_TRUE(players->at(1).removed);
  EXPECT_FALSE(players->at(0).removed);
  EXPECT_EQ(parse_directory(R"({"players":[{"id":"B7","role":"vendor"}]})").error(),
            "players[0].id is no id of that role");
  EXPECT_EQ(parse_directory(R"({"players":[{"id":"B7","role":"broker"},{"id":"B7","role":"broker"}]})").error(),
            "players[1].id is there twice");
  EXPECT_EQ(parse_directory("{}").error(), "players is missing");
}

// QP-ROLE-009 QP-ADM-006: on which terms a Broker pays, and that it does not for now.
TEST(ConfigFile, ReadsTheTermsOfABroker) {
  const auto one = [](const std::string& more) { return parse_directory(R"({"players":[{)" + more + "}]}"); };
  const auto players = one(
      R"("id":"B7","role":"broker","suspended":true,"source_addresses":["127.0.6.8"],"currencies":["USD"],"commission_bp":120,)"
      R"("oldest_paycards":[{"product":"card","version":"1.2"}])");
  ASSERT_TRUE(players) << players.error();
  const roles::Player& broker = players->at(0);
  EXPECT_TRUE(broker.suspended);
  EXPECT_FALSE(broker.accepted) << "nobody begins anything with it";
  EXPECT_EQ(broker.source_addresses, std::vector<std::string>{"127.0.6.8"});
  EXPECT_EQ(broker.currencies, std::vector<std::string>{"USD"});
  EXPECT_EQ(roles::commission_at(broker, 0), 120);
  EXPECT_EQ(broker.oldest_paycards, (std::vector<roles::OldestPaycard>{{"card", "1.2"}}));
  for (const char* name : {R"("suspended":true)", R"("currencies":[])", R"("commission_bp":1)", R"("oldest_paycards":[])"}) {
    const auto vendor = one(R"("id":"V1","role":"vendor",)" + std::string(name));
    ASSERT_FALSE(vendor) << name;
    EXPECT_THAT(vendor.error(), HasSubstr("is of brokers only")) << name;
  }
  EXPECT_THAT(one(R"("id":"B7","role":"broker","source_addresses":["0.0.0.0"])").error(), HasSubstr("one machine each"));
  EXPECT_THAT(one(R"("id":"H1","role":"host","source_addresses":["127.0.6.8"])").error(), HasSubstr("vendors and brokers only"));
  EXPECT_THAT(one(R"("id":"B7","role":"broker","currencies":["usd"])").error(), HasSubstr("codes such as USD"));
  EXPECT_THAT(one(R"("id":"B7","role":"broker","oldest_paycards":[{"product":"a b","version":"1"}])").error(),
              HasSubstr("oldest_paycards[0].product"));
  EXPECT_THAT(one(R"("id":"B7","role":"broker","oldest_paycards":[{"product":"a","version":"1.x"}])").error(),
              HasSubstr("oldest_paycards[0].version"));
}

// QP-ROLE-010: who others are comes from a file, or from the Host, and not from both.
TEST(ConfigFile, ADirectoryOrTheHostsEntry) {
  const auto asks = parse_config("wallet", R"({"player":"W0","ledger":"w","host_entry":"h.xml"})");
  ASSERT_TRUE(asks) << asks.error();
  EXPECT_EQ(asks->host_entry, "h.xml");
  EXPECT_EQ(asks->directory, "");
  EXPECT_EQ(wrong("wallet", R"({"player":"W0","ledger":"w","host_entry":"h.xml","directory":"d"})"),
            "directory and host_entry exclude each other");
  EXPECT_EQ(wrong("wallet", R"({"player":"W0","ledger":"w"})"), "directory is missing");
  const std::string of_a_host = R"({"player":"H1","listen":{"address":"127.0.0.1","port":1},"ledger":"h","host_entry":"h.xml")";
  const auto host = parse_config("host", of_a_host + R"(,"directory":"d"})");
  ASSERT_TRUE(host) << host.error();
  EXPECT_EQ(host->directory, "d") << "a Host has both: it writes the entry";
  EXPECT_EQ(wrong("host", of_a_host + "}"), "directory is missing");
}

// QP-ANON-012: a Broker has the tickets of its Wallets.
TEST(ConfigFile, TakesTheTicketsOfABroker) {
  const auto broker = [](const std::string& ticket) {
    return R"({"player":"B7","listen":{"address":"127.0.0.1","port":1},"ledger":"b","host_entry":"h","fixtures":{"tickets":[)" +
           ticket + "]}}";
  };
  const auto config = parse_config("broker", broker(R"({"wallet":"W1","ticket":"0123456789abcdef0123456789abcdef"})"));
  ASSERT_TRUE(config) << config.error();
  ASSERT_THAT(config->daemon.node.tickets, SizeIs(1));
  EXPECT_EQ(config->daemon.node.tickets[0].ticket, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(wrong("broker", broker(R"({"wallet":"V1","ticket":"0123456789abcdef0123456789abcdef"})")),
            "fixtures.tickets[0].wallet is no id of a wallet");
  EXPECT_THAT(wrong("broker", broker(R"({"wallet":"W1","ticket":"01"})")), HasSubstr("fixtures.tickets[0].ticket"));
}

std::string example(const std::string& name) {
  std::ifstream file("docs/examples/" + name);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// The files that the documentation shows are right.
TEST(ConfigFile, TakesTheExamplesOfTheDocumentation) {
  for (const std::string role : {"host", "broker", "vendor", "wallet"}) {
    const auto config = parse_config(role, example(role + ".json"));
    EXPECT_TRUE(config) << role << ": " << config.error();
  }
  EXPECT_TRUE(parse_directory(example("directory.json")));
}

TEST(Likeliest, GuessesOnlyWhatIsNear) {
  EXPECT_EQ(likeliest("fixture", {"listen", "fixtures"}), "fixtures");
  EXPECT_EQ(likeliest("x", {"listen", "fixtures"}), "");
}

/// A key to sign with, made once.
const crypto::RsaPrivateKey& signing_key() {
  static const auto& key = *new crypto::RsaPrivateKey([] {
    crypto::SeededRandom random(1);
    crypto::CryptoCounters counters;
    return *crypto::RsaPrivateKey::generate(2048, random, counters);
  }());
  return key;
}

std::string signs_with(const std::string& key, const std::string& until = "2026-12-31T23:59:59Z") {
  return vendor(R"(,"fixtures":{"signing_keys":[{"key":")" + crypto::base64_encode(key) +
                R"(","not_before":"2026-01-01T00:00:00Z","not_after":")" + until + R"("}]})");
}

// QP-ADD-18
TEST(ConfigFile, TakesKeysToSignWith) {
  const auto config = parse_config("vendor", signs_with(signing_key().pkcs8_der()));
  ASSERT_TRUE(config) << config.error();
  const auto& keys = config->daemon.node.signing_keys;
  ASSERT_THAT(keys, SizeIs(1));
  EXPECT_EQ(keys[0].pkcs8, signing_key().pkcs8_der());
  EXPECT_EQ(keys[0].not_before_ms, *roles::parse_time("2026-01-01T00:00:00Z"));
  EXPECT_EQ(keys[0].not_after_ms, *roles::parse_time("2026-12-31T23:59:59Z") + 999);
  EXPECT_THAT(wrong("vendor", signs_with("no key")), HasSubstr("fixtures.signing_keys[0].key is no PKCS#8 key"));
  EXPECT_THAT(wrong("vendor", signs_with(signing_key().pkcs8_der(), "soon")), HasSubstr("not_after is no time"));
}

std::string broker(const std::string& fixtures) {
  return R"({"player":"B7","listen":{"address":"127.0.0.1","port":0},"ledger":"b.ledger","directory":"d.json","fixtures":{)" +
         fixtures + "}}";
}

const std::string kAccounts = R"("accounts":[{"account":"a","limit":9,"currency":"USD"},{"account":"b","limit":9,"currency":"USD"}],)";

std::string enrolment(const std::string& code, const std::string& paycard, const std::string& account,
                      const std::string& questions = R"([{"prompt":"Which?","answer":"This"}])") {
  return R"({"issue_code":")" + code + R"(","paycard":")" + paycard + R"(","account":")" + account +
         R"(","questions":)" + questions + "}";
}

std::string enrols(const std::string& entries) { return broker(kAccounts + R"("enrolments":[)" + entries + "]"); }

TEST(ConfigFile, TakesWhatABrokerAsksBeforeItHandsAPaycardOut) {  // QP-ADM-011 QP-ADM-012
  const std::string questions =
      R"([{"prompt":"Which?","form":"choice","choices":["This","That"],"max_len":4,"answer":"That"},)"
      R"({"prompt":"When?","form":"date","answer":"1980-02-29"},{"prompt":"How many?","form":"digits","answer":"4711"}])";
  const auto config = parse_config(
      "broker", broker(kAccounts + R"("paycard_files":[{"product":"card","version":"1.2","file_hash":")" + std::string(64, 'a') +
                       R"("}],"enrolments":[)" + enrolment("code", "P20", "b", questions) + R"(],"sealing_keys":[{"key":")" +
                       crypto::base64_encode(signing_key().pkcs8_der()) +
                       R"(","not_before":"2026-01-01T00:00:00Z","not_after":"2026-12-31T23:59:59Z"}])"));
  ASSERT_TRUE(config) << config.error();
  const roles::NodeConfig& node = config->daemon.node;
  ASSERT_THAT(node.paycard_files, SizeIs(1));
  EXPECT_EQ(node.paycard_files[0].file_hash, std::string(64, 'a'));
  ASSERT_THAT(node.sealing_keys, SizeIs(1));
  EXPECT_THAT(node.signing_keys, SizeIs(0));
  ASSERT_THAT(node.enrolments, SizeIs(1));
  EXPECT_EQ(node.enrolments[0].issue_code, "code");
  EXPECT_EQ(node.enrolments[0].asked, 3);
  ASSERT_THAT(node.enrolments[0].questions, SizeIs(3));
  EXPECT_EQ(node.enrolments[0].questions[0].choices, (std::vector<std::string>{"This", "That"}));
  EXPECT_EQ(node.enrolments[0].questions[0].max_len, 4);
}

TEST(ConfigFile, RefusesQuestionsThatCannotBeAskedOrAnswered) {
  const auto with = [](const std::string& question) {
    return wrong("broker", enrols(enrolment("code", "P20", "a", "[{" + question + "}]")));
  };
  EXPECT_EQ(with(R"("prompt":"Which?","answer":"This")"), "nothing is wrong");
  EXPECT_THAT(with(R"("prompt":"Which?","form":"riddle","answer":"This")"), HasSubstr("questions[0].prompt"));
  EXPECT_THAT(with(R"("prompt":"Which?","form":"choice","answer":"This")"), HasSubstr("no question that a message can carry"));
  EXPECT_THAT(with(R"("prompt":"Which?","choices":["This"],"answer":"This")"), HasSubstr("questions[0].prompt"));
  EXPECT_THAT(with(R"("prompt":"Which?","form":"choice","choices":["This"],"answer":"That")"), HasSubstr("does not fit the form"));
  EXPECT_THAT(with(R"("prompt":"Which?","form":"digits","answer":"12a")"), HasSubstr("questions[0].answer"));
  EXPECT_EQ(with(R"("prompt":"When?","form":"date","answer":"1899-12-31")"), "nothing is wrong");
  EXPECT_THAT(with(R"("prompt":"Which?","form":"date","answer":"1981-02-29")"), HasSubstr("questions[0].answer"));
  EXPECT_THAT(with(R"("prompt":"Which?","max_len":3,"answer":"This")"), HasSubstr("questions[0].answer"));
  EXPECT_THAT(with(R"("prompt":")" + std::string(257, 'x') + R"(","answer":"This")"), HasSubstr("questions[0].prompt"));
}

TEST(ConfigFile, LetsOneCodeLeadToOnePaycardAndOneAccount) {  // QP-PAY-007
  EXPECT_EQ(wrong("broker", enrols(enrolment("c1", "P20", "a") + "," + enrolment("c2", "P21", "b"))), "nothing is wrong");
  for (const std::string& second : {enrolment("c1", "P21", "b"), enrolment("c2", "P20", "b"), enrolment("c2", "P21", "a")}) {
    EXPECT_THAT(wrong("broker", enrols(enrolment("c1", "P20", "a") + "," + second)), HasSubstr("enrolments[1].paycard"));
  }
  EXPECT_THAT(wrong("broker", enrols(enrolment("c1", "P20", "nobody's"))), HasSubstr("names no account"));
  EXPECT_THAT(wrong("broker", enrols(enrolment("c1", "P20", "a", "[]"))), HasSubstr("enrolments[0].questions"));
  const std::string bound = R"("bindings":[{"wallet":"W1","paycard":"P20","account":"b","secret":")" + std::string(64, '0') + "\"}],";
  EXPECT_THAT(wrong("broker", broker(kAccounts + bound + R"("enrolments":[)" + enrolment("c1", "P20", "a") + "]")),
              HasSubstr("enrolments[0].paycard"));
}

TEST(DirectoryFile, ListsPublishedKeys) {
  const std::string spki = signing_key().public_key().spki_der();
  const auto listing = [&](const std::string& more) {
    return R"({"players":[{"id":"V1","role":"vendor","keys":[{"key":")" + crypto::base64_encode(spki) +
           R"(","not_before":"2026-01-01T00:00:00Z","not_after":"2026-12-31T23:59:59Z")" + more + "}]}]}";
  };
  const auto players = parse_directory(listing(R"(,"usage":"seal","withdrawn_from":"2026-06-01T00:00:00Z")"));
  ASSERT_TRUE(players) << players.error();
  ASSERT_THAT(players->at(0).keys, SizeIs(1));
  const roles::PlayerKey& key = players->at(0).keys[0];
  EXPECT_EQ(key.spki, spki);
  EXPECT_EQ(key.key_id, signing_key().public_key().key_id());
  EXPECT_EQ(key.usage, roles::KeyUsage::seal);
  EXPECT_EQ(key.withdrawn_from_ms, roles::parse_time("2026-06-01T00:00:00Z"));
  EXPECT_EQ(parse_directory(listing(""))->at(0).keys[0].usage, roles::KeyUsage::sign);
  EXPECT_THAT(parse_directory(listing(R"(,"usage":"both")")).error(), HasSubstr("usage must be sign or seal"));
}

TEST(DirectoryFile, GivesWalletsTickets) {  // QP-ANON-012
  const auto listing = [](const std::string& role, const std::string& id, const std::string& ticket) {
    return R"({"players":[{"id":")" + id + R"(","role":")" + role + R"(","ticket":")" + ticket + "\"}]}";
  };
  const std::string ticket = "0123456789abcdef0123456789abcdef";
  const auto players = parse_directory(listing("wallet", "W1", ticket));
  ASSERT_TRUE(players) << players.error();
  EXPECT_EQ(players->at(0).ticket, ticket);
  EXPECT_THAT(parse_directory(listing("vendor", "V1", ticket)).error(), HasSubstr("ticket is of wallets only"));
  EXPECT_THAT(parse_directory(listing("wallet", "W1", "0123")).error(), HasSubstr("ticket"));
}

std::string wallet_with(const std::string& cards) {
  return R"({"player":"W0123456789abcdef0123456789abcdef","ledger":"w.ledger","directory":"d.json","fixtures":{"paycards":[)" +
         cards + "]}}";
}

std::string card(const std::string& more, const std::string& id = "P7") {
  return R"({"broker":"B7","paycard":")" + id + R"(","secret":)" + kSecret + more + "}";
}

TEST(ConfigFile, APaycardMayBeAPlugIn) {
  const auto config = parse_config("wallet", wallet_with(card(R"(,"shared_object":"a.so","manifest":"a.manifest")")));
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->daemon.node.paycards.at(0).shared_object, "a.so");
  EXPECT_EQ(config->daemon.node.paycards.at(0).manifest, "a.manifest");
  EXPECT_THAT(wrong("wallet", wallet_with(card(R"(,"shared_object":"a.so")"))), HasSubstr("shared_object come together"));
  EXPECT_THAT(wrong("wallet", wallet_with(card(R"(,"manifest":"a")"))), HasSubstr("shared_object come together"));
  EXPECT_THAT(wrong("wallet", wallet_with(card("") + "," + card(""))), HasSubstr("paycards[1].paycard is there twice"));
  EXPECT_TRUE(parse_config("wallet", wallet_with(card("") + "," + card("", "P8"))));
  EXPECT_THAT(wrong("vendor", vendor(R"(,"paycard_host":"x")")), HasSubstr("unknown key \"paycard_host\""));
}

TEST(ConfigFile, APaycardMayBeAddedLater) {
  const auto with = [](const std::string& cards) {
    return R"({"player":"W0123456789abcdef0123456789abcdef","ledger":"w.ledger","directory":"d.json","fixtures":{"new_paycards":[)" +
           cards + "]}}";
  };
  const std::string card = R"({"broker":"B7","product":"card","shared_object":"a.so","manifest":"a.manifest"})";
  const auto config = parse_config("wallet", with(card));
  ASSERT_TRUE(config) << config.error();
  const roles::NewPaycardConfig& read = config->daemon.node.new_paycards.at(0);
  EXPECT_EQ(read.broker + read.product + read.shared_object + read.manifest, "B7carda.soa.manifest");
  EXPECT_THAT(wrong("wallet", with(card + "," + card)), HasSubstr("new_paycards[1].product is there twice"));
  EXPECT_THAT(wrong("wallet", with(R"({"broker":"B7","product":"card","shared_object":"a.so"})")), HasSubstr("manifest"));
}

// Whoever is not the owner of the machine may not name its files: the adapter protocol reads fixtures, too.
TEST(ConfigFile, OnlyTheOwnerNamesFiles) {
  const auto problem = [](Files files) {
    Problem found;
    const Json json = parse_json(R"({"fixtures":{"paycards":[)" + card(R"(,"shared_object":"a.so","manifest":"a")") + "]}}", found);
    ObjectReader reader(json, "", found);
    roles::NodeConfig node;
    node.role = "wallet";
    read_fixtures(reader, node, files);
    return found.text();
  };
  EXPECT_EQ(problem(Files::of_this_machine), "");
  EXPECT_THAT(problem(Files::none), HasSubstr("unknown key \"shared_object\""));
}

TEST(ConfigFile, ABindingHasAScheme) {
  const auto broker = [](const std::string& scheme) {
    return R"({"player":"B7","listen":{"address":"127.0.0.1","port":0},"ledger":"b.ledger","directory":"d.json",
      "fixtures":{"accounts":[{"account":"a","limit":5,"currency":"USD"}],
      "bindings":[{"wallet":"W1","paycard":"P1","account":"a","scheme":)" + scheme + R"(,"secret":)" + kSecret + "}]}}";
  };
  const auto config = parse_config("broker", broker("\"numbered\""));
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->daemon.node.bindings.at(0).scheme, paycard::Scheme::numbered);
  EXPECT_THAT(wrong("broker", broker("\"secret\"")), HasSubstr("scheme must be plain or numbered"));
}

}  // namespace
}  // namespace quickpay::daemon
