// Example documents as trees that can be changed in one place and written down again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::spec {

/// A leaf's text; `unit` repeated `times` times stands between the two other parts, so that large values stay short
/// here.
struct LeafText {
  std::string head;
  std::string unit;
  std::size_t times = 0;
  std::string tail;

  std::size_t size() const { return head.size() + unit.size() * times + tail.size(); }
  std::string all() const;
};

struct Node {
  std::string name;
  const Field* field = nullptr;    ///< what it is in the struct of its parent; null: the root, or no field at all
  const Struct* record = nullptr;  ///< null: a leaf
  LeafText text;
  std::vector<Node> children;
  bool self_closing = false;  ///< written as `<A/>`
};

/// A body as it is written to a file of vectors: text and repeated text in turn.
struct BodyPart {
  std::string text;
  std::size_t times = 1;
};
using Body = std::vector<BodyPart>;

/// How an example is to look.
enum class Extent { minimal, full, maximal };

struct Example {
  Extent extent = Extent::minimal;
  bool conditions_hold = true;  ///< leaves that conditions look at have the value they name, or another one
  std::size_t alternative = 0;  ///< which field of each choice is there
  std::string other_value;      ///< used, where its type admits it, for a leaf that is to have another value
  bool granted = false;         ///< the status is the one with results, whatever the other conditions do
};

/// Whether the condition is the one of results: that the status has the value of success.
bool is_of_status(const Envelope& envelope, const Condition& condition);

/// A document that keeps every rule of its tables.
Node example(const Model& model, const DocumentView& view, const Example& wanted);

/// An example of one field with everything below it.
Node example_field(const Model& model, const Field& field, const Example& wanted);

/// A value of the leaf field: short, of middling length, or as long as the bounds allow.
LeafText example_value(const Model& model, const Field& field, Extent extent, std::uint64_t seed);

/// A value of the type of `field` that differs from `value`.
std::string other_value(const Model& model, const Field& field, const std::string& value, const std::string& wish = "");

/// True if the type of the field and its bounds admit the value.
bool admits(const Model& model, const Field& field, const std::string& value);

/// A value that breaks nothing but the greatest length of the field; empty if the type has no longer values.
LeafText longer_value(const Model& model, const Field& field);

/// Values close to `value` that the type of the field refuses, each with a word for what is wrong.
std::vector<std::pair<std::string, std::string>> near_misses(const Model& model, const Field& field,
                                                             const std::string& value);

/// The document as bytes. `every_entity`: quotes and apostrophes are written as entities, too.
Body to_body(const Node& root, const std::string& xml_namespace, bool every_entity);

/// Parts in one piece.
std::string flat(const Body& body);

/// The canonical encoding of a document or of an element in it.
std::string canonical_encoding(const Node& node);

/// A stable number made of a text.
std::uint64_t seed_of(std::string_view text);

}  // namespace quickpay::spec
