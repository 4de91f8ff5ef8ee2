#include "vectors/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::vectors {

namespace {

using Json = nlohmann::json;

Json read_json(const std::filesystem::path& file, std::vector<std::string>& faults) {
  std::ifstream stream(file, std::ios::binary);
  Json json = stream ? Json::parse(stream, nullptr, false) : Json(Json::value_t::discarded);
  if (json.is_discarded()) {
    faults.push_back(fmt::format("{} is no JSON", file.string()));
  }
  return json;
}

bool is_slug(const std::string& id) {
  const auto part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  char before = '.';
  for (const char c : id) {
    if (!part(c) && ((c != '.' && c != '-') || !part(before))) {
      return false;
    }
    before = c;
  }
  return part(before);
}

/// Bases by id: which vectors are valid, and which one an invalid vector was made from.
void lint_bases(const Json& file, std::vector<std::string>& faults) {
  std::set<std::string> valid;
  for (const Json& vector : file.value("vectors", Json::array())) {
    const std::string id = vector.value("id", std::string()), base = vector.value("base", std::string());
    if (vector.value("result", std::string()) == "valid") {
      valid.insert(id);
    } else if (valid.count(base) == 0) {
      faults.push_back(fmt::format("{} has no valid base before it", id));
    }
  }
  if (file.value("count", std::size_t{0}) != file.value("vectors", Json::array()).size()) {
    faults.push_back("a count differs from the number of vectors");
  }
}

struct Known {
  std::set<std::string> ids, gone, flags;
};

void lint_ids(const Json& file, Known& known, std::vector<std::string>& faults) {
  for (const Json& vector : file.value("vectors", Json::array())) {
    const std::string id = vector.value("id", std::string());
    if (!is_slug(id)) {
      faults.push_back(fmt::format("\"{}\" is no slug", id));
    }
    if (!known.ids.insert(id).second) {
      faults.push_back(fmt::format("{} is there twice", id));
    }
    if (known.gone.count(Json(id).dump()) != 0) {
      faults.push_back(fmt::format("{} was used before and is gone", id));
    }
    for (const Json& flag : vector.value("flags", Json::array())) {
      known.flags.insert(flag.get<std::string>());
    }
  }
}

void lint_file(const Json& file, Known& known, std::vector<std::string>& faults) {
  try {
    if (file.is_object()) {
      lint_ids(file, known, faults);
      lint_bases(file, faults);
    }
  } catch (const Json::exception& error) {
    faults.push_back(error.what());
  }
}

void lint_notes(const Json& notes, const Known& known, std::vector<std::string>& faults) {
  for (const std::string& flag : known.flags) {
    const Json note = notes.value(flag, Json::object());
    for (const char* field : {"bugType", "description", "effect"}) {
      if (note.value(field, std::string()).empty()) {
        faults.push_back(fmt::format("the flag {} has no {} in notes.json", flag, field));
      }
    }
  }
  for (const auto& [flag, note] : notes.items()) {
    if (known.flags.count(flag) == 0) {
      faults.push_back(fmt::format("no vector has the flag {} of notes.json", flag));
    }
  }
}

/// What a reader of ours says: "valid" or a code; then the canonical encoding of a valid one.
std::string verdict_of(const CodecVector& vector) {
  const auto documents = msg::documents();
  const auto at = std::find_if(documents.begin(), documents.end(), [&](const auto* d) { return d->root == vector.document; });
  if (at == documents.end()) {
    return "no such document";
  }
  const auto object = msg::make_document(**at);
  if (const auto read = codec::read_document(vector.body, **at, object.get()); !read) {
    return std::string(codec::code_of(read.error().fault));
  }
  const std::string canonical = codec::canonical((*at)->root, *(*at)->type, object.get());
  const bool same = canonical.size() == vector.canonical_bytes && crypto::sha256_hex(canonical) == vector.canonical_sha256;
  return same || !vector.valid ? "valid" : "another canonical encoding";
}

}  // namespace

std::vector<std::string> lint(const std::filesystem::path& folder) {
  std::vector<std::string> faults;
  Known known;
  for (const Json& entry : read_json(folder / "tombstones.json", faults)) {
    known.gone.insert(entry.is_object() ? entry.value("id", Json()).dump() : std::string());
  }
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder / "generated", error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename().string().rfind("codec-", 0) == 0) {
      files.push_back(at->path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    lint_file(read_json(path, faults), known, faults);
  }
  if (known.ids.empty()) {
    faults.push_back(fmt::format("{} holds no vectors", folder.string()));
  }
  if (const Json notes = read_json(folder / "notes.json", faults); notes.is_object()) {
    lint_notes(notes, known, faults);
  }
  return faults;
}

std::vector<std::string> disagreements(const std::vector<CodecVector>& vectors) {
  std::vector<std::string> found;
  for (const CodecVector& vector : vectors) {
    const std::string expected = vector.valid ? "valid" : vector.code, got = verdict_of(vector);
    if (got != expected) {
      found.push_back(fmt::format("{}: expected {}, got {}", vector.id, expected, got));
    }
  }
  return found;
}

}  // namespace quickpay::vectors
