#pragma once

#include <filesystem>

namespace einet::io {

/// Where and how the bytes for an output path are written.
struct OutputPath {
  enum class Kind {
    kNew,         ///< `path` does not exist; its folder exists and is writable.
    kReplace,     ///< `path` is a regular file with a single link, to be replaced.
    kWriteInto,   ///< `path` is a character device or a pipe, or belongs to /proc.
    kDescriptor,  ///< An open file of this process, such as /dev/stdout.
  };
  Kind kind = Kind::kNew;
  std::filesystem::path path;  ///< Links followed.
  int descriptor = -1;
};

/// Follows links, including dangling ones, and determines how to write `path`. Throws kIo, naming the path as given, if
/// it cannot be written safely: a directory, a block device or a socket, a file with several hard links (replacing it
/// would separate them, and writing into it is not atomic) or without write permission, a folder that is missing or not
/// writable.
OutputPath output_path(const std::filesystem::path& path);

}  // namespace einet::io
