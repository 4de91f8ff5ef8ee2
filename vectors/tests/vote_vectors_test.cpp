// Every row of the table of the vote by the Host's own rule (QP-BS-010, QP-BS-011, QP-ADD-07, QP-ADD-08).
#include <array>
#include <fstream>
#include <functional>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "reference/roles/vote.hpp"
#include "vectors/vectors.hpp"

namespace quickpay {
namespace {

using Json = nlohmann::json;
using Rows = std::vector<vectors::VoteVector>;
using Rule = std::function<roles::Vote(const roles::Evidence&, roles::Policy)>;

constexpr const char* kTable = "vectors/vote/vote.json";
constexpr std::array<const char*, 3> kStands = {"yes", "no", "silent"};
constexpr std::array<const char*, 4> kRulings = {"approve", "reject", "pending", "no-claim"};
constexpr std::array<const char*, 3> kAwaited = {"", "broker", "wallet"};

const Rows& rows() {
  static const Rows loaded = [] {
    auto result = vectors::load_vote_vectors(kTable);
    EXPECT_TRUE(result) << (result ? "" : result.error());
    return result ? *result : Rows{};
  }();
  return loaded;
}

roles::Stand stand(const std::string& word) {
  for (std::size_t i = 0; i < kStands.size(); ++i) {
    if (word == kStands[i]) return static_cast<roles::Stand>(i);
  }
  ADD_FAILURE() << word;
  return roles::Stand::silent;
}

roles::Evidence evidence_of(const vectors::VoteVector& row) {
  return {row.commit,         row.delivery,      row.order, stand(row.broker), stand(row.vendor),
          stand(row.wallet), row.proof, row.suspended, row.revoked};
}

std::string spelled(roles::Ruling ruling) { return kRulings[static_cast<std::size_t>(ruling)]; }

/// The rows that a rule decides otherwise than the table says.
std::set<std::string> differences(const Rule& rule) {
  std::set<std::string> found;
  for (const auto& row : rows()) {
    const roles::Vote got = rule(evidence_of(row), roles::Policy::anchored);
    const roles::Vote literal = rule(evidence_of(row), roles::Policy::literal);
    const bool same = spelled(got.ruling) == row.decision && got.code == row.code &&
                      kAwaited[static_cast<std::size_t>(got.awaited)] == row.waits &&
                      spelled(literal.ruling) == row.literal;
    if (!same) found.insert(row.id);
  }
  return found;
}

TEST(VoteVectors, AreDecidedAsTheySay) {
  const auto found = differences(roles::vote);
  EXPECT_TRUE(found.empty()) << found.size() << " rows, e.g. " << *found.begin();
}

TEST(VoteVectors, AreEveryEvidenceOnce) {
  std::set<std::string> ids;
  std::set<std::string> evidences;
  for (const auto& row : rows()) {
    ids.insert(row.id);
    std::string all = row.broker + "/" + row.vendor + "/" + row.wallet;
    for (const bool flag : {row.commit, row.delivery, row.order, row.proof, row.suspended, row.revoked}) all += flag ? '1' : '0';
    evidences.insert(all);
  }
  EXPECT_EQ(rows().size(), 1728u);
  EXPECT_EQ(ids.size(), 1728u);
  EXPECT_EQ(evidences.size(), 1728u);
}

TEST(VoteVectors, CountAsTheSpecificationSays) {
  std::map<std::string, int> ends;
  int differ = 0;
  for (const auto& row : rows()) {
    ++ends[row.decision + row.waits];
    if (row.decision != row.literal) ++differ;
  }
  const std::map<std::string, int> expected = {
      {"approve", 220}, {"reject", 898}, {"pendingbroker", 24}, {"pendingwallet", 10}, {"no-claim", 576}};
  EXPECT_EQ(ends, expected);
  EXPECT_EQ(differ, 24);
}

// Where the two rules differ, the literal one approves what no Broker committed to.
TEST(VoteVectors, DifferWhereNobodyCommitted) {
  for (const auto& row : rows()) {
    if (row.decision == row.literal) continue;
    EXPECT_EQ(row.literal, "approve") << row.id;
    EXPECT_FALSE(row.commit || row.proof || row.broker == "yes") << row.id;
  }
}

// Twins: a rule that is wrong in one respect is found out, whichever of the nine inputs it is blind to.
TEST(VoteVectors, CatchARuleThatIgnoresAnInput) {
  using Change = void (*)(roles::Evidence&);
  const std::map<std::string, Change> blind = {
      {"commit", [](roles::Evidence& e) { e.commit = false; }},
      {"delivery", [](roles::Evidence& e) { e.delivery = false; }},
      {"order", [](roles::Evidence& e) { e.order = false; }},
      {"proof", [](roles::Evidence& e) { e.proof = false; }},
      {"suspended", [](roles::Evidence& e) { e.suspended = false; }},
      {"revoked", [](roles::Evidence& e) { e.revoked = false; }},
      {"broker", [](roles::Evidence& e) { e.broker = roles::Stand::silent; }},
      {"vendor", [](roles::Evidence& e) { e.vendor = roles::Stand::yes; }},
      {"wallet", [](roles::Evidence& e) { e.wallet = roles::Stand::silent; }},
  };
  for (const auto& [input, change] : blind) {
    const auto found = differences([&, change = change](roles::Evidence evidence, roles::Policy policy) {
      change(evidence);
      return roles::vote(evidence, policy);
    });
    EXPECT_GT(found.size(), 0u) << input;
  }
}

TEST(VoteVectors, CatchTheLiteralRule) {
  const auto found = differences([](const roles::Evidence& evidence, roles::Policy) {
    return roles::vote(evidence, roles::Policy::literal);
  });
  EXPECT_EQ(found.size(), 24u);
}

TEST(VoteVectors, CatchARuleThatDoesNotWait) {
  const auto found = differences([](const roles::Evidence& evidence, roles::Policy policy) {
    return roles::closed(roles::vote(evidence, policy));
  });
  EXPECT_EQ(found.size(), 34u);
}

/// What is wrong with a row by the parts of the schema that it uses: keys, words, truth values.
std::string breach(const Json& schema, const Json& row) {
  const Json& definition = schema["$defs"]["vector"];
  for (const Json& key : definition["required"]) {
    if (!row.contains(key.get<std::string>())) return "no " + key.get<std::string>();
  }
  for (const auto& [key, value] : row.items()) {
    if (!definition["properties"].contains(key)) return "unknown " + key;
    Json rule = definition["properties"][key];
    if (rule.contains("$ref")) rule = schema.at(Json::json_pointer(rule["$ref"].get<std::string>().substr(1)));
    if (rule.value("type", "") == "boolean" && !value.is_boolean()) return key + " is no truth value";
    if (rule.contains("enum") && std::find(rule["enum"].begin(), rule["enum"].end(), value) == rule["enum"].end()) {
      return key + " has another word";
    }
  }
  return row.contains("waits") == (row["decision"] == "pending") ? "" : "waits without being pending, or otherwise";
}

TEST(VoteVectors, KeepTheirSchema) {
  std::ifstream schema_file("vectors/schemas/vote-vectors.schema.json");
  std::ifstream table_file(kTable);
  const Json schema = Json::parse(schema_file);
  Json table = Json::parse(table_file);
  for (const Json& row : table["vectors"]) EXPECT_EQ(breach(schema, row), "") << row;
  Json& row = table["vectors"][0];  // twins
  row["broker"] = "maybe";
  EXPECT_EQ(breach(schema, row), "broker has another word");
  row["broker"] = "yes";
  row["commit"] = "yes";
  EXPECT_EQ(breach(schema, row), "commit is no truth value");
  row["commit"] = true;
  row["waits"] = "broker";
  EXPECT_NE(breach(schema, row), "");
}

}  // namespace
}  // namespace quickpay
