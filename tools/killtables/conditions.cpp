#include "tools/killtables/conditions.hpp"

#include <sstream>

namespace quickpay::killtables {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  Words words;
  std::istringstream stream{std::string(text)};
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string text_of(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool joins(const std::string& word) { return word == "and" || word == "or"; }

std::string numbered(const char* what, std::size_t index) { return std::string(what) + ":" + std::to_string(index + 1); }

// The operand that begins at word `at`, turned round.
Words negated(Words words, std::size_t at) {
  const auto place = words.begin() + static_cast<std::ptrdiff_t>(at);
  if (*place == "not") {
    words.erase(place);
  } else if (at + 1 < words.size() && words[at + 1] == "==") {
    words[at + 1] = "!=";
  } else if (at + 1 < words.size() && words[at + 1] == "!=") {
    words[at + 1] = "==";
  } else {
    words.insert(place, "not");
  }
  return words;
}

// Without the operand between words `from` and `to` and the `and` beside it.
Words without(const Words& words, std::size_t from, std::size_t to) {
  Words rest;
  const std::size_t first = from == 0 ? from : from - 1;
  const std::size_t last = from == 0 ? to + 1 : to;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (i < first || i >= last) rest.push_back(words[i]);
  return rest;
}

void add_dropped(const Words& words, std::vector<ChangedCondition>& found) {
  std::size_t from = 0;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    if (i < words.size() && words[i] != "and") continue;
    const bool only = from == 0 && i == words.size();
    if (!only) found.push_back({numbered("drop", from), text_of(without(words, from, i))});
    from = i + 1;
  }
}

}  // namespace

std::vector<ChangedCondition> changed_conditions(std::string_view condition) {
  const Words words = words_of(condition);
  std::vector<ChangedCondition> found;
  bool simple = condition.find('(') == std::string_view::npos;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == 0 || joins(words[i - 1])) found.push_back({numbered("negate", i), text_of(negated(words, i))});
    simple = simple && words[i] != "or";
    if (!joins(words[i])) continue;
    Words other = words;
    other[i] = words[i] == "and" ? "or" : "and";
    found.push_back({numbered(other[i].c_str(), i), text_of(other)});
  }
  if (simple) add_dropped(words, found);
  return found;
}

}  // namespace quickpay::killtables
