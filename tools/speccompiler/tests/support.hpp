// Folders that vanish, and specifications written on the spot.
#pragma once

#include <filesystem>
#include <string>

namespace quickpay::spec::test {

inline constexpr const char* kBadFolder = "tools/speccompiler/tests/bad";
inline constexpr const char* kQuickPay = "spec/quickpay-1.0";
inline constexpr const char* kLibraryLoan = "spec/examples/library-loan";

/// An empty folder that is removed with its content at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& content) const;
  bool empty() const;

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);

/// The file's text with the first occurrence of `from` replaced; fails the test if there is none.
std::string edited(std::string text, const std::string& from, const std::string& to);

}  // namespace quickpay::spec::test
