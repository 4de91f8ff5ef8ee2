// Reads the vector files of this folder; see README.md for their form.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::vectors {

/// One body and what a reader must say about it.
struct CodecVector {
  std::string id;
  std::string document;            ///< root element that the path of the message demands
  std::string path;                ///< of its message: other families may have a document of the same name
  std::vector<std::string> flags;  ///< what is special
  std::vector<std::string> requirements;
  bool valid = false;
  std::string code;              ///< of an invalid one
  std::string canonical_sha256;  ///< of a valid one: SHA-256 of its canonical encoding, hexadecimal
  std::size_t canonical_bytes = 0;
  std::string body;  ///< put together, raw bytes
};

/// All vectors of one codec-*.json. Error: a sentence on what is wrong with the file.
tl::expected<std::vector<CodecVector>, std::string> load_codec_vectors(const std::filesystem::path& file);

/// All vectors of all codec-*.json in a folder, files in the order of their names.
tl::expected<std::vector<CodecVector>, std::string> load_codec_folder(const std::filesystem::path& folder);

/// One row of the table of the vote; the words are those of schemas/vote-vectors.schema.json.
struct VoteVector {
  std::string id;
  bool commit = false, delivery = false, order = false, proof = false, suspended = false, revoked = false;
  std::string broker, vendor, wallet;  ///< yes | no | silent
  std::string decision;                ///< approve | reject | pending | no-claim
  std::string code;
  std::string waits;                   ///< of a pending one: broker | wallet
  std::string literal;                 ///< what the literal majority decides
};

/// All rows of a table of the vote. Error: a sentence on what is wrong with the file.
tl::expected<std::vector<VoteVector>, std::string> load_vote_vectors(const std::filesystem::path& file);

}  // namespace quickpay::vectors
