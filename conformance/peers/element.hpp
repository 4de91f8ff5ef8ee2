// Messages as trees of names and texts. The suite builds, reads and breaks messages in this form and not with the typed
// reader and writer of the reference, so that a mistake there is not made on both sides of the wire.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxTreeDepth = 32;       ///< deeper documents are not read
inline constexpr std::size_t kMaxTreeElements = 2048;  ///< larger documents are not read

/// An element with text or with children. A leaf without text is written as <A></A>.
struct Element {
  std::string name;
  std::string text;
  std::vector<Element> children;

  friend bool operator==(const Element&, const Element&) = default;
};

Element leaf(std::string name, std::string text);
Element branch(std::string name, std::vector<Element> children);

/// The first child of that name, or null.
const Element* child(const Element& parent, std::string_view name);
Element* child(Element& parent, std::string_view name);

/// The element at `path` below `root`, e.g. "Body/OrderRef/Amount", or null. The empty path is `root` itself.
const Element* at(const Element& root, std::string_view path);
Element* at(Element& root, std::string_view path);
/// The text at `path`; empty if there is no such element.
std::string text_at(const Element& root, std::string_view path);
/// Replaces the text at `path`. False: there is no such element.
bool set_text(Element& root, std::string_view path, std::string text);
/// The element that holds the one at `path`, and its index there; null if it does not exist.
struct Place {
  Element* parent = nullptr;
  std::size_t index = 0;
};
Place place_of(Element& root, std::string_view path);

/// The document of `root`: its name space on the root, no white space, the five entities.
std::string to_xml(const Element& root);

/// Reads a document that keeps the XML profile. Refuses (with a reason) whatever has attributes other than the name
/// space of the root, prefixes, comments, processing instructions, CDATA, a document type or other entities than the
/// five.
tl::expected<Element, std::string> parse_xml(std::string_view bytes);

}  // namespace quickpay::conformance
