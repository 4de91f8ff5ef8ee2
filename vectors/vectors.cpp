#include "vectors/vectors.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

namespace quickpay::vectors {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;  ///< of a body put together

int digit_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

std::string from_base64(const std::string& text) {
  std::string out;
  unsigned group = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = digit_value(c);
    if (value < 0) break;
    group = group << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(group >> bits & 0xFF);
    }
  }
  return out;
}

class BodyReader {
 public:
  BodyReader(bool base64, const std::string* base) : base64_(base64), base_(base) {}

  std::optional<std::string> read(const Json& body) {
    if (body.is_string()) return text(body);
    for (const Json& part : body) {
      if (!add(part) || out_.size() > kMaxBodyBytes) return std::nullopt;
    }
    return out_;
  }

 private:
  std::string text(const Json& value) const {
    const auto& string = value.get_ref<const std::string&>();
    return base64_ ? from_base64(string) : string;
  }
  bool add(const Json& part) {
    if (part.is_string()) {
      out_ += text(part);
      return true;
    }
    if (part.contains("repeat")) {
      const std::string unit = text(part["repeat"]);
      const auto times = part["times"].get<std::size_t>();
      if (unit.size() * times > kMaxBodyBytes) return false;
      for (std::size_t i = 0; i < times; ++i) out_ += unit;
      return true;
    }
    const auto from = part["from"].get<std::size_t>();
    const auto to = part["to"].get<std::size_t>();
    if (base_ == nullptr || from > to || to > base_->size()) return false;
    out_ += base_->substr(from, to - from);
    return true;
  }

  bool base64_;
  const std::string* base_;
  std::string out_;
};

tl::expected<CodecVector, std::string> vector_of(const Json& entry, const std::map<std::string, std::string>& bodies) {
  CodecVector vector;
  vector.id = entry.at("id").get<std::string>();
  vector.document = entry.at("document").get<std::string>();
  vector.flags = entry.at("flags").get<std::vector<std::string>>();
  vector.requirements = entry.at("requirements").get<std::vector<std::string>>();
  vector.valid = entry.at("result").get<std::string>() == "valid";
  vector.code = entry.value("code", "");
  if (entry.contains("canonical")) {
    vector.canonical_bytes = entry["canonical"].at("bytes").get<std::size_t>();
    vector.canonical_sha256 = entry["canonical"].at("sha256").get<std::string>();
  }
  const auto base = bodies.find(entry.value("base", ""));
  BodyReader reader(entry.at("encoding").get<std::string>() == "base64",
                    base == bodies.end() ? nullptr : &base->second);
  auto body = reader.read(entry.at("body"));
  if (!body) return tl::unexpected("the body of " + vector.id + " refers to bytes that its base does not have");
  vector.body = std::move(*body);
  return vector;
}

tl::expected<std::vector<CodecVector>, std::string> vectors_in(const Json& file) {
  std::vector<CodecVector> out;
  std::map<std::string, std::string> bodies;
  for (const Json& entry : file.at("vectors")) {
    auto vector = vector_of(entry, bodies);
    if (!vector) return tl::unexpected(vector.error());
    vector->path = file.value("path", "");
    bodies[vector->id] = vector->body;
    out.push_back(std::move(*vector));
  }
  return out;
}

}  // namespace

tl::expected<std::vector<CodecVector>, std::string> load_codec_vectors(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return tl::unexpected("cannot read " + file.string());
  try {
    return vectors_in(Json::parse(stream));
  } catch (const Json::exception& error) {
    return tl::unexpected(file.string() + ": " + error.what());
  }
}

namespace {

VoteVector vote_of(const Json& row) {
  VoteVector out;
  const auto flag = [&](const char* key) { return row.at(key).get<bool>(); };
  const auto word = [&](const char* key) { return row.at(key).get<std::string>(); };
  out.id = word("id");
  out.commit = flag("commit"), out.delivery = flag("delivery"), out.order = flag("order");
  out.proof = flag("proof"), out.suspended = flag("suspended"), out.revoked = flag("revoked");
  out.broker = word("broker"), out.vendor = word("vendor"), out.wallet = word("wallet");
  out.decision = word("decision");
  out.code = word("code");
  out.waits = row.value("waits", "");
  out.literal = word("literal");
  return out;
}

}  // namespace

tl::expected<std::vector<VoteVector>, std::string> load_vote_vectors(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return tl::unexpected("cannot read " + file.string());
  try {
    const Json json = Json::parse(stream);
    std::vector<VoteVector> out;
    for (const Json& row : json.at("vectors")) out.push_back(vote_of(row));
    if (json.at("count").get<std::size_t>() != out.size()) return tl::unexpected(file.string() + ": wrong count");
    return out;
  } catch (const Json::exception& error) {
    return tl::unexpected(file.string() + ": " + error.what());
  }
}

tl::expected<std::vector<CodecVector>, std::string> load_codec_folder(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto& entry = *at;
    if (entry.path().filename().string().rfind("codec-", 0) == 0) files.push_back(entry.path());
  }
  if (error) return tl::unexpected("cannot read " + folder.string());
  std::sort(files.begin(), files.end());
  std::vector<CodecVector> out;
  for (const auto& file : files) {
    auto vectors = load_codec_vectors(file);
    if (!vectors) return tl::unexpected(vectors.error());
    out.insert(out.end(), std::make_move_iterator(vectors->begin()), std::make_move_iterator(vectors->end()));
  }
  return out;
}

}  // namespace quickpay::vectors
