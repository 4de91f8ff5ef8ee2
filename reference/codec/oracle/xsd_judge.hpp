// libxml2 as a judge of documents: well formed? valid against a schema? which values?
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// An element without child elements.
struct XmlLeaf {
  std::string path;   ///< names of the elements from the root down, each with a slash in front
  std::string value;  ///< its text, references resolved
  bool operator==(const XmlLeaf&) const = default;
};

/// What the judge says about one document.
struct XsdVerdict {
  bool well_formed = false;    ///< also with regard to namespaces
  bool schema_valid = false;   ///< never true if not well formed
  std::string message;         ///< the first complaint, for people; empty if there is none
  std::vector<XmlLeaf> leaves; ///< in document order; empty if not well formed
};

/// Judges documents with libxml2 and one compiled schema. It never reads files or the network and does not expand
/// entities. Each thread needs its own judge.
class XsdJudge {
 public:
  /// Compiles a schema (XSD 1.0). The error is the library's first complaint.
  static tl::expected<XsdJudge, std::string> load(std::string_view xsd);
  XsdJudge(XsdJudge&&) noexcept;
  XsdJudge& operator=(XsdJudge&&) noexcept;
  ~XsdJudge();

  XsdVerdict judge(std::string_view document) const;

 private:
  struct Schema;
  explicit XsdJudge(std::unique_ptr<Schema> schema);
  std::unique_ptr<Schema> schema_;
};

/// The generated schema of a family of the specification ("micro"); empty for an unknown one.
std::string_view xsd_of(std::string_view family);

/// A judge for each family of the specification. Each thread needs its own.
class XsdJudges {
 public:
  /// The error is the first complaint about a generated schema.
  static tl::expected<XsdJudges, std::string> load();
  /// The judge of documents of that type, which is one of the specification.
  const XsdJudge& of(const DocumentType& type) const { return judges_.at(type.family->id); }

 private:
  std::map<std::string_view, XsdJudge> judges_;
};

}  // namespace quickpay::codec
