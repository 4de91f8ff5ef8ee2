// Messages cut out of a stream of bytes: what is whole, what is not yet, and what can only be broken.
#include <gtest/gtest.h>

#include "conformance/peers/http.hpp"

namespace quickpay::conformance {
namespace {

const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// What a peer makes of a chunked response of which these bytes have come.
std::optional<HttpMessage> cut_chunked(const std::string& body, bool ended = false) {
  std::string stream = kChunkedHead + body;
  return cut_message(stream, true, ended);
}

bool is_broken(const std::optional<HttpMessage>& message) { return message && message->broken; }

TEST(Http, PutsChunksTogetherAndLeavesTheRest) {
  std::string stream = kChunkedHead + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nHTTP/1.1 503";
  const auto message = cut_message(stream, true, false);
  ASSERT_TRUE(message);
  EXPECT_FALSE(message->broken);
  EXPECT_EQ(message->body, "abc0123456789");
  EXPECT_EQ(stream, "HTTP/1.1 503");
}

TEST(Http, WaitsForEveryByteOfAChunkedBody) {
  const std::string whole = "3\r\nabc\r\n0\r\n\r\n";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(cut_chunked(whole.substr(0, length))) << length;
    EXPECT_TRUE(is_broken(cut_chunked(whole.substr(0, length), true))) << length;
  }
  EXPECT_EQ(cut_chunked(whole)->body, "abc");
}

// A size is compared before anything is added to it. 2^64 - 20 behind a chunk of some length leads back to its own
// line, and where nothing follows it, round and round for ever.
TEST(Http, TakesNoChunkThatIsLargerThanABody) {
  const std::string before = "20\r\n" + std::string(32, 'a') + "\r\n";
  for (const char* size : {"ffffffffffffffff", "fffffffffffffffe", "ffffffffffffffec", "FFFFFFFFFFFFFFEC",
                           "10000000000000000", "100001", "7fffffffffffffff", "-1", "+1", "", "x"}) {
    for (const char* data : {"", "abc\r\n"}) {
      const std::string chunk = std::string(size) + "\r\n" + data;
      EXPECT_TRUE(is_broken(cut_chunked(chunk))) << size;
      EXPECT_TRUE(is_broken(cut_chunked(before + chunk))) << size << " after another";
    }
  }
}

TEST(Http, TakesABodyAsLargeAsTheLimitAndNoByteMore) {
  const std::string most(kMaxHttpBody - 1, 'b');
  const std::string first = "fffff\r\n" + most + "\r\n";
  const auto message = cut_chunked(first + "1\r\nb\r\n0\r\n\r\n");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body.size(), kMaxHttpBody);
  EXPECT_TRUE(is_broken(cut_chunked(first + "2\r\nbb\r\n0\r\n\r\n")));
}

TEST(Http, TakesChunksOfOneByteAndNoEndlessCoding) {
  std::string chunks;
  for (std::size_t i = 0; i < kMaxHttpBody; ++i) chunks += "1\r\nb\r\n";
  const auto message = cut_chunked(chunks + "0\r\n\r\n");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->body.size(), kMaxHttpBody);
  const std::string padded = "1;" + std::string(kMaxChunkLine - 2, 'x') + "\r\nb\r\n";
  std::string padding;
  while (padding.size() <= kMaxChunkedBody) padding += padded;
  EXPECT_TRUE(is_broken(cut_chunked(padding)));
}

TEST(Http, ReadsNoLineOfAChunkWithoutEnd) {
  EXPECT_TRUE(is_broken(cut_chunked("1;" + std::string(kMaxChunkLine, 'x'))));
  EXPECT_TRUE(is_broken(cut_chunked("0\r\n" + std::string(kMaxChunkLine + 2, 'x'))));
  EXPECT_TRUE(is_broken(cut_chunked("0\r\nTrailer: x\r\n\r\n")));
}

TEST(Http, TakesNoOtherBodyBeyondTheLimit) {
  for (const char* length : {"18446744073709551615", "18446744073709551616", "1048577"}) {
    std::string stream = "HTTP/1.1 200 OK\r\nContent-Length: " + std::string(length) + "\r\n\r\nabc";
    EXPECT_TRUE(is_broken(cut_message(stream, true, false))) << length;
  }
  std::string stream = "HTTP/1.1 200 OK\r\n\r\n" + std::string(kMaxHttpBody, 'b');
  EXPECT_FALSE(cut_message(stream, true, false)) << "it may be complete when the connection ends";
  stream += "b";
  EXPECT_TRUE(is_broken(cut_message(stream, true, false)));
}

TEST(Http, TellsTlsFromOtherBytes) {
  const auto broken = [](std::string stream) { return cut_message(stream, true, true).value_or(HttpMessage{}); };
  EXPECT_TRUE(is_tls(broken(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)))) << "an alert";
  EXPECT_TRUE(is_tls(broken(std::string("\x16\x03\x01\x02\x00\x01", 6)))) << "a ClientHello";
  EXPECT_FALSE(is_tls(broken("\x15 and no version")));
  EXPECT_FALSE(is_tls(broken("SSH-2.0-OpenSSH")));
  EXPECT_FALSE(is_tls(broken("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")));
}

}  // namespace
}  // namespace quickpay::conformance
