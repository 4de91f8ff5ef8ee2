#include "conformance/certificate/artefact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "conformance/certificate/files.hpp"
#include "conformance/report/text.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

tl::expected<void, std::string> add(const std::filesystem::path& path, std::vector<FileDigest>& files) {
  std::error_code error;
  const std::string name = (path.has_filename() ? path : path.parent_path()).filename().string();
  if (!std::filesystem::is_directory(path, error)) {
    return read_file(path, kMaxArtefactBytes).map([&](const std::string& content) {
      files.push_back({name, crypto::sha256_hex(content)});
    });
  }
  return digests_of(path).map([&](const std::vector<FileDigest>& inside) {
    for (const FileDigest& file : inside) {
      files.push_back({name + "/" + file.path, file.digest});
    }
  });
}

/// Where the shell finds a program: itself if it has a slash, else the first folder of PATH that holds it.
std::string program_path(const std::string& word) {
  const char* path = std::getenv("PATH");
  std::stringstream folders(word.find('/') == std::string::npos && path != nullptr ? path : "");
  std::error_code error;
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto candidate = std::filesystem::path(folder) / word;
    if (std::filesystem::is_regular_file(candidate, error)) {
      return candidate.string();
    }
  }
  return word;
}

}  // namespace

tl::expected<Artefact, std::string> artefact_of(const std::vector<std::string>& paths) {
  Artefact artefact;
  for (const std::string& path : paths) {
    if (const auto added = add(path, artefact.files); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (artefact.files.empty()) {
    return tl::unexpected(std::string("there is no file in it"));
  }
  artefact.digest = root_of(artefact.files);
  return artefact;
}

std::vector<std::string> files_of_command(const std::string& command) {
  std::vector<std::string> files;
  std::stringstream words(command);
  std::error_code error;
  bool program = true;
  for (std::string word; words >> word;) {
    word.erase(std::remove_if(word.begin(), word.end(), [](char c) { return c == '\'' || c == '"'; }), word.end());
    if (program && word == "exec") {
      continue;
    }
    const std::string path = program ? program_path(word) : word;
    program = false;
    if (std::filesystem::is_regular_file(path, error)) {
      files.push_back(path);
    }
  }
  return files;
}

Json artefact_json(const Artefact& artefact) {
  Json files = Json::array();
  for (const FileDigest& file : artefact.files) {
    files.push_back({{"name", printable(file.path)}, {"sha256", file.digest}});
  }
  return {{"files", files}, {"digest", artefact.digest}};
}

}  // namespace quickpay::conformance
