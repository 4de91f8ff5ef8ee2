#include "tools/speccompiler/loader/reader.hpp"

#include <fmt/format.h>

#include "tools/speccompiler/loader/loader.hpp"
#include "tools/speccompiler/loader/words.hpp"

namespace quickpay::spec {

Location Reader::at(pugi::xml_node node) const {
  const auto offset = static_cast<std::size_t>(node.offset_debug());
  return source_.locate(offset == 0 ? 0 : offset - 1);  // the name follows '<'
}

void Reader::add(pugi::xml_node node, std::string message, std::string suggestion) {
  findings_.push_back({at(node), Severity::error, std::move(message), std::move(suggestion)});
}

std::string Reader::text(pugi::xml_node node, const char* attribute) { return node.attribute(attribute).value(); }

std::vector<std::string> Reader::words(pugi::xml_node node, const char* attribute) {
  return split_words(node.attribute(attribute).value());
}

bool Reader::yes(pugi::xml_node node, const char* attribute) { return text(node, attribute) == "yes"; }

std::uint32_t Reader::number(pugi::xml_node node, const char* attribute, std::uint32_t otherwise) {
  return node.attribute(attribute).as_uint(otherwise);
}

bool Reader::has(pugi::xml_node node, const char* attribute) { return !node.attribute(attribute).empty(); }

std::string Reader::prose(pugi::xml_node node) {
  if (const pugi::xml_node inner = node.child("text")) return prose(inner);
  std::string all;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_pcdata) all += std::string(" ") + child.value();
  }
  return folded(all);
}

void Reader::common(pugi::xml_node node, Common& out, const char* id) const {
  out.id = text(node, id);
  out.since = text(node, "since");
  out.deprecated = text(node, "deprecated");
  out.replaced_by = text(node, "replaced-by");
  out.requirements = words(node, "req");
  out.text = prose(node);
  out.at = at(node);
}

std::pair<std::uint32_t, std::uint32_t> Reader::cardinality(pugi::xml_node node) {
  if (!has(node, "card")) return {1, 1};
  const std::string card = text(node, "card");
  const std::size_t dots = card.find("..");
  const auto min = static_cast<std::uint32_t>(std::stoul(card));
  const auto max = dots == std::string::npos ? min : static_cast<std::uint32_t>(std::stoul(card.substr(dots + 2)));
  if (min > max) add(node, fmt::format("the cardinality '{}' is upside down", card));
  if (max > kMaxCardinality) add(node, fmt::format("a cardinality of more than {}", kMaxCardinality));
  return {min, max};
}

}  // namespace quickpay::spec
