#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "einet/shared_slot.h"
#include "io/posix.h"
#include "runtime/answer_slot.h"
#include "runtime/digest.h"

namespace einet {

/// The layout of a shared slot (docs/formats.md). All words are atomic, because other processes may write at any time.
struct SharedMemory {
  using Word = std::atomic<std::uint64_t>;
  static constexpr int kWriters = 8;

  struct alignas(64) Header {
    Word magic, version_and_size;
    std::array<Word, std::tuple_size_v<DigestWords>> model;  ///< SHA-256.
    Word model_checksum;  ///< Sum of the words and kModelSalt; otherwise there is no model.
  };
  struct Owner {
    Word process, start_time, epoch, reserved;
  };

  Header header;
  std::array<Owner, kWriters> owners;
  BasicAnswerSlot<kWriters> slot;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(sizeof(SharedMemory) == 2432);

struct SharedSlot::Impl {
  /// Maps a slot. `shown` is its name in errors. Throws like SharedSlot::create() and attach().
  Impl(io::Descriptor opened, std::string shown, bool writable);
  ~Impl();
  /// Reopens the file of a descriptor received from another process, for sessions and readers, because ownership is a
  /// lock of the open file description. Throws like SharedSlot::create().
  static std::shared_ptr<SharedSlot> reopen(int descriptor, std::string shown);

  io::Descriptor file;
  const std::string name;
  SharedMemory* memory = nullptr;
  std::mutex mutex;                       ///< Serialises changes of `claimed`.
  std::atomic<std::uint32_t> claimed{0};  ///< Bit n: a writer of this object has number n.
};

/// A session's claim to a shared slot: exclusive until replaced or destroyed.
class SharedWriter {
 public:
  /// Takes over from an owner that is no longer alive; from one that is alive only with `take_over`. Throws kIo if the
  /// slot is in use, or if replaced owners that are still alive occupy all records of the slot. `model` is 64
  /// hexadecimal digits or empty.
  SharedWriter(std::shared_ptr<SharedSlot> slot, std::string_view model, bool take_over);
  ~SharedWriter();
  SharedWriter(const SharedWriter&) = delete;
  SharedWriter& operator=(const SharedWriter&) = delete;

  void publish(const Answer& answer) noexcept;
  bool replaced() const noexcept { return writer_->replaced(); }

 private:
  static int claim(SharedSlot::Impl& impl);
  void write_model() noexcept;

  std::shared_ptr<SharedSlot> slot_;
  const DigestWords model_;
  bool model_written_ = false;  ///< Set at its first publication: until then the answer is its predecessor's.
  int number_ = 0;
  std::optional<BasicAnswerSlot<SharedMemory::kWriters>::Writer> writer_;
};

}  // namespace einet
