#include "conformance/peers/catalogue.hpp"

namespace quickpay::conformance {

namespace {

std::vector<std::string> leaf_operators(const codec::LeafType& type) {
  switch (type.storage) {
    case codec::Storage::integer:
      return {"=0", "=-1", "leading-zero", "plus-sign", "fraction", "=1000000000000000", "=1e3", "blank-after"};
    case codec::Storage::enumeration:
      return {"=other", "upper", "blank-before", "empty"};
    case codec::Storage::text:
      break;
  }
  std::vector<std::string> operators = {"empty", "long", "line-feed", "invisible"};
  if (type.automaton != nullptr) {
    operators.insert(operators.end(), {"upper", "cut", "extra", "blank-before", "blank-after"});
  }
  return operators;
}

std::vector<std::string> field_operators(const codec::Field& field) {
  std::vector<std::string> operators = {"lower-name", "unknown", "swap"};
  if (field.min > 0) {
    operators.emplace_back("remove");
  }
  if (field.max == 1) {
    operators.emplace_back("duplicate");
  }
  if (field.leaf == nullptr) {
    operators.emplace_back("hollow");
    return operators;
  }
  for (std::string& op : leaf_operators(*field.leaf)) {
    operators.push_back(std::move(op));
  }
  return operators;
}

void walk(const codec::StructType& type, const std::string& place, std::vector<std::string>& out) {
  for (const codec::Field& field : type.fields) {
    if (field.max == 0) {
      continue;
    }
    const std::string here = place + "." + std::string(field.name);
    for (const std::string& op : field_operators(field)) {
      out.push_back(here + ":" + op);
    }
    if (field.type != nullptr) {
      walk(*field.type, here, out);
    }
  }
}

}  // namespace

std::vector<std::string> table_mutations(const codec::DocumentType& document) {
  std::vector<std::string> out;
  walk(*document.type, std::string(document.root), out);
  return out;
}

}  // namespace quickpay::conformance
