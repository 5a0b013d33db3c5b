#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "einet/core/error.h"

namespace einet::io {

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// "<path>: cannot <action>: <the operating system's reason>", from errno.
Error io_error(const std::filesystem::path& path, std::string_view action);

/// A hidden name in the folder of `path` that no other call and no other process uses: ".NAME.<pid>-<count>.<suffix>".
std::filesystem::path name_beside(const std::filesystem::path& path, std::string_view suffix);

/// Waits until a file's bytes, or a folder's entries, are on the disk. Throws kIo.
void sync(const std::filesystem::path& path);

/// The folder that `path` lies in, "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

}  // namespace einet::io
