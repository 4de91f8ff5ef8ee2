// Reader and libxml2 with the generated schema read the same: on documents made from the tables, on documents changed in
// every way that comes to mind, and on one example of each difference by design. QP_SEED repeats a run.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/differences.hpp"
#include "reference/codec/tests/random_object.hpp"

namespace quickpay::codec {
namespace {

namespace micro = msg::micro;
using Bytes = std::vector<std::uint8_t>;

const XsdJudges& judges() {
  static const XsdJudges loaded = XsdJudges::load().value();
  return loaded;
}
const XsdJudge& judge() { return judges().of(micro::kGetOrderDocument); }

Bytes choices() { return *rc::gen::resize(600, rc::gen::container<Bytes>(rc::gen::arbitrary<std::uint8_t>())); }

std::string made(const DocumentType& type, const ObjectType& of) {
  test::Choices given(choices());
  const auto object = of.make();
  test::fill(*type.type, object.get(), given);
  return write_document(type, object.get());
}

// Changes that keep most documents well formed, so that the schema is reached; and some that do not.
std::string changed(std::string text) {
  static const std::array<std::string, 24> kPieces{
      "<!-- c -->", "<![CDATA[1]]>", "<?pi?>", "&#49;", "&amp;", "&x;", "]]>", "<Ext><Name>x-a</Name><Value>v</Value></Ext>",
      " ", "\r\n", "\t", "0", "-", "\xC3\xA4", "\xE2\x80\x8B", "<a/>", "<Note>n</Note>", "<After>3</After>", " xmlns=\"\"",
      " xml:space=\"preserve\"", "</Body>", "<Code>QP-E-BUSY</Code>", std::string(1, '\0'), "\x80"};
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return text.insert(at, *rc::gen::elementOf(kPieces));
    case 1:
      return text.erase(at, *rc::gen::inRange<std::size_t>(1, 60));
    case 2: {  // a whole element twice, or gone
      const std::size_t open = text.find('<', at);
      const std::size_t close = text.find("</", open == std::string::npos ? at : open + 1);
      const std::size_t end = close == std::string::npos ? close : text.find('>', close);
      if (open == std::string::npos || end == std::string::npos) return text;
      if (*rc::gen::arbitrary<bool>()) return text.erase(open, end + 1 - open);
      return text.insert(open, text.substr(open, end + 1 - open));
    }
    case 3:
      if (at < text.size()) text[at] = *rc::gen::elementOf(std::string("09afAFZ <>&/\"\n\x7f\x80"));
      return text;
  }
  return text;
}

void check(const DocumentType& type, const ObjectType& of) {
  const std::string what(type.root);
  EXPECT_TRUE(rc::check(what + ": valid documents", [&] {
    const std::string text = made(type, of);
    RC_LOG(text);
    const Comparison comparison = compare_as(of, text, type, judges().of(type));
    RC_ASSERT(comparison.defect.empty());
    RC_ASSERT(!comparison.difference.has_value());
  }));
  EXPECT_TRUE(rc::check(what + ": changed documents", [&] {
    const std::string text = changed(changed(made(type, of)));
    RC_LOG(text);
    const Comparison comparison = compare_as(of, text, type, judges().of(type));
    RC_LOG(comparison.defect);
    RC_ASSERT(comparison.defect.empty());
  }));
}

// QP-TECH-012: one meaning, whatever parser reads it.
TEST(Oracle, EveryMessage) {
  msg::for_each_message([]<class Request, class Response>(const MessageType& message) {
    check(*message.request, object_type<Request>());
    check(*message.response, object_type<Response>());
  });
  msg::for_each_inner_document([]<class Inner>(const DocumentType& type) { check(type, object_type<Inner>()); });
}

const std::string kRequest =
    "<GetOrder xmlns=\"urn:quickpay:1\"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>"
    "<Receiver>V1001</Receiver><MsgId>0123456789abcdef0123456789abcdef</MsgId></Head><Body><Kind>micro</Kind>"
    "<Item>song</Item><BuyerTag>45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c</BuyerTag></Body>"
    "</GetOrder>";
const std::string kRefusal =
    "<GetOrderResponse xmlns=\"urn:quickpay:1\"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>"
    "<Sender>V1001</Sender><MsgId>0123456789abcdef0123456789abcdef</MsgId><SentAt>2026-11-22T12:00:03Z</SentAt></Head>"
    "<Body><Status><Code>QP-E-BUSY</Code><Retry>same</Retry><Note>later</Note></Status></Body></GetOrderResponse>";

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// One example of each class at least, so that no class is a loophole that nobody has seen from inside.
TEST(Oracle, EveryDifferenceByDesignHasAnExample) {
  const std::string declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  struct Example {
    Difference difference;
    std::string document;
  };
  std::array<int, kDifferences> seen{};
  for (const Example& example : std::vector<Example>{
           {Difference::encoding, "\xEF\xBB\xBF" + kRequest},
           {Difference::declaration, "<?xml version='1.0'?>" + kRequest},
           {Difference::declaration, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + kRequest},
           {Difference::declaration, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" + kRequest},
           {Difference::markup, declaration + "<!-- a -->" + kRequest},
           {Difference::markup, "<!DOCTYPE GetOrder>" + kRequest},
           {Difference::markup, replaced(kRequest, "song", "<![CDATA[song]]>")},
           {Difference::markup, replaced(kRequest, "song", "so<!-- -->ng")},
           {Difference::markup, replaced(kRequest, "<Item>", "<?x y?><Item>")},
           {Difference::reference, replaced(kRequest, "song", "son&#103;")},
           {Difference::attribute, replaced(kRequest, ":1\">", ":1\" xmlns:q=\"urn:quickpay:1\">")},
           {Difference::attribute, replaced(kRequest, "<Item>", "<Item xmlns=\"urn:quickpay:1\">")},
           {Difference::prefix, "<q:" + replaced(replaced(kRequest.substr(1), "xmlns=", "xmlns:q=\"urn:quickpay:1\" xmlns="),
                                                 "</GetOrder", "</q:GetOrder")},
           {Difference::trailing_nul, kRequest + std::string("\0x", 2)},
           {Difference::byte_length, replaced(kRefusal, "later", repeated("\u00e4", 129))},
           {Difference::condition, replaced(kRefusal, "<Retry>same</Retry>", "")},
           {Difference::condition, replaced(kRefusal, "QP-E-BUSY", "QP-OK")},
       }) {
    SCOPED_TRACE(example.document);
    const bool request = example.document.find("GetOrderResponse") == std::string::npos;
    const Comparison comparison =
        request ? compare_as(object_type<micro::GetOrder>(), example.document, micro::kGetOrderDocument, judge())
                : compare_as(object_type<micro::GetOrderResponse>(), example.document, micro::kGetOrderResponseDocument, judge());
    EXPECT_EQ(comparison.defect, "");
    ASSERT_TRUE(comparison.difference.has_value()) << judge().judge(example.document).message;
    EXPECT_EQ(name_of(*comparison.difference), name_of(example.difference));
    ++seen[static_cast<std::size_t>(*comparison.difference)];
  }
  DocumentType small = micro::kGetOrderDocument;
  Family family = *small.family;
  family.max_elements = 11;
  small.family = &family;
  EXPECT_EQ(compare_as(object_type<micro::GetOrder>(), kRequest, small, judge()).difference, std::nullopt);
  family.max_elements = 10;
  EXPECT_EQ(compare_as(object_type<micro::GetOrder>(), kRequest, small, judge()).difference, Difference::limits);
  ++seen[static_cast<std::size_t>(Difference::limits)];
  for (std::size_t i = 0; i < kDifferences; ++i) EXPECT_GT(seen[i], 0) << name_of(static_cast<Difference>(i));
}

// Twins: a reader that accepted too much, read another value or refused too much would be found out.
TEST(Oracle, NoticesAReaderThatIsWrong) {
  const XsdVerdict good = judge().judge(kRequest);
  ASSERT_TRUE(good.schema_valid) << good.message;
  const DocumentType& type = micro::kGetOrderDocument;
  EXPECT_EQ(compare(kRequest, type, nullptr, good.leaves, good).defect, "");

  const std::string broken = replaced(kRequest, "</Item>", "");
  EXPECT_NE(compare(broken, type, nullptr, {}, judge().judge(broken)).defect, "");
  const std::string invalid = replaced(kRequest, "micro", "macro");
  EXPECT_NE(compare(invalid, type, nullptr, judge().judge(invalid).leaves, judge().judge(invalid)).defect, "");

  std::vector<XmlLeaf> other = good.leaves;
  other[3].value += "x";
  EXPECT_NE(compare(kRequest, type, nullptr, other, good).defect, "");
  other = good.leaves;
  other.pop_back();
  EXPECT_NE(compare(kRequest, type, nullptr, other, good).defect, "");

  const ReadError refused{Fault::schema, 10, "not a value of the list"};
  EXPECT_NE(compare(kRequest, type, &refused, {}, good).defect, "");
  const ReadError order{Fault::schema, 10, "an element that has no place here, or one that should stand before it is missing"};
  EXPECT_NE(compare(kRequest, type, &order, {}, good).defect, "") << "a request has no conditional fields";
  EXPECT_NE(compare(broken, type, &refused, {}, judge().judge(broken)).defect, "") << "XML faults come first";
}

TEST(Judge, DoesNotReadWhatADocumentNames) {
  const std::string bomb = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" +
                           replaced(kRequest, "song", "&x;");
  const XsdVerdict verdict = judge().judge(bomb);
  EXPECT_FALSE(verdict.schema_valid);
  for (const XmlLeaf& leaf : verdict.leaves) EXPECT_EQ(leaf.value.find("root:"), std::string::npos);
}

TEST(Judge, SaysWhy) {
  EXPECT_EQ(judge().judge(kRequest).message, "");
  EXPECT_NE(judge().judge("").message, "");
  EXPECT_NE(judge().judge("<a>").message, "");
  EXPECT_NE(judge().judge("<a/>").message, "");
  EXPECT_TRUE(judge().judge("<a/>").well_formed);
  EXPECT_FALSE(XsdJudge::load("<a/>").has_value());
}

}  // namespace
}  // namespace quickpay::codec
