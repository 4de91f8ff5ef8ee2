// Values of leaf types: the shortcuts through automata change nothing but the time. QP_SEED repeats a run.
#include "reference/codec/leaf.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/tests/automaton_builder.hpp"
#include "reference/codec/tests/random_object.hpp"

namespace quickpay::codec {
namespace {

void collect(const StructType& type, std::map<std::string_view, const Field*>& fields) {
  for (const Field& field : type.fields) {
    if (field.type != nullptr) collect(*field.type, fields);
    if (field.leaf != nullptr && field.leaf->automaton != nullptr) fields[field.leaf->id] = &field;
  }
}

// One field for each leaf type with an automaton that occurs in a message.
std::vector<const Field*> fields_with_automata() {
  std::map<std::string_view, const Field*> found;
  for (const MessageType* message : msg::messages()) {
    collect(*message->request->type, found);
    collect(*message->response->type, found);
  }
  std::vector<const Field*> fields;
  for (const auto& [id, field] : found) fields.push_back(field);
  return fields;
}

bool same(const std::optional<ValueFault>& a, const std::optional<ValueFault>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->index == b->index && a->reason == b->reason;
}

// Checks `value` with the shortcut and without.
bool agree(const Field& field, const std::string& value) {
  Automaton plain = *field.leaf->automaton;
  plain.skip = {};
  LeafType leaf = *field.leaf;
  leaf.automaton = &plain;
  Field slow = field;
  slow.leaf = &leaf;
  return same(check_value(field, value), check_value(slow, value));
}

std::string changed(std::string value) {
  const auto at = *rc::gen::inRange<std::size_t>(0, value.size() + 1);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return value.insert(at, 1, *rc::gen::arbitrary<char>());
    case 1:
      return value.erase(at, *rc::gen::inRange<std::size_t>(0, 9));
    case 2:
      return value.insert(at, value.substr(*rc::gen::inRange<std::size_t>(0, value.size() + 1)));
    case 3:
      if (at < value.size()) value[at] = *rc::gen::elementOf(std::string("09afgAFZ+/= <>&-\x7f\x80\xff"));
      return value;
  }
  return value;
}

RC_GTEST_PROP(Shortcut, ChangesNothing, ()) {
  static const std::vector<const Field*> fields = fields_with_automata();
  RC_ASSERT(fields.size() > 10);
  const Field& field = *fields[*rc::gen::inRange<std::size_t>(0, fields.size())];
  test::Choices choices(*rc::gen::resize(300, rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>())));
  const std::string value = test::random_value(field, choices);
  RC_LOG(std::string(field.leaf->id) + ": " + value);
  RC_ASSERT(!check_value(field, value).has_value());
  RC_ASSERT(agree(field, value));
  for (int i = 0; i < 20; ++i) RC_ASSERT(agree(field, changed(changed(value))));
}

// The types that make up most of a document have one.
TEST(Shortcut, IsFoundWhereItMatters) {
  std::map<std::string_view, const Field*> found;
  for (const Field* field : fields_with_automata()) found[field->leaf->id] = field;
  for (const char* id : {"MsgId", "Digest", "B64", "WalletId", "OrderId"}) {
    ASSERT_TRUE(found.contains(id)) << id;
    EXPECT_NE(found[id]->leaf->automaton->skip.from, kNoState) << id;
  }
}

TEST(Shortcut, OfAChainEndsWithTheChain) {
  const test::ChainAutomaton hex(test::positions({"V"}, 12, test::kHex), 13);
  const Automaton& automaton = hex.get();
  const Skip skip = find_skip(automaton.classes, automaton.transitions, automaton.class_count);
  EXPECT_EQ(skip.from, 1);
  EXPECT_EQ(skip.period, 1);
  EXPECT_EQ(skip.step, 1);
  EXPECT_EQ(skip.most, 12);
  ASSERT_EQ(skip.range_count, 2);
  EXPECT_EQ(skip.ranges[0].first, '0');
  EXPECT_EQ(skip.ranges[1].last, 'f');
}

// Twin: a shortcut that is one state too long is noticed by the comparison.
TEST(Shortcut, ThatIsWrongIsNoticed) {
  const test::ChainAutomaton hex(test::positions({}, 12, test::kHex), 12);
  Automaton wrong = hex.get();
  wrong.skip = find_skip(wrong.classes, wrong.transitions, wrong.class_count);
  wrong.skip.ranges[1].last = 'g';
  const LeafType leaf{"Wrong", Storage::text, &wrong, {}, {}, 1, 0};
  const Field field{"Wrong", &leaf, nullptr, 1, 1, 0, 0, {}, nullptr, {}, {}, {}};
  EXPECT_TRUE(agree(field, "0123456789ab"));
  EXPECT_FALSE(agree(field, "0123456789ag"));
}

}  // namespace
}  // namespace quickpay::codec
