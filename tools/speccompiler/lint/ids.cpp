// Identifiers: unique, of the right form; the marks of evolution.
#include <fmt/format.h>

#include <map>

#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

// 1.10 is later than 1.9.
std::pair<int, int> version_of(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return {0, 0};
  return {std::stoi(text.substr(0, dot)), std::stoi(text.substr(dot + 1))};
}

class Ids {
 public:
  explicit Ids(LintContext& context) : context_(context) {}

  void run() {
    const Spec& spec = context_.spec;
    evolution(spec);
    unique("profile", spec.profiles);
    unique("family", spec.families);
    unique("role", spec.roles);
    unique("parameter", spec.parameters);
    unique("error code", spec.errors);
    unique("processing step", spec.processing);
    unique("requirement", spec.requirements);
    unique("decision", spec.decisions);
    unique("protocol", spec.protocols);
    unique("machine", spec.machines);
    unique("scenario", spec.scenarios);
    unique("properties", spec.property_sets);
    unique("plugin", spec.plugins);
    for (const PropertySet& set : spec.property_sets) property_sets(set);
    shared_space();
    messages();
    case_ids();
  }

 private:
  template <class T>
  void unique(const std::string& what, const std::vector<T>& items) {
    std::map<std::string, Location> seen;
    for (const T& item : items) {
      claim(seen, what, item);
      evolution(item);
      replacement(what, item, ids_of(items));
    }
  }

  void property_sets(const PropertySet& set) {
    unique("option", set.options);
    unique("aim", set.aims);
    unique("claim", set.claims);
    unique("instance", set.instances);
    unique("ghost", set.ghosts);
    unique("property", set.properties);
    unique("configuration", set.configurations);
  }

  void claim(std::map<std::string, Location>& seen, const std::string& what, const Common& item) {
    const auto [first, fresh] = seen.emplace(item.id, item.at);
    if (fresh) return;
    context_.add(item.at, fmt::format("{} '{}' is declared twice, first at {}:{}", what, item.id, first->second.file,
                                      first->second.line));
  }

  void evolution(const Common& item) {
    const auto now = version_of(context_.spec.version);
    if (!item.since.empty() && version_of(item.since) > now) {
      context_.add(item.at, fmt::format("'{}' is there since {}, but this is version {}", item.id, item.since,
                                        context_.spec.version));
    }
    if (!item.deprecated.empty() && version_of(item.deprecated) < version_of(item.since)) {
      context_.add(item.at, fmt::format("'{}' is deprecated before it came", item.id));
    }
    if (!item.replaced_by.empty() && item.deprecated.empty()) {
      context_.add(item.at, fmt::format("'{}' is replaced but not deprecated", item.id));
    }
  }

  void replacement(const std::string& what, const Common& item, const std::vector<std::string>& known) {
    if (!item.replaced_by.empty()) context_.known(item.at, what, item.replaced_by, known);
  }

  void form(const Common& item, const std::string& what, std::string_view form, const std::string& expected) {
    if (matches(form, item.id)) return;
    context_.add(item.at, fmt::format("the name of {} '{}' must be {}", what, item.id, expected));
  }

  // Types and structs become names in one C++ namespace and one schema.
  void shared_space() {
    constexpr std::string_view kForm = "[A-Za-z][A-Za-z0-9]*";
    std::map<std::string, Location> seen;
    std::vector<std::string> known = ids_of(context_.spec.types);
    for (const Struct& s : context_.spec.structs) known.push_back(s.id);
    const auto visit = [&](const Common& item, const std::string& what) {
      claim(seen, "type or struct", item);
      form(item, what, kForm, "letters and digits");
      evolution(item);
      replacement("type or struct", item, known);
    };
    for (const Type& type : context_.spec.types) visit(type, "type");
    for (const Struct& s : context_.spec.structs) {
      visit(s, "struct");
      for (const Field& field : s.fields) evolution(field);
    }
  }

  std::string family_of(const Message& message) const {
    const Protocol* protocol = find_id(context_.spec.protocols, message.protocol);
    return protocol == nullptr ? std::string() : protocol->family;
  }

  void messages() {
    constexpr std::string_view kForm = "[A-Za-z][A-Za-z0-9]*";
    std::map<std::string, std::map<std::string, Location>> seen;
    for (const Message& message : context_.spec.messages) {
      claim(seen[family_of(message)], "message", message);
      form(message, "message", kForm, "letters and digits");
      evolution(message);
      for (const Field& field : message.request.body) evolution(field);
      for (const Field& field : message.response.body) evolution(field);
      replacement("message", message, ids_of(context_.spec.messages));
    }
  }

  // Cases are named in traces and coverage without their machine.
  void case_ids() {
    std::map<std::string, std::map<std::string, Location>> seen;
    for (const Machine& machine : context_.spec.machines) {
      for (const Block& block : machine.blocks) {
        for (const Case& written : block.cases) claim(seen[machine.protocol], "case", written);
      }
    }
  }

  LintContext& context_;
};

}  // namespace

void lint_ids(LintContext& context) { Ids(context).run(); }

}  // namespace quickpay::spec
