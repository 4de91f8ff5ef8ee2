#include "conformance/certificate/files.hpp"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

namespace quickpay::conformance {

namespace {

/// Writes all bytes to the new file `path` and flushes them. False: the system says no; errno holds why.
bool write_all(const std::string& path, const std::string& content, bool secret) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, secret ? 0600 : 0644);
  if (file < 0) {
    return false;
  }
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t wrote = ::write(file, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) {
      continue;
    }
    if (wrote <= 0) {
      break;
    }
    done += static_cast<std::size_t>(wrote);
  }
  const bool right = done == content.size() && ::fsync(file) == 0;
  return ::close(file) == 0 && right;
}

}  // namespace

tl::expected<std::string, std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return tl::unexpected(fmt::format("{} is not a file", path.string()));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > limit) {
    return tl::unexpected(fmt::format("{} is longer than {} bytes", path.string(), limit));
  }
  std::string content(static_cast<std::size_t>(size), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file || file.peek() != std::ifstream::traits_type::eof()) {
    return tl::unexpected(fmt::format("cannot read {}", path.string()));
  }
  return content;
}

tl::expected<void, std::string> write_file(const std::filesystem::path& path, const std::string& content, bool secret) {
  std::error_code error;
  if (secret && std::filesystem::exists(path, error)) {
    return tl::unexpected(fmt::format("{} is already there", path.string()));
  }
  const std::string fresh = path.string() + ".new";
  if (!write_all(fresh, content, secret) || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const std::string why = std::generic_category().message(errno);
    ::unlink(fresh.c_str());
    return tl::unexpected(fmt::format("cannot write {}: {}", path.string(), why));
  }
  return {};
}

std::string canonical(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace quickpay::conformance
