// The section `properties`: machines that work together and what must hold of them.
#include "tools/speccompiler/loader/reader.hpp"

namespace quickpay::spec {
namespace {

PropertyInstance build_instance(Reader& reader, pugi::xml_node node) {
  PropertyInstance instance;
  reader.common(node, instance);
  instance.machine = Reader::text(node, "machine");
  instance.content = Reader::text(node, "content");
  instance.with = Reader::text(node, "with");
  instance.without = Reader::text(node, "without");
  instance.to = Reader::text(node, "to");
  return instance;
}

Ghost build_ghost(Reader& reader, pugi::xml_node node) {
  Ghost ghost;
  reader.common(node, ghost);
  ghost.max = Reader::number(node, "max", 1);
  ghost.shared = Reader::words(node, "shared");
  return ghost;
}

Option build_option(Reader& reader, pugi::xml_node node) {
  Option option;
  reader.common(node, option);
  return option;
}

Aim build_aim(Reader& reader, pugi::xml_node node) {
  Aim aim;
  reader.common(node, aim);
  aim.by = Reader::words(node, "by");
  aim.tests = Reader::words(node, "tests");
  return aim;
}

ReportClaim build_claim(Reader& reader, pugi::xml_node node) {
  ReportClaim claim;
  reader.common(node, claim);
  claim.says = Reader::text(node, "says");
  claim.verdict = Reader::text(node, "verdict");
  claim.holds = Reader::words(node, "holds");
  claim.fails = Reader::words(node, "fails");
  claim.tests = Reader::words(node, "tests");
  return claim;
}

Property build_property(Reader& reader, pugi::xml_node node) {
  Property property;
  reader.common(node, property);
  property.kind = Reader::text(node, "kind");
  property.goal = Reader::text(node, "goal");
  property.holds = Reader::text(node, "holds");
  property.from = Reader::text(node, "from");
  property.twin = Reader::words(node, "twin");
  property.twin_in = Reader::words(node, "twin-in");
  property.within = Reader::words(node, "in");
  return property;
}

Configuration build_configuration(Reader& reader, pugi::xml_node node) {
  Configuration configuration;
  reader.common(node, configuration);
  configuration.orders = Reader::number(node, "orders", 1);
  configuration.loss = Reader::number(node, "loss");
  configuration.duplication = Reader::number(node, "duplication");
  configuration.crashes = Reader::number(node, "crashes");
  configuration.forgeries = Reader::number(node, "forgeries");
  configuration.world = Reader::text(node, "world");
  configuration.timers = Reader::text(node, "timers");
  configuration.profile = Reader::text(node, "profile");
  configuration.liars = Reader::words(node, "liars");
  configuration.suspended = Reader::words(node, "suspended");
  configuration.with = Reader::words(node, "with");
  configuration.players = Reader::words(node, "players");
  configuration.fails = Reader::words(node, "fails");
  configuration.column = Reader::text(node, "column");
  configuration.deep = Reader::yes(node, "deep");
  return configuration;
}

void build_rest(Reader& reader, pugi::xml_node section, PropertySet& set) {
  for (const pugi::xml_node node : section.children("observe")) {
    set.observations.push_back({Reader::text(node, "instance"), Reader::text(node, "effect"),
                                Reader::text(node, "ghost"), Reader::text(node, "change"), Reader::text(node, "value"),
                                Reader::text(node, "if"), reader.at(node)});
  }
  for (const pugi::xml_node node : section.children("follow")) {
    set.follows.push_back({Reader::text(node, "instance"), Reader::text(node, "effect"), Reader::text(node, "to"),
                           Reader::text(node, "event"), Reader::text(node, "if"), reader.at(node)});
  }
  for (const pugi::xml_node node : section.children("permit"))
    set.permissions.push_back({Reader::text(node, "instance"), Reader::text(node, "event"), Reader::text(node, "if"), reader.at(node)});
  for (const pugi::xml_node node : section.children("assume")) {
    set.assumptions.push_back({Reader::text(node, "instance"), Reader::text(node, "predicate"),
                               Reader::yes(node, "usual"), Reader::text(node, "is"),
                               Reader::text(node, "forged-open"), reader.at(node)});
  }
  for (const pugi::xml_node node : section.children("authentic")) {
    set.authentic.push_back({Reader::text(node, "message"), Reader::text(node, "protocol"), Reader::words(node, "profiles"), reader.at(node)});
  }
  for (const pugi::xml_node node : section.children("unreached")) {
    set.unreached.push_back(
        {Reader::text(node, "machine"), Reader::text(node, "row"), Reader::prose(node), reader.at(node)});
  }
  for (const pugi::xml_node node : section.children("unseen")) {
    set.unseen.push_back({Reader::words(node, "req"), Reader::words(node, "tests"), Reader::prose(node), reader.at(node)});
  }
}

}  // namespace

void build_properties(Reader& reader, pugi::xml_node section, Spec& spec) {
  PropertySet set;
  reader.common(section, set);
  for (const pugi::xml_node node : section.children("option")) set.options.push_back(build_option(reader, node));
  for (const pugi::xml_node node : section.children("instance")) set.instances.push_back(build_instance(reader, node));
  for (const pugi::xml_node node : section.children("ghost")) set.ghosts.push_back(build_ghost(reader, node));
  for (const pugi::xml_node node : section.children("property"))
    set.properties.push_back(build_property(reader, node));
  for (const pugi::xml_node node : section.children("configuration"))
    set.configurations.push_back(build_configuration(reader, node));
  for (const pugi::xml_node node : section.children("aim")) set.aims.push_back(build_aim(reader, node));
  for (const pugi::xml_node node : section.children("claim")) set.claims.push_back(build_claim(reader, node));
  build_rest(reader, section, set);
  spec.property_sets.push_back(std::move(set));
}

}  // namespace quickpay::spec
