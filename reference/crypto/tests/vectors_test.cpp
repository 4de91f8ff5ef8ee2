// The generated vectors: the reader gives the code of each, the canonical encoding of the valid ones has the stated digest,
// and libxml2 agrees wherever it can.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/oracle/any_document.hpp"
#include "reference/codec/oracle/differences.hpp"
#include "reference/crypto/tests/vector_file.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::codec {
namespace {

const std::vector<test::CodecVector>& vectors() {
  static const std::vector<test::CodecVector> all = test::load_vectors(test::kMicropaymentVectors);
  return all;
}

// A folder that has vanished must not look like success.
TEST(Vectors, CoverEveryDocumentBothWays) {
  std::map<std::string, std::set<std::string>> codes;
  for (const test::CodecVector& vector : vectors()) codes[vector.document].insert(vector.code);
  for (const AnyDocument& document : any_documents()) {
    const std::set<std::string>& found = codes[std::string(document.type->root)];
    EXPECT_TRUE(found.contains("")) << document.type->root;
    EXPECT_TRUE(found.contains("QP-E-XML")) << document.type->root;
    EXPECT_TRUE(found.contains("QP-E-SCHEMA")) << document.type->root;
  }
}

// QP-TECH-012
TEST(Vectors, AreReadAsTheySay) {
  for (const test::CodecVector& vector : vectors()) {
    SCOPED_TRACE(vector.id);
    const AnyDocument* document = find_document(vector.document);
    ASSERT_NE(document, nullptr);
    const AnyReading reading = document->read(vector.body, *document->type);
    const std::string code(reading.error ? code_of(reading.error->fault) : std::string_view{});
    EXPECT_EQ(code, vector.code) << (reading.error ? reading.error->reason : "accepted");
    if (reading.error) {
      EXPECT_LE(reading.error->offset, vector.body.size());
      continue;
    }
    EXPECT_TRUE(reading.round_trips);
    EXPECT_EQ(reading.canonical.size(), vector.canonical_bytes);
    EXPECT_EQ(crypto::sha256_hex(reading.canonical), vector.canonical_sha256);
  }
}

TEST(Vectors, AreJudgedAlikeByTheSchema) {
  const auto judge = XsdJudge::load(micro_xsd());
  ASSERT_TRUE(judge.has_value()) << judge.error();
  for (const test::CodecVector& vector : vectors()) {
    SCOPED_TRACE(vector.id);
    const AnyDocument* document = find_document(vector.document);
    ASSERT_NE(document, nullptr);
    const AnyReading reading = document->read(vector.body, *document->type);
    const Comparison comparison = compare(vector.body, *document->type, reading.error ? &*reading.error : nullptr,
                                          reading.leaves, judge->judge(vector.body));
    EXPECT_EQ(comparison.defect, "");
  }
}

}  // namespace
}  // namespace quickpay::codec
