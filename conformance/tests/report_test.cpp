// Reports: well formed, valid by their schemas, and harmless whatever the implementation says.
#include "conformance/report/report.hpp"

#include <gtest/gtest.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <rapidcheck/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "conformance/report/stored.hpp"
#include "conformance/report/text.hpp"
#include "conformance/run/recording.hpp"
#include "conformance/run/rollup.hpp"
#include "conformance/tests/schema.hpp"
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
TEST(JsonReport, IsValidByItsSchema) {
  for (const RunResult& result : {hostile_run(), fakes::run_of({}), fakes::run_of({fakes::judged("vendor.a", Verdict::pass)})}) {
    const Json report = Json::parse(json_report(result, fakes::toy_spec()));
    EXPECT_EQ(tests::schema_fault("report.schema.json", report), "");
  }
}

TEST(JsonReport, SchemaRefusesABrokenReport) {
  const Json good = Json::parse(json_report(hostile_run(), fakes::toy_spec()));
  for (const char* patch : {R"([{"op":"remove","path":"/counts/pass"}])", R"([{"op":"replace","path":"/seed","value":"1"}])",
                            R"([{"op":"replace","path":"/checks/0/verdict","value":"ok"}])",
                            R"([{"op":"add","path":"/surprise","value":1}])", R"([{"op":"replace","path":"/spec/id","value":"x"}])"}) {
    EXPECT_NE(tests::schema_fault("report.schema.json", good.patch(Json::parse(patch))), "") << patch;
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
bool is_well_formed(const std::string& xml) {
  xmlDocPtr parsed = xmlReadMemory(xml.data(), static_cast<int>(xml.size()), "page", "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE);
  xmlFreeDoc(parsed);
  return parsed != nullptr;
}

TEST(HtmlReport, IsWellFormedAndHoldsNoScript) {
  const std::string html = html_report(hostile_run(), fakes::toy_spec());
  EXPECT_TRUE(is_well_formed(html));
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

RunResult small_run(std::size_t scenarios, Verdict last) {
  std::vector<ScenarioResult> all;
  for (std::size_t i = 0; i < scenarios; ++i) {
    all.push_back(fakes::judged("vendor.pay." + std::to_string(i), i + 1 == scenarios ? last : Verdict::pass));
    Entry step;
    step.kind = EntryKind::note;
    step.summary = "trail, 1: the user: w open-link";
    all.back().transcript = {step, fakes::sent("GetOrder")};
  }
  return fakes::run_of(std::move(all));
}

std::size_t pictures_in(const RunResult& run) {
  const std::string html = html_report(run, fakes::toy_spec());
  EXPECT_TRUE(is_well_formed(html));
  std::size_t found = 0;
  for (std::size_t at = html.find("<svg class=\"seq\""); at != std::string::npos; at = html.find("<svg class=\"seq\"", at + 1)) ++found;
  return found;
}

TEST(HtmlReport, AFewScenariosAreShownAlsoIfTheyPass) {
  EXPECT_EQ(pictures_in(small_run(1, Verdict::pass)), 1U);
  EXPECT_NE(html_report(small_run(1, Verdict::pass), fakes::toy_spec()).find("trail, 1: the user: w open-link"), std::string::npos);
  EXPECT_EQ(pictures_in(small_run(kMaxPictured, Verdict::pass)), kMaxPictured);
  EXPECT_EQ(pictures_in(small_run(kMaxPictured, Verdict::fail)), kMaxPictured) << "what failed once, among the failures";
  EXPECT_EQ(pictures_in(small_run(kMaxPictured + 1, Verdict::pass)), 0U) << "of many only what is wrong";
  RunResult open = small_run(1, Verdict::pass);
  open.scenarios.front().ran = false;
  EXPECT_EQ(pictures_in(open), 0U);
}

TEST(HtmlReport, SizeIsBounded) {
  std::vector<ScenarioResult> scenarios(2000, hostile_run().scenarios.front());
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    scenarios[i].info.id += "-" + std::to_string(i);
    scenarios[i].transcript.front().body = std::string(1U << 16, 'x');
  }
  EXPECT_LT(html_report(fakes::run_of(std::move(scenarios)), fakes::toy_spec()).size(), 64U << 20);
}

// ---------------------------------------------------------------- results.sarif
/// Brackets of a message that a SARIF reader would take for a link, braces that it would take for an argument.
bool is_plain_text(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool bracket = text[i] == '[' || text[i] == ']';
    if (bracket && (i == 0 || text[i - 1] != '\\')) {
      return false;
    }
    if (text[i] == '{' || text[i] == '}') {
      if (i + 1 == text.size() || text[i + 1] != text[i]) {
        return false;
      }
      ++i;
    }
  }
  return true;
}

void every_message(const Json& json, const std::function<void(const std::string&)>& visit) {
  for (const auto& [name, value] : json.items()) {
    if (name == "text" || name == "justification") {
      visit(value.get<std::string>());
    } else if (value.is_structured()) {
      every_message(value, visit);
    }
  }
}

TEST(SarifReport, IsValidByItsSchema) {
  for (const RunResult& result : {hostile_run(), fakes::run_of({}), fakes::run_of({fakes::judged("vendor.a", Verdict::error)})}) {
    EXPECT_EQ(tests::schema_fault("sarif.schema.json", Json::parse(sarif_report(result, fakes::toy_spec()))), "");
  }
  Json broken = Json::parse(sarif_report(hostile_run(), fakes::toy_spec()));
  broken["runs"][0]["results"][0]["level"] = "fatal";
  EXPECT_NE(tests::schema_fault("sarif.schema.json", broken), "");
}

TEST(SarifReport, SaysWhatIsNotAPassAndWhereItShows) {
  RunResult result = hostile_run();
  result.scenarios[3].checks[0].excused = true;
  const Json run = Json::parse(sarif_report(result, fakes::toy_spec()))["runs"][0];
  ASSERT_EQ(run["results"].size(), 3U);
  EXPECT_EQ(run["tool"]["driver"]["rules"].size(), 3U);
  std::map<std::string, Json> by_verdict;
  for (const Json& line : run["results"]) {
    by_verdict[line["properties"]["verdict"]] = line;
  }
  EXPECT_EQ(by_verdict["fail"]["level"], "error");
  EXPECT_EQ(by_verdict["warn"]["level"], "warning");
  EXPECT_EQ(by_verdict["warn"]["suppressions"].size(), 1U);
  EXPECT_EQ(by_verdict["inconclusive"]["kind"], "open");
  const std::size_t line = by_verdict["fail"]["locations"][0]["physicalLocation"]["region"]["startLine"];
  std::istringstream text(transcript_text(result.scenarios[0]));
  std::string shown;
  for (std::size_t i = 0; i < line; ++i) {
    std::getline(text, shown);
  }
  EXPECT_EQ(shown.substr(0, 3), "#0 ");
}

// ---------------------------------------------------------------- disputes
// Shown in every report, counted in none, and text whatever the implementation says of it.
TEST(Disputes, AreShownAndNotCounted) {
  RunResult result = hostile_run();
  const Json before = Json::parse(json_report(result, fakes::toy_spec()));
  result.scenarios.push_back(fakes::judged("vendor.pay.f", Verdict::fail));
  apply_disputes(result.scenarios, {{"vendor.pay.f.check", kPayload}});
  const Json report = Json::parse(json_report(result, fakes::toy_spec()));
  EXPECT_EQ(tests::schema_fault("report.schema.json", report), "");
  EXPECT_EQ(report["counts"], before["counts"]);
  EXPECT_EQ(report["disputed"].size(), 1U);
  const Json sarif = Json::parse(sarif_report(result, fakes::toy_spec()));
  EXPECT_EQ(tests::schema_fault("sarif.schema.json", sarif), "");
  const Json& last = sarif["runs"][0]["results"].back();
  EXPECT_EQ(last["ruleId"], "vendor.pay.f.check");
  EXPECT_EQ(last["suppressions"][0]["status"], "underReview");
  every_message(sarif, [](const std::string& text) { EXPECT_TRUE(is_plain_text(text)) << text; });
  const std::string junit = junit_report(result, fakes::toy_spec());
  EXPECT_TRUE(valid_junit(junit));
  EXPECT_NE(junit.find("<skipped message=\"disputed, fail: "), std::string::npos) << junit;
  const std::string html = html_report(result, fakes::toy_spec());
  EXPECT_TRUE(is_well_formed(html));
  EXPECT_NE(html.find("Disputed and not counted: <code>vendor.pay.f.check</code>, 1 fail"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_FALSE(certifiable(result));
  result.scenarios.back().checks.front().disputed.clear();
  result.scenarios.back().checks.front().apart = false;
  EXPECT_NE(Json::parse(json_report(result, fakes::toy_spec()))["counts"], before["counts"]) << "the twin counts";
}

RC_GTEST_PROP(SarifReport, WhateverAnImplementationSaysIsPlainText, (std::vector<std::uint8_t> raw)) {
  const std::string hostile = "[click](http://evil){0}{{\\" + std::string(raw.begin(), raw.end());
  RunResult result = hostile_run();
  result.scenarios[0].checks[0].evidence = {Reason::accepted, hostile, hostile, {0}, hostile};
  const Json report = Json::parse(sarif_report(result, fakes::toy_spec()));
  RC_ASSERT(tests::schema_fault("sarif.schema.json", report).empty());
  every_message(report, [](const std::string& text) { RC_ASSERT(is_plain_text(text)); });
}

// ---------------------------------------------------------------- badge
TEST(Badge, SaysWhatTheRunEarnedAndNoMore) {
  const RunResult passed = fakes::run_of({fakes::judged("vendor.a", Verdict::pass)});
  EXPECT_NE(badge_svg(passed, std::string(64, 'c')).find("certified cccccccc<"), std::string::npos);
  EXPECT_EQ(badge_svg(passed, {}).find("certified"), std::string::npos);
  EXPECT_NE(badge_svg(passed, {}).find("no certificate"), std::string::npos);
  EXPECT_NE(badge_svg(hostile_run(), {}).find("1 failed"), std::string::npos);
  EXPECT_TRUE(is_well_formed(badge_svg(hostile_run(), {})));
}

// ---------------------------------------------------------------- reports of earlier runs
class StoredTest : public ::testing::Test {
 protected:
  void SetUp() override { folder_ = std::filesystem::temp_directory_path() / ("qp-stored-" + std::to_string(::getpid())); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  StoredReport stored(const std::string& name, const RunResult& result) {
    const std::string path = (folder_ / name).string();
    EXPECT_TRUE(write_reports(result, fakes::toy_spec(), path));
    return read_report(path).value_or(StoredReport{});
  }
  std::filesystem::path folder_;
};

TEST_F(StoredTest, DifferencesAreToldApart) {
  const auto run = [](Verdict a, Verdict b, const std::string& third) {
    return fakes::run_of({fakes::judged("vendor.a", a), fakes::judged("vendor.b", b), fakes::judged(third, Verdict::pass)});
  };
  const StoredReport before = stored("before", run(Verdict::pass, Verdict::fail, "vendor.c"));
  const StoredReport after = stored("after", run(Verdict::inconclusive, Verdict::pass, "vendor.d"));
  const Difference difference = difference_of(before, after);
  ASSERT_EQ(difference.worse.size(), 1U);
  EXPECT_EQ(difference.worse[0].scenario, "vendor.a");
  ASSERT_EQ(difference.better.size(), 1U);
  EXPECT_EQ(difference.better[0].before, "fail");
  EXPECT_EQ(difference.other.size(), 2U);
  const Difference none = difference_of(before, before);
  EXPECT_TRUE(none.worse.empty() && none.better.empty() && none.other.empty() && none.remarks.empty());
  StoredReport elsewhere = before;
  elsewhere.spec = "another";
  EXPECT_EQ(difference_of(before, elsewhere).remarks.size(), 1U);
}

TEST_F(StoredTest, TheMatrixShowsTheWorstOfEachCheck) {
  RunResult bad = fakes::run_of({fakes::judged("vendor.a", Verdict::fail)});
  bad.implementation.name = kPayload;
  const std::string html = matrix_html({stored("good", fakes::run_of({fakes::judged("vendor.a", Verdict::pass)})), stored("bad", bad)});
  EXPECT_TRUE(is_well_formed(html.substr(html.find("<html"))));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("pass 1/1"), std::string::npos);
  EXPECT_NE(html.find("fail 1/1"), std::string::npos);
  EXPECT_EQ(matrix_text({stored("bad", bad)}).find('\x1b'), std::string::npos);
}

TEST_F(StoredTest, WhatIsNoReportIsRefused) {
  EXPECT_FALSE(read_report((folder_ / "nowhere").string()));
  std::filesystem::create_directories(folder_);
  for (const char* text : {"", "[]", "{}", "{\"checks\": 3}", "\xff"}) {
    std::ofstream(folder_ / "report.json") << text;
    EXPECT_FALSE(read_report(folder_.string())) << text;
  }
  std::ofstream(folder_ / "report.json") << R"({"checks":[3,{"id":7,"verdict":{}}],"implementation":[1],"spec":"x"})";
  EXPECT_TRUE(read_report(folder_.string())) << "strange, and no more than that";
}

// ---------------------------------------------------------------- a full disk
TEST_F(StoredTest, AFullDiskIsNamed) {
  for (const char* name : {"report.json", "junit.xml", "results.sarif", "report.html", "badge.svg"}) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::filesystem::create_symlink("/dev/full", folder_ / name);
    const auto written = write_reports(hostile_run(), fakes::toy_spec(), folder_.string());
    ASSERT_EQ(written.has_value(), std::string(name) == "badge.svg") << "an old badge is removed, not followed: " << name;
    if (!written) {
      EXPECT_NE(written.error().find(name), std::string::npos);
      EXPECT_NE(written.error().find("No space left"), std::string::npos) << written.error();
    }
  }
}

// ---------------------------------------------------------------- recordings
TEST(Recordings, KeepEveryByteOfWhatWasSaid) {
  const RunResult result = hostile_run();
  const std::string text = recording_text(result, result.scenarios[0]);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }));
  const auto read = read_recording(text);
  ASSERT_TRUE(read) << read.error();
  ASSERT_EQ(read->entries.size(), 4U);
  for (std::size_t i = 0; i < read->entries.size(); ++i) {
    const Entry& was = result.scenarios[0].transcript[i];
    const Entry& is = read->entries[i];
    EXPECT_EQ(is.kind, was.kind);
    EXPECT_EQ(is.body, was.body);
    EXPECT_EQ(is.headers, was.headers);
    EXPECT_EQ(is.path, was.path);
    EXPECT_EQ(is.mutation, was.mutation);
    EXPECT_EQ(is.summary, was.summary);
  }
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
  ASSERT_TRUE(std::getline(lines, line) && std::getline(lines, line)) << "the session, then its messages";
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
