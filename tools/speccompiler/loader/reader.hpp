// How the builders read elements that passed the check of their shape.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/loader/source.hpp"

namespace quickpay::spec {

/// The elements of one file, with their places, and the findings made on the way.
class Reader {
 public:
  Reader(const Source& source, Diagnostics& findings) : source_(source), findings_(findings) {}

  Location at(pugi::xml_node node) const;
  void add(pugi::xml_node node, std::string message, std::string suggestion = {});

  static std::string text(pugi::xml_node node, const char* attribute);
  static std::vector<std::string> words(pugi::xml_node node, const char* attribute);
  static bool yes(pugi::xml_node node, const char* attribute);
  static std::uint32_t number(pugi::xml_node node, const char* attribute, std::uint32_t otherwise = 0);
  static bool has(pugi::xml_node node, const char* attribute);

  /// The element's own text, or that of its child `text`, white space folded.
  static std::string prose(pugi::xml_node node);

  /// id, since, deprecated, replaced-by, req, text and place; the id stands in attribute `id`.
  void common(pugi::xml_node node, Common& out, const char* id = "id") const;

  /// The bounds that `card` gives; {1, 1} if it is absent.
  std::pair<std::uint32_t, std::uint32_t> cardinality(pugi::xml_node node);

 private:
  const Source& source_;
  Diagnostics& findings_;
};

void build_requirements(Reader& reader, pugi::xml_node section, Spec& spec);
void build_exclusions(Reader& reader, pugi::xml_node section, Spec& spec);
void build_decisions(Reader& reader, pugi::xml_node section, Spec& spec);
void build_roles(Reader& reader, pugi::xml_node section, Spec& spec);
void build_parameters(Reader& reader, pugi::xml_node section, Spec& spec);
void build_errors(Reader& reader, pugi::xml_node section, Spec& spec);
void build_types(Reader& reader, pugi::xml_node section, Spec& spec);
void build_common(Reader& reader, pugi::xml_node section, Spec& spec);
void build_protocol(Reader& reader, pugi::xml_node section, Spec& spec);
void build_properties(Reader& reader, pugi::xml_node section, Spec& spec);
void build_plugin(Reader& reader, pugi::xml_node section, Spec& spec);

Struct build_struct(Reader& reader, pugi::xml_node node);
Message build_message(Reader& reader, pugi::xml_node node);
Machine build_machine(Reader& reader, pugi::xml_node node);
Scenario build_scenario(Reader& reader, pugi::xml_node node);

/// What needs all files: variants, documents as the envelope lays them out, which fields hold structs.
void resolve(Spec& spec, Diagnostics& findings);

}  // namespace quickpay::spec
