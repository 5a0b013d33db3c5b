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

/// Size of a file written by a Persister.
inline constexpr std::uintmax_t kStoredAnswerBytes = 8192;

/// Writes the last answer to disk periodically, on its own thread, so that publishing is never delayed.
///
/// The file has two pages, written alternately; the next write begins when the disk has confirmed the last one. A power
/// cut can damage only the page being written; the other one holds the previous answer.
class Persister {
 public:
  /// Creates the file or continues an existing one. `read` returns the last answer; it is called on the persister's
  /// thread until the destructor returns. Throws kIo, also if another process writes the file; kInvalidData, without
  /// changing it, if the file is something else; kUsage if `every` is not above 0.
  Persister(std::function<Answer()> read, const std::filesystem::path& path, Seconds every, std::string_view model,
            const ThreadOptions& options);
  /// Writes the last answer.
  ~Persister();
  Persister(const Persister&) = delete;
  Persister& operator=(const Persister&) = delete;

  /// Why the last write failed; empty if it succeeded.
  std::string failure() const;

 private:
  void work() noexcept;
  void write_newest() noexcept;

  const std::function<Answer()> read_;
  const Clock::duration every_;
  const io::Descriptor file_;
  const DigestWords model_;
  std::uint64_t pages_written_ = 0;  ///< Over the lifetime of the file; determines the page (modulo 2).
  std::uint64_t sequence_ = 0;       ///< Of the last answer written.
  mutable std::mutex mutex_;
  std::condition_variable quit_changed_;
  bool quit_ = false;  // Guarded by the mutex, like:
  std::string failure_;
  std::optional<Thread> thread_;
};

}  // namespace einet
