#include "conformance/report/finding.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "conformance/report/offence.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

/// The sentence that was violated: the message's rule, or the texts of the requirements.
std::string violated(const CheckInfo& check, const SpecFacts& spec) {
  std::string quotes;
  if (!check.rule.empty()) {
    quotes += fmt::format("<p>{}</p>", escaped(check.rule));
  }
  std::string sources;
  for (const std::string& id : check.requirements) {
    const auto found = spec.requirements.find(id);
    if (found == spec.requirements.end()) {
      sources += fmt::format("<p class=\"src\"><code>{}</code></p>", escaped(id));
    } else {
      quotes += check.rule.empty() ? fmt::format("<p>{}</p>", escaped(found->second.text)) : std::string();
      sources += fmt::format("<p class=\"src\"><code>{}</code> · {} · section {}</p>", escaped(id),
                             escaped(found->second.level), escaped(found->second.section));
    }
  }
  return "<blockquote>" + quotes + sources + "</blockquote>";
}

std::string comparison(const Evidence& evidence) {
  std::string rows;
  if (!evidence.expected.empty()) {
    rows += fmt::format("<dt>expected</dt><dd class=\"exp\">{}</dd>", escaped(evidence.expected));
  }
  if (!evidence.got.empty()) {
    rows += fmt::format("<dt>got</dt><dd class=\"got\">{}</dd>", escaped(evidence.got));
  }
  if (!evidence.detail.empty()) {
    rows += fmt::format("<dt>detail</dt><dd>{}</dd>", escaped(evidence.detail));
  }
  return rows.empty() ? rows : "<dl class=\"cmp\">" + rows + "</dl>";
}

std::string message_bytes(const ScenarioResult& scenario, const std::vector<std::size_t>& marked) {
  std::string html;
  std::size_t given = 0;
  for (std::size_t i = 0; i < scenario.transcript.size() && given < kMaxShownEntries; ++i) {
    const Entry& entry = scenario.transcript[i];
    const bool mark = std::find(marked.begin(), marked.end(), i) != marked.end();
    if (entry.kind == EntryKind::note || (!marked.empty() && !mark && i + 8 < marked.front())) {
      continue;
    }
    ++given;
    std::string head = entry.kind == EntryKind::request ? "POST " + entry.path : fmt::format("HTTP {}", entry.http_status);
    for (const auto& [name, value] : entry.headers) {
      head += "\n" + name + ": " + value;
    }
    html += fmt::format("<details{}><summary>{} · {} → {} · {} · {} bytes</summary><pre tabindex=\"0\">{}\n\n{}</pre>", mark ? " open=\"\"" : "", i,
                        escaped(entry.from, 40), escaped(entry.to, 40), escaped(entry.summary, 120), entry.body_bytes,
                        escaped(head, kMaxShownText, true), escaped(entry.body, kMaxShownBody, true));
    for (const std::string& finding : entry.findings) {
      html += fmt::format("<p class=\"quiet\">{}</p>", escaped(finding));
    }
    html += "</details>";
  }
  return html.empty() ? html : "<details><summary>Messages, byte for byte</summary>" + html + "</details>";
}

/// What the implementation could have sent instead, as the monitor saw it just before.
std::string instead(const ScenarioResult& scenario, const std::vector<std::size_t>& marked) {
  const std::vector<std::string> allowed = allowed_next(scenario, marked);
  if (allowed.empty()) {
    return {};
  }
  return fmt::format("<h4>Could be sent at this point</h4><p>{}</p>", escaped(fmt::format("{}", fmt::join(allowed, ", "))));
}

std::string marked_bytes(const Located& at) {
  const auto offence = offence_of(*at.scenario, *at.check);
  if (!offence) {
    return {};
  }
  const Entry& entry = at.scenario->transcript[offence->entry];
  return fmt::format("<h4>The bytes</h4><p class=\"quiet\">{}</p><pre class=\"dump\" tabindex=\"0\">{}</pre>",
                     escaped(place_words(entry, *offence)),
                     escaped(byte_view(entry.body, offence->offset, offence->length), kMaxShownBody, true));
}

std::string picture(const ScenarioResult& scenario, const std::vector<std::size_t>& marked) {
  return fmt::format("<h4>Messages</h4><figure tabindex=\"0\" aria-label=\"Sequence of messages\">{}</figure>",
                     sequence_diagram(scenario, marked, "Sequence of messages in " + scenario.info.id));
}

std::string place(const RunResult& result, const Located& at, bool open, bool full) {
  const ScenarioInfo& info = at.scenario->info;
  std::string html = fmt::format("<details class=\"sc\"{}><summary>{}</summary>", open ? " open=\"\"" : "", escaped(info.id));
  html += comparison(at.check->evidence);
  if (!info.subject.empty() || !info.mutation.empty()) {
    html += fmt::format("<p class=\"quiet\">subject {} {}{}</p>", escaped(info.subject),
                        info.mutation.empty() ? "" : "· changed: ", escaped(info.mutation));
  }
  if (full && at.scenario->ran) {
    html += picture(*at.scenario, at.check->evidence.entries);
    html += marked_bytes(at);
    html += instead(*at.scenario, at.check->evidence.entries);
    html += message_bytes(*at.scenario, at.check->evidence.entries);
  }
  html += fmt::format("<h4>Again</h4><pre tabindex=\"0\">{}</pre></details>", escaped(repeat_command(result, *at.scenario)));
  return html;
}

}  // namespace

std::vector<CauseGroup> group_by_cause(const RunResult& result, Verdict verdict) {
  std::map<std::tuple<bool, std::string, Reason>, CauseGroup> groups;
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (check.apart || check.verdict != verdict) {
        continue;
      }
      CauseGroup& group = groups[{check.excused, check.info.id, check.evidence.reason}];
      group.check = check.info.id;
      group.reason = check.evidence.reason;
      group.excused = check.excused;
      group.places.push_back({&scenario, &check});
    }
  }
  std::vector<CauseGroup> list;
  for (auto& [key, group] : groups) {
    list.push_back(std::move(group));
  }
  std::stable_sort(list.begin(), list.end(), [](const CauseGroup& a, const CauseGroup& b) {
    return a.excused != b.excused ? b.excused : a.places.size() > b.places.size();
  });
  return list;
}

std::map<std::string, Disputed> disputes_of(const RunResult& result) {
  std::map<std::string, Disputed> found;
  for (const ScenarioResult& scenario : result.scenarios) {
    for (const CheckResult& check : scenario.checks) {
      if (!check.disputed.empty()) {
        Disputed& one = found[check.info.id];
        one.why = check.disputed;
        ++one.counts[static_cast<std::size_t>(check.verdict)];
      }
    }
  }
  return found;
}

std::string words_of(const Disputed& disputed) {
  std::string text;
  for (std::size_t i = 0; i < disputed.counts.size(); ++i) {
    if (disputed.counts[i] != 0) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", disputed.counts[i], name_of(static_cast<Verdict>(i)));
    }
  }
  return text;
}

std::string cause_article(const RunResult& result, const SpecFacts& spec, const CauseGroup& group, std::size_t& shown) {
  const CheckResult& first = *group.places.front().check;
  std::string html = fmt::format(
      "<article class=\"{0}\"><h3>{1}<span class=\"chip {0}\">{0}{2}{3}</span></h3><p class=\"title\">{4}</p>{5}",
      name_of(first.verdict), escaped(group.check), group.reason == Reason::none ? "" : " · ", name_of(group.reason),
      escaped(first.info.title), violated(first.info, spec));
  if (group.excused) {
    html += fmt::format("<p class=\"quiet\">Expected by the baseline: {}</p>", escaped(first.excuse));
  }
  bool open = true;
  for (const Located& at : group.places) {
    const bool full = shown++ < kMaxShownFindings;
    html += place(result, at, open, full);
    open = false;
  }
  return html + "</article>\n";
}

std::string passed_article(const ScenarioResult& scenario) {
  const CheckResult& main = scenario.checks.front();
  const std::string came = main.evidence.got.empty() ? std::string() : fmt::format("<p>{}</p>", escaped(main.evidence.got));
  return fmt::format("<article class=\"pass\"><h3>{}<span class=\"chip pass\">pass</span></h3><p class=\"title\">{}</p>{}{}{}</article>\n", escaped(scenario.info.id),
                     escaped(main.info.title), came, picture(scenario, {}), message_bytes(scenario, {}));
}

}  // namespace quickpay::conformance
