#include "conformance/interop/interop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "conformance/report/offence.hpp"
#include "conformance/report/report.hpp"
#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxMessagesShown = 14;

std::string reference_command(const std::string& self, std::string_view role) {
  return fmt::format("exec {} reference-adapter --role {}", shell_quoted(self), role);
}

std::vector<Party> parties_of(const InteropOptions& options, std::size_t role) {
  std::vector<Party> parties;
  for (const std::string& command : options.commands[role]) {
    const bool reference = command == kReferenceWord;
    parties.push_back({std::string(kMeetingRoles[role]), reference ? reference_command(options.self, kMeetingRoles[role]) : command, reference});
  }
  if (parties.empty()) {
    parties.push_back({std::string(kMeetingRoles[role]), reference_command(options.self, kMeetingRoles[role]), true});
  }
  return parties;
}

std::vector<Parties> combinations(const InteropOptions& options) {
  std::array<std::vector<Party>, 4> choices;
  for (std::size_t role = 0; role < choices.size(); ++role) {
    choices[role] = parties_of(options, role);
  }
  std::vector<Parties> all;
  for (const Party& host : choices[3]) {
    for (const Party& broker : choices[2]) {
      for (const Party& wallet : choices[0]) {
        for (const Party& vendor : choices[1]) {
          if (all.size() <= kMaxMeetings) {
            all.push_back({wallet, vendor, broker, host});
          }
        }
      }
    }
  }
  return all;
}

std::string name_of_party(const Meeting& meeting, std::size_t role) {
  const Hello& hello = meeting.hellos[role];
  const std::string name = printable(hello.name + (hello.version.empty() ? "" : " " + hello.version), 60);
  return hello.name.empty() ? printable(meeting.parties[role].command, 60) : name;
}

/// The name of a party; a second implementation of the same name gets a number. `taken`: labels, and whose they are.
std::string label_of(const Meeting& meeting, std::size_t role, std::map<std::string, std::string>& taken) {
  const std::string name = name_of_party(meeting, role);
  const std::string& owner = meeting.parties[role].command;
  std::string label = name;
  for (std::size_t number = 2; !taken.emplace(label, owner).second && taken.at(label) != owner; ++number) {
    label = fmt::format("{} ({})", name, number);
  }
  return label;
}

std::string verdict_of(const Meeting& meeting) {
  if (!meeting.unreachable.empty()) {
    return meeting.unreachable + " unreachable";
  }
  if (meeting.good()) {
    return "good";
  }
  return meeting.faults.empty() ? "interrupted" : fmt::format("fault: {}", fmt::join(meeting.blamed(), ", "));
}

std::string fault_text(const Meeting& meeting, const Fault& fault) {
  const Evidence& evidence = fault.found.evidence;
  std::string text = fmt::format("  fault of the {}: {} {}\n", fault.role, fault.found.info.id, name_of(evidence.reason));
  text += evidence.expected.empty() ? "" : fmt::format("    expected  {}\n", printable(evidence.expected, 400));
  text += evidence.got.empty() ? "" : fmt::format("    got       {}\n", printable(evidence.got, 400));
  if (const auto offence = offence_of(meeting.record, fault.found)) {
    const Entry& entry = meeting.record.transcript[offence->entry];
    text += fmt::format("    {}\n{}", place_words(entry, *offence), byte_view(entry.body, offence->offset, offence->length));
  }
  return text + sequence_lines(meeting.record, evidence.entries, kMaxMessagesShown);
}

Json fault_json(const Fault& fault) {
  const Evidence& evidence = fault.found.evidence;
  return {{"role", fault.role}, {"check", fault.found.info.id}, {"reason", name_of(evidence.reason)},
          {"expected", printable(evidence.expected)}, {"got", printable(evidence.got)}, {"messages", evidence.entries}};
}

Json meeting_json(const Meeting& meeting) {
  Json parties = Json::object(), courses = Json::array(), faults = Json::array();
  for (std::size_t role = 0; role < kMeetingRoles.size(); ++role) {
    parties[std::string(kMeetingRoles[role])] = {{"name", printable(meeting.hellos[role].name)},
                                                 {"version", printable(meeting.hellos[role].version)},
                                                 {"reference", meeting.parties[role].reference}};
  }
  for (const JointCourse& course : meeting.courses) {
    courses.push_back({{"name", course.name}, {"complete", course.complete}});
  }
  for (const Fault& fault : meeting.faults) {
    faults.push_back(fault_json(fault));
  }
  return {{"parties", parties}, {"verdict", verdict_of(meeting)}, {"good", meeting.good()}, {"blamed", meeting.blamed()},
          {"unreachable", meeting.unreachable}, {"why", printable(meeting.why)}, {"courses", courses}, {"faults", faults},
          {"messages", meeting.record.transcript.size() + meeting.record.dropped}};
}

bool write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  return static_cast<bool>(file);
}

/// The error names the file that could not be written.
std::string write_files(const std::vector<Meeting>& meetings, const InteropOptions& options) {
  const std::filesystem::path folder(options.out);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (std::size_t i = 0; i < meetings.size(); ++i) {
    const auto path = folder / fmt::format("meeting-{}.txt", i + 1);
    if (!write(path, meeting_text(meetings[i]) + transcript_text(meetings[i].record))) {
      return path.string();
    }
  }
  const auto path = folder / "interop.json";
  return write(path, interop_json(meetings, options.profile)) ? std::string() : path.string();
}

ExitCode code_of(const std::vector<Meeting>& meetings) {
  const auto any = [&](const std::function<bool(const Meeting&)>& holds) { return std::any_of(meetings.begin(), meetings.end(), holds); };
  if (any([](const Meeting& meeting) { return !meeting.unreachable.empty(); })) {
    return ExitCode::unreachable;
  }
  if (any([](const Meeting& meeting) { return !meeting.faults.empty(); })) {
    return ExitCode::failed;
  }
  return any([](const Meeting& meeting) { return !meeting.good(); }) ? ExitCode::inconclusive : ExitCode::as_expected;
}

}  // namespace

std::string interop_json(const std::vector<Meeting>& meetings, const std::string& profile) {
  Json list = Json::array();
  for (const Meeting& meeting : meetings) {
    list.push_back(meeting_json(meeting));
  }
  const Json report = {{"profile", profile}, {"exit_code", static_cast<int>(code_of(meetings))}, {"meetings", std::move(list)}};
  return report.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string meeting_text(const Meeting& meeting) {
  std::vector<std::string> names;
  for (std::size_t role = 0; role < kMeetingRoles.size(); ++role) {
    names.push_back(fmt::format("{} {}", kMeetingRoles[role], name_of_party(meeting, role)));
  }
  std::string text = fmt::format("{}\n  {}", fmt::join(names, ", "), verdict_of(meeting));
  if (!meeting.unreachable.empty()) {
    return text + ": " + printable(meeting.why, 400) + "\n";
  }
  text += fmt::format(", {} messages\n", meeting.record.transcript.size() + meeting.record.dropped);
  for (const JointCourse& course : meeting.courses) {
    text += fmt::format("  {}: {}\n", course.name, course.complete ? "complete" : "not complete");
  }
  for (std::size_t i = 0; i < std::min(kMaxShownFaults, meeting.faults.size()); ++i) {
    text += fault_text(meeting, meeting.faults[i]);
  }
  return meeting.faults.size() <= kMaxShownFaults ? text
                                                  : text + fmt::format("  … and {} more findings\n", meeting.faults.size() - kMaxShownFaults);
}

std::string matrix_text(const std::vector<Meeting>& meetings) {
  if (meetings.size() < 2) {
    return {};
  }
  std::map<std::string, std::map<std::string, std::map<std::string, std::string>>> tables;
  std::map<std::string, std::string> taken;
  std::size_t width = 8;
  for (const Meeting& meeting : meetings) {
    const auto label = [&](std::size_t role) { return label_of(meeting, role, taken); };
    tables[fmt::format("broker {}, host {}", label(2), label(3))][label(0)][label(1)] = verdict_of(meeting);
    width = std::max({width, label(0).size(), label(1).size(), verdict_of(meeting).size()});
  }
  std::string text;
  for (const auto& [title, rows] : tables) {
    text += fmt::format("{}\n{:<{}}", title, "wallet \\ vendor", width + 2);
    for (const auto& [vendor, verdict] : rows.begin()->second) {
      text += fmt::format("{:<{}}", vendor, width + 2);
    }
    for (const auto& [wallet, cells] : rows) {
      text += fmt::format("\n{:<{}}", wallet, width + 2);
      for (const auto& [vendor, verdict] : cells) {
        text += fmt::format("{:<{}}", verdict, width + 2);
      }
    }
    text += "\n";
  }
  return text;
}

ExitCode demo(const std::string& self, std::ostream& out, const std::atomic<bool>* stop) {
  constexpr std::size_t kAllMessages = 200;
  InteropOptions options;
  options.self = self;
  const Meeting meeting = meet(combinations(options).front(), options.profile, 0, stop);
  out << meeting_text(meeting) << sequence_lines(meeting.record, {}, kAllMessages);
  return code_of({meeting});
}

ExitCode interop(const InteropOptions& options, std::ostream& out, std::ostream& err, const std::atomic<bool>* stop) {
  const auto refuse = [&](std::string_view why) {
    err << "quickpay interop: " << why << "\n";
    return ExitCode::usage;
  };
  if (options.profile != "F" && options.profile != "H") {
    return refuse("--profile is F or H");
  }
  if (std::all_of(options.commands.begin(), options.commands.end(), [](const auto& list) { return list.empty(); })) {
    return refuse("say who meets: --wallet, --vendor, --broker or --host with an adapter command; who is not named is the reference");
  }
  const std::vector<Parties> all = combinations(options);
  if (all.size() > kMaxMeetings) {
    return refuse(fmt::format("more than {} combinations", kMaxMeetings));
  }
  std::vector<Meeting> meetings;
  for (std::size_t i = 0; i < all.size() && (stop == nullptr || !*stop); ++i) {
    meetings.push_back(meet(all[i], options.profile, i, stop));
    out << meeting_text(meetings.back()) << std::flush;
  }
  out << matrix_text(meetings);
  if (!options.out.empty()) {
    if (const std::string path = write_files(meetings, options); !path.empty()) {
      return refuse("cannot write " + path);
    }
    out << "report: " << options.out << "/interop.json\n";
  }
  return meetings.size() < all.size() ? ExitCode::inconclusive : code_of(meetings);
}

}  // namespace quickpay::conformance
