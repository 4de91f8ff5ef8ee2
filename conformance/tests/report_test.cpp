// Reports: well formed, valid by their schemas, and harmless whatever the implementation says.
#include "conformance/report/report.hpp"

#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "conformance/report/text.hpp"
#include "conformance/tests/toy_suite.hpp"

namespace quickpay::conformance {
namespace {

constexpr const char* kPayload = "</pre><script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;\x1b[2J\x07]]>\xE2\x80\xAE\xff\x00";

/// A run in which everything that an implementation can say is hostile.
RunResult hostile_run() {
  const std::string payload(kPayload);
  ScenarioResult scenario = fakes::judged("vendor.pay.other-amount", Verdict::fail);
  scenario.info.twin = "vendor.pay.good";
  Entry request = fakes::sent(payload);
  request.path = payload;
  request.headers = {{payload, payload}};
  request.body = "<CheckCommit>" + payload + "</CheckCommit>";
  request.body_bytes = request.body.size();
  request.findings = {payload};
  request.allowed = {payload};
  request.mutation = payload;
  Entry answer = request;
  answer.kind = EntryKind::response;
  answer.by_iut = false;
  answer.code = payload;
  std::swap(answer.from, answer.to);
  Entry note;
  note.summary = payload;
  Entry lost = request;
  lost.kind = EntryKind::failure;
  scenario.transcript = {request, answer, note, lost};
  scenario.checks.front().evidence = {Reason::forbidden_message, payload, payload, {0, 3}, payload};
  RunResult result = fakes::run_of({scenario, fakes::judged("vendor.pay.good", Verdict::pass),
                                    fakes::judged("vendor.pay.c", Verdict::inconclusive),
                                    fakes::judged("vendor.pay.d", Verdict::warn, Level::should),
                                    fakes::judged("vendor.pay.e", Verdict::not_applicable)});
  result.implementation.name = payload;
  result.implementation.version = payload;
  result.implementation.vendor = payload;
  result.implementation.url = "javascript:alert(1)";
  result.adapter_errors = payload;
  result.target = "--adapter " + shell_quoted(payload);
  result.stale = {{"vendor.x", "", payload}};
  result.unused_patterns = {payload};
  return result;
}

// ---------------------------------------------------------------- text
TEST(Text, ControlsAndDirectionsBecomeVisible) {
  EXPECT_EQ(printable("a\x1b[31mb\xE2\x80\xAE" "c\xff"), "a\\x{1B}[31mb\\x{202E}c\\x{FF}");
  EXPECT_EQ(printable("é€𝄞"), "é€𝄞");
  EXPECT_EQ(printable("\xC0\xAF\xED\xA0\x80\xF4\x90\x80\x80").find("\\x{C0}"), 0U);
  EXPECT_EQ(printable("abcdef", 3), "abc … (3 more bytes)");
  EXPECT_EQ(escaped("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  EXPECT_EQ(file_name("../../etc/passwd\n"), "_.._.._etc_passwd_");
  EXPECT_EQ(shell_quoted("a'b"), "'a'\\''b'");
}

RC_GTEST_PROP(Text, EscapedTextIsAlwaysHarmlessXml, (std::vector<std::uint8_t> raw)) {
  const std::string bytes(raw.begin(), raw.end());
  const std::string document = "<a b=\"" + escaped(bytes) + "\">" + escaped(bytes) + "</a>";
  xmlDocPtr parsed = xmlReadMemory(document.data(), static_cast<int>(document.size()), "t", "UTF-8",
                                   XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET);
  RC_ASSERT(parsed != nullptr);
  const xmlNodePtr root = xmlDocGetRootElement(parsed);
  const bool flat = root->children == nullptr || (root->children->type == XML_TEXT_NODE && root->children->next == nullptr);
  xmlFreeDoc(parsed);
  RC_ASSERT(flat);
}

RC_GTEST_PROP(Text, PrintableTextHoldsNoControls, (std::vector<std::uint8_t> raw)) {
  for (const char c : printable(std::string(raw.begin(), raw.end()))) {
    RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
}

// ---------------------------------------------------------------- report.json
/// What is wrong with `value` by the part of JSON Schema that report.schema.json uses; empty if nothing.
std::string schema_fault(const Json& schema, const Json& value, const Json& root, const std::string& at) {
  if (schema.contains("$ref")) {
    const std::string ref = schema["$ref"].get<std::string>();
    return schema_fault(root.at(Json::json_pointer(ref.substr(1))), value, root, at);
  }
  if (schema.contains("enum")) {
    return std::count(schema["enum"].begin(), schema["enum"].end(), value) == 1 ? "" : at + ": not in enum";
  }
  static const std::map<std::string, std::function<bool(const Json&)>> kTypes = {
      {"object", [](const Json& v) { return v.is_object(); }},
      {"array", [](const Json& v) { return v.is_array(); }},
      {"string", [](const Json& v) { return v.is_string(); }},
      {"integer", [](const Json& v) { return v.is_number_integer(); }},
      {"boolean", [](const Json& v) { return v.is_boolean(); }}};
  if (!kTypes.at(schema["type"].get<std::string>())(value)) {
    return at + ": wrong type";
  }
  if (schema.contains("pattern") && !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>()))) {
    return at + ": pattern";
  }
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      return at + ": no " + name.get<std::string>();
    }
  }
  if (value.is_object() && schema.contains("properties")) {
    for (const auto& [name, member] : value.items()) {
      if (!schema["properties"].contains(name)) {
        return at + ": unknown " + name;
      }
      if (std::string fault = schema_fault(schema["properties"][name], member, root, at + "/" + name); !fault.empty()) {
        return fault;
      }
    }
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    if (std::string fault = schema_fault(schema["items"], value[i], root, at + "/" + std::to_string(i)); !fault.empty()) {
      return fault;
    }
  }
  return {};
}

Json report_schema() {
  std::ifstream file("conformance/schemas/report.schema.json");
  return Json::parse(file);
}

TEST(JsonReport, IsValidByItsSchema) {
  const Json schema = report_schema();
  for (const RunResult& result : {hostile_run(), fakes::run_of({}), fakes::run_of({fakes::judged("vendor.a", Verdict::pass)})}) {
    const Json report = Json::parse(json_report(result, fakes::toy_spec()));
    EXPECT_EQ(schema_fault(schema, report, schema, ""), "");
  }
}

TEST(JsonReport, SchemaRefusesABrokenReport) {
  const Json schema = report_schema();
  const Json good = Json::parse(json_report(hostile_run(), fakes::toy_spec()));
  for (const char* patch : {R"([{"op":"remove","path":"/counts/pass"}])", R"([{"op":"replace","path":"/seed","value":"1"}])",
                            R"([{"op":"replace","path":"/checks/0/verdict","value":"ok"}])",
                            R"([{"op":"add","path":"/surprise","value":1}])", R"([{"op":"replace","path":"/spec/id","value":"x"}])"}) {
    EXPECT_NE(schema_fault(schema, good.patch(Json::parse(patch)), schema, ""), "") << patch;
  }
}

TEST(JsonReport, CountsAndFieldsAreThoseOfTheRun) {
  const Json report = Json::parse(json_report(hostile_run(), fakes::toy_spec()));
  EXPECT_EQ(report["counts"], Json::parse(R"({"pass":1,"fail":1,"warn":1,"inconclusive":1,"not_applicable":1,"error":0})"));
  EXPECT_EQ(report["declared"], 5);
  EXPECT_EQ(report["exit_code"], 1);
  EXPECT_EQ(report["checks"][0]["reason"], "forbidden_message");
  EXPECT_EQ(report["checks"][0]["evidence"]["messages"], Json::array({0, 3}));
}

// ---------------------------------------------------------------- junit.xml
bool valid_junit(const std::string& xml) {
  xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt("conformance/schemas/junit.xsd");
  xmlSchemaPtr schema = xmlSchemaParse(parser);
  xmlSchemaFreeParserCtxt(parser);
  xmlDocPtr document = xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "junit.xml", nullptr, XML_PARSE_NONET | XML_PARSE_NOERROR);
  bool valid = false;
  if (schema != nullptr && document != nullptr) {
    xmlSchemaValidCtxtPtr context = xmlSchemaNewValidCtxt(schema);
    valid = xmlSchemaValidateDoc(context, document) == 0;
    xmlSchemaFreeValidCtxt(context);
  }
  xmlFreeDoc(document);
  xmlSchemaFree(schema);
  return valid;
}

TEST(JunitReport, IsValidByItsSchema) {
  EXPECT_TRUE(valid_junit(junit_report(hostile_run(), fakes::toy_spec()))) << junit_report(hostile_run(), fakes::toy_spec());
  EXPECT_TRUE(valid_junit(junit_report(fakes::run_of({}), fakes::toy_spec())));
  EXPECT_FALSE(valid_junit("<testsuites name='x'/>"));
}

TEST(JunitReport, NothingUnearnedReadsAsPassed) {
  const std::string xml = junit_report(hostile_run(), fakes::toy_spec());
  EXPECT_NE(xml.find(R"(tests="5" failures="1" errors="1" skipped="1")"), std::string::npos) << xml;
  EXPECT_NE(xml.find("<failure "), std::string::npos);
  EXPECT_NE(xml.find("type=\"inconclusive\""), std::string::npos) << xml;
}

// ---------------------------------------------------------------- report.html
TEST(HtmlReport, IsWellFormedAndHoldsNoScript) {
  const std::string html = html_report(hostile_run(), fakes::toy_spec());
  xmlDocPtr parsed = xmlReadMemory(html.data(), static_cast<int>(html.size()), "report.html", "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE);
  ASSERT_NE(parsed, nullptr);
  xmlFreeDoc(parsed);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(html.find("href=\"javascript"), std::string::npos);
  EXPECT_EQ(html.find("onerror=\""), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_EQ(html.find("http://"), std::string::npos) << "nothing from elsewhere";
  EXPECT_EQ(html.find("https://"), std::string::npos);
}

TEST(HtmlReport, FailureShowsSentenceComparisonMessagesAndCommand) {
  const std::string html = html_report(hostile_run(), fakes::toy_spec());
  EXPECT_NE(html.find("The Vendor MUST accept what is right &amp; refuse what is &lt;wrong&gt;."), std::string::npos);
  for (const char* part : {"<svg class=\"seq\"", "Messages, byte for byte", "--select vendor.pay.other-amount", "Could be sent at this point",
                           "class=\"exp\"", "class=\"got\""}) {
    EXPECT_NE(html.find(part), std::string::npos) << part;
  }
}

TEST(HtmlReport, SizeIsBounded) {
  std::vector<ScenarioResult> scenarios(2000, hostile_run().scenarios.front());
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    scenarios[i].info.id += "-" + std::to_string(i);
    scenarios[i].transcript.front().body = std::string(1U << 16, 'x');
  }
  EXPECT_LT(html_report(fakes::run_of(std::move(scenarios)), fakes::toy_spec()).size(), 64U << 20);
}

// ---------------------------------------------------------------- terminal and files
TEST(Summary, HoldsNoControlsOfTheImplementation) {
  const std::string text = summary(hostile_run(), fakes::toy_spec(), false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_LT(text.find("fail\n"), text.find("inconclusive\n")) << "the unexpected comes first";
}

TEST(Transcripts, AreWrittenForEachScenarioThatRan) {
  const auto folder = std::filesystem::temp_directory_path() / ("qp-report-" + std::to_string(::getpid()));
  ASSERT_TRUE(write_reports(hostile_run(), fakes::toy_spec(), folder.string()));
  std::ifstream lines(folder / "transcript" / "vendor.pay.other-amount.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const Json entry = Json::parse(line);
  EXPECT_EQ(entry["by_iut"], true);
  EXPECT_EQ(entry["body_base64"].get<std::string>().substr(0, 8), "PENoZWNr");
  std::ifstream text(folder / "transcript" / "vendor.pay.other-amount.txt");
  const std::string content((std::istreambuf_iterator<char>(text)), {});
  EXPECT_EQ(content.find('\x1b'), std::string::npos);
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(write_reports(hostile_run(), fakes::toy_spec(), "/proc/no-such-folder"));
}

}  // namespace
}  // namespace quickpay::conformance
