#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace einet::io {

/// Reads a whole file. Throws kNotFound if it does not exist, kInvalidData if it is not a regular file or larger than
/// `max_bytes`, kIo if reading fails.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes = std::uint64_t{4} << 30);

/// Writes a file without risk to existing data. Every output of EINet is written by this function or by
/// StagedDirectory.
///
/// - A regular file is written under a temporary name beside `path` and then renamed: after a crash, either the old or
///   the new file is there, complete. An existing file keeps its permissions, owner and extended attributes; the umask
///   determines the permissions of a new one.
/// - A symbolic link is kept; its target is written and need not exist.
/// - Character devices, pipes and open files of this process such as /dev/stdout are written directly. Opening a named
///   pipe waits for its reader.
/// - Outputs that cannot be written safely are rejected: directories, block devices, sockets, files with several hard
///   links, files without write permission, and files in a folder that is not writable.
///
/// Temporary files of killed writers of the same file are removed. Throws kIo, naming `path`; the old file is then
/// unchanged and no temporary file is left. The only exception: if the final wait for the disk fails, the new file is
/// in place.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// To be called before long work whose result goes to `path`: throws the errors that write_file() would throw, without
/// writing anything.
void check_output(const std::filesystem::path& path);

/// The same for files to be written into `folder`, which need not exist yet.
void check_output_folder(const std::filesystem::path& folder);

/// Creates `folder` and its missing parents. Throws kIo.
void create_folders(const std::filesystem::path& folder);

/// For a process that is about to be ended by a signal: removes the files of unfinished writes. From then on, every
/// thread that writes blocks forever. Not async-signal-safe.
void abandon_writes();

}  // namespace einet::io
