#include "reference/crypto/tests/vector_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "reference/crypto/encoding.hpp"

namespace quickpay::codec::test {
namespace {

using nlohmann::json;

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// Strings, repeated strings, and ranges of the body that the vector was made from; strings are Base64 where they have to.
std::string body_of(const json& vector, const std::string& base) {
  const json& body = vector.at("body");
  const bool encoded = vector.at("encoding") == "base64";
  const auto text_of = [&](const json& text) {
    return encoded ? crypto::base64_decode(text.get<std::string>()).value() : text.get<std::string>();
  };
  if (body.is_string()) return text_of(body);
  std::string text;
  for (const json& part : body) {
    if (part.is_string()) {
      text += text_of(part);
    } else if (part.contains("repeat")) {
      text += repeated(text_of(part["repeat"]), part.at("times").get<std::size_t>());
    } else {
      const auto from = part.at("from").get<std::size_t>();
      text += base.substr(from, part.at("to").get<std::size_t>() - from);
    }
  }
  return text;
}

CodecVector vector_of(const json& entry, std::map<std::string, std::string>& bodies) {
  CodecVector vector;
  vector.id = entry.at("id").get<std::string>();
  vector.document = entry.at("document").get<std::string>();
  vector.code = entry.value("code", "");
  vector.body = body_of(entry, bodies[entry.value("base", "")]);
  bodies[vector.id] = vector.body;
  if ((entry.at("result") == "valid") != vector.code.empty()) throw std::runtime_error(vector.id + ": result and code disagree");
  if (entry.contains("canonical")) {
    vector.canonical_bytes = entry["canonical"].at("bytes").get<std::size_t>();
    vector.canonical_sha256 = entry["canonical"].at("sha256").get<std::string>();
  }
  return vector;
}

}  // namespace

std::vector<CodecVector> load_vectors(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return {};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<CodecVector> vectors;
  for (const auto& file : files) {
    std::ifstream in(file);
    const json all = json::parse(in);
    const json& entries = all.at("vectors");
    if (all.at("count").get<std::size_t>() != entries.size()) throw std::runtime_error(file.string() + ": wrong count");
    std::map<std::string, std::string> bodies;
    for (const json& entry : entries) vectors.push_back(vector_of(entry, bodies));
  }
  return vectors;
}

}  // namespace quickpay::codec::test
