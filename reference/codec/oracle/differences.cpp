#include "reference/codec/oracle/differences.hpp"

#include <algorithm>

#include "reference/codec/leaf.hpp"
#include "reference/codec/reasons.hpp"

namespace quickpay::codec {
namespace {

bool starts_at(std::string_view document, std::size_t offset, std::string_view text) {
  return offset <= document.size() && document.compare(offset, text.size(), text) == 0;
}

// The root of the document as the judge read it, or empty.
std::string root_of(const XsdVerdict& verdict) {
  if (verdict.leaves.empty()) return {};
  const std::string& path = verdict.leaves.front().path;
  return path.substr(1, path.find('/', 1) - 1);
}

// The last `<` at or before `offset` opens a start tag in which `offset` lies.
bool inside_start_tag(std::string_view document, std::size_t offset) {
  const std::size_t open = document.rfind('<', offset);
  if (open == std::string_view::npos || starts_at(document, open, "</")) return false;
  return document.substr(open, offset - open).find('>') == std::string_view::npos;
}

bool in_the_name(std::string_view document, std::size_t offset) {
  const std::size_t open = document.rfind('<', offset);
  return document.substr(open, offset - open).find_first_of(" \t\r\n/>") == std::string_view::npos;
}

bool is_byte_order_mark(std::string_view document) {
  return document.starts_with("\xEF\xBB\xBF") || document.starts_with("\xFE\xFF") || document.starts_with("\xFF\xFE");
}

bool is_wide(std::string_view document) {  // UTF-16 or UTF-32 without a mark
  return document.substr(0, 4).find('\0') != std::string_view::npos;
}

// EBCDIC and its kind have no `<` or white space where the document starts.
bool is_foreign(std::string_view document) {
  return !document.empty() && std::string_view("< \t\r\n").find(document.front()) == std::string_view::npos;
}

std::optional<Difference> classify_xml(std::string_view document, const ReadError& error) {
  const std::size_t at = error.offset;
  if (at == 0 && (is_byte_order_mark(document) || is_wide(document) || is_foreign(document))) return Difference::encoding;
  if (starts_at(document, at, "<?xml ") || starts_at(document, at, "<?xml\t") || starts_at(document, at, "<?xml\n") ||
      starts_at(document, at, "<?xml\r")) {
    return Difference::declaration;
  }
  if (starts_at(document, at, "<!") || starts_at(document, at, "<?")) return Difference::markup;
  if (starts_at(document, at, "&")) return Difference::reference;
  if (error.reason == kReasonAfterRoot && starts_at(document, at, std::string_view("\0", 1))) {
    return Difference::trailing_nul;
  }
  if (error.reason == kReasonDepth || error.reason == kReasonElements) return Difference::limits;
  // a value in another encoding that the declaration names has been refused with the declaration
  if (!inside_start_tag(document, at)) return {};
  return in_the_name(document, at) ? Difference::prefix : Difference::attribute;
}

std::optional<Difference> classify_schema(std::string_view document, const DocumentType& type, const ReadError& error) {
  const bool wide = std::any_of(document.begin(), document.end(), [](char c) { return (c & 0x80) != 0; });
  if (error.reason == kReasonLength) return wide ? std::optional(Difference::byte_length) : std::nullopt;
  if (error.reason != kReasonOrder && error.reason != kReasonMissing) return {};
  return has_conditions(*type.type) ? std::optional(Difference::condition) : std::nullopt;
}

std::string first_difference(const std::vector<XmlLeaf>& ours, const std::vector<XmlLeaf>& theirs) {
  const auto [a, b] = std::mismatch(ours.begin(), ours.end(), theirs.begin(), theirs.end());
  const std::string left = a == ours.end() ? "nothing" : a->path + "=" + a->value;
  const std::string right = b == theirs.end() ? "nothing" : b->path + "=" + b->value;
  return "reader has " + left + ", judge has " + right;
}

void append_leaves(const StructType& type, const void* object, const std::string& path, std::vector<XmlLeaf>& out) {
  for (const Field& field : type.fields) {
    const std::size_t count = field.max == 0 ? 0 : field.access.count(object);
    for (std::size_t i = 0; i < count; ++i) {
      const void* child = field.access.at(object, i);
      const std::string below = path + "/" + std::string(field.name);
      if (field.leaf == nullptr) {
        append_leaves(*field.type, child, below, out);
        continue;
      }
      IntegerBuffer buffer;
      out.push_back({below, std::string(text_of(*field.leaf, child, buffer))});
    }
  }
}

}  // namespace

std::string_view name_of(Difference difference) {
  switch (difference) {
    case Difference::encoding:
      return "encoding";
    case Difference::declaration:
      return "declaration";
    case Difference::markup:
      return "markup";
    case Difference::reference:
      return "reference";
    case Difference::attribute:
      return "attribute";
    case Difference::prefix:
      return "prefix";
    case Difference::limits:
      return "limits";
    case Difference::trailing_nul:
      return "trailing NUL";
    case Difference::byte_length:
      return "byte length";
    case Difference::condition:
      return "condition";
  }
  return {};
}

bool has_conditions(const StructType& type) {
  return std::any_of(type.fields.begin(), type.fields.end(), [](const Field& field) {
    return field.condition != nullptr || (field.type != nullptr && has_conditions(*field.type));
  });
}

std::vector<XmlLeaf> leaves_of(const DocumentType& type, const void* object) {
  std::vector<XmlLeaf> leaves;
  append_leaves(*type.type, object, "/" + std::string(type.root), leaves);
  return leaves;
}

Comparison compare(std::string_view document, const DocumentType& type, const ReadError* error,
                   const std::vector<XmlLeaf>& ours, const XsdVerdict& theirs) {
  if (error == nullptr) {
    if (!theirs.schema_valid) return {{}, "the reader accepts what the judge refuses: " + theirs.message};
    if (ours != theirs.leaves) return {{}, "different values: " + first_difference(ours, theirs.leaves)};
    return {};
  }
  if (error->fault == Fault::schema && !theirs.well_formed) {
    return {{}, "the reader finds the document well formed, the judge does not: " + theirs.message};
  }
  // The judge knows all documents of the family, the reader is told which one to expect.
  if (!theirs.schema_valid || root_of(theirs) != type.root) return {};
  const auto difference = error->fault == Fault::xml ? classify_xml(document, *error)
                                                     : classify_schema(document, type, *error);
  if (difference) return {difference, {}};
  return {{}, "the reader refuses what the judge accepts: " + std::string(error->reason)};
}

Comparison compare_as(const ObjectType& object, std::string_view document, const DocumentType& type, const XsdJudge& judge) {
  const auto result = read(document, type, object);
  const XsdVerdict verdict = judge.judge(document);
  if (result) return compare(document, type, nullptr, leaves_of(type, result->get()), verdict);
  return compare(document, type, &result.error(), {}, verdict);
}

}  // namespace quickpay::codec
