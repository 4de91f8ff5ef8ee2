// Families of scenarios that every server owes alike: XML profile, tables, heads, order of errors, HTTP.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// What a family needs to know about a role.
struct FamilyBase {
  std::string message;                     ///< the request that is broken, e.g. "CheckCommit"
  std::string twin;                        ///< id of the positive scenario of that request
  std::function<Sending(Session&)> valid;  ///< a request that is answered with QP-OK; nothing: not reached
  std::function<bool(Session&)> benign;    ///< a plain transaction
  std::string unserved;                    ///< a message that this role does not serve
  std::string twin_in_f = {};              ///< of what is refused in profile F alone; empty: `twin`
};

/// The sender of that message says who it is.
bool message_is_named(std::string_view message);

/// A document of that message whose values are made up: what the tables are tried on when suites are listed.
Element sample_of(std::string_view message);

/// Breaches of the XML profile: the operators in `operators`.
void add_xml_family(Suite& suite, const FamilyBase& base, const std::vector<std::string>& operators);
/// All breaches of the XML profile that no request of the suite has been tried with yet.
void add_rest_of_xml_family(Suite& suite, const FamilyBase& base);
/// Breaches of the message's tables: about `count`, spread over operators and fields.
void add_schema_family(Suite& suite, const FamilyBase& base, std::size_t count);
/// Steps 5 and 8 to 14: heads, senders, addresses, repeats; and which of two faults is named.
void add_head_family(Suite& suite, const FamilyBase& base);
/// Step 14 for a message: same bytes, other spelling, other bytes.
void add_repeat_family(Suite& suite, const FamilyBase& base);
/// Steps 9, 13 and 15 for a message that ends with an Auth in profile H.
void add_auth_family(Suite& suite, const FamilyBase& base);
/// Steps 1 to 4.
void add_http_family(Suite& suite, const FamilyBase& base);

}  // namespace quickpay::conformance
