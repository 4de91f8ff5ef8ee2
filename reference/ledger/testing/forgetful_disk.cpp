#include "reference/ledger/testing/forgetful_disk.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <new>
#include <random>
#include <vector>

namespace quickpay::ledger {
namespace {

constexpr std::size_t kSector = 512;
constexpr int kMaxPath = 512;
constexpr double kFixedJulianDay = 2461367.0;  // the clock stands still: runs must repeat

using Bytes = std::vector<std::uint8_t>;

// A write (`data`) or, without data, a truncation to `offset` bytes, that no sync has covered yet.
struct Pending {
  std::size_t offset = 0;
  Bytes data;
  bool truncation = false;
};

struct File {
  Bytes current;
  Bytes durable;
  bool there = true;           // as the program sees it
  bool durably_there = false;  // as the disk would have it after a cut
  std::vector<Pending> pending;
};

void put_through(Bytes& content, const Pending& change) {
  if (change.truncation) {
    if (change.offset < content.size()) content.resize(change.offset);
    return;
  }
  content.resize(std::max(content.size(), change.offset + change.data.size()));
  std::copy(change.data.begin(), change.data.end(), content.begin() + static_cast<std::ptrdiff_t>(change.offset));
}

// Lets an arbitrary part of a change reach the disk: nothing, all of it, or some sectors, the last of them half.
void put_part_through(Bytes& content, const Pending& change, std::mt19937_64& random) {
  const auto fate = random() % 4;
  if (fate == 0) return;
  if (fate == 1 || change.truncation) return put_through(content, change);
  for (std::size_t at = 0; at < change.data.size(); at += kSector) {
    const auto choice = random() % 3;
    if (choice == 0) continue;
    const std::size_t size = std::min(kSector, change.data.size() - at);
    const std::size_t kept = choice == 1 ? size : random() % size;
    const auto begin = change.data.begin() + static_cast<std::ptrdiff_t>(at);
    put_through(content, {change.offset + at, Bytes(begin, begin + static_cast<std::ptrdiff_t>(kept)), false});
  }
}

}  // namespace

struct ForgetfulDisk::Impl {
  std::string name;
  sqlite3_vfs vfs{};
  std::map<std::string, std::shared_ptr<File>> files;
  std::mt19937_64 random;
  bool everything_is_lost = true;
  std::uint64_t generation = 1;  // a handle of an older one is dead
  int operations = 0;
  int synced = 0;
  int cut_at = -1;
  bool cut = false;

  // Counts an operation; true if the power fails in it.
  bool fails_now() {
    if (cut) return true;
    ++operations;
    if (cut_at >= 0 && operations >= cut_at) cut = true;
    return cut;
  }

  void settle();
  std::shared_ptr<File> find(const char* path) {
    const auto found = files.find(path);
    return found != files.end() && found->second->there ? found->second : nullptr;
  }
};

void ForgetfulDisk::Impl::settle() {
  for (auto it = files.begin(); it != files.end();) {
    File& file = *it->second;
    bool stays = file.durably_there;
    if (!everything_is_lost) {
      for (const auto& change : file.pending) put_part_through(file.durable, change, random);
      if (file.there != file.durably_there) stays = random() % 2 == 0;
    }
    file.current = file.durable;
    file.pending.clear();
    file.there = file.durably_there = stays;
    it = stays ? std::next(it) : files.erase(it);
  }
}

namespace {

using Impl = ForgetfulDisk::Impl;

// What SQLite holds of an open file; it allocates the memory, so the members are made and destroyed by hand.
struct Handle {
  sqlite3_file base;
  Impl* disk;
  std::shared_ptr<File> file;
  std::uint64_t generation;
  bool temporary;
};

Handle& handle_of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file); }
Impl& disk_of(sqlite3_vfs* vfs) { return *static_cast<Impl*>(vfs->pAppData); }
bool dead(const Handle& handle) { return handle.disk->cut || handle.generation != handle.disk->generation; }

int close_file(sqlite3_file* file) {
  handle_of(file).file.~shared_ptr();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  Handle& handle = handle_of(file);
  if (dead(handle)) return SQLITE_IOERR_READ;
  const Bytes& content = handle.file->current;
  const auto from = std::min(static_cast<std::size_t>(offset), content.size());
  const auto size = std::min(static_cast<std::size_t>(amount), content.size() - from);
  if (size > 0) std::memcpy(out, content.data() + from, size);
  std::memset(static_cast<char*>(out) + size, 0, static_cast<std::size_t>(amount) - size);
  return size == static_cast<std::size_t>(amount) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

// A change that the cut interrupts may still have reached the disk in part, so it is noted before the failure is told.
int change(Handle& handle, Pending pending, int error) {
  if (handle.temporary) return put_through(handle.file->current, pending), SQLITE_OK;
  if (dead(handle)) return error;
  const bool fails = handle.disk->fails_now();
  put_through(handle.file->current, pending);
  handle.file->pending.push_back(std::move(pending));
  return fails ? error : SQLITE_OK;
}

int write_file(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  return change(handle_of(file), {static_cast<std::size_t>(offset), Bytes(bytes, bytes + amount), false},
                SQLITE_IOERR_WRITE);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  return change(handle_of(file), {static_cast<std::size_t>(size), {}, true}, SQLITE_IOERR_TRUNCATE);
}

int sync_file(sqlite3_file* file, int) {
  Handle& handle = handle_of(file);
  if (handle.temporary) return SQLITE_OK;
  if (dead(handle) || handle.disk->fails_now()) return SQLITE_IOERR_FSYNC;
  for (const auto& pending : handle.file->pending) put_through(handle.file->durable, pending);
  handle.file->pending.clear();
  handle.file->durably_there = true;
  ++handle.disk->synced;
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  if (dead(handle_of(file))) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(handle_of(file).file->current.size());
  return SQLITE_OK;
}

int no_lock(sqlite3_file*, int) { return SQLITE_OK; }
int no_reserved_lock(sqlite3_file*, int* held) { return *held = 0, SQLITE_OK; }
int no_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return static_cast<int>(kSector); }
int no_promises(sqlite3_file*) { return 0; }

const sqlite3_io_methods kMethods = {
    1,       close_file, read_file,        write_file, truncate_file, sync_file,   file_size,
    no_lock, no_lock,    no_reserved_lock, no_control, sector_size,   no_promises, nullptr,
    nullptr, nullptr,    nullptr,          nullptr,    nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  Impl& disk = disk_of(vfs);
  out->pMethods = nullptr;
  if (disk.cut) return SQLITE_IOERR;
  auto file = path == nullptr ? std::make_shared<File>() : disk.find(path);
  if (!file) {
    if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
    auto& slot = disk.files[path];  // a deletion that was not synced leaves the old content behind
    if (!slot) slot = std::make_shared<File>();
    slot->there = true;
    if (!slot->current.empty()) slot->pending.push_back({0, {}, true});
    slot->current.clear();
    file = slot;
  }
  Handle& handle = handle_of(out);
  handle.disk = &disk;
  new (&handle.file) std::shared_ptr<File>(std::move(file));
  handle.generation = disk.generation;
  handle.temporary = path == nullptr;
  out->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  Impl& disk = disk_of(vfs);
  const auto file = disk.find(path);
  if (disk.cut || disk.fails_now()) return SQLITE_IOERR_DELETE;
  if (!file) return SQLITE_IOERR_DELETE_NOENT;
  file->there = false;
  if (sync_directory != 0) disk.files.erase(path);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* path, int, int* result) {
  if (disk_of(vfs).cut) return SQLITE_IOERR_ACCESS;
  *result = disk_of(vfs).find(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  return sqlite3_snprintf(size, out, "%s", path), SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(disk_of(vfs).random());
  return size;
}

int no_sleep(sqlite3_vfs*, int) { return 0; }
int julian_day(sqlite3_vfs*, double* now) { return *now = kFixedJulianDay, SQLITE_OK; }
int last_error(sqlite3_vfs*, int, char*) { return 0; }

void describe(Impl& disk) {
  sqlite3_vfs& vfs = disk.vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(Handle);
  vfs.mxPathname = kMaxPath;
  vfs.zName = disk.name.c_str();
  vfs.pAppData = &disk;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = randomness;
  vfs.xSleep = no_sleep;
  vfs.xCurrentTime = julian_day;
  vfs.xGetLastError = last_error;
}

}  // namespace

ForgetfulDisk::ForgetfulDisk(std::uint64_t seed) : impl_(std::make_unique<Impl>()) {
  impl_->name = fmt::format("forgetful-{}", fmt::ptr(this));
  impl_->random.seed(seed);
  impl_->everything_is_lost = seed == 0;
  describe(*impl_);
  sqlite3_vfs_register(&impl_->vfs, 0);
}

ForgetfulDisk::~ForgetfulDisk() { sqlite3_vfs_unregister(&impl_->vfs); }

void ForgetfulDisk::cut_at(int n) { impl_->cut_at = n; }
int ForgetfulDisk::writes() const { return impl_->operations; }
int ForgetfulDisk::syncs() const { return impl_->synced; }
bool ForgetfulDisk::power_is_cut() const { return impl_->cut; }
std::string ForgetfulDisk::vfs_name() const { return impl_->name; }

void ForgetfulDisk::power_on() {
  impl_->settle();
  impl_->cut = false;
  impl_->cut_at = -1;
  ++impl_->generation;
}

}  // namespace quickpay::ledger
