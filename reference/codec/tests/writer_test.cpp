// The canonical form, QPC1 and the rules of the profiles.
#include <gtest/gtest.h>

#include <string>

#include "reference/codec/codec.hpp"
#include "reference/codec/tests/sample.hpp"

namespace quickpay::codec {
namespace {

TEST(Writer, WritesTheCanonicalForm) {
  const sample::Root object = sample::full();
  EXPECT_EQ(write_document(sample::document(), &object), sample::kFull);
}

TEST(Canonical, DependsOnValuesOnly) {
  const sample::Part part{sample::Kind::regular, 42};
  EXPECT_EQ(canonical("Part", sample::part_type(), &part), "(Part(Kind=7:regular)(Amount=2:42))");
}

TEST(Canonical, CountsBytesAfterUnescaping) {
  const sample::Root object = sample::full();
  const std::string all = canonical("Root", *sample::document().type, &object);
  EXPECT_NE(all.find("(Note=8:a<b & \u00e4)"), std::string::npos) << all;
}

// QP-ADD-21: a Mac covers the element it closes, minus itself.
TEST(Canonical, LeavesOutOneDirectChild) {
  const sample::Root object = sample::full();
  sample::Root bare = object;
  bare.seal.reset();
  const StructType& type = *sample::document().type;
  EXPECT_EQ(canonical("Root", type, &object, "Seal"), canonical("Root", type, &bare));
  EXPECT_NE(canonical("Root", type, &object), canonical("Root", type, &bare));
  // deeper elements of the same name stay covered
  EXPECT_EQ(canonical("Root", type, &object, "Kind"), canonical("Root", type, &object));
}

// What somebody else encoded is read strictly: one spelling, values of the tables, nothing around it.
TEST(Canonical, IsReadOnlyAsItIsWritten) {
  const auto reads = [](std::string_view bytes) {
    sample::Part part;
    return read_canonical(bytes, "Part", sample::part_type(), &part, sample::family());
  };
  EXPECT_TRUE(reads("(Part(Kind=7:regular)(Amount=2:42))"));
  for (const std::string_view bytes :
       {"", "(", ")", "(Part", "(Part)", "(Part(Kind=7:regular))", "(Part(Kind=7:regular)(Amount=2:42)",
        "(Part(Kind=7:regular)(Amount=2:42)))", "(Part(Kind=7:regular)(Amount=2:42))x", "x(Part(Kind=7:regular)(Amount=2:42))",
        "(Part(Kind=7:regular)(Amount=02:42))", "(Part(Kind=7:regular)(Amount=+2:42))", "(Part(Kind=7:regular)(Amount=3:42))",
        "(Part(Kind=7:regular)(Amount=1:42))", "(Part(Kind=7:regular)(Amount=99999999999999999999:42))",
        "(Part(Kind=7:regular)(Amount=2:4x))", "(Part(Kind=7:regular)(Amount=3:042))", "(Part(Kind=5:other)(Amount=2:42))",
        "(Part(Amount=2:42)(Kind=7:regular))", "(Part(Kind=7:regular)(Amount=2:42)(Amount=2:42))",
        "(Pa rt(Kind=7:regular)(Amount=2:42))", "(Trap(Kind=7:regular)(Amount=2:42))", "(Part((Kind=7:regular)(Amount=2:42)))",
        "(Part=0:)", "(=7:regular)"}) {
    EXPECT_FALSE(reads(bytes)) << bytes;
  }
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "(A";
  EXPECT_FALSE(reads(deep));
  EXPECT_FALSE(reads("(Part(Kind=7:regular)(Amount=2:42" + std::string(1 << 20, '4') + "))"));
}

TEST(Canonical, SigningInputSeparatesPurposeAndContent) {
  using namespace std::string_literals;
  EXPECT_EQ(signing_input("order", "(A=1:b)"), "QuickPay-1\0order\0(A=1:b)"s);
  EXPECT_NE(signing_input("order", "(A=1:b)"), signing_input("orde", "r\0(A=1:b)"));
}

TEST(Fragment, RoundTrips) {
  const sample::Part part{sample::Kind::regular, 42};
  const std::string text = write_fragment("Part", sample::part_type(), &part);
  EXPECT_EQ(text, "<Part><Kind>regular</Kind><Amount>42</Amount></Part>");
  sample::Part back;
  ASSERT_TRUE(read_fragment(text, "Part", sample::part_type(), &back, sample::family()).has_value());
  EXPECT_EQ(back, part);
}

TEST(Fragment, HasNoNamespaceAndNoOtherName) {
  sample::Part part;
  const auto of = [&](std::string_view text) {
    return read_fragment(text, "Part", sample::part_type(), &part, sample::family()).error().fault;
  };
  EXPECT_EQ(of("<Part xmlns=\"urn:quickpay:1\"><Kind>micro</Kind><Amount>4</Amount></Part>"), Fault::xml);
  EXPECT_EQ(of("<Order><Kind>micro</Kind><Amount>4</Amount></Order>"), Fault::schema);
}

TEST(Profile, NamesTheFirstFieldThatBreaksIt) {
  const StructType& type = *sample::document().type;
  sample::Root object = sample::full();
  EXPECT_EQ(profile_breach(type, &object, "H"), std::nullopt);
  EXPECT_EQ(profile_breach(type, &object, "F"), "Note");
  object.body.note.reset();
  EXPECT_EQ(profile_breach(type, &object, "F"), std::nullopt);
  EXPECT_EQ(profile_breach(type, &object, "H"), "Note");
  object.body.note = "n";
  object.seal.reset();
  EXPECT_EQ(profile_breach(type, &object, "H"), "Seal");
}

}  // namespace
}  // namespace quickpay::codec
