#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "einet/session.h"
#include "io/posix.h"
#include "runtime/digest.h"
#include "runtime/thread.h"

namespace einet {

/// Of a file that a Persister writes.
inline constexpr std::uintmax_t kStoredAnswerBytes = 8192;

/// Writes the last answer to a disk periodically, on a thread of its own, so that publishing is never delayed.
///
/// The file has two pages, written in turn; the next write begins when the disk has confirmed the last one. A power cut
/// can spoil the page that is being written, and the other one holds the answer before.
class Persister {
 public:
  /// Makes the file, or continues one. `read` returns the last answer; it is called on the persister's thread until the
  /// destructor returns. Throws kIo, also when another process writes
  /// the file; kInvalidData, leaving it as it is, when the file is something else; kUsage when `every` is not above 0.
  Persister(std::function<Answer()> read, const std::filesystem::path& path, Seconds every, std::string_view model,
            const ThreadOptions& options);
  /// Writes the last answer.
  ~Persister();
  Persister(const Persister&) = delete;
  Persister& operator=(const Persister&) = delete;

  /// Why the last write failed; empty when it did not.
  std::string failure() const;

 private:
  void work() noexcept;
  void write_newest() noexcept;

  const std::function<Answer()> read_;
  const Clock::duration every_;
  const io::Descriptor file_;
  const DigestWords model_;
  std::uint64_t pages_written_ = 0;  ///< Into the file, ever; page k of the file was written when this was k modulo 2.
  std::uint64_t sequence_ = 0;       ///< Of the last answer written.
  mutable std::mutex mutex_;
  std::condition_variable quit_changed_;
  bool quit_ = false;  // With the mutex, like:
  std::string failure_;
  std::optional<Thread> thread_;
};

}  // namespace einet
