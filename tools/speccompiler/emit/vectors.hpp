// Vectors for the codec: bodies together with what a reader must say about them.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/emit/vector_tree.hpp"

namespace quickpay::spec {

/// One body and its verdict.
struct Vector {
  std::string slug;  ///< what is special, e.g. `item-missing`; empty flags: nothing
  std::vector<std::string> flags;
  std::vector<std::string> requirements;
  std::string code;  ///< why it is refused; empty: it is valid
  std::string base;  ///< slug of the valid vector it was made from
  Body body;
  std::string canonical;  ///< of a valid one
};

/// What the vectors of one document are made with.
struct VectorContext {
  const Model& model;
  const DocumentView& view;
  const Family& family;
  std::string xml_code;
  std::string schema_code;
  std::vector<std::string> xml_requirements;
  std::vector<std::string> schema_requirements;
};

/// One valid document from which others are made by one change.
struct BaseDocument {
  std::string slug;
  Node root;
  bool conditions_hold = true;
};

/// A vector for every constraint of every field that `base` has or could have, each breaking that one only; and a valid one for
/// each field that may be left out and each list as long as it may be.
std::vector<Vector> schema_changes(const VectorContext& context, const BaseDocument& base);

/// Bodies that are no XML, or leave the profile of XML that documents keep to.
std::vector<Vector> profile_negatives(const VectorContext& context, const BaseDocument& base);

/// Ways to write the same document that a reader must take.
std::vector<Vector> lexical_positives(const VectorContext& context, const BaseDocument& base);

}  // namespace quickpay::spec
