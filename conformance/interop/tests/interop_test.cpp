// Who is to blame, what the matrix says, and what passes the recording proxy. Whole meetings: tools/tests/interop_test.py.
#include "conformance/interop/interop.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <sstream>

#include "conformance/interop/blame.hpp"
#include "conformance/interop/recorder.hpp"

namespace quickpay::conformance {
namespace {

/// As the program does: an adapter that ended is an outcome.
[[maybe_unused]] const auto kOldHandler = ::signal(SIGPIPE, SIG_IGN);

// ---------------------------------------------------------------- the first step that was not made
struct Purchase {
  std::vector<Entry> record;
  Statements said;
  CoursePlan course{"a purchase", "yes", 1, 0};

  void exchange(const char* from, const char* to, const std::string& message, const std::string& code) {
    Entry request;
    request.kind = EntryKind::request;
    request.from = from;
    request.to = to;
    request.message = message;
    record.push_back(request);
    if (!code.empty()) {
      Entry answer = request;
      answer.kind = EntryKind::response;
      std::swap(answer.from, answer.to);
      answer.message += "Response";
      answer.code = code;
      record.push_back(answer);
    }
  }
  Purchase() {
    for (const auto& [from, to, message] :
         {std::tuple{"W1", "V1", "GetOrder"}, std::tuple{"W1", "B7", "InquiryPayment"}, std::tuple{"V1", "B7", "CheckCommit"},
          std::tuple{"W1", "V1", "RequestOrderDelivery"}, std::tuple{"B7", "H1", "RegisterCommit"},
          std::tuple{"V1", "H1", "RegisterDelivery"}, std::tuple{"W1", "H1", "RegisterOrder"}}) {
      exchange(from, to, message, "QP-OK");
    }
    Outcome outcome;
    outcome.kind = OutcomeKind::accepted;
    said.wallet = outcome;
    said.vendor_orders = Json::parse(R"([{"state":"DELIVERED"}])");
    said.host_cases = Json::parse(R"([{"commit":"in-time","delivery":"in-time"}])");
  }
  std::string owed() const {
    const auto fault = missing_step(record, course, said);
    return fault ? fault->role : "nobody";
  }
};

TEST(MissingStep, NobodyOwesAnythingAfterACompletePurchase) { EXPECT_EQ(Purchase().owed(), "nobody"); }

TEST(MissingStep, WhoDidNotSendOrAnswerOwesIt) {
  const std::pair<const char*, const char*> senders[] = {
      {"GetOrder", "wallet"}, {"InquiryPayment", "wallet"}, {"CheckCommit", "vendor"}, {"RegisterCommit", "broker"},
      {"RegisterDelivery", "vendor"}, {"RegisterOrder", "wallet"}};
  for (const auto& [message, role] : senders) {
    Purchase purchase;
    std::erase_if(purchase.record, [&, name = message](const Entry& entry) { return entry.message.rfind(name, 0) == 0; });
    EXPECT_EQ(purchase.owed(), role) << message << " was not sent";
  }
  const std::pair<const char*, const char*> answerers[] = {
      {"GetOrder", "vendor"}, {"InquiryPayment", "broker"}, {"CheckCommit", "broker"}, {"RequestOrderDelivery", "vendor"},
      {"RegisterCommit", "host"}, {"RegisterDelivery", "host"}, {"RegisterOrder", "host"}};
  for (const auto& [message, role] : answerers) {
    for (const char* code : {"QP-E-BUSY", ""}) {
      Purchase purchase;
      for (Entry& entry : purchase.record) {
        if (entry.message == std::string(message) + "Response") {
          entry.code = code;
          entry.message = *code == '\0' ? "" : entry.message;
        }
      }
      EXPECT_EQ(purchase.owed(), role) << message << " was answered '" << code << "'";
    }
  }
}

TEST(MissingStep, WhoContradictsTheWireIsToBlame) {
  Purchase purchase;
  purchase.said.wallet->kind = OutcomeKind::rejected;
  EXPECT_EQ(purchase.owed(), "wallet");
  purchase = Purchase();
  purchase.said.vendor_orders = Json::parse(R"([{"state":"COMMITTED"}])");
  EXPECT_EQ(purchase.owed(), "vendor");
  purchase = Purchase();
  purchase.said.host_cases = Json::array();
  EXPECT_EQ(purchase.owed(), "host");
  purchase.said.host_cases.reset();
  EXPECT_EQ(purchase.owed(), "nobody") << "who does not say anything contradicts nothing";
  purchase.said.vendor_orders = Json::parse(R"(["x", 7, {"state": 5}])");
  EXPECT_EQ(purchase.owed(), "vendor") << "nonsense is not DELIVERED";
}

TEST(MissingStep, NothingMayFollowWhenTheUserDeclines) {
  Purchase purchase;
  purchase.course = {"declined", "no", 0, 0};
  EXPECT_EQ(purchase.owed(), "wallet") << "it asked the Broker all the same";
  purchase.record.resize(2);
  purchase.said.wallet->kind = OutcomeKind::rejected;
  purchase.said.vendor_orders = purchase.said.host_cases = Json::array();
  EXPECT_EQ(purchase.owed(), "nobody");
}

// ---------------------------------------------------------------- the matrix
Meeting meeting(const std::string& wallet, const std::string& vendor, const std::string& blamed) {
  Meeting one;
  for (std::size_t role = 0; role < 4; ++role) {
    one.parties[role] = {std::string(kMeetingRoles[role]), std::string(kMeetingRoles[role]), true};
    one.hellos[role].name = std::string(kMeetingRoles[role]) + " reference";
  }
  one.parties[0].command = wallet;
  one.parties[1].command = vendor;
  one.courses = {{"a purchase", true}};
  if (!blamed.empty()) {
    one.faults = {fault_of(blamed, "interop.step", "something", "nothing", {}, Reason::missing_message)};
  }
  return one;
}

TEST(Matrix, HasACellForEachPairAlsoWhereNamesAreTheSame) {
  const std::string text = matrix_text({meeting("a", "x", ""), meeting("a", "y", "vendor"), meeting("b", "x", ""), meeting("b", "y", "wallet")});
  EXPECT_NE(text.find("wallet reference (2)"), std::string::npos) << text;
  EXPECT_NE(text.find("vendor reference (2)"), std::string::npos) << text;
  EXPECT_NE(text.find("fault: vendor"), std::string::npos) << text;
  EXPECT_NE(text.find("fault: wallet"), std::string::npos) << text;
  EXPECT_EQ(matrix_text({meeting("a", "x", "")}), "");
}

TEST(Matrix, HostileNamesAreShownAsText) {
  Meeting one = meeting("a", "x", "vendor");
  one.hellos[0].name = "\x1b[2Jevil\n";
  one.faults[0].found.evidence.got = "\x1b]0;evil\x07";
  one.why = "\x1b";
  for (const std::string& text : {meeting_text(one), matrix_text({one, one}), interop_json({one}, "F")}) {
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
  }
  EXPECT_EQ(Json::parse(interop_json({one}, "F"))["exit_code"], 1);
}

TEST(Interop, WrongUsageIsTwo) {
  std::ostringstream out, err;
  InteropOptions options;
  EXPECT_EQ(interop(options, out, err, nullptr), ExitCode::usage);
  options.commands[0] = {"x"};
  options.profile = "G";
  EXPECT_EQ(interop(options, out, err, nullptr), ExitCode::usage);
  options.profile = "F";
  options.commands = {std::vector<std::string>(9, "x"), std::vector<std::string>(9, "y"), {}, {}};
  EXPECT_EQ(interop(options, out, err, nullptr), ExitCode::usage);
  EXPECT_NE(err.str().find("more than 64 combinations"), std::string::npos) << err.str();
}

TEST(Demo, WithoutTheReferenceThereIsNone) {
  std::ostringstream out;
  EXPECT_EQ(demo("/nonexistent/quickpay", out, nullptr), ExitCode::unreachable);
  EXPECT_NE(out.str().find("wallet unreachable"), std::string::npos) << out.str();
}

TEST(Interop, AdapterThatCannotBeStartedIsNamed) {
  std::ostringstream out, err;
  InteropOptions options;
  options.commands = {std::vector<std::string>{"/nonexistent/adapter"}, {"reference"}, {}, {}};
  options.self = "/nonexistent/quickpay";
  EXPECT_EQ(interop(options, out, err, nullptr), ExitCode::unreachable);
  EXPECT_NE(out.str().find("wallet unreachable"), std::string::npos) << out.str();
}

// ---------------------------------------------------------------- the proxy
struct RecorderTest : ::testing::Test {
  void SetUp() override {
    WireServer::Handlers handlers;
    handlers.request = [this](ConnectionId id, const std::string& from, const HttpMessage& message) {
      seen_from = from;
      seen = message;
      answer.empty() ? server->drop(id) : server->respond(id, answer, true);
    };
    server = std::make_unique<WireServer>(io, std::move(handlers));
    const auto bound = server->listen("127.219.1.11", 0);
    ASSERT_TRUE(bound) << bound.error();
    ASSERT_TRUE(recorder.stand_before("W1", {"127.219.1.10", 0}));
    const auto fronted = recorder.stand_before("V1", *bound);
    ASSERT_TRUE(fronted) << fronted.error();
    EXPECT_NE(fronted->port, bound->port);
    front = *fronted;
  }
  WireReply call(const std::string& from, const std::string& bytes) {
    std::optional<WireReply> reply;
    wire_call(io, from, front, bytes, std::chrono::milliseconds(5000), [&](WireReply r) { reply = std::move(r); });
    while (!reply) {
      io.restart();
      io.run_one();
    }
    return *reply;
  }
  boost::asio::io_context io;
  Recorder recorder{io};
  std::unique_ptr<WireServer> server;
  Address front;
  std::string seen_from, answer = answer_bytes(200, "<b/>", {{"X-Mine", "1"}});
  HttpMessage seen;
};

TEST_F(RecorderTest, PassesOnWhatCameFromWhomItCame) {
  const WireReply reply = call("127.219.1.10", post_bytes("h", "/p", "<a/>", {{"X-Odd", "é"}}));
  EXPECT_EQ(seen_from, "127.219.1.10");
  EXPECT_EQ(seen.start_line, "POST /p HTTP/1.1");
  EXPECT_EQ(seen.header("X-Odd"), "é");
  EXPECT_EQ(seen.body, "<a/>");
  EXPECT_EQ(reply.message.body, "<b/>");
  EXPECT_EQ(reply.message.header("X-Mine"), "1");
  ASSERT_EQ(recorder.entries().size(), 2U);
  EXPECT_EQ(recorder.entries()[0].from, "W1");
  EXPECT_EQ(recorder.entries()[1].from, "V1");
  EXPECT_EQ(recorder.open(), 0U);
}

TEST_F(RecorderTest, HostThatNamesTheFrontNamesTheServer) {
  call("127.219.1.10", post_bytes(front.address + ":" + std::to_string(front.port), "/p", "<a/>"));
  EXPECT_NE(seen.header("Host"), front.address + ":" + std::to_string(front.port));
  EXPECT_EQ(seen.header("Host").rfind(front.address + ":", 0), 0U) << seen.header("Host");
  call("127.219.1.10", post_bytes("elsewhere", "/p", "<a/>"));
  EXPECT_EQ(seen.header("Host"), "elsewhere") << "what is wrong stays wrong";
}

TEST_F(RecorderTest, MarksWhoSendsFromAnAddressOfNobody) {
  call("127.219.1.99", post_bytes("h", "/p", "<a/>"));
  EXPECT_EQ(recorder.entries()[0].findings, std::vector<std::string>{kWrongSource});
}

TEST_F(RecorderTest, AnswerThatIsLostWasSentAndDoesNotArrive) {
  recorder.lose([](const Entry&) { return true; });
  EXPECT_FALSE(call("127.219.1.10", post_bytes("h", "/p", "<a/>")).answered);
  EXPECT_EQ(recorder.entries()[1].kind, EntryKind::response);
  EXPECT_FALSE(recorder.entries()[1].mutation.empty());
}

TEST_F(RecorderTest, SilenceOfTheServerIsRecorded) {
  answer.clear();
  EXPECT_FALSE(call("127.219.1.10", post_bytes("h", "/p", "<a/>")).answered);
  EXPECT_EQ(recorder.entries()[1].kind, EntryKind::failure);
}

}  // namespace
}  // namespace quickpay::conformance
