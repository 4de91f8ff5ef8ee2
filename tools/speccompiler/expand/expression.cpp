#include "tools/speccompiler/expand/expression.hpp"

#include <fmt/format.h>

#include <utility>

namespace quickpay::spec {
namespace {

using Parsed = tl::expected<Expression, ExpressionError>;
using Kind = Expression::Kind;

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool reserved(std::string_view word) { return word == "and" || word == "or" || word == "not" || word == "otherwise"; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) { skip_blanks(); }

  Parsed parse() {
    if (text_.size() > kMaxExpressionBytes) return fail("the condition is too long");
    Parsed all = disjunction(0);
    if (all && at_ < text_.size()) return fail("'and', 'or' or the end expected");
    return all;
  }

 private:
  tl::unexpected<ExpressionError> fail(std::string message) const {
    return tl::make_unexpected(ExpressionError{at_, std::move(message)});
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::string_view word() const {
    std::size_t end = at_;
    while (end < text_.size() && word_char(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }
  bool take_word(std::string_view wanted) {
    if (word() != wanted) return false;
    at_ += wanted.size();
    skip_blanks();
    return true;
  }
  bool take(std::string_view symbol) {
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    skip_blanks();
    return true;
  }

  Parsed chain(Kind kind, std::string_view joint, Parsed (Parser::*part)(int), int depth) {
    Parsed first = (this->*part)(depth);
    if (!first || word() != joint) return first;
    Expression all{kind, {}, {}, {}};
    all.operands.push_back(std::move(*first));
    while (take_word(joint)) {
      Parsed next = (this->*part)(depth);
      if (!next) return next;
      all.operands.push_back(std::move(*next));
    }
    return all;
  }

  Parsed disjunction(int depth) { return chain(Kind::disjunction, "or", &Parser::conjunction, depth); }
  Parsed conjunction(int depth) { return chain(Kind::conjunction, "and", &Parser::negation, depth); }

  Parsed negation(int depth) {
    if (depth > kMaxExpressionDepth) return fail("the condition is nested too deeply");
    if (take_word("not")) {
      Parsed inner = negation(depth + 1);
      if (!inner) return inner;
      Expression all{Kind::negation, {}, {}, {}};
      all.operands.push_back(std::move(*inner));
      return all;
    }
    if (!take("(")) return operand();
    Parsed inner = disjunction(depth + 1);
    if (inner && !take(")")) return fail("')' expected");
    return inner;
  }

  Parsed operand() {
    auto name = identifier("a predicate or a variable");
    if (!name) return tl::make_unexpected(name.error());
    const bool equals = take("==");
    if (!equals && !take("!=")) return Expression{Kind::predicate, std::move(*name), {}, {}};
    auto value = identifier("a value");
    if (!value) return tl::make_unexpected(value.error());
    return Expression{equals ? Kind::equals : Kind::differs, std::move(*name), std::move(*value), {}};
  }

  tl::expected<std::string, ExpressionError> identifier(std::string_view what) {
    const std::string name(word());
    if (name.empty() || reserved(name)) return fail(fmt::format("{} expected", what));
    at_ += name.size();
    skip_blanks();
    return name;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

tl::expected<Expression, ExpressionError> parse_expression(std::string_view text) { return Parser(text).parse(); }

}  // namespace quickpay::spec
