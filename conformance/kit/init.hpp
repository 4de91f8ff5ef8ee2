// `quickpay init-adapter` without its command line: writes the start of an adapter.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::conformance::kit {

struct Started {
  std::vector<std::filesystem::path> written;
  std::vector<std::string> next;  ///< commands for a shell, in their order
};

/// Writes the template of `lang` (python, cpp or js) for `role` into `folder`, which is made where it is not there.
/// A file that is there already is an error, and then nothing is written.
tl::expected<Started, std::string> init_adapter(const std::string& role, const std::string& lang, const std::filesystem::path& folder,
                                                const std::string& quickpay);

}  // namespace quickpay::conformance::kit
