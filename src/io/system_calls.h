#pragma once

#include <sys/types.h>

#include <functional>
#include <string_view>

/// The system calls that change files. Every writer goes through them, so that a test can make each one fail, or end
/// the process just before it, and then check the files on disk.
namespace einet::io::system_calls {

/// Runs before each call with its name. 0 lets the call happen; any other number is the errno that it fails with.
using Probe = std::function<int(std::string_view call)>;

/// For tests: no other thread may be writing. An empty function removes the probe.
void set_probe(Probe probe);

// As the functions of the same name in POSIX.
int open(const char* path, int flags, mode_t mode = 0);
ssize_t write(int file, const void* bytes, std::size_t count);
int fsync(int file);
int rename(const char* from, const char* to);
int unlink(const char* path);
int mkdir(const char* path, mode_t mode);
int rmdir(const char* path);

/// Linux' exchange of two names in one step.
int exchange(const char* a, const char* b);

}  // namespace einet::io::system_calls
