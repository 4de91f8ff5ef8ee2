// Writes the seeds of fuzz_core into a folder: the lives written by hand (valid/), and the valid requests among the
// generated vectors as raw bodies for who receives them (vectors/). What a reader must refuse is fuzz_reader's to try.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/core/script.hpp"
#include "reference/roles/documents.hpp"
#include "vectors/vectors.hpp"

namespace {

using namespace quickpay;

constexpr std::size_t kMaxSeed = 2 * 1024;  // long seeds make a fuzzer slow and teach it nothing
constexpr const char* kVectors = "vectors/generated";  // from the root of the repository

class Writer {
 public:
  explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  void add(const std::string& name, const std::string& input) {
    std::ofstream out(folder_ / name, std::ios::binary);
    out << input;
    count_ += out ? 1 : 0;
  }
  int count() const { return count_; }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

/// The vector as a raw request to the role that receives this message; nothing for responses and other roles.
void add_vector(Writer& writer, const vectors::CodecVector& vector) {
  const auto all = roles::message_ops();
  for (std::size_t i = 0; i < all.size() && vector.body.size() <= kMaxSeed; ++i) {
    const bool to_vendor = all[i].type->to == "vendor";
    if (all[i].type->request->root != vector.document || (!to_vendor && all[i].type->to != "broker")) continue;
    fuzz::Operation raw{fuzz::What::raw, static_cast<std::uint8_t>(i),
                        static_cast<std::uint8_t>(vector.body.size() % 256),
                        static_cast<std::uint8_t>(vector.body.size() / 256), vector.body};
    writer.add(vector.id, fuzz::input_of({"", to_vendor, {raw}}));
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz_core_seeds FOLDER (from the root of the repository)\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::remove_all(folder);
  Writer valid(folder / "valid");
  for (const fuzz::Life& life : fuzz::lives()) valid.add(life.name, fuzz::input_of(life));
  Writer vectors(folder / "vectors");
  const auto loaded = quickpay::vectors::load_codec_folder(kVectors);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().c_str());
    return 1;
  }
  for (const auto& vector : *loaded) {
    if (vector.valid) add_vector(vectors, vector);
  }
  std::printf("%d lives, %d vectors\n", valid.count(), vectors.count());
  return valid.count() > 0 && vectors.count() > 0 ? 0 : 1;
}
