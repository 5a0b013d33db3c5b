#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace einet::exec {

/// A call of a library with the memory of one execution.
class LibraryCall {
 public:
  virtual ~LibraryCall() = default;
  /// Returns whether it succeeded. Does not allocate, except where docs/deployment.md says so.
  virtual bool run() noexcept = 0;
};

/// A layer that a library computes. Immutable and shared by all executions; all mutable data is in their calls and
/// arenas.
class LibraryLayer {
 public:
  virtual ~LibraryLayer() = default;
  /// Of the memory that a call needs only while it runs.
  virtual std::int64_t scratchpad_bytes() const { return 0; }
  /// The layer, `arena` and `scratchpad` must outlive the call.
  virtual std::unique_ptr<LibraryCall> bind(float* arena, std::byte* scratchpad) const = 0;
};

/// One unit of an execution between two checks of the stop flag: a layer of a library, one of our kernels, or a layer
/// and then a kernel that finishes its result.
struct Step {
  std::string node;
  std::string implementation;
  std::unique_ptr<const LibraryLayer> layer;  ///< Runs first; null if the kernel does everything.
  std::function<void(float* arena)> kernel;   ///< Empty if the layer does everything.
};

}  // namespace einet::exec
