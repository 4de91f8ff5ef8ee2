// What changed between two specifications, and how much it hurts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// From harmless to grave. doc: words only; api: names in generated code; vector: what a test expects; xsd: the schema
/// admits more; wire: a document or address that was right is right no more; state: a machine accepts or does something
/// else.
enum class ChangeClass : std::uint8_t { doc, api, vector, xsd, wire, state };

std::string_view name_of(ChangeClass change);
std::optional<ChangeClass> change_class_named(std::string_view name);

enum class ChangeKind : std::uint8_t { added, removed, changed };

/// One difference.
struct Change {
  ChangeClass change = ChangeClass::doc;
  ChangeKind kind = ChangeKind::changed;
  std::string element_kind;
  std::string element;
  std::string path;    ///< inside the element; empty if all of it came or went
  std::string before;  ///< JSON
  std::string after;   ///< JSON
};

/// "WIRE changed message GetOrder: request.body[Item].max_bytes: 128 -> 64".
std::string to_string(const Change& change);

/// All differences, gravest first, then in the order of kinds and names.
std::vector<Change> diff(const Spec& before, const Spec& after);

}  // namespace quickpay::spec
