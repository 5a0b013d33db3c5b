#pragma once

#include <filesystem>

namespace einet::io {

/// Where the bytes for an output path go.
struct OutputPath {
  enum class Kind {
    kNew,         ///< `path` does not exist; its folder does and can be written.
    kReplace,     ///< `path` is a regular file with one name, to be replaced.
    kWriteInto,   ///< `path` is a character device or a pipe, or belongs to /proc.
    kDescriptor,  ///< An open file of this process, such as /dev/stdout.
  };
  Kind kind = Kind::kNew;
  std::filesystem::path path;  ///< Links followed.
  int descriptor = -1;
};

/// Follows links, dangling ones too, and finds out how `path` is to be written. Throws kIo, naming the path as given,
/// when it cannot be written safely: a directory, a block device or a socket, a file with several hard links (replacing
/// it would separate them, writing into it is not atomic), one without write permission, a folder that is missing or
/// cannot be written.
OutputPath output_path(const std::filesystem::path& path);

}  // namespace einet::io
