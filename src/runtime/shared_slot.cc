#include "einet/shared_slot.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <numeric>
#include <utility>

#include "einet/error.h"
#include "runtime/shared_memory.h"

// Liveness. Writer n locks byte n of the file (an open file description lock): the kernel releases it when the process
// dies, however it dies, and keeps it for one that is only stopped. A process id in the file could not distinguish
// these.

namespace einet {
namespace {

constexpr std::uint64_t kSlotMagic = 0x544f4c5354454e49u;  // "INETSLOT" in memory
constexpr std::uint32_t kSlotVersion = 1;
constexpr std::uint64_t kVersionAndSize = std::uint64_t{kSlotVersion} << 32 | sizeof(SharedMemory);
constexpr std::uint64_t kModelSalt = 0x9e3779b97f4a7c15u;
constexpr off_t kSetUpLock = 4096;  // Beyond the bytes of writers.

constexpr auto kRelaxed = std::memory_order_relaxed;

std::uint64_t model_checksum(const DigestWords& words) {
  return std::accumulate(words.begin(), words.end(), kModelSalt);
}

struct flock byte_lock(short type, off_t at) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = at;
  lock.l_len = 1;
  return lock;
}

bool try_lock(int file, off_t at) {
  struct flock lock = byte_lock(F_WRLCK, at);
  return ::fcntl(file, F_OFD_SETLK, &lock) == 0;
}

void unlock(int file, off_t at) {
  struct flock lock = byte_lock(F_UNLCK, at);
  ::fcntl(file, F_OFD_SETLK, &lock);
}

/// Whether another open file holds the lock.
bool is_locked(int file, off_t at) noexcept {
  struct flock lock = byte_lock(F_WRLCK, at);
  return ::fcntl(file, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/// Start of this process in clock ticks since boot, field 22 of /proc/self/stat; 0 if not available.
std::uint64_t process_start_time() {
  std::ifstream file("/proc/self/stat");
  std::string text(std::istreambuf_iterator<char>(file), {});
  const std::size_t name_end = text.rfind(')');  // The name of the program, field 2, may contain anything.
  if (name_end == std::string::npos) return 0;
  std::size_t at = name_end + 1;
  for (int field = 3; field < 22 && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  std::uint64_t ticks = 0;
  if (at != std::string::npos) std::from_chars(text.data() + at + 1, text.data() + text.size(), ticks);
  return ticks;
}

/// Serialises changes of ownership between processes.
class SetUpLock {
 public:
  SetUpLock(const io::Descriptor& file, const std::string& name) : file_(file) {
    struct flock lock = byte_lock(F_WRLCK, kSetUpLock);
    while (::fcntl(file.get(), F_OFD_SETLKW, &lock) != 0) {
      if (errno != EINTR) throw io::io_error(name, "lock");
    }
  }
  ~SetUpLock() { unlock(file_.get(), kSetUpLock); }
  SetUpLock(const SetUpLock&) = delete;
  SetUpLock& operator=(const SetUpLock&) = delete;

 private:
  const io::Descriptor& file_;
};

[[noreturn]] void not_a_slot(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::kInvalidData, name, "is not an answer slot: " + why);
}

off_t size_of(const io::Descriptor& file, const std::string& name) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw io::io_error(name, "read");
  if (!S_ISREG(status.st_mode)) not_a_slot(name, "it is not a regular file");
  return status.st_size;
}

using FileWords = std::array<std::uint64_t, sizeof(SharedMemory) / sizeof(std::uint64_t)>;

FileWords read_words(const io::Descriptor& file, const std::string& name) {
  FileWords words{};
  if (::pread(file.get(), words.data(), sizeof words, 0) < 0) throw io::io_error(name, "read");
  return words;
}

/// Writes an empty slot to the file.
void write_empty_slot(const io::Descriptor& file, const std::string& name) {
  if (const int error = ::posix_fallocate(file.get(), 0, sizeof(SharedMemory)); error != 0) {
    errno = error;
    throw io::io_error(name, "allocate");
  }
  FileWords words{};
  words[0] = kSlotMagic;
  words[1] = kVersionAndSize;
  if (!io::write_at(file, {reinterpret_cast<const char*>(words.data()), sizeof words}, 0)) {
    throw io::io_error(name, "write");
  }
}

/// Writes an empty slot if the file is empty, or holds zeros because a process was killed while doing this.
void set_up(const io::Descriptor& file, const std::string& name) {
  const off_t size = size_of(file, name);
  if (size != 0 && size != static_cast<off_t>(sizeof(SharedMemory))) return;
  const SetUpLock lock(file, name);
  const FileWords words = read_words(file, name);
  if (std::all_of(words.begin(), words.end(), [](std::uint64_t word) { return word == 0; })) {
    write_empty_slot(file, name);
  }
}

io::Descriptor open_file(const std::filesystem::path& path, int flags) {
  io::Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (!file.valid()) {
    if (errno == ENOENT && (flags & O_CREAT) == 0) throw Error(ErrorKind::kNotFound, path.string(), "no such file");
    throw io::io_error(path, "open");
  }
  return file;
}

}  // namespace

SharedSlot::Impl::Impl(io::Descriptor opened, std::string shown, bool writable)
    : file(std::move(opened)), name(std::move(shown)) {
  if (const off_t size = size_of(file, name); size != static_cast<off_t>(sizeof(SharedMemory))) {
    not_a_slot(name,
               "it has " + std::to_string(size) + " bytes, but a slot has " + std::to_string(sizeof(SharedMemory)));
  }
  void* const mapped = ::mmap(nullptr, sizeof(SharedMemory), writable ? PROT_READ | PROT_WRITE : PROT_READ,
                              MAP_SHARED | MAP_POPULATE, file.get(), 0);
  if (mapped == MAP_FAILED) throw io::io_error(name, "map");
  memory = static_cast<SharedMemory*>(mapped);
  const std::uint64_t magic = memory->header.magic.load(kRelaxed);
  const std::uint64_t version_and_size = memory->header.version_and_size.load(kRelaxed);
  if (magic == kSlotMagic && version_and_size == kVersionAndSize) return;
  ::munmap(memory, sizeof(SharedMemory));
  if (magic != kSlotMagic) not_a_slot(name, "it does not begin with the signature of a slot");
  not_a_slot(name, "its layout has version " + std::to_string(version_and_size >> 32) + ", but this program supports " +
                       std::to_string(kSlotVersion));
}

SharedSlot::Impl::~Impl() { ::munmap(memory, sizeof(SharedMemory)); }

std::shared_ptr<SharedSlot> SharedSlot::Impl::reopen(int descriptor, std::string shown) {
  io::Descriptor file(::open(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), O_RDWR | O_CLOEXEC));
  if (!file.valid()) throw io::io_error(shown, "open");
  return std::shared_ptr<SharedSlot>(
      new SharedSlot(std::make_unique<Impl>(std::move(file), std::move(shown), /*writable=*/true)));
}

SharedSlot::SharedSlot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SharedSlot::~SharedSlot() = default;

std::shared_ptr<SharedSlot> SharedSlot::create(const std::filesystem::path& path) {
  io::Descriptor file = open_file(path, O_RDWR | O_CREAT | O_NONBLOCK);
  try {
    set_up(file, path.string());
  } catch (...) {
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0) ::unlink(path.c_str());
    throw;
  }
  return std::shared_ptr<SharedSlot>(
      new SharedSlot(std::make_unique<Impl>(std::move(file), path.string(), /*writable=*/true)));
}

std::shared_ptr<SharedSlot> SharedSlot::create_anonymous() {
  io::Descriptor file(::memfd_create("einet-slot", MFD_CLOEXEC));
  if (!file.valid()) throw io::io_error("answer slot", "create");
  set_up(file, "answer slot");
  return std::shared_ptr<SharedSlot>(
      new SharedSlot(std::make_unique<Impl>(std::move(file), "answer slot", /*writable=*/true)));
}

std::shared_ptr<const SharedSlot> SharedSlot::attach(const std::filesystem::path& path) {
  return std::shared_ptr<const SharedSlot>(new SharedSlot(
      std::make_unique<Impl>(open_file(path, O_RDONLY | O_NONBLOCK), path.string(), /*writable=*/false)));
}

std::shared_ptr<const SharedSlot> SharedSlot::attach(int descriptor) {
  io::Descriptor file(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!file.valid()) throw io::io_error("answer slot", "open");
  return std::shared_ptr<const SharedSlot>(
      new SharedSlot(std::make_unique<Impl>(std::move(file), "answer slot", /*writable=*/false)));
}

void SharedSlot::reset(const std::filesystem::path& path) {
  const std::string name = path.string();
  const io::Descriptor file = open_file(path, O_RDWR | O_CREAT | O_NONBLOCK);
  const off_t size = size_of(file, name);
  const SetUpLock lock(file, name);
  // Damaged slots are recognised by their size, those of another layout by their signature.
  if (size != 0 && size != static_cast<off_t>(sizeof(SharedMemory)) && read_words(file, name)[0] != kSlotMagic) {
    not_a_slot(name, "it has neither the size nor the signature of a slot");
  }
  for (int number = 0; number < SharedMemory::kWriters; ++number) {
    if (is_locked(file.get(), number))
      throw Error(ErrorKind::kIo, name, "is in use by a process that publishes into it");
  }
  if (::ftruncate(file.get(), sizeof(SharedMemory)) != 0) throw io::io_error(name, "write");
  write_empty_slot(file, name);
}

Answer SharedSlot::read() const noexcept { return impl_->memory->slot.read(); }

SlotOwner SharedSlot::owner() const noexcept {
  const int number = impl_->memory->slot.current_writer() % SharedMemory::kWriters;
  const SharedMemory::Owner& owner = impl_->memory->owners[static_cast<std::size_t>(number)];
  return {.process = static_cast<std::int64_t>(owner.process.load(kRelaxed)),
          .start_time = owner.start_time.load(kRelaxed),
          .epoch = owner.epoch.load(kRelaxed),
          .alive = (impl_->claimed.load() >> number & 1) != 0 || is_locked(impl_->file.get(), number)};
}

std::string SharedSlot::model() const {
  const SharedMemory::Header& header = impl_->memory->header;
  DigestWords words;
  std::transform(header.model.begin(), header.model.end(), words.begin(),
                 [](const SharedMemory::Word& word) { return word.load(kRelaxed); });
  return header.model_checksum.load(kRelaxed) == model_checksum(words) ? digest_text(words) : "";
}

int SharedSlot::descriptor() const noexcept { return impl_->file.get(); }

SharedWriter::SharedWriter(std::shared_ptr<SharedSlot> slot, std::string_view model, bool take_over)
    : slot_(std::move(slot)), model_(digest_words(model)) {
  SharedSlot::Impl& impl = slot_->impl();
  const std::lock_guard guard(impl.mutex);
  const SetUpLock lock(impl.file, impl.name);
  if (const SlotOwner owner = slot_->owner(); owner.alive && !take_over) {
    throw Error(ErrorKind::kIo, impl.name,
                "process " + std::to_string(owner.process) + " publishes into it; end it, or take the slot over");
  }
  number_ = claim(impl);
  SharedMemory& memory = *impl.memory;
  std::uint64_t epoch = 0;
  for (const auto& owner : memory.owners) epoch = std::max(epoch, owner.epoch.load(kRelaxed));
  SharedMemory::Owner& owner = memory.owners[static_cast<std::size_t>(number_)];
  owner.process.store(static_cast<std::uint64_t>(::getpid()), kRelaxed);
  owner.start_time.store(process_start_time(), kRelaxed);
  owner.epoch.store(epoch + 1, kRelaxed);
  writer_.emplace(memory.slot, number_);
}

void SharedWriter::publish(const Answer& answer) noexcept {
  if (!model_written_) write_model();
  writer_->publish(answer);
}

void SharedWriter::write_model() noexcept {
  model_written_ = true;
  SharedMemory::Header& header = slot_->impl().memory->header;
  header.model_checksum.store(0, kRelaxed);
  for (std::size_t i = 0; i < model_.size(); ++i) header.model[i].store(model_[i], kRelaxed);
  header.model_checksum.store(model_checksum(model_), kRelaxed);
}

SharedWriter::~SharedWriter() {
  SharedSlot::Impl& impl = slot_->impl();
  const std::lock_guard guard(impl.mutex);
  impl.claimed.fetch_and(~(1u << number_));
  unlock(impl.file.get(), number_);
}

int SharedWriter::claim(SharedSlot::Impl& impl) {
  // The records of the current answer are only reused if no others are free.
  const int current = impl.memory->slot.current_writer();
  for (int k = 1; k <= SharedMemory::kWriters; ++k) {
    const int number = (current + k) % SharedMemory::kWriters;
    if ((impl.claimed.load() >> number & 1) != 0 || !try_lock(impl.file.get(), number)) continue;
    impl.claimed.fetch_or(1u << number);
    return number;
  }
  throw Error(ErrorKind::kIo, impl.name,
              "all " + std::to_string(SharedMemory::kWriters) +
                  " sessions that have published into it are still alive; end one of them");
}

}  // namespace einet
