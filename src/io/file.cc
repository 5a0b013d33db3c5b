#include "einet/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "posix.h"

namespace einet::io {
namespace {

void write_all(const Descriptor& file, const std::filesystem::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Error io_error(const std::filesystem::path& path, std::string_view action) {
  const std::string reason = std::generic_category().message(errno);
  return Error(ErrorKind::kIo, path.string(), "cannot " + std::string(action) + ": " + reason);
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

std::filesystem::path name_beside(const std::filesystem::path& path, std::string_view suffix) {
  static std::atomic<unsigned> count{0};
  std::string name(".");
  name.append(path.filename().string()).append(".").append(std::to_string(::getpid()));
  name.append("-").append(std::to_string(++count)).append(".").append(suffix);
  return folder_of(path) / name;
}

void sync(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() || ::fsync(file.get()) != 0) throw io_error(path, "write");
}

std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a pipe that nobody writes must not hang before its type is known.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid() && (errno == ENOENT || errno == ENOTDIR)) {
    throw Error(ErrorKind::kNotFound, path.string(), "no such file");
  }
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) throw io_error(path, "read");
  if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::kInvalidData, path.string(), "is no regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > max_bytes) {
    throw Error(ErrorKind::kInvalidData, path.string(),
                "has " + std::to_string(size) + " bytes, more than the " + std::to_string(max_bytes) + " allowed");
  }
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw io_error(path, "read");
    if (count == 0) throw Error(ErrorKind::kIo, path.string(), "became shorter while it was read");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path partial = name_beside(path, "partial");
  try {
    {
      const Descriptor file(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      if (!file.valid()) throw io_error(path, "create");
      write_all(file, path, bytes);
      if (::fsync(file.get()) != 0) throw io_error(path, "write");
    }
    if (::rename(partial.c_str(), path.c_str()) != 0) throw io_error(path, "replace");
  } catch (...) {
    ::unlink(partial.c_str());
    throw;
  }
  sync(folder_of(path));
}

}  // namespace einet::io
