// The wire profile, paragraph by paragraph: what is accepted, and what is refused with which code at which byte.
#include "reference/codec/reader.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference/codec/limits.hpp"
#include "reference/codec/tests/sample.hpp"
#include "reference/codec/writer.hpp"

namespace quickpay::codec {
namespace {

using sample::with_body;

constexpr std::string_view kMark = "@@";  // stands in front of the byte at which the breach is expected
const std::string kOk = "<Status><Code>QP-OK</Code></Status>";
const std::string kPart = "<Part><Kind>micro</Kind><Amount>125</Amount></Part>";
const std::string kLeft = "<Left>V1</Left>";
const std::string kGood = kOk + kPart + kLeft;
const std::string kNo = "<Status><Code>QP-E-NO</Code><Retry>micro</Retry></Status>";
const std::string kOpen = "<Root xmlns=\"urn:quickpay:1\">";
const std::string kHead = "<Head><Id>00112233</Id></Head>";

struct Case {
  std::string name;
  std::string document;
};

void expect_refused(const Case& c, Fault fault) {
  SCOPED_TRACE(c.name);
  const std::size_t mark = c.document.find(kMark);
  ASSERT_NE(mark, std::string::npos) << "the case marks no byte";
  std::string document = c.document;
  document.erase(mark, kMark.size());
  const auto result = read<sample::Root>(document, sample::document());
  ASSERT_FALSE(result.has_value()) << document;
  EXPECT_EQ(code_of(result.error().fault), code_of(fault)) << result.error().reason;
  EXPECT_EQ(result.error().offset, mark) << result.error().reason;
}

void expect_read(const Case& c) {
  SCOPED_TRACE(c.name);
  const auto result = read<sample::Root>(c.document, sample::document());
  ASSERT_TRUE(result.has_value()) << result.error().reason << " at " << result.error().offset << " of " << c.document;
  const auto again = read<sample::Root>(write_document(sample::document(), &*result), sample::document());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, *result);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// QP-TECH-012: one way to read a document.
TEST(Reader, ReadsEveryFieldOfTheFullDocument) {
  const auto result = read<sample::Root>(sample::kFull, sample::document());
  ASSERT_TRUE(result.has_value()) << result.error().reason << " at " << result.error().offset;
  EXPECT_EQ(*result, sample::full());
}

TEST(Reader, ReadsARefusalWithoutResultFields) {
  const auto result = read<sample::Root>(sample::kRefusal, sample::document());
  ASSERT_TRUE(result.has_value()) << result.error().reason;
  EXPECT_EQ(result->body.status.retry, sample::Kind::regular);
  EXPECT_FALSE(result->body.part.has_value());
}

TEST(Reader, AcceptsWhatTheProfileLeavesFree) {
  const std::string good = with_body(kGood);
  const std::string declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  for (const Case& c : std::vector<Case>{
           {"plain", good},
           {"declaration", declaration + good},
           {"declaration and line end", declaration + "\r\n" + good + "\n"},
           {"white space around the root", " \t\r\n" + good + " \t\r\n"},
           {"white space between elements", replaced(replaced(good, "<Head>", "\n  <Head>\r\n\t"), "<Body>", " <Body> ")},
           {"white space in tags", replaced(replaced(good, "<Head>", "<Head\t>"), "</Head>", "</Head \n>")},
           {"white space in a leaf's tags", replaced(replaced(good, "<Id>", "<Id >"), "</Id>", "</Id >")},
           {"single quotes", replaced(good, "\"urn:quickpay:1\"", "'urn:quickpay:1'")},
           {"blanks around the equals sign", replaced(good, "xmlns=\"urn:quickpay:1\"", "xmlns = \n\"urn:quickpay:1\" ")},
           {"the five references", with_body(kGood + "<Note>&amp;&lt;&gt;&quot;&apos;</Note>")},
           {"a reference is resolved once", with_body(kGood + "<Note>&amp;amp;</Note>")},
           {"bare > and quotes", with_body(kGood + "<Note>a>b\"'</Note>")},
           {"brackets that end no section", with_body(kGood + "<Note>]]]&gt; ]></Note>")},
           {"blanks are a text", with_body(kGood + "<Note>   </Note>")},
           {"characters of 2, 3 and 4 bytes", with_body(kGood + "<Note>\u00e4\u20ac\U0001F600</Note>")},
           {"joiners", with_body(kGood + "<Note>\u200c\u200d</Note>")},
           {"a last plane's non-character", with_body(kGood + "<Note>\U0001FFFE</Note>")},
       }) {
    expect_read(c);
  }
}

TEST(Reader, ResolvesReferencesOnce) {
  const auto result = read<sample::Root>(with_body(kGood + "<Note>&amp;lt;&gt;</Note>"), sample::document());
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->body.note, "&lt;>");
}

// White space between elements changes no value and so no digest.
TEST(Reader, IgnoresWhiteSpaceBetweenElements) {
  std::string spaced;
  for (const char* c = sample::kFull; *c != '\0'; ++c) {
    if (*c == '<' && c != sample::kFull && c[-1] == '>') spaced += "\r\n\t ";
    spaced += *c;
  }
  const auto result = read<sample::Root>(spaced, sample::document());
  ASSERT_TRUE(result.has_value()) << result.error().reason << " at " << result.error().offset;
  EXPECT_EQ(*result, sample::full());
}

TEST(Reader, RefusesOtherEncodingsAndDeclarations) {
  const std::string good = with_body(kGood);
  for (const Case& c : std::vector<Case>{
           {"nothing", "@@"},
           {"only white space", " \n@@"},
           {"byte order mark", "@@\xEF\xBB\xBF" + good},
           {"UTF-16", std::string("@@\xFF\xFE<\0R\0", 8)},
           {"other version", "@@<?xml version=\"1.1\" encoding=\"UTF-8\"?>" + good},
           {"other encoding", "@@<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + good},
           {"lower-case encoding", "@@<?xml version=\"1.0\" encoding=\"utf-8\"?>" + good},
           {"no encoding", "@@<?xml version=\"1.0\"?>" + good},
           {"standalone", "@@<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>" + good},
           {"single quotes in the declaration", "@@<?xml version='1.0' encoding='UTF-8'?>" + good},
           {"declaration after a blank", " @@<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + good},
           {"two declarations", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>@@<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + good},
           {"text before the root", "@@x" + good},
           {"no-break space before the root", "@@\u00a0" + good},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesBytesThatAreNotUtf8) {
  const auto note = [](const std::string& text) { return with_body(kGood + "<Note>" + text + "</Note>"); };
  for (const Case& c : std::vector<Case>{
           {"lone continuation", note("a@@\x80")},
           {"overlong NUL", note("@@\xC0\x80")},
           {"overlong slash", note("@@\xE0\x80\xAF")},
           {"overlong of four", note("@@\xF0\x80\x80\xAF")},
           {"surrogate", note("@@\xED\xA0\x80")},
           {"above the last plane", note("@@\xF4\x90\x80\x80")},
           {"no lead byte", note("@@\xFE")},
           {"cut off by the tag", note("ab@@\xE2\x82")},
           {"cut off by the end", kOpen + "<Head><Id>@@\xE2\x82"},
           {"in a name", kOpen + "<H@@\xC3\xA4" "ad></Head></Root>"},
           {"Cyrillic look-alike", kOpen + "<@@\u0410mount></Amount></Root>"},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesWhatIsNotACharacterOfXml) {
  const auto note = [](const std::string& text) { return with_body(kGood + "<Note>" + text + "</Note>"); };
  for (const Case& c : std::vector<Case>{
           {"NUL", note(std::string("@@\0", 3))},
           {"bell", note("a@@\a")},
           {"escape", note("@@\x1B[31m")},
           {"U+FFFE", note("@@\uFFFE")},
           {"U+FFFF", note("@@\uFFFF")},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesNamespacesAndAttributes) {
  const std::string rest = kHead + "<Body>" + kGood + "</Body></Root>";
  for (const Case& c : std::vector<Case>{
           {"no namespace", "<Root@@>" + rest},
           {"another namespace", "<Root xmlns=\"urn:quickpay:@@2\">" + rest},
           {"blank at the end", "<Root xmlns=\"urn:quickpay:1@@ \">" + rest},
           {"other case", "<Root xmlns=\"@@URN:quickpay:1\">" + rest},
           {"percent-encoded", "<Root xmlns=\"urn:quickpay:@@%31\">" + rest},
           {"reference in the namespace", "<Root xmlns=\"urn:quickpay:@@&#49;\">" + rest},
           {"prefixed root", "<q@@:Root xmlns:q=\"urn:quickpay:1\"></q:Root>"},
           {"only a prefix is bound", "<Root @@xmlns:q=\"urn:quickpay:1\">" + rest},
           {"prefix besides", "<Root xmlns=\"urn:quickpay:1\" @@xmlns:q=\"urn:quickpay:1\">" + rest},
           {"twice", "<Root xmlns=\"urn:quickpay:1\" @@xmlns=\"urn:quickpay:1\">" + rest},
           {"no blank between attributes", "<Root xmlns=\"urn:quickpay:1\"@@a=\"\">" + rest},
           {"another attribute", "<Root xmlns=\"urn:quickpay:1\" @@a=\"b\">" + rest},
           {"another attribute first", "<Root @@a=\"b\" xmlns=\"urn:quickpay:1\">" + rest},
           {"schema location", "<Root xmlns=\"urn:quickpay:1\" @@xsi:schemaLocation=\"\">" + rest},
           {"no quotes", "<Root xmlns=@@urn:quickpay:1>" + rest},
           {"no value", "<Root @@xmlns>" + rest},
           {"again on a child", kOpen + "<Head @@xmlns=\"urn:quickpay:1\"><Id>00112233</Id></Head></Root>"},
           {"emptied on a child", kOpen + "<Head @@xmlns=\"\"><Id>00112233</Id></Head></Root>"},
           {"xml:space", kOpen + "<Head @@xml:space=\"preserve\"></Head></Root>"},
           {"attribute in an end tag", kOpen + "<Head></Head @@a=\"\"></Root>"},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesTheConstructsOfXmlThatCarrySurprises) {
  const std::string good = with_body(kGood);
  const auto note = [](const std::string& text) { return with_body(kGood + "<Note>" + text + "</Note>"); };
  for (const Case& c : std::vector<Case>{
           {"document type", "@@<!DOCTYPE Root>" + good},
           {"external entity", "@@<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + good},
           {"laughs", "@@<!DOCTYPE a [<!ENTITY a \"b\"><!ENTITY b \"&a;&a;\">]>" + good},
           {"comment before", "@@<!-- a -->" + good},
           {"comment behind", good + "@@<!-- a -->"},
           {"comment between elements", with_body("@@<!---->" + kGood)},
           {"comment in a value", note("1@@<!---->2")},
           {"CDATA section", note("@@<![CDATA[a]]>")},
           {"CDATA inside a value", note("1@@<![CDATA[2]]>5")},
           {"end of a CDATA section", note("a@@]]>b")},
           {"processing instruction", with_body("@@<?php ?>" + kGood)},
           {"processing instruction in a value", note("@@<?x?>")},
           {"unknown entity", note("@@&foo;")},
           {"reference without semicolon", note("@@&lt a")},
           {"empty reference", note("@@&;")},
           {"upper-case reference", note("@@&LT;")},
           {"bare ampersand", note("a @@& b")},
           {"decimal reference", note("@@&#49;25")},
           {"hexadecimal reference", note("@@&#x31;")},
           {"carriage return by reference", note("@@&#13;")},
           {"reference to no character", note("@@&#xD800;")},
           {"reference cut off", kOpen + "<Head><Id>@@&am"},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesNamesOutsideTheProfile) {
  const std::string longest(64, 'a');
  for (const Case& c : std::vector<Case>{
           {"blank before the name", kOpen + "<@@ Head></Head></Root>"},
           {"starts with a digit", kOpen + "<@@1a></1a></Root>"},
           {"underscore", kOpen + "<a@@_b></a_b></Root>"},
           {"hyphen", kOpen + "<a@@-b></a-b></Root>"},
           {"dot", kOpen + "<a@@.b></a.b></Root>"},
           {"colon", kOpen + "<a@@:b></a:b></Root>"},
           {"65 bytes", kOpen + "<" + longest + "@@b></" + longest + "b></Root>"},
           {"a mebibyte", kOpen + "<" + longest + "@@" + std::string(1 << 20, 'b') + ">"},
       }) {
    expect_refused(c, Fault::xml);
  }
  expect_refused({"64 bytes are a name, but not one of the tables", kOpen + "@@<" + longest + ">1</" + longest + "></Root>"},
                 Fault::schema);
}

TEST(Reader, RefusesBrokenStructure) {
  const std::string good = with_body(kGood);
  for (const Case& c : std::vector<Case>{
           {"crossed tags", kOpen + "<Head><Id>00112233@@</Head></Id></Root>"},
           {"longer end tag", kOpen + "<Head><Id>00112233@@</Idd></Head></Root>"},
           {"shorter end tag", kOpen + "<Head><Id>00112233@@</I></Head></Root>"},
           {"other case", kOpen + "<Head><Id>00112233@@</ID></Head></Root>"},
           {"end tag first", "@@</Root>"},
           {"two roots", good + "@@" + good},
           {"text behind", good + "\n@@x"},
           {"NUL behind", good + std::string("@@\0", 3)},
           {"root left open", kOpen + kHead + "@@"},
           {"value left open", kOpen + "<Head><Id>0011@@"},
           {"tag left open", kOpen + "<Head@@"},
           {"end tag left open", kOpen + "<Head><Id>00112233</Id@@"},
           {"only a less-than sign", "<@@"},
           {"slash before a blank", kOpen + "<Head/@@ ></Root>"},
           {"slash and the end", kOpen + "<Head/@@"},
           {"less-than in a value", kOpen + "<Head><Id>0@@<<</Id></Head></Root>"},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesTextBesideElements) {
  for (const Case& c : std::vector<Case>{
           {"before the children", kOpen + kHead + "<Body>x@@<Status><Code>QP-OK</Code></Status></Body></Root>"},
           {"between the children", with_body(kOk + "@@x" + kPart + kLeft)},
           {"behind the children", with_body(kGood + " @@x")},
           {"a reference", with_body(kGood + "@@&amp;")},
           {"a no-break space", with_body(kGood + "@@\u00a0")},
           {"a zero-width space", with_body(kGood + "@@\u200b")},
           {"an element in a value", with_body(kOk + "<Part><Kind>mic@@<b>ro</b></Kind></Part>")},
       }) {
    expect_refused(c, Fault::xml);
  }
}

// XML faults win, whatever else is wrong, wherever it stands.
TEST(Reader, PrefersAFaultOfTheProfile) {
  for (const Case& c : std::vector<Case>{
           {"after an unknown element", with_body("<Unknown>1</Unknown>" + kGood + "<Note>@@&#1;</Note>")},
           {"after a wrong root", "<Wrong xmlns=\"urn:quickpay:1\"><a>1</a>@@<!-- --></Wrong>"},
           {"after a wrong value", with_body("<Status><Code>QP-WHAT</Code></Status>@@<?x?>")},
           {"in the same value", with_body(kGood + "<Tag>ZZZ@@\x01</Tag>")},
           {"behind the root", with_body("<Unknown>1</Unknown>") + "@@x"},
           {"at the very end", kOpen + "<Wrong>1</Wrong>@@"},
       }) {
    expect_refused(c, Fault::xml);
  }
}

TEST(Reader, RefusesElementsWithoutContent) {
  for (const Case& c : std::vector<Case>{
           {"leaf", with_body(kGood + "@@<Note></Note>")},
           {"leaf, short form", with_body(kGood + "@@<Note/>")},
           {"leaf, short form with blank", with_body(kGood + "@@<Note />")},
           {"struct", kOpen + kHead + "@@<Body></Body></Root>"},
           {"struct, short form", kOpen + kHead + "@@<Body/></Root>"},
           {"struct with white space", kOpen + kHead + "@@<Body> \n</Body></Root>"},
           {"root", "@@<Root xmlns=\"urn:quickpay:1\"/>"},
       }) {
    expect_refused(c, Fault::schema);
  }
}

TEST(Reader, RefusesElementsOutOfPlace) {
  for (const Case& c : std::vector<Case>{
           {"wrong root", "@@<Wrong xmlns=\"urn:quickpay:1\">" + kHead + "</Wrong>"},
           {"unknown element", with_body(kGood + "@@<Unknown>1</Unknown>")},
           {"other case", with_body(kGood + "@@<note>1</note>")},
           {"order", kOpen + "@@<Body>" + kGood + "</Body>" + kHead + "</Root>"},
           {"order of leaves", with_body(kOk + "<Part>@@<Amount>125</Amount><Kind>micro</Kind></Part>" + kLeft)},
           {"missing in front", with_body("@@" + kPart + kLeft)},
           {"missing in the middle", with_body(kOk + "@@" + kLeft)},
           {"missing at the end", with_body(kOk + "<Part><Kind>micro</Kind>@@</Part>" + kLeft)},
           {"missing body", kOpen + kHead + "@@</Root>"},
           {"two heads", kOpen + kHead + "@@" + kHead + "</Root>"},
           {"two equal leaves", with_body(kOk + "<Part><Kind>micro</Kind>@@<Kind>micro</Kind><Amount>1</Amount></Part>")},
           {"one too many of a list", with_body(kGood + "<Tag>aaaaaaaa</Tag><Tag>aaaaaaaa</Tag><Tag>aaaaaaaa</Tag>"
                                                        "@@<Tag>aaaaaaaa</Tag>")},
           {"list interrupted", with_body(kGood + "<Tag>aaaaaaaa</Tag><Note>n</Note>@@<Tag>aaaaaaaa</Tag>")},
           {"extension in the wrong place", with_body(kGood + "<Ext><Name>x-a</Name><Value>v</Value></Ext>@@<Note>n</Note>")},
           {"extension too many", with_body(kGood + "<Ext><Name>x-a</Name><Value>v</Value></Ext>"
                                                    "<Ext><Name>x-a</Name><Value>v</Value></Ext>@@<Ext><Name>x-a</Name></Ext>")},
           {"element in place of a value", with_body(kOk + "<Part><Kind>@@<b>micro</b></Kind></Part>")},
           {"value in place of elements", with_body(kOk + "<Part>@@micro</Part>")},
       }) {
    expect_refused(c, Fault::schema);
  }
}

TEST(Reader, TakesExactlyOneOfAChoice) {
  const std::string right = "<Right><Kind>regular</Kind><Amount>1</Amount></Right>";
  expect_read({"first", with_body(kOk + kPart + kLeft)});
  expect_read({"second", with_body(kOk + kPart + right)});
  expect_refused({"none", with_body(kOk + kPart + "@@<Tag>aaaaaaaa</Tag>")}, Fault::schema);
  expect_refused({"none, at the end", kOpen + kHead + "<Body>" + kOk + kPart + "@@</Body></Root>"}, Fault::schema);
  expect_refused({"both", with_body(kOk + kPart + kLeft + "@@" + right)}, Fault::schema);
  expect_refused({"both, other order", with_body(kOk + kPart + right + "@@" + kLeft)}, Fault::schema);
  expect_refused({"twice", with_body(kOk + kPart + kLeft + "@@" + kLeft)}, Fault::schema);
}

TEST(Reader, CountsConditionalFieldsOnlyWhereTheirConditionHolds) {
  expect_read({"refusal", with_body(kNo)});
  expect_read({"refusal with what is always allowed", with_body(kNo + "<Tag>aaaaaaaa</Tag><Note>n</Note>")});
  expect_refused({"result of a refusal", with_body(kNo + "@@" + kPart)}, Fault::schema);
  expect_refused({"choice of a refusal", with_body(kNo + "@@" + kLeft)}, Fault::schema);
  expect_refused({"no class of retry", with_body("<Status><Code>QP-E-NO</Code>@@</Status>")}, Fault::schema);
  expect_refused({"class of retry with QP-OK",
                  with_body("<Status><Code>QP-OK</Code>@@<Retry>micro</Retry></Status>" + kPart + kLeft)},
                 Fault::schema);
}

TEST(Reader, RefusesAValueThatIsFixedOtherwise) {
  expect_refused({"fast", with_body(kOk + "<Part><Kind>@@regular</Kind><Amount>1</Amount></Part>" + kLeft)},
                 Fault::schema);
  expect_refused({"slow", with_body(kOk + "<Part><Kind >@@regular</Kind><Amount>1</Amount></Part>" + kLeft)},
                 Fault::schema);
}

TEST(Reader, TakesValuesVerbatim) {
  const auto amount = [](const std::string& value) {
    return with_body(kOk + "<Part><Kind>micro</Kind><Amount>" + value + "</Amount></Part>" + kLeft);
  };
  const auto note = [](const std::string& text) { return with_body(kGood + "<Note>" + text + "</Note>"); };
  const auto id = [](const std::string& value) { return kOpen + "<Head><Id>" + value + "</Id></Head></Root>"; };
  for (const Case& c : std::vector<Case>{
           {"leading blank", amount("@@ 125")},
           {"trailing line end", amount("125@@\n")},
           {"zero", amount("@@0")},
           {"leading zero", amount("@@0125")},
           {"sign", amount("@@-1")},
           {"fraction", amount("1@@.0")},
           {"exponent", amount("1@@e3")},
           {"too long", amount("1234567890123456789@@0")},
           {"full-width digits", amount("@@\uFF11")},
           {"blank only", amount("@@ ")},
           {"enumeration, other case", with_body(kOk + "<Part><Kind>@@Micro</Kind></Part>")},
           {"enumeration, blank", with_body(kOk + "<Part><Kind>@@micro </Kind></Part>")},
           {"upper-case digits", id("0011@@AABB")},
           {"too short", id("@@0011223")},
           {"too long by one", id("00112233@@4")},
           {"tab", note("a@@\tb")},
           {"line feed", note("a@@\nb")},
           {"carriage return", note("a@@\rb")},
           {"DEL", note("a@@\x7F")},
           {"C1", note("a@@\u0085")},
           {"line separator", note("a@@\u2028")},
           {"direction override", note("@@\u202Egpj")},
           {"zero-width space", note("a@@\u200B")},
           {"byte order mark", note("@@\uFEFF")},
           {"one byte more than the field takes", note("123456789@@0")},
       }) {
    expect_refused(c, Fault::schema);
  }
  expect_read({"nine bytes", note("\u00e4\u00e4\u00e4\u00e4" "a")});
  expect_read({"length counts after unescaping", note("&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;")});
}

TEST(Reader, PointsIntoTheBytesAsTheyStand) {
  const auto note = [](const std::string& text) { return with_body(kGood + "<Note>" + text + "</Note>"); };
  expect_refused({"behind references", note("&amp;&quot;a@@\tb")}, Fault::schema);
  expect_refused({"a reference that is one too many", note("12345678&amp;@@&lt;")}, Fault::schema);
  expect_refused({"five characters of two bytes", note("\u00e4\u00e4\u00e4\u00e4\xC3@@\xA4")}, Fault::schema);
}

TEST(Reader, RefusesAnIntegerOfMoreThan64Bits) {
  expect_read({"largest", with_body(kOk + "<Part><Kind>micro</Kind><Amount>9223372036854775807</Amount></Part>" + kLeft)});
  expect_refused({"one more", with_body(kOk + "<Part><Kind>micro</Kind><Amount>@@9223372036854775808</Amount></Part>" + kLeft)},
                 Fault::schema);
}

struct Limits : testing::Test {
  Family family = sample::family();
  DocumentType type = sample::document();
  Limits() { type.family = &family; }
  tl::expected<sample::Root, ReadError> read_it(const std::string& document) { return read<sample::Root>(document, type); }
};

// QP-TECH-012: the limits are exact.
TEST_F(Limits, CountsElements) {
  family.max_elements = 25;
  EXPECT_TRUE(read_it(sample::kFull).has_value());
  family.max_elements = 24;
  const auto result = read_it(sample::kFull);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().fault, Fault::xml);
  EXPECT_EQ(result.error().offset, std::string_view(sample::kFull).rfind("<Amount>"));
}

TEST_F(Limits, CountsDepth) {
  EXPECT_TRUE(read_it(sample::kFull).has_value());
  family.max_depth = 3;
  const auto result = read_it(sample::kFull);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().fault, Fault::xml);
  EXPECT_EQ(result.error().offset, std::string_view(sample::kFull).find("<Code>"));
}

TEST_F(Limits, CutsTheDepthOfAFamilyDownToItsOwn) {
  family.max_depth = 1000000;
  family.max_elements = 2000000;
  std::string deep = kOpen;
  for (int i = 0; i < 1000000; ++i) deep += "<a>";
  const auto result = read_it(deep);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().fault, Fault::xml);
  EXPECT_EQ(result.error().offset, kOpen.size() + 3 * (kMaxDepth - 1));
}

TEST_F(Limits, LexesOnAfterManyUnknownElements) {
  family.max_elements = 200000;
  std::string wide = kOpen;
  for (int i = 0; i < 100000; ++i) wide += "<n" + std::to_string(i) + ">1</n" + std::to_string(i) + ">";
  EXPECT_EQ(read_it(wide + "</Root>").error().fault, Fault::schema);
  EXPECT_EQ(read_it(wide + "&x;</Root>").error().fault, Fault::xml);
}

// Every prefix of a document is refused as broken XML, and never beyond its end.
TEST(Reader, RefusesEveryPrefix) {
  const std::string full = sample::kFull;
  for (std::size_t size = 0; size < full.size(); ++size) {
    const auto result = read<sample::Root>(full.substr(0, size), sample::document());
    ASSERT_FALSE(result.has_value()) << size;
    EXPECT_EQ(result.error().fault, Fault::xml) << size;
    EXPECT_LE(result.error().offset, size);
  }
}

// What the shortcut for ordinary leaves takes, the tokens take as well: a blank in a tag turns the shortcut off.
TEST(Reader, GivesTheSameWithAndWithoutTheShortcut) {
  const std::string full = sample::kFull;
  for (std::size_t at = 1; at < full.size(); ++at) {
    if (full[at] != '>') continue;
    std::string spaced = full;
    spaced.insert(at, " ");
    const auto result = read<sample::Root>(spaced, sample::document());
    ASSERT_TRUE(result.has_value()) << result.error().reason << " at " << result.error().offset << " of " << spaced;
    EXPECT_EQ(*result, sample::full());
  }
}

}  // namespace
}  // namespace quickpay::codec
