// Which bytes were certified: digests of the implementation's files and of its adapter's.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/certificate/manifest.hpp"
#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

/// Files, by the names under which a certificate lists them, and the one digest that stands for all of them.
struct Artefact {
  std::vector<FileDigest> files;
  std::string digest;  ///< Merkle root over their lines
};

/// The artefact made of these files and folders. A folder stands for all files in it. The error names the file.
tl::expected<Artefact, std::string> artefact_of(const std::vector<std::string>& paths);

/// Those words of a command line that name a file, found as a shell would find its first word. A word that names no
/// file is left out: arguments, and what the shell itself makes of quotes.
std::vector<std::string> files_of_command(const std::string& command);

Json artefact_json(const Artefact& artefact);

}  // namespace quickpay::conformance
