#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace einet::io {

/// Reads a whole file. Throws kNotFound when absent, kInvalidData when it is not a regular file or larger
/// than `max_bytes`, kIo when reading fails.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes = std::uint64_t{4} << 30);

/// Writes a file so that no data is lost: every output of EINet goes through here or through StagedDirectory.
///
/// - A regular file is written beside `path` and renamed: after a crash either the old file or the new one is there,
/// whole.
///   An existing file keeps its permissions, owner and extended attributes, a new one gets those of the umask.
/// - A symbolic link stays; the file that it leads to is written, and need not exist.
/// - Bytes go into character devices and pipes, and into open files of this process such as /dev/stdout. Opening a
/// named
///   pipe waits for its reader.
/// - Refused is what cannot be written safely: directories, block devices, sockets, files with several hard links,
/// files
///   without write permission, and files whose folder cannot be written.
///
/// What killed writers of the same file left beside it is removed. Throws kIo, naming `path`, with the old file as it
/// was and nothing left behind; only if waiting for the disk fails at the very end, the new file is in place.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// To be called before long work whose result goes to `path`: throws the errors that write_file() would throw. Writes
/// nothing.
void check_output(const std::filesystem::path& path);

/// The same for files to be written into `folder`, which need not exist yet.
void check_output_folder(const std::filesystem::path& folder);

/// Creates `folder` and those that it lies in, as far as they do not exist. Throws kIo.
void create_folders(const std::filesystem::path& folder);

/// For a process that a signal is about to end: removes what its unfinished writes have left so far. From then on every
/// thread that writes waits forever. Not for signal handlers.
void abandon_writes();

}  // namespace einet::io
