#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "einet/error.h"

namespace einet::io {

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int release();

  int fd_;
};

/// "<path>: cannot <action>: <the operating system's reason>", from errno.
Error io_error(const std::filesystem::path& path, std::string_view action);

/// Writes all of `bytes`. Throws kIo naming `path`.
void write_all(const Descriptor& file, const std::filesystem::path& path, std::string_view bytes);

/// Writes all of `bytes` at offset `place` of the file. On failure returns false, with the reason in errno.
bool write_at(const Descriptor& file, std::string_view bytes, std::int64_t place) noexcept;

/// Waits until a file's bytes, or a folder's entries, are on the disk. Throws kIo naming `shown`. Does nothing on file
/// systems that do not support this for folders.
void sync(const std::filesystem::path& path, const std::filesystem::path& shown);

/// Whether anything is at `path`, including a dangling link.
bool is_taken(const std::filesystem::path& path);

/// The folder that contains `path`; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

}  // namespace einet::io
