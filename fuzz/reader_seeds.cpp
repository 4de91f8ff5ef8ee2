// Writes the seeds of fuzz_reader into a folder: valid documents made from the tables (valid/), and the generated vectors,
// valid and not (vectors/).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/oracle/any_document.hpp"
#include "reference/codec/tests/random_object.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/random.hpp"
#include "vectors/vectors.hpp"

namespace {

using namespace quickpay;

constexpr std::size_t kMaxSeed = 8 * 1024;  // long seeds make a fuzzer slow and teach it nothing
constexpr int kMadeOfEach = 6;
constexpr const char* kVectors = "vectors/generated";  // from the root of the repository

class Writer {
 public:
  explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }

  void add(const std::string& root, const std::string& body) {
    const auto documents = codec::any_documents();
    for (std::size_t i = 0; i < documents.size() && body.size() <= kMaxSeed; ++i) {
      if (documents[i].type->root != root) continue;
      std::ofstream out(folder_ / (std::to_string(count_++) + ".seed"), std::ios::binary);
      out << static_cast<char>(i) << body;
    }
  }
  int count() const { return count_; }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

template <class T>
void add_made(Writer& writer, const codec::DocumentType& type, crypto::Random& random) {
  for (int i = 0; i < kMadeOfEach; ++i) {
    std::vector<std::uint8_t> bytes(600);
    random.fill(bytes);
    codec::test::Choices choices(std::move(bytes));
    T object{};
    codec::test::fill(*type.type, &object, choices);
    writer.add(std::string(type.root), codec::write_document(type, &object));
  }
}

void add_all_made(Writer& writer) {
  crypto::SeededRandom random("seeds of fuzz_reader");
  msg::for_each_message([&]<class Request, class Response>(const codec::MessageType& message) {
    add_made<Request>(writer, *message.request, random);
    add_made<Response>(writer, *message.response, random);
  });
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz_reader_seeds FOLDER (from the root of the repository)\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  std::filesystem::remove_all(folder);
  Writer valid(folder / "valid");
  add_all_made(valid);
  Writer vectors(folder / "vectors");
  const auto loaded = quickpay::vectors::load_codec_folder(kVectors);
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().c_str());
    return 1;
  }
  for (const auto& vector : *loaded) vectors.add(vector.document, vector.body);
  std::printf("%d valid documents, %d vectors\n", valid.count(), vectors.count());
  return valid.count() > 0 && vectors.count() > 0 ? 0 : 1;
}
