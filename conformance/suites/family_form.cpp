// XML profile and tables.
#include <fmt/format.h>

#include <map>
#include <set>
#include <utility>

#include "conformance/judges/reading.hpp"
#include "conformance/peers/catalogue.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/slug.hpp"

namespace quickpay::conformance {

namespace {

Refusal broken(Session& session, const FamilyBase& base, const std::string& mutation, const std::string& code) {
  Refusal refusal;
  refusal.stimulus = [&session, base, mutation]() {
    Sending sending = base.valid(session);
    if (sending.document.name.empty()) {
      return Reply{};
    }
    sending.mutation = mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {code};
  refusal.benign = [&session, base]() { return base.benign(session); };
  return refusal;
}

/// The mutations of the tables that do break them, by operator.
std::map<std::string, std::vector<std::string>> breaking_mutations(const std::string& message) {
  std::map<std::string, std::vector<std::string>> by_operator;
  const Element sample = sample_of(message);
  for (const std::string& place : table_mutations(*message_type(message)->request)) {
    const std::string name = message + place.substr(place.find('.'));
    const auto mutations = mutations_of(name);
    const auto bytes = mutations ? mutated(sample, *mutations) : tl::unexpected(mutations.error());
    if (!bytes) {
      continue;  // a field that the sample does not have
    }
    const ReadOutcome outcome = read_as(message, false, *bytes);
    if (outcome.fault && outcome.fault->fault == codec::Fault::schema) {
      by_operator[mutations->front().op].push_back(name);
    }
  }
  return by_operator;
}

/// `count` names that take every operator in turn and, with each round, another part of the message.
std::vector<std::string> spread(const std::map<std::string, std::vector<std::string>>& by_operator, std::size_t count) {
  std::vector<std::string> chosen;
  std::set<std::string> used;
  for (std::size_t round = 0; round < count && chosen.size() < count; ++round) {
    for (const auto& [op, names] : by_operator) {
      const std::string& name = names[(round * 7 + chosen.size()) % names.size()];
      if (chosen.size() < count && used.insert(slug_of(name)).second) {
        chosen.push_back(name);
      }
    }
  }
  return chosen;
}

}  // namespace

void add_xml_family(Suite& suite, const FamilyBase& base, const std::vector<std::string>& operators) {
  for (const std::string& op : operators) {
    const std::string mutation = base.message + ":" + op;
    suite.refused({.id = fmt::format("{}.xml.{}", slug_of(base.message), op),
                   .title = fmt::format("A {} outside the XML profile ({}) is refused as such and changes nothing.",
                                        base.message, op),
                   .subject = "step 6",
                   .requirements = {"QP-ADD-20"},
                   .mutation = mutation,
                   .twin = base.twin},
                  [base, mutation](Session& session) { return broken(session, base, mutation, "QP-E-XML"); });
  }
}

void add_rest_of_xml_family(Suite& suite, const FamilyBase& base) {
  std::vector<std::string> rest;
  for (const std::string& op : byte_operators()) {
    if (!suite.has_any(".xml." + op)) {
      rest.push_back(op);
    }
  }
  add_xml_family(suite, base, rest);
}

void add_schema_family(Suite& suite, const FamilyBase& base, std::size_t count) {
  for (const std::string& mutation : spread(breaking_mutations(base.message), count)) {
    suite.refused(
        {.id = slug_of(mutation),
         .title = fmt::format("A {} that breaks its tables is refused as such and changes nothing.", base.message),
         .subject = mutations_of(mutation)->front().path,
         .requirements = {"QP-ADD-20", "QP-TECH-012"},
         .mutation = mutation,
         .twin = base.twin},
        [base, mutation](Session& session) { return broken(session, base, mutation, "QP-E-SCHEMA"); });
  }
}

}  // namespace quickpay::conformance
