#include "runtime/persister.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "einet/shared_slot.h"
#include "runtime/answer_slot.h"

namespace einet {
namespace {

constexpr std::size_t kPageBytes =
    4096;  // A multiple of the sector size of disks, which write single sectors atomically.
constexpr std::uint64_t kMagic = 0x524e4154454e4945u;  // "EINETANR"
constexpr std::uint64_t kVersion = 1;

/// The words of a page (docs/formats.md): magic, version, number of the write, time, model, answer, checksum.
enum Word { kMagicWord, kVersionWord, kNumber, kWritten, kModel, kAnswer = kModel + std::tuple_size_v<DigestWords> };
constexpr int kChecksum = kAnswer + AnswerCodec::kWords;
using Page = std::array<std::uint64_t, kPageBytes / sizeof(std::uint64_t)>;

std::size_t word_of_answer(int at) { return static_cast<std::size_t>(kAnswer) + static_cast<std::size_t>(at); }

std::uint64_t checksum(const Page& page) {
  std::uint64_t sum = 0;
  for (int i = 0; i < kChecksum; ++i) sum += checksum_term(page[static_cast<std::size_t>(i)], i);
  return sum;
}

bool is_whole(const Page& page) {
  return page[kMagicWord] == kMagic && page[kVersionWord] == kVersion && page[kChecksum] == checksum(page);
}

using Pages = std::array<Page, 2>;
static_assert(sizeof(Pages) == kStoredAnswerBytes);

/// The page written last; null if none is intact.
const Page* newest(const Pages& pages) {
  const Page* found = nullptr;
  for (const Page& page : pages) {
    if (is_whole(page) && (found == nullptr || page[kNumber] > (*found)[kNumber])) found = &page;
  }
  return found;
}

/// Reads the file, which must have the expected size.
Pages read_pages(const io::Descriptor& file, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw io::io_error(path, "read");
  Pages pages{};
  if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(sizeof pages)) {
    throw Error(ErrorKind::kInvalidData, path.string(), "is not a file written by --persist");
  }
  if (::pread(file.get(), pages.data(), sizeof pages, 0) != static_cast<ssize_t>(sizeof pages)) {
    throw io::io_error(path, "read");
  }
  return pages;
}

bool is_blank(const Pages& pages) {
  return std::all_of(pages.begin(), pages.end(), [](const Page& page) {
    return std::all_of(page.begin(), page.end(), [](auto word) { return word == 0; });
  });
}

template <class Words>
std::string_view bytes_of(const Words& words) {
  return {reinterpret_cast<const char*>(words.data()), sizeof words};
}

io::Descriptor open_to_write(const std::filesystem::path& path) {
  io::Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644));
  if (!file.valid()) throw io::io_error(path, "open");
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) throw Error(ErrorKind::kIo, path.string(), "is in use by another session");
    throw io::io_error(path, "lock");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw io::io_error(path, "read");
  if (!S_ISREG(status.st_mode) || status.st_size >= static_cast<off_t>(kStoredAnswerBytes)) return file;
  // New, or left by a process killed at this point: all zeros. Any other file is rejected.
  Pages blank{};
  if (::pread(file.get(), blank.data(), sizeof blank, 0) < 0) throw io::io_error(path, "read");
  if (!is_blank(blank)) return file;
  // Writing the blocks now avoids changes of file system metadata later.
  if (!io::write_at(file, bytes_of(blank), 0) || ::fsync(file.get()) != 0) {
    const Error error = io::io_error(path, "write");
    if (status.st_size == 0) ::unlink(path.c_str());
    throw error;
  }
  io::sync(io::folder_of(path), path);
  return file;
}

Clock::duration interval(Seconds every) {
  if (!(every > Seconds(0)) || std::isinf(every.count())) {
    throw Error(ErrorKind::kUsage, "interval of persisted answers", "must be above 0");
  }
  return std::chrono::ceil<Clock::duration>(std::min(every, Seconds(1e6)));
}

}  // namespace

Persister::Persister(std::function<Answer()> read, const std::filesystem::path& path, Seconds every,
                     std::string_view model, const ThreadOptions& options)
    : read_(std::move(read)), every_(interval(every)), file_(open_to_write(path)), model_(digest_words(model)) {
  const Pages pages = read_pages(file_, path);
  const Page* const last = newest(pages);
  if (last == nullptr && !is_blank(pages)) {
    throw Error(ErrorKind::kInvalidData, path.string(), "is damaged or not a file of answers that --persist writes");
  }
  if (last != nullptr) pages_written_ = (*last)[kNumber];
  ThreadOptions quiet = options;  // It waits for the disk and must not delay the worker.
  quiet.scheduling = options.scheduling == Scheduling::kInherited ? Scheduling::kInherited : Scheduling::kNormal;
  thread_.emplace(quiet, "-disk", 0, [this] { work(); });
}

Persister::~Persister() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  quit_changed_.notify_one();
  thread_.reset();
}

std::string Persister::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void Persister::work() noexcept {
  for (auto next = Clock::now() + every_;; next = std::max(next + every_, Clock::now())) {
    std::unique_lock lock(mutex_);
    const bool last = quit_changed_.wait_until(lock, next, [this] { return quit_; });
    lock.unlock();
    write_newest();
    if (last) return;
  }
}

void Persister::write_newest() noexcept {
  const Answer answer = read_();
  if (!answer.exists() || answer.sequence == sequence_) return;
  Page page{};
  page[kMagicWord] = kMagic;
  page[kVersionWord] = kVersion;
  page[kNumber] = pages_written_ + 1;
  page[kWritten] =
      static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  std::copy(model_.begin(), model_.end(), page.begin() + kModel);
  AnswerCodec::encode(answer, [&](int at, std::uint64_t word) { page[word_of_answer(at)] = word; });
  page[kChecksum] = checksum(page);
  const off_t place = static_cast<off_t>(page[kNumber] % 2 * kPageBytes);
  const bool written = io::write_at(file_, bytes_of(page), place) && ::fdatasync(file_.get()) == 0;
  const int error = errno;
  const std::lock_guard lock(mutex_);
  failure_ = written ? "" : std::strerror(error);
  if (!written) return;  // The same page is tried again next time; the other one is intact.
  ++pages_written_;
  sequence_ = answer.sequence;
}

StoredAnswer read_stored_answer(const std::filesystem::path& path) {
  const io::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT) throw Error(ErrorKind::kNotFound, path.string(), "no such file");
    throw io::io_error(path, "open");
  }
  const Pages pages = read_pages(file, path);
  StoredAnswer stored;
  const Page* const page = newest(pages);
  if (page == nullptr) {
    if (is_blank(pages)) return stored;
    throw Error(ErrorKind::kInvalidData, path.string(), "is damaged or not a file of answers that --persist writes");
  }
  if (!AnswerCodec::decode(stored.answer, [&](int at) { return (*page)[word_of_answer(at)]; })) {
    throw Error(ErrorKind::kInvalidData, path.string(), "is damaged");
  }
  stored.written =
      std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
          std::chrono::nanoseconds(static_cast<std::int64_t>((*page)[kWritten]))));
  DigestWords model;
  std::copy_n(page->begin() + kModel, model.size(), model.begin());
  stored.model = digest_text(model);
  return stored;
}

}  // namespace einet
