// What the options of `quickpay certify` say about the implementation under test.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "conformance/certify/certify.hpp"
#include "conformance/run/runner.hpp"

namespace quickpay::conformance {

/// What is wrong with the options taken together, or nothing.
std::optional<std::string> options_fault(const CertifyOptions& options);

/// The implementation that the options name; the error is a sentence for the user.
tl::expected<Target, std::string> target_of(const CertifyOptions& options);

/// Command-line words that name the implementation, for repeating a failure.
std::string target_words(const CertifyOptions& options);

/// What the implementation says that it does not do although it is asked for, or nothing.
std::optional<std::string> claims_fault(const Hello& hello, const CertifyOptions& options);

std::vector<std::string> split_list(const std::string& text);

}  // namespace quickpay::conformance
