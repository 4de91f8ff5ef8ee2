#include "reference/crypto/tests/vector_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
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

std::string body_of(const json& vector) {
  const json& body = vector.at("body");
  if (vector.at("encoding") == "base64") return crypto::base64_decode(body.get<std::string>()).value();
  if (body.is_string()) return body.get<std::string>();
  std::string text;
  for (const json& part : body) {
    text += part.is_string() ? part.get<std::string>()
                             : repeated(part.at("repeat").get<std::string>(), part.at("times").get<std::size_t>());
  }
  return text;
}

CodecVector vector_of(const json& entry) {
  CodecVector vector;
  vector.id = entry.at("id").get<std::string>();
  vector.document = entry.at("document").get<std::string>();
  vector.code = entry.value("code", "");
  vector.body = body_of(entry);
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
    for (const json& entry : entries) vectors.push_back(vector_of(entry));
  }
  return vectors;
}

}  // namespace quickpay::codec::test
