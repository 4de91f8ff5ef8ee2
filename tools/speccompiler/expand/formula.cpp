#include "tools/speccompiler/expand/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace quickpay::spec {
namespace {

using Parsed = tl::expected<Formula, std::string>;
using Kind = Formula::Kind;

bool word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }

bool reserved(std::string_view word) { return word == "and" || word == "or" || word == "not" || word == "implies"; }

bool all_digits(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

Formula joined(Kind kind, Formula left, Formula right) {
  Formula all;
  all.kind = kind;
  all.operands.push_back(std::move(left));
  all.operands.push_back(std::move(right));
  return all;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { skip_blanks(); }

  Parsed parse() {
    if (text_.size() > kMaxFormulaBytes) return fail("the formula is too long");
    Parsed left = disjunction(0);
    if (left && take_word("implies")) left = pair(Kind::implication, std::move(*left), disjunction(0));
    if (left && at_ < text_.size()) return fail("an operator or the end expected");
    return left;
  }

 private:
  tl::unexpected<std::string> fail(std::string_view message) const {
    return tl::make_unexpected(fmt::format("{} at byte {}", message, at_));
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() && word_char(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view wanted) { return word() == wanted && take(wanted); }
  bool take(std::string_view symbol) {
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    skip_blanks();
    return true;
  }
  static Parsed pair(Kind kind, Formula left, Parsed right) {
    if (!right) return right;
    return joined(kind, std::move(left), std::move(*right));
  }

  Parsed disjunction(int depth) {
    Parsed all = conjunction(depth);
    while (all && take_word("or")) all = pair(Kind::disjunction, std::move(*all), conjunction(depth));
    return all;
  }
  Parsed conjunction(int depth) {
    Parsed all = negation(depth);
    while (all && take_word("and")) all = pair(Kind::conjunction, std::move(*all), negation(depth));
    return all;
  }
  Parsed negation(int depth) {
    if (depth > kMaxFormulaDepth) return fail("the formula is nested too deeply");
    if (!take_word("not")) return comparison(depth);
    Parsed inner = negation(depth + 1);
    if (!inner) return inner;
    Formula all;
    all.kind = Kind::negation;
    all.operands.push_back(std::move(*inner));
    return all;
  }
  Parsed comparison(int depth) {
    Parsed left = sum(depth);
    if (!left) return left;
    constexpr std::array<std::pair<std::string_view, Kind>, 4> kSigns{
        {{"==", Kind::equal}, {"!=", Kind::unequal}, {"<=", Kind::less_equal}, {"<", Kind::less}}};
    for (const auto& [sign, kind] : kSigns) {
      if (take(sign)) return pair(kind, std::move(*left), sum(depth));
    }
    return left;
  }
  Parsed sum(int depth) {
    Parsed all = operand(depth);
    while (all && take("+")) all = pair(Kind::sum, std::move(*all), operand(depth));
    return all;
  }
  Parsed operand(int depth) {
    if (take("(")) {
      if (depth >= kMaxFormulaDepth) return fail("the formula is nested too deeply");
      Parsed inner = disjunction(depth + 1);
      if (inner && !take(")")) return fail("')' expected");
      return inner;
    }
    const std::string name(word());
    if (name.empty() || reserved(name)) return fail("a name or a number expected");
    Formula leaf;
    if (all_digits(name)) {
      if (name.size() > 2) return fail("a number of at most two digits expected");
      leaf.value = std::stoi(name);
    } else {
      leaf.kind = Kind::word;
      leaf.first = name;
    }
    take(name);
    return leaf;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<Formula, std::string> parse_formula(std::string_view text) { return Parser(text).parse(); }

}  // namespace quickpay::spec
