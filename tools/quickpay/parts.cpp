#include "tools/quickpay/parts.hpp"

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/generated/requirements.hpp"
#ifdef QP_HAVE_SUITES
#include "conformance/judges/worlds.hpp"
#include "conformance/suites/suites.hpp"
#endif

#ifndef QP_VERSION
#define QP_VERSION "0"
#endif

namespace quickpay::cli {

namespace {

conformance::SpecFacts spec_facts() {
  conformance::SpecFacts facts;
  facts.id = protocol::kSpecId;
  facts.version = protocol::kSpecVersion;
  facts.suite_version = QP_VERSION;
  for (const protocol::RequirementInfo& requirement : protocol::requirements()) {
    facts.requirements[std::string(requirement.id)] = {std::string(requirement.level), std::string(requirement.section),
                                                       std::string(requirement.text)};
  }
  return facts;
}

}  // namespace

conformance::CertifyParts certify_parts() {
  conformance::CertifyParts parts;
#ifdef QP_HAVE_SUITES
  parts.suite = conformance::suite_of;
  parts.worlds = conformance::make_worlds();
#else
  parts.suite = [](std::string_view) { return std::vector<conformance::Scenario>{}; };
#endif
  parts.spec = spec_facts();
  return parts;
}

}  // namespace quickpay::cli
