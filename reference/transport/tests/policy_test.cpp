// The pure policy held to the table of cases, and to the laws that no table can list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "reference/transport/beast_reader.hpp"
#include "reference/transport/chunked.hpp"
#include "reference/transport/http_policy.hpp"
#include "reference/transport/tests/http_cases.hpp"

namespace quickpay::transport {
namespace {

using ::testing::ElementsAre;
using tests::case_paths;
using tests::http_cases;

const PathTable kPaths = case_paths();

RequestRules rules() { return {&kPaths, tests::kType, {tests::kHost}, kMaxHeaderBytes}; }

// A server without sockets: takes one request off the front, returns its status, 0 if bytes are missing.
unsigned take_request(std::string_view& bytes) {
  HeadScanner scanner;
  const auto size = scanner.scan(bytes);
  if (!size) return size.error().status;
  if (*size == 0) return 0;
  const auto head = judge_request_head(bytes.substr(0, *size), rules());
  if (!head) return head.error().status;
  bytes.remove_prefix(*size);
  if (!head->chunked) {
    if (bytes.size() < head->content_length) return 0;
    bytes.remove_prefix(static_cast<std::size_t>(head->content_length));
    return 200;
  }
  ChunkedReader reader(head->rule->max_body);
  std::string body;
  bytes.remove_prefix(reader.feed(bytes, body));
  if (reader.refusal()) return reader.refusal()->status;
  return reader.done() ? 200 : 0;
}

std::vector<unsigned> statuses(std::string_view bytes) {
  std::vector<unsigned> all;
  while (!bytes.empty()) {
    const unsigned status = take_request(bytes);
    if (status != 0) all.push_back(status);
    if (status != 200) break;
  }
  return all;
}

TEST(HttpPolicy, DecidesEveryCaseOfTheCorpus) {
  for (const auto& one : http_cases()) EXPECT_EQ(statuses(one.bytes), one.want) << one.id;
}

// The same bytes in any portions must lead to the same end: the scanner and the chunk reader keep state.
TEST(HttpPolicy, DoesNotDependOnHowTheBytesArrive) {
  for (const auto& one : http_cases()) {
    if (one.bytes.size() > 4096) continue;
    HeadScanner whole;
    HeadScanner portions;
    const auto expected = whole.scan(one.bytes);
    tl::expected<std::size_t, HttpRefusal> found = 0;
    for (std::size_t size = 1; size <= one.bytes.size() && found && *found == 0; ++size) {
      found = portions.scan(std::string_view(one.bytes).substr(0, size));
    }
    ASSERT_EQ(expected.has_value(), found.has_value()) << one.id;
    if (expected) {
      EXPECT_EQ(*expected, *found) << one.id;
    } else {
      EXPECT_EQ(expected.error().status, found.error().status) << one.id;
    }
  }
}

// What the policy lets pass, Beast reads in the same way; and the case table has heads that Beast alone would take.
TEST(HttpPolicy, BeastAgreesWithWhatPasses) {
  for (const auto& one : http_cases()) {
    const auto size = HeadScanner().scan(one.bytes);
    if (!size || *size == 0) continue;
    const std::string_view raw = std::string_view(one.bytes).substr(0, *size);
    const auto head = judge_request_head(raw, rules());
    EXPECT_TRUE(!head || beast_agrees(raw, *head)) << one.id;
  }
}

// The twin: a head that was changed behind the policy's back is noticed.
TEST(HttpPolicy, BeastDisagreesWithAnotherFraming) {
  const std::string raw =
      "POST /p/1/first HTTP/1.1\r\nHost: 127.0.0.1:7777\r\nContent-Type: application/test+xml\r\nContent-Length: "
      "5\r\n\r\n";
  auto head = judge_request_head(raw, rules());
  ASSERT_TRUE(head);
  EXPECT_TRUE(beast_agrees(raw, *head));
  head->content_length = 6;
  EXPECT_FALSE(beast_agrees(raw, *head));
  head->content_length = 5;
  head->chunked = true;
  EXPECT_FALSE(beast_agrees(raw, *head));
}

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

std::string mutated(std::string text, std::mt19937_64& random) {
  static const std::string kBytes("\r\n\t :;,0aZ\0\x7F\x80\xFF/?#*\"", 20);
  for (auto i = 1 + random() % 3; i > 0 && !text.empty(); --i) {
    const std::size_t at = random() % text.size();
    const char byte = kBytes[random() % kBytes.size()];
    switch (random() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1, byte);
        break;
      case 2:
        text.erase(at, 1 + random() % 3);
        break;
      case 3:
        text.insert(at, text.substr(random() % text.size(), random() % 30));
        break;
    }
  }
  return text;
}

// Law: whatever comes, an accepted head has exactly one Host, one way to tell its end, and Beast reads it alike.
TEST(HttpPolicy, NeverAcceptsTwoReadings) {
  std::mt19937_64 random(seed());
  std::vector<std::string> bases;
  for (const auto& one : http_cases()) {
    if (one.want.front() == 200 && one.bytes.size() < 2000) bases.push_back(one.bytes);
  }
  int accepted = 0;
  for (int i = 0; i < 60000; ++i) {
    const std::string bytes = mutated(bases[random() % bases.size()], random);
    const auto size = HeadScanner().scan(bytes);
    if (!size || *size == 0) continue;
    const std::string_view raw = std::string_view(bytes).substr(0, *size);
    const auto head = judge_request_head(raw, rules());
    if (!head) continue;
    ++accepted;
    ASSERT_TRUE(beast_agrees(raw, *head)) << raw;
    ASSERT_FALSE(head->chunked && head->content_length != 0) << raw;
  }
  EXPECT_GT(accepted, 1000) << "mutations that are always refused show nothing";
}

TEST(HttpPolicy, GivesTheTicketOnlyOnce) {
  const std::string line = "GET /p/1/file HTTP/1.1\r\nHost: 127.0.0.1:7777\r\n";
  EXPECT_EQ(judge_request_head(line + "Ticket: abc \r\n\r\n", rules())->ticket, "abc");
  EXPECT_EQ(judge_request_head(line + "Ticket: abc\r\nTicket: abc\r\n\r\n", rules())->ticket, "");
  EXPECT_EQ(judge_request_head(line + "\r\n", rules())->ticket, "");
}

TEST(HttpPolicy, TakesAnyHostIfNoneIsItsOwn) {
  RequestRules any = rules();
  any.authorities.clear();
  EXPECT_TRUE(judge_request_head("GET /p/1/file HTTP/1.1\r\nHost: anything\r\n\r\n", any));
  any.authorities = {"192.0.2.1:80"};
  EXPECT_TRUE(judge_request_head("GET /p/1/file HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", any));
  EXPECT_FALSE(judge_request_head("GET /p/1/file HTTP/1.1\r\nHost: 192.0.2.1:81\r\n\r\n", any));
}

std::string response(const std::string& fields, const std::string& line = "HTTP/1.1 200 OK") {
  return line + "\r\n" + fields + "\r\n";
}

TEST(HttpPolicy, ReadsGoodResponses) {
  const auto plain = judge_response_head(response("Content-Type: a/b\r\nContent-Length: 12\r\n"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->status, 200U);
  EXPECT_EQ(plain->content_length, 12U);
  EXPECT_EQ(plain->content_type, "a/b");
  EXPECT_TRUE(judge_response_head(response("Transfer-Encoding: chunked\r\n"))->chunked);
  EXPECT_FALSE(judge_response_head(response("Content-Length: 0\r\nConnection: close\r\n"))->keep_alive);
  EXPECT_TRUE(judge_response_head(response("", "HTTP/1.1 204 ")));
  EXPECT_TRUE(judge_response_head(response("", "HTTP/1.1 100 Continue")));
  EXPECT_TRUE(judge_response_head(response("Content-Length: 0\r\n", "HTTP/1.1 503")));
}

// HTTP-32
TEST(HttpPolicy, RefusesBadResponses) {
  for (const char* line : {"HTTP/1.0 200 OK", "HTTP/2 200", "200 OK", "HTTP/1.1 999 X", "HTTP/1.1 20 OK",
                           "HTTP/1.1 2000", "HTTP/1.1  200 OK", "http/1.1 200 OK", "HTTP/1.1 200 \x01", ""}) {
    EXPECT_FALSE(judge_response_head(response("Content-Length: 0\r\n", line))) << line;
  }
  for (const char* fields :
       {"", "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: 1, 1\r\n", "Content-Length : 1\r\n",
        "Content-Length: 1\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n", "Content-Length: 1\r\n folded\r\n"}) {
    EXPECT_FALSE(judge_response_head(response(fields))) << fields;
  }
}

TEST(ChunkedReader, ReadsTheSameInAnyPortions) {
  const std::string bytes = "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\nNEXT";
  for (std::size_t portion = 1; portion <= bytes.size(); ++portion) {
    ChunkedReader reader(100);
    std::string body;
    std::size_t used = 0;
    while (!reader.done() && used < bytes.size()) {
      used += reader.feed(std::string_view(bytes).substr(used, portion), body);
    }
    EXPECT_EQ(body, "abcde");
    EXPECT_EQ(bytes.substr(used), "NEXT") << "portions of " << portion;
  }
}

TEST(ChunkedReader, RefusesTheByteThatPassesTheLimit) {
  ChunkedReader reader(5);
  std::string body;
  reader.feed("5\r\nabcde\r\n1\r\n", body);
  ASSERT_TRUE(reader.refusal());
  EXPECT_EQ(reader.refusal()->status, 413U);
  EXPECT_EQ(body.size(), 5U);
}

}  // namespace
}  // namespace quickpay::transport
