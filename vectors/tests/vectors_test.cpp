// Every vector of the codec against our reader, and against libxml2 with the generated schema.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/hash.hpp"
#include "vectors/tests/schema_oracle.hpp"
#include "vectors/vectors.hpp"

namespace quickpay {
namespace {

constexpr const char* kFolder = "vectors/generated";
constexpr const char* kMicroSchema = "reference/codec/generated/micro.xsd";
constexpr std::size_t kMaxShown = 20;  // disagreements printed before the rest is only counted

using Vectors = std::vector<vectors::CodecVector>;

const Vectors& all_vectors() {
  static const Vectors loaded = [] {
    auto result = vectors::load_codec_folder(kFolder);
    EXPECT_TRUE(result) << (result ? "" : result.error());
    return result ? *result : Vectors{};
  }();
  return loaded;
}

/// By the path of its message: other families may have a document of the same name.
const codec::DocumentType* document_of(const vectors::CodecVector& vector) {
  for (const codec::MessageType* message : msg::messages()) {
    if (message->path != vector.path) continue;
    for (const codec::DocumentType* document :
         {message->request, message->response, message->request_inner, message->response_inner}) {
      if (document != nullptr && document->root == vector.document) return document;
    }
  }
  return nullptr;
}

/// The vectors of the documents of one family.
Vectors vectors_of(const std::string& family) {
  Vectors out;
  for (const auto& vector : all_vectors()) {
    const codec::DocumentType* document = document_of(vector);
    if (document != nullptr && document->family->id == family) out.push_back(vector);
  }
  return out;
}

/// What a reader says: empty for valid, else the code.
using Verdict = std::function<std::string(const vectors::CodecVector&)>;

std::string our_verdict(const vectors::CodecVector& vector) {
  const codec::DocumentType* document = document_of(vector);
  if (document == nullptr) return "no such document";
  const auto object = msg::make_document(*document);
  const auto read = codec::read_document(vector.body, *document, object.get());
  return read ? "" : std::string(codec::code_of(read.error().fault));
}

std::vector<std::string> disagreements(const Vectors& vectors, const Verdict& verdict) {
  std::vector<std::string> out;
  for (const auto& vector : vectors) {
    const std::string got = verdict(vector);
    if (got != vector.code)
      out.push_back(vector.id + ": expected " + (vector.valid ? "valid" : vector.code) + ", got " +
                    (got.empty() ? "valid" : got));
  }
  return out;
}

void expect_none(const std::vector<std::string>& found) {
  EXPECT_EQ(found.size(), 0U);
  for (std::size_t i = 0; i < std::min(found.size(), kMaxShown); ++i) ADD_FAILURE() << found[i];
}

// QP-ADD-20
TEST(CodecVectors, AreReadAsTheySay) { expect_none(disagreements(all_vectors(), our_verdict)); }

// Twin: readers that are wrong in one respect disagree with vectors of that respect.
TEST(CodecVectors, CatchAReaderThatTakesEverything) {
  const auto found = disagreements(all_vectors(), [](const auto&) { return std::string(); });
  const auto invalid =
      std::count_if(all_vectors().begin(), all_vectors().end(), [](const auto& v) { return !v.valid; });
  EXPECT_EQ(found.size(), static_cast<std::size_t>(invalid));
}

TEST(CodecVectors, CatchAReaderThatTrims) {
  const auto trimming = [](const vectors::CodecVector& vector) {
    vectors::CodecVector changed = vector;
    for (std::size_t at = changed.body.find(" </"); at != std::string::npos; at = changed.body.find(" </", at))
      changed.body.erase(at, 1);
    return our_verdict(changed);
  };
  const auto found = disagreements(all_vectors(), trimming);
  EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                          [](const auto& line) { return line.find("trailing-blank") != std::string::npos; }));
}

// QP-ADD-19: the canonical encoding is the one that the vector states, however the document was written.
TEST(CodecVectors, HaveTheCanonicalEncodingTheyState) {
  for (const auto& vector : all_vectors()) {
    if (!vector.valid) continue;
    const codec::DocumentType* document = document_of(vector);
    ASSERT_NE(document, nullptr) << vector.id;
    const auto object = msg::make_document(*document);
    ASSERT_TRUE(codec::read_document(vector.body, *document, object.get())) << vector.id;
    const std::string canonical = codec::canonical(document->root, *document->type, object.get());
    EXPECT_EQ(canonical.size(), vector.canonical_bytes) << vector.id;
    EXPECT_EQ(crypto::sha256_hex(canonical), vector.canonical_sha256) << vector.id;
    const auto again = msg::make_document(*document);
    const std::string written = codec::write_document(*document, object.get());
    ASSERT_TRUE(codec::read_document(written, *document, again.get())) << vector.id;
    EXPECT_EQ(codec::canonical(document->root, *document->type, again.get()), canonical) << vector.id;
  }
}

TEST(CodecVectors, HaveUniqueIdsAndRequirements) {
  std::set<std::string> ids;
  for (const auto& vector : all_vectors()) {
    EXPECT_TRUE(ids.insert(vector.id).second) << vector.id;
    EXPECT_FALSE(vector.requirements.empty()) << vector.id;
  }
  EXPECT_GT(ids.size(), 1000U);
}

// Each constraint that a table can state is broken by at least one vector.
TEST(CodecVectors, CoverEveryKindOfConstraint) {
  std::map<std::string, int> kinds;
  for (const auto& vector : all_vectors()) {
    for (const auto& flag : vector.flags) ++kinds[flag];
  }
  for (const char* kind : {"missing",
                           "repeated",
                           "order",
                           "pattern",
                           "enumeration",
                           "too-long",
                           "too-long-bytes",
                           "charset",
                           "empty",
                           "fixed",
                           "where",
                           "choice-none",
                           "choice-both",
                           "condition-absent",
                           "condition-present",
                           "barred",
                           "unknown-element",
                           "root",
                           "element-for-text",
                           "text-for-elements",
                           "attribute",
                           "comment",
                           "cdata",
                           "instruction",
                           "reference",
                           "entity",
                           "doctype",
                           "prefix",
                           "namespace",
                           "bom",
                           "trailing",
                           "mixed",
                           "depth",
                           "elements",
                           "utf8",
                           "control",
                           "unterminated",
                           "tag",
                           "name",
                           "declaration",
                           "minimal",
                           "full",
                           "maximal",
                           "left-out",
                           "as-many-as-allowed"}) {
    EXPECT_GT(kinds[kind], 0) << kind;
  }
}

// QP-ADD-20: an independent validator sees the tables as our reader does.
TEST(CodecVectors, AgreeWithTheGeneratedSchema) {
  std::set<std::string> families;
  for (const codec::DocumentType* document : msg::documents()) families.insert(std::string(document->family->id));
  for (const std::string& family : families) {
    const test::SchemaOracle oracle("reference/codec/generated/" + family + ".xsd");
    ASSERT_TRUE(oracle.loaded()) << family;
    const Vectors vectors = vectors_of(family);
    EXPECT_FALSE(vectors.empty()) << family;
    expect_none(test::oracle_disagreements(oracle, vectors, "QP-E-XML"));
  }
}

// Twin: a schema in which one bound was loosened is found out.
TEST(CodecVectors, CatchALoosenedSchema) {
  std::ifstream stream(kMicroSchema, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  const std::string bound = "[A-Z]{3}";
  const std::size_t at = text.find(bound);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, bound.size(), "[A-Z]{3,4}");
  const std::string loosened = testing::TempDir() + "/loosened.xsd";
  std::ofstream(loosened, std::ios::binary) << text;
  const auto found = test::oracle_disagreements(test::SchemaOracle(loosened), vectors_of("micro"), "QP-E-XML");
  EXPECT_FALSE(found.empty());
  for (const auto& line : found) EXPECT_NE(line.find("currency"), std::string::npos) << line;
}

}  // namespace
}  // namespace quickpay
