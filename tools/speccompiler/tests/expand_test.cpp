// Expansion: the conditions, the rows of a chain, their names, the defaults.
#include "tools/speccompiler/expand/expand.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/speccompiler/expand/expression.hpp"
#include "tools/speccompiler/expand/feasible.hpp"

namespace quickpay::spec {
namespace {

using ::testing::ElementsAre;

Case make_case(const std::string& id, const std::string& condition, const std::string& to) {
  Case made;
  made.id = id;
  made.condition = condition;
  made.to = to;
  return made;
}

template <class T>
T named(const std::string& id) {
  T item;
  item.id = id;
  return item;
}

Machine small_machine(std::vector<Case> cases, std::vector<std::string> states = {"A"}) {
  Machine machine;
  machine.id = "m";
  machine.states = {named<State>("A"), named<State>("B")};
  machine.events = {named<Event>("e")};
  machine.predicates = {named<Predicate>("p"), named<Predicate>("q"), named<Predicate>("r")};
  Variable variable = named<Variable>("v");
  variable.values = {"no", "yes"};
  variable.initial = "no";
  machine.variables = {variable};
  machine.blocks = {{std::move(states), "e", std::move(cases), {}}};
  return machine;
}

std::vector<std::string> rows_of(const Machine& machine) {
  std::vector<std::string> rows;
  for (const Row& row : machine.rows) {
    rows.push_back(row.id + " " + row.state + "->" + row.to + " " + std::to_string(row.value) + "/" +
                   std::to_string(row.mask));
  }
  return rows;
}

TEST(Condition, BindsNotBeforeAndBeforeOr) {
  const auto parsed = parse_expression("not p and q or r");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->kind, Expression::Kind::disjunction);
  EXPECT_EQ(parsed->operands[0].kind, Expression::Kind::conjunction);
  EXPECT_EQ(parsed->operands[0].operands[0].kind, Expression::Kind::negation);
}

TEST(Condition, NamesWhatIsWrongAndWhere) {
  EXPECT_EQ(parse_expression("p and").error().message, "a predicate or a variable expected");
  EXPECT_EQ(parse_expression("p q").error().offset, 2U);
  EXPECT_EQ(parse_expression("(p").error().message, "')' expected");
  EXPECT_EQ(parse_expression("v ==").error().message, "a value expected");
  EXPECT_FALSE(parse_expression(""));
  EXPECT_FALSE(parse_expression("p or not"));
  EXPECT_FALSE(parse_expression(std::string(kMaxExpressionBytes + 1, 'p')));
  EXPECT_FALSE(parse_expression(std::string(kMaxExpressionDepth + 2, '(') + "p"));
}

TEST(Expansion, GivesAChainItsRowsInOrder) {
  Machine machine =
      small_machine({make_case("c1", "p", "B"), make_case("c2", "not q", "same"), make_case("c3", "", "A")});
  EXPECT_TRUE(expand_machine({}, machine).empty());
  EXPECT_THAT(rows_of(machine), ElementsAre("c1 A->B 1/1", "c2 A->A 0/3", "c3 A->A 2/3"));
}

TEST(Expansion, NumbersTheCubesOfACaseAndNamesTheStates) {
  Machine machine = small_machine({make_case("c1", "p or q", "B"), make_case("c2", "", "same")}, {"A", "B"});
  EXPECT_TRUE(expand_machine({}, machine).empty());
  EXPECT_THAT(rows_of(machine), ElementsAre("c1@A.1 A->B 2/3", "c1@A.2 A->B 1/1", "c2@A A->A 0/3", "c1@B.1 B->B 2/3",
                                            "c1@B.2 B->B 1/1", "c2@B B->B 0/3"));
}

TEST(Expansion, SharesOneAtomAmongEqualAndUnequal) {
  Machine machine = small_machine(
      {make_case("c1", "v == yes and p", "B"), make_case("c2", "v != yes", "A"), make_case("c3", "", "A")});
  EXPECT_TRUE(expand_machine({}, machine).empty());
  ASSERT_EQ(machine.atoms.size(), 1U);
  EXPECT_FALSE(machine.atoms[0].negated);
  EXPECT_THAT(rows_of(machine), ElementsAre("c1 A->B 9/9", "c2 A->A 0/8", "c3 A->A 8/9"));
}

TEST(Expansion, DoesNotSplitWhatIsAlwaysTrue) {
  Machine machine = small_machine({make_case("c1", "p or not p", "B"), make_case("c2", "", "A")});
  EXPECT_TRUE(expand_machine({}, machine).empty());
  EXPECT_THAT(rows_of(machine), ElementsAre("c1 A->B 0/0"));
}

TEST(Expansion, FindsTheDefaultOfAnEvent) {
  Spec spec;
  ErrorCode code = named<ErrorCode>("E-LATER");
  code.retry = "same";
  spec.errors = {code};
  Machine machine = small_machine({make_case("c1", "", "A")});
  Event by_code = named<Event>("by-code");
  by_code.kind = EventKind::response;
  by_code.codes = {"E-LATER"};
  Event by_class = named<Event>("by-class");
  by_class.kind = EventKind::response;
  by_class.classes = {"ok", "no"};
  Event timer = named<Event>("timer");
  timer.kind = EventKind::timer;
  machine.events = {by_code, by_class, timer};
  Default retry = named<Default>("D1");
  retry.kind = EventKind::response;
  retry.classes = {"same", "fail"};
  Default ignore = named<Default>("D2");
  ignore.kind = EventKind::response;
  machine.defaults = {retry, ignore};
  expand_machine(spec, machine);
  EXPECT_THAT(machine.default_of_event, ElementsAre(0, 1, -1));
}

TEST(Expansion, RefusesABlockOverTooManyBits) {
  Machine machine = small_machine({});
  machine.predicates.clear();
  std::vector<Case> cases;
  for (std::size_t i = 0; i <= kMaxBlockBits; ++i) {
    machine.predicates.push_back(named<Predicate>("p" + std::to_string(i)));
    cases.push_back(make_case("c" + std::to_string(i), "p" + std::to_string(i), "A"));
  }
  cases.push_back(make_case("last", "", "A"));
  machine.blocks[0].cases = cases;
  EXPECT_FALSE(expand_machine({}, machine).empty());
  EXPECT_TRUE(machine.rows.empty());
}

TEST(Expansion, RefusesMoreBitsThanAWordHas) {
  Machine machine = small_machine({make_case("c", "p64", "A"), make_case("d", "", "A")});
  machine.predicates.clear();
  for (std::size_t i = 0; i <= kMaxMachineBits; ++i)
    machine.predicates.push_back(named<Predicate>("p" + std::to_string(i)));
  EXPECT_FALSE(expand_machine({}, machine).empty());
}

TEST(Feasible, HonoursImplicationsAndValues) {
  Machine machine = small_machine({make_case("c1", "v == yes and v == no", "B"), make_case("c2", "", "A")});
  machine.implications = {{"p", "q", {}}, {"q", "r", {}}};
  expand_machine({}, machine);
  ASSERT_EQ(machine.atoms.size(), 2U);
  EXPECT_TRUE(feasible(machine, {0b111, 0b111}));
  EXPECT_FALSE(feasible(machine, {0b101, 0b001}));  // p, but not r
  EXPECT_TRUE(feasible(machine, {0b101, 0b100}));
  EXPECT_FALSE(feasible(machine, {0b11000, 0b11000}));  // v is yes and no
  EXPECT_FALSE(feasible(machine, {0b11000, 0}));        // v is neither
  EXPECT_TRUE(feasible(machine, {0b11000, 0b01000}));
}

}  // namespace
}  // namespace quickpay::spec
