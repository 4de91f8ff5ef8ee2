#include "conformance/certificate/log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

const std::string kNothingBefore(64, '0');

std::string text_at(const Json& object, const char* name) {
  return object.contains(name) && object[name].is_string() ? object[name].get<std::string>() : std::string();
}

bool known_kind(const std::string& kind) { return kind == "issued" || kind == "revoked" || kind == "challenge"; }

tl::expected<LogEntry, std::string> entry_of(std::string_view line, std::size_t number, const std::string& previous) {
  const Json envelope = Json::parse(line, nullptr, false);
  if (envelope.is_discarded() || canonical(envelope) != line) {
    return tl::unexpected(fmt::format("line {} is not an entry", number));
  }
  const auto opened = open_envelope(kLogEntryType, envelope.dump(1) + "\n");
  if (!opened) {
    return tl::unexpected(fmt::format("line {}: {}", number, opened.error()));
  }
  const Json& said = opened->payload;
  if (text_at(said, "previous") != previous || said.value("n", Json()) != number) {
    return tl::unexpected(fmt::format("line {} does not follow from the line before it", number));
  }
  LogEntry entry{text_at(said, "kind"),   text_at(said, "subject"), text_at(said, "time"),
                 text_at(said, "reason"), opened->key_id,           crypto::sha256_hex(line)};
  if (text_at(said, "format") != kLogFormat || !known_kind(entry.kind)) {
    return tl::unexpected(fmt::format("line {} says what this version does not know", number));
  }
  return entry;
}

/// An open log that nobody else writes meanwhile.
class LockedFile {
 public:
  explicit LockedFile(const std::filesystem::path& path)
      : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    locked_ = file_ >= 0 && ::flock(file_, LOCK_EX) == 0;
  }
  ~LockedFile() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;

  bool usable() const { return locked_; }
  /// Adds `line`, flushed; all of it or nothing. False: the system says no.
  bool add(const std::string& line, std::size_t size_before) const {
    const auto size = static_cast<ssize_t>(line.size());
    if (::write(file_, line.data(), line.size()) == size && ::fsync(file_) == 0) {
      return true;
    }
    static_cast<void>(::ftruncate(file_, static_cast<off_t>(size_before)));  // a half line would break the log for ever
    return false;
  }

 private:
  int file_;
  bool locked_ = false;
};

}  // namespace

tl::expected<std::vector<LogEntry>, std::string> read_log(std::string_view text) {
  std::vector<LogEntry> entries;
  std::string previous = kNothingBefore;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string_view::npos) {
      return tl::unexpected(fmt::format("line {} is cut off", entries.size() + 1));
    }
    auto entry = entry_of(text.substr(begin, end - begin), entries.size() + 1, previous);
    if (!entry) {
      return tl::unexpected(entry.error());
    }
    previous = entry->digest;
    entries.push_back(std::move(*entry));
    begin = end + 1;
  }
  return entries;
}

tl::expected<std::string, std::string> append_log(const std::filesystem::path& path, const LogWords& words,
                                                  const std::string& now, const crypto::RsaPrivateKey& key) {
  const LockedFile file(path);
  if (!file.usable()) {
    return tl::unexpected(fmt::format("cannot write {}", path.string()));
  }
  const auto text = read_file(path, kMaxLogBytes);
  const auto entries = text ? read_log(*text) : tl::unexpected(text.error());
  if (!entries) {
    return tl::unexpected(fmt::format("{}: {}", path.string(), entries.error()));
  }
  const Json said = {{"format", kLogFormat},
                     {"n", entries->size() + 1},
                     {"previous", entries->empty() ? kNothingBefore : entries->back().digest},
                     {"kind", words.kind},
                     {"subject", words.subject},
                     {"reason", words.reason.substr(0, kMaxReasonBytes)},
                     {"time", now}};
  const auto signed_text = sign_payload(kLogEntryType, said, key);
  if (!signed_text) {
    return tl::unexpected(signed_text.error());
  }
  const std::string line = canonical(Json::parse(*signed_text));
  if (!file.add(line + "\n", text->size())) {
    return tl::unexpected(fmt::format("cannot write {}", path.string()));
  }
  return crypto::sha256_hex(line);
}

}  // namespace quickpay::conformance
