// The small parts: times, fields, the directory.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "reference/roles/addresses.hpp"
#include "reference/roles/directory.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

TEST(Times, AreSpelledInUtc) {
  EXPECT_EQ(format_time(1'795'348'800'000), "2026-11-22T12:00:00Z");
  EXPECT_EQ(format_time(1'795'348'800'999), "2026-11-22T12:00:00Z");
  EXPECT_EQ(parse_time("2000-02-29T23:59:59Z"), 951'868'799'000);
}

TEST(Times, AreReadStrictly) {
  for (const char* wrong : {"", "2026-11-22T12:00:00", "2026-11-22 12:00:00Z", "2026-02-29T12:00:00Z",
                            "2026-11-22T24:00:00Z", "2026-11-22T12:00:60Z", "2026-13-01T00:00:00Z",
                            "2026-11-22T12:00:+1Z", "+026-11-22T12:00:01Z"}) {
    EXPECT_FALSE(parse_time(wrong)) << wrong;
  }
}

TEST(Times, SurviveBeingWrittenAndRead) {
  EXPECT_TRUE(rc::check("parse(format(t)) is t cut to its second", [] {
    const std::int64_t ms = *rc::gen::inRange<std::int64_t>(946'684'800'000, 253'402'300'800'000);
    RC_ASSERT(parse_time(format_time(ms)) == ms / 1000 * 1000);
  }));
}

// QP-ADD-27: now <= X is in time.
TEST(Times, DeadlinesIncludeTheirLastMoment) {
  static_assert(after_deadline(5000) == 6000);
  static_assert(after_span(5000, 60) == 65'001);
}

TEST(Fields, KeepLists) {
  ledger::Record record;
  const std::vector<std::string> texts = {"", "a b", "c,d"};
  keep_all(record, "text", texts);
  keep_all(record, "number", std::vector<std::int64_t>{7, -42});
  const std::vector<msg::Endpoint> endpoints = {{"127.0.0.1", 80}, {"2001:db8::1", 65535}};
  keep_all(record, "Endpoint", endpoints, msg::kEndpointType);
  EXPECT_EQ(recall_all<std::string>(record, "text"), texts);
  EXPECT_EQ(recall_all<std::int64_t>(record, "number"), (std::vector<std::int64_t>{7, -42}));
  EXPECT_EQ(recall_all<msg::Endpoint>(record, "Endpoint", msg::kEndpointType), endpoints);
  EXPECT_TRUE(recall_all<std::string>(record, "missing").empty());
}

TEST(Fields, KeepNothingOfTheListBefore) {
  ledger::Record record;
  keep_all(record, "text", std::vector<std::string>{"a", "b", "c"});
  keep_all(record, "text", std::vector<std::string>{"d"});
  EXPECT_EQ(recall_all<std::string>(record, "text"), std::vector<std::string>{"d"});
  EXPECT_EQ(record.fields.size(), 1u);
  forget_all(record, "text");
  EXPECT_TRUE(record.fields.empty());
}

TEST(Fields, EndAListWhereItCannotBeRead) {
  ledger::Record record;
  keep_all(record, "number", std::vector<std::int64_t>{1, 2, 3});
  record.fields["number.1"] = "two";
  EXPECT_EQ(recall_all<std::int64_t>(record, "number"), std::vector<std::int64_t>{1});
}

TEST(Fields, KeepStructures) {
  ledger::Record record;
  const msg::Item item{"salt", "a < b & \"c\""};
  keep(record, "Item", msg::kItemType, item);
  EXPECT_FALSE(recall<msg::Buyer>(record, "Buyer", msg::kBuyerType));
  set_number(record, "n", -42);
  EXPECT_EQ(number(record, "n"), -42);
  EXPECT_FALSE(number(record, "Item"));
  EXPECT_FALSE(number(record, "missing"));
}

TEST(Directory, SaysWhatItKnows) {
  TableDirectory directory;
  directory.put({"B7", "broker", "", {}, {}, true});
  EXPECT_EQ(directory.find("B7").found, Found::known);
  EXPECT_EQ(directory.find("B8").found, Found::unknown);
  directory.set_available(false);
  EXPECT_EQ(directory.find("B7").found, Found::known);
  EXPECT_EQ(directory.find("B8").found, Found::unavailable);
  directory.hide("B7", true);
  EXPECT_EQ(directory.find("B7").found, Found::unavailable);
}

// QP-ADD-23
TEST(Directory, TellsWhoIsAPlayerNoMore) {
  TableDirectory directory;
  directory.put({"B7", "broker", "", {}, {}, true});
  directory.put({"B8", "broker", "", {}, {}, true, true});
  EXPECT_TRUE(directory.removed("B8"));
  EXPECT_EQ(directory.living("broker", "B8"), nullptr);
  EXPECT_FALSE(directory.removed("B7"));
  ASSERT_NE(directory.living("broker", "B7"), nullptr);
  EXPECT_EQ(directory.living("broker", "B7")->id, "B7");
  EXPECT_EQ(directory.living("vendor", "B7"), nullptr);
  EXPECT_FALSE(directory.removed("B9"));
  EXPECT_EQ(directory.living("broker", "B9"), nullptr);
  directory.hide("B8", true);
  EXPECT_FALSE(directory.removed("B8")) << "nobody can say now";
}

TEST(Addresses, ComeFromMessagesAndGoBack) {
  const std::vector<Endpoint> places = {{"127.0.0.1", 80}, {"2001:db8::1", 65535}};
  const auto endpoints = endpoints_of(places);
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[1].addr, "2001:db8::1");
  EXPECT_EQ(endpoints[1].port, 65535);
  const auto again = places_of(endpoints);
  ASSERT_EQ(again.size(), 2u);
  for (std::size_t i = 0; i < places.size(); ++i) EXPECT_TRUE(same_place(places[i], again[i])) << i;
}

TEST(Addresses, AreComparedPlainly) {
  EXPECT_EQ(plain_address("::ffff:127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(plain_address("::ffff:0:1"), "::ffff:0:1");
  EXPECT_EQ(plain_address("::1"), "::1");
}

TEST(Addresses, AreOfOneMachineOrNot) {  // QP-ADD-26
  for (const char* text : {"10.0.0.1", "192.0.2.1", "2001:db8::1", "fd00::1"})
    EXPECT_EQ(reach_of(text), Reach::machine) << text;
  for (const char* text : {"127.0.0.1", "127.255.255.255", "::1"}) EXPECT_EQ(reach_of(text), Reach::loopback) << text;
  for (const char* text :
       {"0.0.0.0", "0.1.2.3", "169.254.0.1", "224.0.0.1", "255.255.255.255", "::", "fe80::1", "ff02::1", "::7f00:1",
        "::ffff:7f00:1", "::ffff:127.0.0.1", "2001:DB8::1", "2001:db8:0::1", "here", "", "1.2.3", "01.2.3.4"}) {
    EXPECT_EQ(reach_of(text), Reach::none) << text;
  }
  EXPECT_TRUE(probe_allowed({"10.0.0.1", 1024}, false));
  EXPECT_TRUE(probe_allowed({"10.0.0.1", 443}, false));
  EXPECT_FALSE(probe_allowed({"10.0.0.1", 1023}, false));
  EXPECT_TRUE(probe_allowed({"127.0.0.1", 25}, true));
  EXPECT_FALSE(probe_allowed({"169.254.0.1", 9000}, true));
}

}  // namespace
}  // namespace quickpay::roles
