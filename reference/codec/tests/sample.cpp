#include "reference/codec/tests/sample.hpp"

#include <array>

#include "reference/codec/tests/automaton_builder.hpp"

namespace quickpay::codec::sample {
namespace {

using test::ChainAutomaton;
using test::kDigits;
using test::kHex;
using test::positions;

const ChainAutomaton kIdAutomaton(positions({}, 8, kHex), 8);
const ChainAutomaton kRoleAutomaton(positions({"BV", "123456789"}, 5, kDigits), 2);
const ChainAutomaton kAmountAutomaton(positions({"123456789"}, 18, kDigits), 1);
const ChainAutomaton kNameAutomaton(positions({"x", "-"}, 6, "abcdefghijklmnopqrstuvwxyz<&>\"'"), 3);

constexpr std::array<std::string_view, 3> kCodes{"QP-OK", "QP-E-NO", "QP-E-LATER"};
constexpr std::array<std::string_view, 2> kKinds{"micro", "regular"};
constexpr std::array<CodePointRange, 6> kExcluded{
    {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200B, 0x200B}, {0x2028, 0x202E}, {0xFEFF, 0xFEFF}}};

const LeafType kIdType{"Id", Storage::text, &kIdAutomaton.get(), {}, {}, 1, 8};
const LeafType kRoleType{"Role", Storage::text, &kRoleAutomaton.get(), {}, {}, 1, 7};
const LeafType kAmountType{"Amount", Storage::integer, &kAmountAutomaton.get(), {}, {}, 1, 19};
const LeafType kNameType{"Name", Storage::text, &kNameAutomaton.get(), {}, {}, 1, 8};
const LeafType kCodeType{"Code", Storage::enumeration, nullptr, kCodes, {}, 1, 0};
const LeafType kKindType{"Kind", Storage::enumeration, nullptr, kKinds, {}, 1, 0};
const LeafType kTextType{"Text", Storage::text, nullptr, {}, kExcluded, 1, 12};

constexpr std::array<std::uint16_t, 2> kStatusCode{0, 0};
constexpr std::array<std::uint16_t, 1> kFirst{0};
const Condition kIfOk{kStatusCode, "QP-OK", false};
const Condition kUnlessOk{kFirst, "QP-OK", true};
const std::array<FixedLeaf, 1> kKindMicro{{{kFirst, "micro"}}};
const std::array<ProfileRule, 1> kDemandedInH{{{"H", 1, 1}}};
const std::array<ProfileRule, 2> kNoteRules{{{"F", 0, 0}, {"H", 1, 1}}};

Field leaf(std::string_view name, const LeafType& type, std::uint32_t min, std::uint32_t max, FieldAccess access) {
  return {name, &type, nullptr, min, max, 0, 0, {}, nullptr, {}, {}, access};
}
Field part(std::string_view name, const StructType& type, std::uint32_t min, std::uint32_t max, FieldAccess access) {
  return {name, nullptr, &type, min, max, 0, 0, {}, nullptr, {}, {}, access};
}
Field only_if(Field field, const Condition& condition) {
  field.condition = &condition;
  return field;
}
Field alternative(Field field, std::uint16_t choice) {
  field.choice = choice;
  return field;
}
Field where(Field field, std::span<const FixedLeaf> fixed) {
  field.where = fixed;
  return field;
}
Field profiled(Field field, std::span<const ProfileRule> rules) {
  field.profiles = rules;
  return field;
}
Field at_most(Field field, std::uint32_t max_bytes) {
  field.max_bytes = max_bytes;
  return field;
}

const std::array<Field, 2> kPartFields{{
    leaf("Kind", kKindType, 1, 1, access_of<&Part::kind>()),
    leaf("Amount", kAmountType, 1, 1, access_of<&Part::amount>()),
}};
const StructType kPart{"Part", kPartFields};

const std::array<Field, 2> kHeadFields{{
    leaf("Id", kIdType, 1, 1, access_of<&Head::id>()),
    leaf("Sender", kRoleType, 0, 1, access_of<&Head::sender>()),
}};
const StructType kHead{"Head", kHeadFields};

const std::array<Field, 2> kStatusFields{{
    leaf("Code", kCodeType, 1, 1, access_of<&Status::code>()),
    only_if(leaf("Retry", kKindType, 1, 1, access_of<&Status::retry>()), kUnlessOk),
}};
const StructType kStatus{"Status", kStatusFields};

const std::array<Field, 2> kExtFields{{
    leaf("Name", kNameType, 1, 1, access_of<&Ext::name>()),
    leaf("Value", kTextType, 1, 1, access_of<&Ext::value>()),
}};
const StructType kExt{"Ext", kExtFields};

const std::array<Field, 7> kBodyFields{{
    part("Status", kStatus, 1, 1, access_of<&Body::status>()),
    where(only_if(part("Part", kPart, 1, 1, access_of<&Body::part>()), kIfOk), kKindMicro),
    alternative(only_if(leaf("Left", kRoleType, 1, 1, access_of<&Body::left>()), kIfOk), 1),
    alternative(only_if(part("Right", kPart, 1, 1, access_of<&Body::right>()), kIfOk), 1),
    leaf("Tag", kIdType, 0, 3, access_of<&Body::tags>()),
    profiled(at_most(leaf("Note", kTextType, 0, 1, access_of<&Body::note>()), 9), kNoteRules),
    part("Ext", kExt, 0, 2, access_of<&Body::ext>()),
}};
const StructType kBody{"Body", kBodyFields};

const std::array<Field, 3> kRootFields{{
    part("Head", kHead, 1, 1, access_of<&Root::head>()),
    part("Body", kBody, 1, 1, access_of<&Root::body>()),
    profiled(part("Seal", kPart, 0, 1, access_of<&Root::seal>()), kDemandedInH),
}};
const StructType kRoot{"Root", kRootFields};

const Family kFamily{"sample", 65536, 32, 5};
const DocumentType kDocument{"Root", &kRoot, &kFamily};

}  // namespace

const DocumentType& document() { return kDocument; }
const StructType& part_type() { return kPart; }
const Family& family() { return kFamily; }

Root full() {
  Root root;
  root.head = {"00112233", "B12"};
  root.body.status.code = Code::ok;
  root.body.part = Part{Kind::micro, 125};
  root.body.right = Part{Kind::regular, 999999999999999999};
  root.body.tags = {"aaaaaaaa", "bbbbbbbb"};
  root.body.note = "a<b & \u00e4";
  root.body.ext = {{"x-a", " v "}, {"x-&", "w"}};
  root.seal = Part{Kind::regular, 1};
  return root;
}

const char* const kFull =
    "<Root xmlns=\"urn:quickpay:1\"><Head><Id>00112233</Id><Sender>B12</Sender></Head><Body><Status><Code>QP-OK</Code>"
    "</Status><Part><Kind>micro</Kind><Amount>125</Amount></Part><Right><Kind>regular</Kind>"
    "<Amount>999999999999999999</Amount></Right><Tag>aaaaaaaa</Tag><Tag>bbbbbbbb</Tag><Note>a&lt;b &amp; \u00e4</Note>"
    "<Ext><Name>x-a</Name><Value> v </Value></Ext><Ext><Name>x-&amp;</Name><Value>w</Value></Ext></Body>"
    "<Seal><Kind>regular</Kind><Amount>1</Amount></Seal></Root>";

const char* const kRefusal =
    "<Root xmlns=\"urn:quickpay:1\"><Head><Id>00112233</Id></Head><Body><Status><Code>QP-E-NO</Code>"
    "<Retry>regular</Retry></Status></Body></Root>";

std::string with_body(const std::string& body) {
  return "<Root xmlns=\"urn:quickpay:1\"><Head><Id>00112233</Id></Head><Body>" + body + "</Body></Root>";
}

}  // namespace quickpay::codec::sample
