#pragma once

#include <sys/types.h>

#include <functional>
#include <string_view>

/// The system calls that change files. Every writer uses them, so that a test can make each one fail, or end the
/// process just before it, and then check the files on disk.
namespace einet::io::system_calls {

/// Called before each system call, with its name. 0 allows the call; with any other number it fails with that errno.
using Probe = std::function<int(std::string_view call)>;

/// For tests; no other thread may be writing. An empty function removes the probe.
void set_probe(Probe probe);

// Like the POSIX functions of the same names.
int open(const char* path, int flags, mode_t mode = 0);
ssize_t write(int file, const void* bytes, std::size_t count);
int fsync(int file);
int rename(const char* from, const char* to);
int unlink(const char* path);
int mkdir(const char* path, mode_t mode);
int rmdir(const char* path);

/// Linux' atomic exchange of two names.
int exchange(const char* a, const char* b);

}  // namespace einet::io::system_calls
