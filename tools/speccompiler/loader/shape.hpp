// Which elements a specification has, where, with which attributes: the grammar of the spec language as a table.
#pragma once

#include <pugixml.hpp>
#include <span>
#include <string_view>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/loader/source.hpp"

namespace quickpay::spec {

/// One kind of element. Attributes are written `name:kind`, followed by `?` if it may be absent. Kinds: name (an
/// identifier), names (one or more, separated by blanks), states and text (anything), words (identifiers or nothing),
/// path (dotted), version (1.0), yesno, number, card (n or n..m), hex (a code point), or the values themselves (a|b|c).
struct ElementShape {
  std::string_view parents;  ///< elements it may stand in, separated by blanks; empty: the root
  std::string_view name;
  std::string_view attributes;
  bool text = false;  ///< may hold text
  bool once = false;  ///< at most once in its parent
};

/// The whole grammar.
std::span<const ElementShape> element_shapes();

/// Adds a finding for everything in the tree below `node` that the grammar does not know. `parent` is the element in
/// which the node stands ("" for a root).
void check_shape(const Source& source, pugi::xml_node node, std::string_view parent, Diagnostics& findings);

}  // namespace quickpay::spec
