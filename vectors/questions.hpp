// Vectors as questions that any implementation can be asked, and what its answers are worth.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "vectors/json.hpp"

namespace quickpay::vectors {

/// One vector as it is asked. README.md, "Ask your own program", says what the members of question and answer are.
struct Question {
  std::string id;
  std::string kind;
  Json asked;    ///< without the id and all that gives the answer away
  Json must;     ///< members that an answer has to have, with these values
  Json may;      ///< members that an answer need not have; if it has one, it has this value
};

/// All questions of the folder `vectors`, of these kinds (empty: of all). Error: what is wrong with the files.
tl::expected<std::vector<Question>, std::string> questions_in(const std::filesystem::path& folder,
                                                              const std::vector<std::string>& kinds);

/// How an answer departs from what a question demands, as a sentence; empty: it does not.
std::string difference(const Question& question, const Json& answer);

}  // namespace quickpay::vectors
