#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {

std::string requirement_links(const std::vector<std::string>& ids) {
  std::vector<std::string> links;
  for (const std::string& id : ids) links.push_back(fmt::format("[{0}](requirements.md#{0})", id));
  return join(links, " ");
}

std::string message_anchor(const std::string& protocol, const std::string& id) {
  return "message-" + protocol + "-" + id;
}

std::string anchor(const std::string& id) { return fmt::format("<a id=\"{}\"></a>", id); }

std::string cardinality(std::uint32_t min, std::uint32_t max) {
  return min == max ? fmt::format("{}", min) : fmt::format("{}..{}", min, max);
}

std::string effects_text(const std::vector<Effect>& effects) {
  std::vector<std::string> parts;
  for (const Effect& effect : effects) {
    std::string part = effect.verb;
    for (const std::string& argument : effect.arguments) part += " `" + argument + "`";
    parts.push_back(part);
  }
  return parts.empty() ? "nothing" : join(parts, "; ");
}

}  // namespace quickpay::spec
