#pragma once

// The connection of a supervisor and its worker: a socket for messages, a shared slot for answers, and an in-memory
// file for images. Messages are small and of fixed size, one per send(); neither side ever blocks when sending.
//
//     supervisor                         worker
//       Setup (slot, images)  ------->
//                             <-------  Ready, or Failed while loading
//       Start                 ------->
//                             <-------  Answered, …, Ended
//       Interrupt             ------->
//                             <-------  Beat, if nothing else was sent for a while
//
// The file of images has two places, and run n uses place n modulo 2. The supervisor never waits for the worker to read
// one: before it writes to a place, it stores the number of the run in the header. If the worker finds another number
// after copying, the place has been reused by a later run, and the worker drops the copy.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "einet/answer.h"
#include "io/posix.h"

namespace einet {

/// Incremented with every change of the protocol below. Supervisor and worker may come from different builds.
inline constexpr std::uint32_t kWorkerProtocol = 1;

enum class MessageKind : std::uint32_t { kSetup, kReady, kFailed, kStart, kInterrupt, kAnswered, kEnded, kBeat };

struct Message {
  static constexpr std::int64_t kNone = -1;

  MessageKind kind{};
  std::uint32_t protocol = kWorkerProtocol;
  std::uint64_t run = 0;         ///< kStart, kInterrupt, kEnded
  std::uint64_t frame = 0;       ///< kStart
  std::int64_t begin = 0;        ///< kStart: nanoseconds of Clock
  std::int64_t deadline = 0;     ///< kStart: nanoseconds since begin
  std::int64_t publish = kNone;  ///< kStart: Publish
  std::int64_t beat = 0;         ///< kSetup: nanoseconds between heartbeats
  std::int64_t state = 0;        ///< kEnded: RunState. kFailed: ErrorKind. kSetup: whether to take over the slot
  std::int64_t exits = 0;        ///< kReady
  std::uint64_t input_size = 0;  ///< kReady: values of an image
  std::int64_t initial = 0;      ///< kReady: Initial of the session's options
  Guess frequent{};              ///< kReady: of Initial::kFrequent
  double horizon = 0.0;          ///< kReady: seconds
  std::array<char, 1024>
      text{};  ///< kSetup: name of the slot. kReady: digest. kFailed, kEnded: reason. Null-terminated.

  void set_text(std::string_view value) noexcept;
};

enum class Received { kMessage, kNothing, kEnd };

/// One end of the socket. No allocation.
class WorkerChannel {
 public:
  explicit WorkerChannel(io::Descriptor socket) : socket_(std::move(socket)) {}

  /// False if it cannot be sent now: the other side is gone or has not read for a long time. Passes at most two
  /// descriptors.
  bool send(const Message& message, std::span<const int> descriptors = {}) const noexcept;
  /// Does not wait. Stores received descriptors in `descriptors` and closes any beyond its size.
  Received receive(Message& message, std::span<std::optional<io::Descriptor>> descriptors = {}) const noexcept;
  int descriptor() const noexcept { return socket_.get(); }

 private:
  io::Descriptor socket_;
};

/// The file of images, mapped.
class ImageExchange {
 public:
  /// An empty file, which the supervisor passes to the worker. Throws kIo.
  static io::Descriptor make_file();
  /// Maps two places of `values` floats; the supervisor's mapping is `writable`. Sets the size of the file. Throws kIo.
  ImageExchange(const io::Descriptor& file, std::size_t values, bool writable);
  ~ImageExchange();
  ImageExchange(const ImageExchange&) = delete;
  ImageExchange& operator=(const ImageExchange&) = delete;

  void write(std::uint64_t run, std::span<const float> image) noexcept;
  /// False if the place belongs to another run.
  bool read(std::uint64_t run, std::span<float> image) const noexcept;

 private:
  struct alignas(64) Header {
    std::array<std::atomic<std::uint64_t>, 2> run;
  };
  float* place(std::uint64_t run) const noexcept;

  const std::size_t values_;
  const std::size_t bytes_;
  void* memory_ = nullptr;
};

}  // namespace einet
