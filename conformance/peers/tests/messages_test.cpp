// Messages as trees, their digests, and what mutations make of them.
#include <gtest/gtest.h>

#include <set>

#include "conformance/peers/build.hpp"
#include "conformance/peers/catalogue.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/fixture.hpp"
#include "conformance/peers/http.hpp"
#include "conformance/peers/mutation.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/reader.hpp"

namespace quickpay::conformance {
namespace {

const char* kItemText = "Article 4711: \"Tea & Toast\"";

Element golden_order() {
  return branch("Order", {leaf("Kind", "micro"), leaf("Vendor", "V1001"), leaf("OrderId", "2026-000042"),
                          leaf("Amount", "125"), leaf("Currency", "USD"), leaf("Created", "2026-11-22T12:00:00Z"),
                          leaf("Expires", "2026-11-22T12:15:00Z"),
                          leaf("ItemHash", item_hash("00112233445566778899aabbccddeeff", kItemText)),
                          leaf("BuyerTag", buyer_tag("f0e1d2c3b4a5968778695a4b3c2d1e0f"))});
}

Element check_commit() {
  HeadFacts head;
  head.host = "H1";
  head.sender = "V1001";
  head.receiver = "B7";
  head.msg_id = std::string(32, '0');
  head.sent_at = "2026-11-22T12:00:05Z";
  return request_of("CheckCommit", head, {leaf("EndorsementId", std::string(32, 'e')), order_ref_of(golden_order())});
}

std::string mutated_text(const std::string& name) {
  const auto mutations = mutations_of(name);
  EXPECT_TRUE(mutations) << name;
  const auto bytes = mutated(check_commit(), *mutations);
  return bytes ? *bytes : "error: " + bytes.error();
}

// QP-ADD-19: digests and tokens cover the canonical encoding. The values are those of docs/protocol.md, section 4.
TEST(Digest, GivesTheCheckValuesOfTheSpecification) {
  EXPECT_EQ(item_hash("00112233445566778899aabbccddeeff", kItemText),
            "1c47fcdf0f5ba9dfade9bd43b498a3736d0ebf001a47b219b57d66a7fdf58940");
  EXPECT_EQ(buyer_tag("f0e1d2c3b4a5968778695a4b3c2d1e0f"),
            "1872c5951c1bb329c147ed8cee67e4e97d824e168f0fcdb47590de380dbdfc89");
  EXPECT_EQ(text_at(order_ref_of(golden_order()), "Digest"),
            "45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c");
  const std::string secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  const auto token = bytes_of_base64(paycard_token(secret, "W0123456789abcdef0123456789abcdef", "P7",
                                                   "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb", order_ref_of(golden_order())));
  ASSERT_TRUE(token);
  EXPECT_EQ(hex_of(*token), "fbb8934be44750c9000f24c7e64e9a2773adc2f2487b443e5851a885eb042623");
}

// A name belongs to one family: the suites must not take a message of another protocol for the one that they know.
TEST(Messages, ArePathsBeforeTheyAreNames) {
  EXPECT_EQ(message_of("/qp/1/micro/get-order"), "GetOrder");
  EXPECT_EQ(message_of("/qp/1/regular/get-order"), "regular/GetOrder");
  EXPECT_EQ(path_of("regular/GetOrder"), "/qp/1/regular/get-order");
  EXPECT_EQ(request_of("regular/GetOrder", {}, {}).name, "GetOrder");
  EXPECT_TRUE(is_path("/qp/1/regular/get-order"));
  EXPECT_FALSE(is_path("/qp/1/regular/get-orders"));
  EXPECT_EQ(protocol_of("GetOrder"), "micropayment");
  EXPECT_EQ(protocol_of("regular/GetOrder"), "regular");
}

// The suite's own answers are right whatever the implementation says: nobody who sent GetOrder has a name.
TEST(Answers, ToAMessageWithoutSenderHaveNoReceiver) {
  HeadFacts head;
  head.host = "H1";
  head.sender = "W0123456789abcdef0123456789abcdef";
  head.receiver = "V1001";
  head.msg_id = std::string(32, '0');
  const auto receiver_of = [&](const char* message) {
    const Element response = response_to(request_of(message, head, {}), "QP-E-BUSY", "V1001", std::string(32, '1'),
                                         "2026-11-22T12:00:05Z", {});
    return text_at(response, "Head/Receiver");
  };
  EXPECT_EQ(receiver_of("GetOrder"), "");
  EXPECT_EQ(receiver_of("InquiryPayment"), head.sender);
}

TEST(Digest, RefusesBase64ThatIsNotCanonical) {
  EXPECT_EQ(bytes_of_base64("AQ=="), "\1");
  for (const char* wrong : {"AR==", "AQ=", "A Q=", "-_8=", "AQ==AQ=="}) {
    EXPECT_FALSE(bytes_of_base64(wrong)) << wrong;
  }
}

// QP-ADD-20: what the suite reads keeps the profile.
TEST(Element, ReadsWhatItWrites) {
  const Element document = check_commit();
  const auto again = parse_xml(to_xml(document));
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(*again, document);
  EXPECT_EQ(text_at(*again, "Body/OrderRef/Amount"), "125");
  EXPECT_TRUE(parse_xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + to_xml(document) + "\n"));
}

// QP-ADD-20: no operator on bytes leaves a document that can be read; every spelling can.
TEST(Mutation, ByteOperatorsLeaveTheProfileAndSpellingsDoNot) {
  for (const std::string& op : byte_operators()) {
    const bool lexical = op == "too-deep" || op == "too-many-elements" || op == "nul" || op == "control" ||
                         op == "no-break-space" || op.find("utf8") != std::string::npos || op == "surrogate" ||
                         op == "lone-continuation" || op == "foreign-entity";
    const auto document = parse_xml(mutated_text("CheckCommit:" + op));
    EXPECT_TRUE(lexical || !document) << op;
    const auto object =
        codec::read<msg::micro::CheckCommit>(mutated_text("CheckCommit:" + op), msg::micro::kCheckCommitDocument);
    ASSERT_FALSE(object) << op;
    EXPECT_EQ(object.error().fault, codec::Fault::xml) << op;
  }
  for (const std::string& op : spelling_operators()) {
    EXPECT_EQ(parse_xml(mutated_text("CheckCommit:" + op)).value_or(Element{}), check_commit()) << op;
  }
}

TEST(Mutation, ChangesExactlyWhatItsNameSays) {
  EXPECT_NE(mutated_text("CheckCommit.OrderRef.Amount:+1").find("<Amount>126</Amount>"), std::string::npos);
  EXPECT_NE(mutated_text("CheckCommit.OrderRef.Amount:-25").find("<Amount>100</Amount>"), std::string::npos);
  EXPECT_NE(mutated_text("CheckCommit.Head.Receiver:=B8").find("<Receiver>B8</Receiver>"), std::string::npos);
  EXPECT_EQ(mutated_text("CheckCommit.EndorsementId:remove").find("EndorsementId"), std::string::npos);
  const std::string both = mutated_text("CheckCommit.OrderRef.Currency:=EUR & CheckCommit:comment");
  EXPECT_NE(both.find("<Currency>EUR</Currency>"), std::string::npos);
  EXPECT_NE(both.find("<!-- x -->"), std::string::npos);
}

TEST(Mutation, SaysWhatItCannotDo) {
  EXPECT_EQ(mutated_text("CheckCommit.NoSuchField:remove"), "error: no such place: CheckCommit.NoSuchField:remove");
  EXPECT_EQ(mutated_text("CheckCommit.OrderRef.Amount:no-such-operator"),
            "error: the operator does not fit: CheckCommit.OrderRef.Amount:no-such-operator");
  EXPECT_FALSE(mutations_of("CheckCommit"));
  EXPECT_FALSE(mutations_of("a:b & "));
}

TEST(Mutation, FlipGivesAnotherLegalValue) {
  for (const char* path : {"EndorsementId", "OrderRef.Digest", "OrderRef.OrderId", "OrderRef.Amount"}) {
    const std::string bytes = mutated_text(std::string("CheckCommit.") + path + ":flip");
    EXPECT_NE(bytes, to_xml(check_commit())) << path;
    EXPECT_TRUE(codec::read<msg::micro::CheckCommit>(bytes, msg::micro::kCheckCommitDocument)) << path;
  }
}

TEST(Catalogue, KnowsHundredsOfPlaces) {
  std::set<std::string> names;
  for (const codec::MessageType* message : msg::messages()) {
    for (const codec::DocumentType* document : {message->request, message->response}) {
      for (const std::string& name : table_mutations(*document)) {
        names.insert(name);
      }
    }
  }
  EXPECT_GE(names.size(), 400u);
}

TEST(Http, CutsMessagesOutOfAStream) {
  const std::string body = "<a/>";
  std::string stream = post_bytes("x", "/p", body) + post_bytes("x", "/q", body, {}, true) + "POST";
  const auto first = cut_message(stream, false, false);
  const auto second = cut_message(stream, false, false);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->target() + first->body, "/p<a/>");
  EXPECT_EQ(second->target() + second->body, "/q<a/>");
  EXPECT_FALSE(cut_message(stream, false, false));
  EXPECT_EQ(stream, "POST");
}

TEST(Http, CallsBrokenWhatCannotBeCutOut) {
  std::string both = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n<a/>";
  EXPECT_TRUE(cut_message(both, false, true)->broken);
  std::string endless(kMaxHttpHead + 1, 'a');
  EXPECT_TRUE(cut_message(endless, false, false)->broken);
  std::string cut_off = answer_bytes(200, "<a/>");
  cut_off.pop_back();
  EXPECT_TRUE(cut_message(cut_off, true, true)->broken);
}

TEST(Time, IsReadAndWritten) {
  EXPECT_EQ(time_text(time_of("2026-11-22T12:00:00Z") + 61000), "2026-11-22T12:01:01Z");
  EXPECT_EQ(time_of("2026-11-22 12:00:00Z"), -1);
}

TEST(Fixture, GivesPlayersTheirPartsAndAddresses) {
  const Json fixture = Json::parse(R"({"name":"x","role":"broker","player":"B3","host":"H1","currencies":["USD"],
    "directory":[{"id":"V5","role":"vendor","name":"","endpoints":[{"address":"127.0.0.3","port":18101}],"bound":[]},
                 {"id":"H2","role":"host","name":"","endpoints":[{"address":"127.0.0.2","port":18100}],"bound":[]},
                 {"id":"W0123456789abcdef0123456789abcdef","role":"wallet","name":"","endpoints":[],"bound":["127.0.0.4"]}],
    "fixtures":{"accounts":[{"account":"a1","limit":1000,"balance":1000,"currency":"USD"}],
      "bindings":[{"wallet":"W0123456789abcdef0123456789abcdef","paycard":"P7","account":"a1","secret":"00"}]}})");
  const auto plan = plan_of_fixture(fixture);
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->cast.broker, "B3");
  EXPECT_EQ(plan->cast.vendor, "V5");
  EXPECT_EQ(plan->cast.host, "H2");
  EXPECT_EQ(plan->cast.other_vendor, "");
  EXPECT_EQ(plan->player("V5")->port, 18101);
  EXPECT_EQ(plan->paycard("P7")->limit, 1000);
  EXPECT_FALSE(plan_of_fixture(Json::parse(R"({"role":"broker"})")));
}

}  // namespace
}  // namespace quickpay::conformance
