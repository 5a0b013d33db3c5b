#include "io/system_calls.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace einet::io::system_calls {
namespace {

Probe& probe() {
  static Probe instance;
  return instance;
}

bool refused(std::string_view call) {
  if (!probe()) return false;
  const int error = probe()(call);
  if (error != 0) errno = error;
  return error != 0;
}

}  // namespace

void set_probe(Probe wanted) { probe() = std::move(wanted); }

int open(const char* path, int flags, mode_t mode) { return refused("open") ? -1 : ::open(path, flags, mode); }

ssize_t write(int file, const void* bytes, std::size_t count) {
  return refused("write") ? -1 : ::write(file, bytes, count);
}

int fsync(int file) { return refused("fsync") ? -1 : ::fsync(file); }

int rename(const char* from, const char* to) { return refused("rename") ? -1 : ::rename(from, to); }

int unlink(const char* path) { return refused("unlink") ? -1 : ::unlink(path); }

int mkdir(const char* path, mode_t mode) { return refused("mkdir") ? -1 : ::mkdir(path, mode); }

int rmdir(const char* path) { return refused("rmdir") ? -1 : ::rmdir(path); }

int exchange(const char* a, const char* b) {
  return refused("renameat2") ? -1 : ::renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

}  // namespace einet::io::system_calls
