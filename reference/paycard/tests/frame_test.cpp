// The frames between Wallet and container: what is written is read, and bytes that nobody wrote are refused in bounded
// room. QP_SEED repeats a run.
#include "reference/paycard/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <iostream>
#include <random>

namespace quickpay::paycard {
namespace {

class FrameLaw : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* given = std::getenv("QP_SEED");
    const std::string seed = given != nullptr ? given : std::to_string(std::random_device{}());
    std::cout << "QP_SEED=" << seed << std::endl;
    ::setenv("RC_PARAMS", ("seed=" + seed).c_str(), 1);
  }
};

std::string bytes(std::size_t most) {
  const auto size = *rc::gen::inRange<std::size_t>(0, most + 1);
  return *rc::gen::container<std::string>(size, rc::gen::arbitrary<char>());
}

Call any_call() { return static_cast<Call>(*rc::gen::inRange<std::size_t>(0, calls().size())); }

State any_state() {
  State state;
  const int count = *rc::gen::inRange(0, 6);
  for (int i = 0; i < count; ++i) {
    std::string key = bytes(kPutKey);
    if (!key.empty()) state[std::move(key)] = bytes(300);
  }
  return state;
}

Request any_request() {
  Request request{any_call(), {}, any_state()};
  for (const Value& value : calls()[static_cast<std::size_t>(request.call)].in) {
    request.in.push_back(bytes(std::min<std::size_t>(value.max_bytes, 400)));
  }
  return request;
}

Response any_response(Call call) {
  Response response;
  response.stage = *rc::gen::element(Stage::answered, Stage::not_loadable, Stage::other_abi);
  if (response.stage != Stage::answered) return response;
  response.reply.result = *rc::gen::element(Result::done, Result::refused, Result::bad_input, Result::failed);
  if (response.reply.result != Result::done) return response;
  const auto& out = calls()[static_cast<std::size_t>(call)].out;
  if (!out.empty()) response.reply.out = bytes(std::min<std::size_t>(out.front().max_bytes, 400));
  response.reply.changed = any_state();
  return response;
}

/// The content of a frame whose head says how long it is.
std::string content_of(const std::string& frame) {
  const auto length = read_head(frame.substr(0, kFrameHead));
  RC_ASSERT(length.has_value());
  RC_ASSERT(*length == frame.size() - kFrameHead);
  return frame.substr(kFrameHead);
}

TEST_F(FrameLaw, RequestsComeBack) {
  EXPECT_TRUE(rc::check([] {
    const Request request = any_request();
    const auto read = read_request(content_of(write_request(request).value()));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == request);
  }));
}

TEST_F(FrameLaw, ResponsesComeBack) {
  EXPECT_TRUE(rc::check([] {
    const Call call = any_call();
    const Response response = any_response(call);
    const auto read = read_response(call, content_of(write_response(call, response).value()));
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == response);
  }));
}

// One value has one spelling, so that whatever is read can be written again byte for byte.
TEST_F(FrameLaw, WhatIsReadIsWrittenAgain) {
  EXPECT_TRUE(rc::check([] {
    const Call call = any_call();
    std::string content = content_of(write_response(call, any_response(call)).value());
    const auto at = *rc::gen::inRange<std::size_t>(0, content.size());
    content[at] = *rc::gen::arbitrary<char>();
    const auto read = read_response(call, content);
    if (!read) return;
    RC_ASSERT(content_of(write_response(call, *read).value()) == content);
  }));
}

TEST_F(FrameLaw, NothingMayBeMissingOrFollow) {
  EXPECT_TRUE(rc::check([] {
    const std::string content = content_of(write_request(any_request()).value());
    const auto size = *rc::gen::inRange<std::size_t>(0, content.size());
    RC_ASSERT(!read_request(content.substr(0, size)));
    RC_ASSERT(!read_request(content + '\0'));
  }));
}

TEST_F(FrameLaw, GarbageIsRefusedOrRead) {
  EXPECT_TRUE(rc::check([] {
    const std::string garbage = "R" + bytes(400);
    const Call call = any_call();
    const auto read = read_response(call, garbage);
    if (read) RC_ASSERT(content_of(write_response(call, *read).value()) == garbage);
  }));
}

TEST(Frame, HoldsTheLargestCall) {
  const std::size_t state = 1 + kMaxStateBytes + 2 * kFrameHead * kMaxEntries;
  const auto room = [](std::span<const Value> all) {
    std::size_t bytes = 0;
    for (const Value& value : all) bytes += kFrameHead + value.max_bytes;
    return bytes;
  };
  for (const CallInfo& call : calls()) {
    EXPECT_LE(2 + room(call.in) + state, kMaxFrame) << call.name;
    EXPECT_LE(3 + std::max(kFrameHead, room(call.out)) + state, kMaxFrame) << call.name;
  }
}

TEST(Frame, HeadsHaveBounds) {
  EXPECT_FALSE(read_head(std::string(4, '\0')));
  EXPECT_FALSE(read_head("\xff\xff\xff\xff"));
  EXPECT_FALSE(read_head(std::string(2, '\0')));
  EXPECT_EQ(read_head(std::string("\0\0\0\1", 4)), 1U);
  EXPECT_EQ(read_head(std::string("\0\x08\0\0", 4)), kMaxFrame);
  EXPECT_FALSE(read_head(std::string("\0\x08\0\1", 4)));
}

TEST(Frame, ValuesHaveBounds) {
  Request request{Call::remove, {std::string(32, 'a')}, {}};
  EXPECT_TRUE(write_request(request));
  request.in[0] += 'a';
  EXPECT_FALSE(write_request(request));
  EXPECT_FALSE(write_request({Call::remove, {}, {}}));
  Response response{Stage::answered, {Result::done, std::string(1024, 'a'), {}}};
  EXPECT_TRUE(write_response(Call::authorize, response));
  response.reply.out += 'a';
  EXPECT_FALSE(write_response(Call::authorize, response));
  EXPECT_FALSE(write_response(Call::finish, {Stage::answered, {Result::done, "a", {}}}));
}

// What a Paycard that did nothing has stored does not count, and nobody has to decide whether it does.
TEST(Frame, OnlyWhatWasDoneChangesAnything) {
  EXPECT_FALSE(write_response(Call::authorize, {Stage::answered, {Result::refused, {}, {{"a", "b"}}}}));
  const std::string spoiled = std::string("R\0\1", 3) + std::string(4, '\0') + std::string("\1\0\0\0\1a\0\0\0\1b", 11);
  EXPECT_FALSE(read_response(Call::authorize, spoiled));
  std::string done = spoiled;
  done[2] = '\0';
  EXPECT_TRUE(read_response(Call::authorize, done));
}

TEST(Frame, KeysAscend) {
  const std::string head("R\0\0\0\0\0\0", 7);
  const std::string a("\0\0\0\1a\0\0\0\1x", 10), b("\0\0\0\1b\0\0\0\1x", 10);
  EXPECT_TRUE(read_response(Call::finish, head + '\2' + a + b));
  EXPECT_FALSE(read_response(Call::finish, head + '\2' + b + a));
  EXPECT_FALSE(read_response(Call::finish, head + '\2' + a + a));
}

TEST(State, HasLimits) {
  EXPECT_TRUE(within_limits({{"a", std::string(kPutValue, 'x')}}));
  EXPECT_FALSE(within_limits({{"a", std::string(kPutValue + 1, 'x')}}));
  EXPECT_FALSE(within_limits({{"", "x"}}));
  State many;
  for (std::size_t i = 0; i < kMaxEntries; ++i) many["k" + std::to_string(i)] = "x";
  EXPECT_TRUE(within_limits(many));
  many["one more"] = "x";
  EXPECT_FALSE(within_limits(many));
  State large;
  for (char c = 'a'; c < 'f'; ++c) large[std::string(1, c)] = std::string(kPutValue, 'x');
  EXPECT_FALSE(within_limits(large));
  EXPECT_EQ(merged({{"a", "1"}, {"b", "2"}}, {{"a", ""}, {"c", "3"}}), (State{{"b", "2"}, {"c", "3"}}));
}

}  // namespace
}  // namespace quickpay::paycard
