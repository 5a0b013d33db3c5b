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

/// The session that publishes into a shared slot.
struct SlotOwner {
  std::int64_t process = 0;      ///< Process ID; 0 = nothing was published yet.
  std::uint64_t start_time = 0;  ///< Of the process, in clock ticks since boot, because process IDs are reused.
  std::uint64_t epoch = 0;       ///< Counts the owners of the slot from 1.
  bool alive = false;            ///< Whether it can still publish.
};

/// Answers in memory shared between processes, so that they outlive the process that computes them: a file under
/// /dev/shm, a memfd, or a file on a disk (docs/runtime.md; layout in docs/formats.md).
///
/// One session publishes at a time (SessionOptions::slot). If it is killed or stopped at any instruction, readers still
/// see its last complete answer. A session that takes over continues from there; anything its predecessor publishes
/// later is ignored.
///
/// All functions may be called from any thread; read() takes no lock, allocates nothing and makes no system call.
class EINET_API SharedSlot {
 public:
  /// Opens the slot at `path` for sessions and readers; creates an empty one if there is no file. Its memory is
  /// allocated now, so that publishing never fails. Throws kIo if that is not possible, kInvalidData if the file is not
  /// a slot of this layout; the file is then left unchanged.
  static std::shared_ptr<SharedSlot> create(const std::filesystem::path& path);
  /// A new slot without a path, to be inherited or passed on by its file descriptor.
  static std::shared_ptr<SharedSlot> create_anonymous();
  /// Opens a slot for reading only. Throws kNotFound, kIo, or kInvalidData if the file is not a slot.
  static std::shared_ptr<const SharedSlot> attach(const std::filesystem::path& path);
  /// The same for an open file descriptor, which is duplicated.
  static std::shared_ptr<const SharedSlot> attach(int descriptor);
  /// Empties the slot at `path`, even if it is damaged or has another layout; creates one if there is no file. Throws
  /// kIo, also if a session that publishes into it is alive, and kInvalidData if the file is not a slot at all.
  static void reset(const std::filesystem::path& path);

  ~SharedSlot();
  SharedSlot(const SharedSlot&) = delete;
  SharedSlot& operator=(const SharedSlot&) = delete;

  /// The last answer; exists() is false while there is none.
  Answer read() const noexcept;
  SlotOwner owner() const noexcept;
  /// Model::digest() of the owner's network; empty if there is none.
  std::string model() const;
  /// The file descriptor, valid for the lifetime of this object.
  int descriptor() const noexcept;

  struct Impl;
  Impl& impl() const noexcept { return *impl_; }  ///< For EINet's own modules.

 private:
  explicit SharedSlot(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The content of a file written by SessionOptions::persist.
struct StoredAnswer {
  Answer answer;                                    ///< Answer::time is only meaningful until the machine restarts.
  std::chrono::system_clock::time_point written{};  ///< Wall-clock time of the write.
  std::string model;                                ///< Model::digest(); may be empty.
};

/// Reads such a file. `answer` does not exist if none was written yet; after a power cut during a write it is the
/// previous answer. Throws kNotFound, kIo, or kInvalidData if the file is damaged or of another kind.
EINET_API StoredAnswer read_stored_answer(const std::filesystem::path& path);

}  // namespace einet
