// The second opinion about documents: libxml2 with the schema that is generated from the specification.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reference/codec/oracle/xsd_judge.hpp"

namespace quickpay::conformance {

/// Judges documents apart from the reader. Each thread needs its own; those of one thread share the schemas, which take longer to
/// compile than most scenarios to judge.
class SchemaOracle {
 public:
  SchemaOracle();
  /// What libxml2 has against a request or response of `message`; nothing if it is well formed and keeps the schema. The schema knows nothing
  /// of the XML profile: comments and the like pass here and are the strict reader's to refuse.
  std::optional<std::string> complaint(std::string_view message, std::string_view bytes) const;

 private:
  std::shared_ptr<const tl::expected<codec::XsdJudges, std::string>> judges_;  ///< the thread's
};

}  // namespace quickpay::conformance
