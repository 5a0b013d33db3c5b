#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "einet/answer.h"
#include "einet/api.h"

namespace einet {

/// Who publishes into a shared slot.
struct SlotOwner {
  std::int64_t process = 0;      ///< Its number; 0 = nobody has published yet.
  std::uint64_t start_time = 0;  ///< Of the process, in clock ticks since boot: process numbers are used again.
  std::uint64_t epoch = 0;       ///< Counts the owners of the slot from 1.
  bool alive = false;            ///< Whether it can still publish.
};

/// Answers in memory that several processes map, so that they outlive the process that computes them: a file under
/// /dev/shm, a memfd, or a file on a disk (docs/runtime.md; layout in docs/formats.md).
///
/// One session publishes at a time (SessionOptions::slot). Whatever happens to it, killed or stopped at any
/// instruction, readers see its last answer, whole; a session that takes over continues, and what its predecessor
/// publishes afterwards is ignored.
///
/// All functions may be called from any thread; read() takes no lock, allocates nothing and makes no system call.
class EINET_API SharedSlot {
 public:
  /// Opens the slot at `path` for sessions and readers; makes an empty one where there is no file. Its memory is
  /// allocated now, so that publishing never fails. Throws kIo when that is not possible, kInvalidData when the file is
  /// not a slot of this layout; it is left as it is then.
  static std::shared_ptr<SharedSlot> create(const std::filesystem::path& path);
  /// A new slot without a name, to be inherited or passed on by its descriptor.
  static std::shared_ptr<SharedSlot> create_anonymous();
  /// Opens a slot for reading only. Throws kNotFound, kIo, or kInvalidData when the file is not a slot.
  static std::shared_ptr<const SharedSlot> attach(const std::filesystem::path& path);
  /// The same of an open descriptor, which is duplicated.
  static std::shared_ptr<const SharedSlot> attach(int descriptor);
  /// Makes the slot at `path` empty, also a damaged one or one of another layout; makes one where there is no file.
  /// Throws kIo, also when a session that publishes there is alive, and kInvalidData when the file is something else.
  static void reset(const std::filesystem::path& path);

  ~SharedSlot();
  SharedSlot(const SharedSlot&) = delete;
  SharedSlot& operator=(const SharedSlot&) = delete;

  /// The last answer; exists() is false while there is none.
  Answer read() const noexcept;
  SlotOwner owner() const noexcept;
  /// Model::digest() of the owner's network; empty while there is none.
  std::string model() const;
  /// The file's, for as long as the object lives.
  int descriptor() const noexcept;

  struct Impl;
  Impl& impl() const noexcept { return *impl_; }  ///< For EINet's own modules.

 private:
  explicit SharedSlot(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// What SessionOptions::persist has written.
struct StoredAnswer {
  Answer answer;                                    ///< Answer::time is of the machine's start that it was written in.
  std::chrono::system_clock::time_point written{};  ///< When, by the clock of the machine.
  std::string model;                                ///< Model::digest(); may be empty.
};

/// Reads such a file; `answer` does not exist while none was written. After a power cut in the middle of a write it is
/// the answer before. Throws kNotFound, kIo, or kInvalidData when it is not such a file or damaged.
EINET_API StoredAnswer read_stored_answer(const std::filesystem::path& path);

}  // namespace einet
