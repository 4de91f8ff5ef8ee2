// protocol.hpp, spec_id.cpp, requirements.hpp and requirements.cpp: codes, parameters, and the sentences of the rules.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string retry_word(const std::string& retry) { return retry == "new" ? "new_request" : retry; }

std::string error_lines(const Spec& spec) {
  std::string out =
      "// The outcome of a request: code, what the client may do, and the step of the processing order that finds "
      "it.\n";
  for (const ErrorCode& error : spec.errors) {
    out += comment("///", error.text);
    out += fmt::format("inline constexpr std::string_view {} = {};\n", identifier(error.id), cpp_string(error.id));
  }
  out += R"(
/// What a client may do after a refusal: nothing is left to do, give up, send the same again, begin anew.
enum class Retry : std::uint8_t { none, no, same, new_request };

struct ErrorInfo {
  std::string_view code;
  Retry retry;
  int step;  ///< of the processing order
};

/// Every code, in the order of the specification.
)";
  if (spec.errors.empty()) return out + "inline constexpr std::array<ErrorInfo, 0> kErrors{};\n";
  out += "inline constexpr ErrorInfo kErrors[] = {\n";
  for (const ErrorCode& error : spec.errors) {
    out += fmt::format("    {{{}, Retry::{}, {}}},\n", identifier(error.id), retry_word(error.retry), error.step);
  }
  return out + "};\n";
}

std::string parameter_lines(const Spec& spec) {
  std::string out = "// Parameters; times in seconds.\n";
  for (const Parameter& parameter : spec.parameters) {
    if (!is_number(parameter.default_value)) continue;
    const std::string name = identifier(parameter.id);
    out += comment("///", fmt::format("{} [{}]", parameter.text, parameter.unit));
    out += fmt::format("inline constexpr std::int64_t {}_default = {};\n", name, parameter.default_value);
    if (is_number(parameter.min))
      out += fmt::format("inline constexpr std::int64_t {}_min = {};\n", name, parameter.min);
    if (is_number(parameter.max))
      out += fmt::format("inline constexpr std::int64_t {}_max = {};\n", name, parameter.max);
  }
  return out;
}

std::string words(const std::vector<std::string>& ids) {
  std::vector<std::string> quoted;
  for (const std::string& id : ids) quoted.push_back(cpp_string(id));
  return join(quoted, ", ");
}

/// Arrays of ids, each set once, called kIds1, kIds2, …
class IdLists {
 public:
  std::string name_of(const std::vector<std::string>& ids) {
    if (ids.empty()) return "{}";
    const auto found = std::find(lists_.begin(), lists_.end(), ids);
    const auto index = static_cast<std::size_t>(found - lists_.begin());
    if (found == lists_.end()) lists_.push_back(ids);
    return fmt::format("kIds{}", index + 1);
  }
  std::string text() const {
    std::string out;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      out += fmt::format("constexpr std::string_view kIds{}[] = {{{}}};\n", i + 1, words(lists_[i]));
    }
    return out;
  }

 private:
  std::vector<std::vector<std::string>> lists_;
};

std::string rule_rows(const Message& message, const std::vector<Rule>& rules, bool sender, IdLists& ids) {
  std::string out;
  for (const Rule& rule : rules) {
    out += fmt::format("    {{{}, {}, {}, {},\n     {}}},\n", cpp_string(message.id), sender,
                       cpp_string(sender ? join(message.from, " ") : message.to), ids.name_of(rule.requirements),
                       cpp_string(rule.text));
  }
  return out;
}

std::string table(const std::string& type, const std::string& name, const std::string& function,
                  const std::string& rows) {
  if (rows.empty()) return fmt::format("std::span<const {}> {}() {{ return {{}}; }}\n", type, function);
  return fmt::format(
      "namespace {{\nconstexpr {0} {1}[] = {{\n{2}}};\n}}  // namespace\nstd::span<const {0}> {3}() {{ return {1}; "
      "}}\n",
      type, name, rows, function);
}

}  // namespace

std::string protocol_hpp(const Spec& spec) {
  std::string out = R"(#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace quickpay::protocol {

/// SHA-256 of the canonical form of the whole specification, in hexadecimal.
extern const std::string_view kSpecId;
)";
  out += fmt::format("inline constexpr std::string_view kSpecVersion = {};\n", cpp_string(spec.version));
  out += fmt::format("/// The namespace of every document.\ninline constexpr std::string_view kNamespace = {};\n",
                     cpp_string(spec.xml_namespace));
  out += fmt::format(
      "/// The first part of every canonical input.\ninline constexpr std::string_view kSignaturePrefix = {};\n\n",
      cpp_string(spec.signature_prefix));
  return out + error_lines(spec) + "\n" + parameter_lines(spec) + "\n}  // namespace quickpay::protocol\n";
}

std::string spec_id_cpp(const std::string& id) {
  return fmt::format(R"(#include "reference/codec/generated/protocol.hpp"

namespace quickpay::protocol {{

constinit const std::string_view kSpecId = {};

}}  // namespace quickpay::protocol
)",
                     cpp_string(id));
}

std::string requirements_hpp() {
  return R"(#pragma once

#include <span>
#include <string_view>

namespace quickpay::protocol {

/// One requirement: what a report prints as the sentence that was violated.
struct RequirementInfo {
  std::string_view id;
  std::string_view level;    ///< MUST, MUST-NOT, SHOULD, …
  std::string_view section;  ///< of the text it comes from
  std::string_view text;
};

/// What the sender or the receiver of a message has to do.
struct RuleInfo {
  std::string_view message;
  bool sender;            ///< false: receiver
  std::string_view role;  ///< whom the rule binds
  std::span<const std::string_view> requirements;
  std::string_view text;
};

/// One reason for which some requirements have no test here.
struct ExclusionInfo {
  std::string_view reason;
  std::string_view until;
  std::span<const std::string_view> requirements;
};

/// All requirements, sorted by id.
std::span<const RequirementInfo> requirements();

/// The rules of all messages, in the order of the specification, those of the sender first.
std::span<const RuleInfo> rules();

/// What is excluded, and why.
std::span<const ExclusionInfo> exclusions();

}  // namespace quickpay::protocol
)";
}

std::string requirements_cpp(const Spec& spec) {
  IdLists ids;
  std::vector<const Requirement*> sorted;
  for (const Requirement& requirement : spec.requirements) sorted.push_back(&requirement);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->id < b->id; });
  std::string requirements;
  for (const Requirement* requirement : sorted) {
    requirements +=
        fmt::format("    {{{}, {}, {},\n     {}}},\n", cpp_string(requirement->id), cpp_string(requirement->level),
                    cpp_string(requirement->section), cpp_string(requirement->text));
  }
  std::string rules;
  for (const Message& message : spec.messages) {
    rules += rule_rows(message, message.sender, true, ids) + rule_rows(message, message.receiver, false, ids);
  }
  std::string exclusions;
  for (const Exclusion& exclusion : spec.exclusions) {
    exclusions += fmt::format("    {{{}, {}, {}}},\n", cpp_string(exclusion.reason), cpp_string(exclusion.until),
                              ids.name_of(exclusion.requirements));
  }
  return "#include \"reference/codec/generated/requirements.hpp\"\n\nnamespace quickpay::protocol {\nnamespace {\n\n" +
         ids.text() + "\n}  // namespace\n\n" +
         table("RequirementInfo", "kRequirements", "requirements", requirements) + "\n" +
         table("RuleInfo", "kRules", "rules", rules) + "\n" +
         table("ExclusionInfo", "kExclusions", "exclusions", exclusions) + "\n}  // namespace quickpay::protocol\n";
}

}  // namespace quickpay::spec
