#include <gtest/gtest.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

TEST(Names, BecomeIdentifiers) {
  EXPECT_EQ(identifier("GetOrder.ok"), "GetOrder_ok");
  EXPECT_EQ(identifier("T_ask!"), "T_ask");
  EXPECT_EQ(identifier("reply QP-E-MISMATCH"), "reply_QP_E_MISMATCH");
  EXPECT_EQ(identifier("new"), "new_");
  EXPECT_EQ(identifier("3d"), "_3d");
  EXPECT_EQ(identifier(""), "_");
}

TEST(Names, StayDifferent) {
  const std::vector<std::string> expected = {"a_b", "a_b_2", "a_b_3", "c"};
  EXPECT_EQ(identifiers({"a-b", "a.b", "a b", "c"}), expected);
}

TEST(Names, ChangeTheirCase) {
  EXPECT_EQ(snake("OrderId"), "order_id");
  EXPECT_EQ(snake("URLPath"), "url_path");
  EXPECT_EQ(snake("Id128"), "id128");
  EXPECT_EQ(snake("Default"), "default_");
  EXPECT_EQ(kebab("RequestOrderDelivery"), "request-order-delivery");
}

TEST(Text, IsQuotedForCpp) {
  EXPECT_EQ(cpp_string("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(cpp_string("what\?\?/"), R"("what\?\?/")");
  EXPECT_EQ(cpp_string("a\n1"), R"("a\0121")");
}

TEST(Text, IsQuotedForXmlAndMarkdown) {
  EXPECT_EQ(xml_escape("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(md_cell("a|b"), "a\\|b");
}

TEST(Text, FoldsComments) {
  const std::string folded = comment("///", std::string(100, 'a') + " " + std::string(100, 'b'));
  EXPECT_EQ(folded, "/// " + std::string(100, 'a') + "\n/// " + std::string(100, 'b') + "\n");
  EXPECT_EQ(comment("///", ""), "");
}

TEST(Text, NeverContinuesAComment) {
  EXPECT_EQ(comment("//", "a \\"), "// a \\.\n");
  EXPECT_EQ(comment("//", "a \\ b"), "// a \\. b\n");
  EXPECT_EQ(comment("//", "what?\?/"), "// what?.?/\n");
}

TEST(Text, BecomesBase64) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

}  // namespace
}  // namespace quickpay::spec
