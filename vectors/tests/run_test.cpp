// Every vector against the reference, and for each kind an implementation that is wrong and is found out.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "vectors/answers.hpp"
#include "vectors/load.hpp"
#include "vectors/questions.hpp"

namespace quickpay::vectors {
namespace {

using Answerer = std::function<Json(const Question&)>;

const std::vector<Question>& questions() {
  static const std::vector<Question> all = [] {
    auto made = questions_in("vectors", {});
    EXPECT_TRUE(made) << (made ? "" : made.error());
    return made ? std::move(*made) : std::vector<Question>{};
  }();
  return all;
}

/// How many questions of a kind somebody answers otherwise than the vectors say.
std::size_t wrong(const std::string& kind, const Answerer& who) {
  std::size_t count = 0;
  for (const Question& each : questions()) count += each.kind == kind && !difference(each, who(each)).empty() ? 1 : 0;
  return count;
}

Json right(const Question& question) { return answer(question.kind, question.asked); }

TEST(VectorsRun, TheReferenceAnswersAllOfThem) {
  std::map<std::string, std::size_t> asked, coded;
  for (const Question& each : questions()) {
    const Json given = right(each);
    EXPECT_EQ(difference(each, given), "") << each.id;
    EXPECT_FALSE(given.contains("unsupported")) << each.id;
    ++asked[each.kind];
    // the reference has to have what others may leave out
    for (const auto& [name, value] : each.may.items()) coded[each.kind] += given.contains(name) ? 1 : 0;
  }
  EXPECT_GT(asked["codec"], 10'000U);
  EXPECT_GT(asked["crypto"], 1000U);
  EXPECT_GT(asked["state"], 900U);
  EXPECT_GT(asked["scenario"], 150U);
  EXPECT_GT(asked["ledger"], 2000U);
  EXPECT_EQ(asked["vote"], 1728U);
  for (const char* kind : {"codec", "crypto", "state", "scenario", "vote"}) EXPECT_GT(coded[kind], 0U) << kind;
}

// What is asked does not give the answer away: no id, no verdict, no expectation (the implementation is blind).
TEST(VectorsRun, QuestionsAreBlind) {
  for (const Question& each : questions()) {
    for (const char* name : {"id", "result", "code", "expect", "base", "mutation", "flags", "canonical", "requirements"})
      ASSERT_FALSE(each.asked.contains(name)) << each.id << " " << name;
  }
}

TEST(VectorsRun, WhoAlwaysAcceptsOrRefusesIsFoundOut) {
  for (const char* kind : {"codec", "crypto", "ledger"}) {
    EXPECT_GT(wrong(kind, [](const Question&) { return Json{{"result", "valid"}}; }), 0U) << kind;
    EXPECT_GT(wrong(kind, [](const Question&) { return Json{{"result", "invalid"}}; }), 0U) << kind;
  }
  for (const char* kind : kKinds) {
    EXPECT_GT(wrong(kind, [](const Question&) { return Json::object(); }), 0U) << kind;
    EXPECT_GT(wrong(kind, [](const Question&) { return Json(); }), 0U) << kind;
  }
}

/// Somebody who answers rightly, but after the question was changed.
Answerer after(const std::function<void(Json&)>& change) {
  return [change](const Question& question) {
    Json asked = question.asked;
    change(asked);
    return answer(question.kind, asked);
  };
}

TEST(VectorsRun, WhoIgnoresAPartOfWhatIsSignedIsFoundOut) {
  EXPECT_GT(wrong("crypto", after([](Json& asked) { asked["purpose"] = "batch-claim"; })), 0U);
  EXPECT_GT(wrong("crypto", after([](Json& asked) {
              if (asked.contains("left_out")) asked["left_out"] = "";
            })), 0U);
}

TEST(VectorsRun, WhoIgnoresAPredicateOrWhatCameBeforeIsFoundOut) {
  std::set<std::string> predicates;
  for (const Question& each : questions()) {
    if (each.kind != "state") continue;
    for (const Json& name : each.asked["given"]["holds"]) predicates.insert(each.asked["machine"].get<std::string>() + " " + name.get<std::string>());
  }
  ASSERT_FALSE(predicates.empty());
  for (const std::string& each : predicates) {
    const std::string machine = each.substr(0, each.find(' ')), name = each.substr(each.find(' ') + 1);
    EXPECT_GT(wrong("state", after([&](Json& asked) {
                if (asked["machine"] != machine) return;
                Json& holds = asked["given"]["holds"];
                if (std::find(holds.begin(), holds.end(), name) == holds.end()) holds.push_back(name);
              })), 0U) << "who takes for granted: " << each;
  }
  EXPECT_GT(wrong("scenario", [](const Question& question) {  // takes every step from the initial state
              if (!question.asked.contains("steps")) return right(question);
              Json out = {{"steps", Json::array()}};
              for (const Json& each : question.asked["steps"])
                out["steps"].push_back(answer("scenario", {{"steps", Json::array({each})}})["steps"][0]);
              return out;
            }), 0U);
}

TEST(VectorsRun, WhoSaysMoreThanThereIsIsFoundOut) {
  const auto also = [](const char* name, const char* value) {
    return [=](const Question& question) {
      Json out = right(question);
      if (!out.contains(name)) out[name] = value;
      return out;
    };
  };
  EXPECT_GT(wrong("vote", also("waits", "broker")), 0U);
  EXPECT_GT(wrong("state", also("row", "V1")), 0U);
  EXPECT_GT(wrong("state", also("default", "ignore")), 0U);
}

TEST(VectorsRun, WhoRoundsOtherwiseOrForgetsADebtIsFoundOut) {
  const auto cut = [](const Question& question) {
    Json out = right(question);
    const Json& given = question.asked["given"];
    if (question.asked["operation"] == "share" && given["amount"] < 1'000'000)
      out["share"] = given["amount"].get<std::int64_t>() * given["rate_bp"].get<std::int64_t>() / 10'000;
    return out;
  };
  EXPECT_GT(wrong("ledger", cut), 0U);
  EXPECT_GT(wrong("ledger", after([](Json& asked) {
              if (asked["given"].contains("PriorDebit")) asked["given"]["PriorDebit"] = 0;
            })), 0U);
  EXPECT_GT(wrong("ledger", after([](Json& asked) {
              if (asked["given"].contains("limit")) asked["given"]["limit"] = 1'000'000;
            })), 0U);
}

}  // namespace
}  // namespace quickpay::vectors
