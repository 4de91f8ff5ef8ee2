// The loader: what becomes of the XML in the IR, the envelope, limits and files.
#include "tools/speccompiler/loader/loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/speccompiler/ir/suggest.hpp"
#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
const T& get(const std::vector<T>& items, const std::string& id) {
  for (const T& item : items) {
    if (item.id == id) return item;
  }
  throw std::out_of_range(id);
}

Spec example() {
  auto spec = compile_spec(test::kLibraryLoan);
  EXPECT_TRUE(spec);
  return spec.value_or(Spec{});
}

std::vector<std::string> names(const std::vector<Field>& fields) {
  std::vector<std::string> ids;
  for (const Field& field : fields) ids.push_back(field.id);
  return ids;
}

TEST(Loader, LaysDocumentsOutAsTheEnvelopeSays) {
  const Spec spec = example();
  const Message& borrow = get(spec.messages, "Borrow");
  EXPECT_EQ(borrow.request.head, "RequestHead");
  EXPECT_EQ(borrow.response.root, "BorrowAnswer");
  EXPECT_THAT(names(borrow.request.body), ElementsAre("Book", "ForDays", "Until", "Ext"));
  EXPECT_THAT(names(borrow.response.body), ElementsAre("Status", "Loan", "Ext"));
  const Field& loan = borrow.response.body[1];
  ASSERT_TRUE(loan.condition);
  EXPECT_THAT(loan.condition->path, ElementsAre("Status", "Code"));
  EXPECT_EQ(loan.condition->value, "LL-OK");
  EXPECT_TRUE(loan.is_struct);
  EXPECT_FALSE(borrow.response.body[0].condition);
  EXPECT_EQ(borrow.response.body[2].max, 2U);
}

TEST(Loader, NumbersChoicesAndKeepsConditions) {
  const Spec spec = example();
  const Message& borrow = get(spec.messages, "Borrow");
  EXPECT_EQ(borrow.request.body[0].choice, 0);
  EXPECT_EQ(borrow.request.body[1].choice, 1);
  EXPECT_EQ(borrow.request.body[2].choice, 1);
  const Field& retry = get(get(spec.structs, "Status").fields, "Retry");
  ASSERT_TRUE(retry.condition);
  EXPECT_TRUE(retry.condition->negated);
}

TEST(Loader, NarrowsACopyOfTheStruct) {
  const Spec spec = example();
  const Struct& request = get(spec.structs, "RequestHead");
  EXPECT_EQ(request.of, "Head");
  EXPECT_EQ(get(request.fields, "InReplyTo").max, 0U);
  EXPECT_EQ(get(get(spec.structs, "Head").fields, "InReplyTo").max, 1U);
  EXPECT_EQ(get(request.fields, "MsgId").type, "MsgId");
}

TEST(Loader, KeepsPlaceAndFoldsText) {
  const Spec spec = example();
  const Message& borrow = get(spec.messages, "Borrow");
  EXPECT_EQ(borrow.at.file, "loan.xml");
  EXPECT_GT(borrow.at.line, 1);
  EXPECT_EQ(borrow.at.column, 3);
  EXPECT_EQ(borrow.text, "A Member asks for a book.");
  EXPECT_EQ(get(spec.roles, "card").of, "member");
}

TEST(Loader, ReadsEffectsBlocksAndDefaults) {
  const Spec spec = example();
  const Machine& machine = get(spec.machines, "library.copy");
  const Case& lend = machine.blocks[0].cases[1];
  ASSERT_EQ(lend.effects.size(), 4U);
  EXPECT_EQ(lend.effects[1], (Effect{"set", {"recalled", "no"}}));
  EXPECT_EQ(machine.defaults[0].id, "D1");
  EXPECT_THAT(get(machine.variables, "recalled").values, ElementsAre("no", "yes"));
}

std::string finding(const tl::expected<Spec, Diagnostics>& spec) {
  return spec ? std::string("no finding") : to_string(spec.error().front());
}

TEST(Loader, RefusesWhatIsNoSpecification) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(finding(load_spec(folder.path() / "none.xml")), HasSubstr("there is no such file"));
  EXPECT_THAT(finding(load_spec(folder.path())), HasSubstr("no file here has the root element 'spec'"));
  EXPECT_THAT(finding(load_spec(folder.write("empty.xml", ""))), HasSubstr("not well-formed"));
  EXPECT_THAT(finding(load_spec(folder.write("other.xml", "<a/>"))), HasSubstr("must have xmlns"));
  EXPECT_THAT(finding(load_spec(folder.write("two.xml", "<spec xmlns='urn:quickpay:spec:1'/><spec/>"))),
              HasSubstr("something follows the root element"));
  EXPECT_THAT(finding(load_spec(folder.write("bytes.xml", "<spec>\xFF</spec>"))),
              HasSubstr("1:7: error: the file is not UTF-8"));
  EXPECT_THAT(finding(load_spec(folder.write("control.xml", "<spec>\x01</spec>"))), HasSubstr("control characters"));
  EXPECT_THAT(finding(load_spec(folder.write("less.xml", "<spec a='<'/>"))), HasSubstr("'<' must be written"));
  EXPECT_THAT(finding(load_spec(folder.write("pi.xml", "<spec><?x y?></spec>"))), HasSubstr("processing instructions"));
  EXPECT_THAT(finding(load_spec(folder.write("bom.xml", "\xEF\xBB\xBF<spec/>"))), HasSubstr("byte order mark"));
}

TEST(Loader, BoundsFilesElementsAndDepth) {
  const test::TemporaryFolder folder;
  const std::string start = "<spec xmlns='urn:quickpay:spec:1'>";
  EXPECT_THAT(finding(load_spec(folder.write("large.xml", std::string(kMaxFileBytes + 1, ' ')))),
              HasSubstr("too large"));
  std::string many = start;
  for (std::size_t i = 0; i <= kMaxElements; ++i) many += "<a/>";
  EXPECT_THAT(finding(load_spec(folder.write("many.xml", many + "</spec>"))), HasSubstr("too many elements"));
  std::string deep = start;
  for (int i = 0; i <= kMaxDepth; ++i) deep += "<a>";
  for (int i = 0; i <= kMaxDepth; ++i) deep += "</a>";
  EXPECT_THAT(finding(load_spec(folder.write("deep.xml", deep + "</spec>"))), HasSubstr("nested too deeply"));
}

TEST(Suggestion, IsTheNearestNameOrNone) {
  EXPECT_EQ(edit_distance("Amout", "Amount"), 1U);
  EXPECT_EQ(edit_distance("DOEN", "DONE"), 1U);
  EXPECT_EQ(did_you_mean("Amout", {"Digest", "Amount"}), "did you mean 'Amount'?");
  EXPECT_EQ(did_you_mean("Xyz", {"Digest", "Amount"}), "");
}

}  // namespace
}  // namespace quickpay::spec
