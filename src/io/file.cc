#include "io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "io/attributes.h"
#include "io/output_path.h"
#include "io/partial_file.h"
#include "io/posix.h"
#include "io/system_calls.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

void replace(const fs::path& shown, const OutputPath& output, std::string_view bytes) {
  const bool exists = output.kind == OutputPath::Kind::kReplace;
  PartialFile::remove_leftovers(output.path);
  PartialFile partial(output.path, exists ? 0600 : 0666, shown);
  write_all(partial.file(), shown, bytes);
  if (exists) copy_attributes(output.path, partial.path());
  if (system_calls::fsync(partial.file().get()) != 0) throw io_error(shown, "write");
  partial.put_in_place();
  sync(folder_of(output.path), shown);
}

// Without O_TRUNC, which has no effect on a device or a pipe.
void write_into(const fs::path& shown, const OutputPath& output, std::string_view bytes) {
  const Descriptor file(output.descriptor >= 0
                            ? ::fcntl(output.descriptor, F_DUPFD_CLOEXEC, 0)
                            : system_calls::open(output.path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) throw io_error(shown, "write");
  write_all(file, shown, bytes);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

Error io_error(const fs::path& path, std::string_view action) {
  const std::string reason = std::generic_category().message(errno);
  return Error(ErrorKind::kIo, path.string(), "cannot " + std::string(action) + ": " + reason);
}

void write_all(const Descriptor& file, const fs::path& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = system_calls::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

bool write_at(const Descriptor& file, std::string_view bytes, std::int64_t place) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), place);
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    place += written;
  }
  return true;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

bool is_taken(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

void sync(const fs::path& path, const fs::path& shown) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && errno == EACCES) return;  // A folder that is writable but not readable.
  if (!file.valid()) throw io_error(shown, "write");
  if (system_calls::fsync(file.get()) != 0 && errno != EINVAL) throw io_error(shown, "write");
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  // O_NONBLOCK: opening a pipe without a writer must not hang before its type is known.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid() && (errno == ENOENT || errno == ENOTDIR)) {
    throw Error(ErrorKind::kNotFound, path.string(), "no such file");
  }
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) throw io_error(path, "read");
  if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::kInvalidData, path.string(), "is not a regular file");
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
    if (count == 0) throw Error(ErrorKind::kIo, path.string(), "was truncated while it was being read");
    done += static_cast<std::size_t>(count);
  }
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  const OutputPath output = output_path(path);
  switch (output.kind) {
    case OutputPath::Kind::kNew:
    case OutputPath::Kind::kReplace:
      return replace(path, output, bytes);
    case OutputPath::Kind::kWriteInto:
    case OutputPath::Kind::kDescriptor:
      return write_into(path, output, bytes);
  }
}

void check_output(const fs::path& path) { output_path(path); }

void create_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorKind::kIo, folder.string(), "cannot create: " + error.message());
}

void check_output_folder(const fs::path& folder) {
  std::error_code error;
  fs::path at = folder.empty() ? fs::path(".") : folder;
  while (!fs::exists(at, error) && !error && at != folder_of(at)) at = folder_of(at);
  if (!error && !fs::is_directory(at, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (!error && ::faccessat(AT_FDCWD, at.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) throw Error(ErrorKind::kIo, folder.string(), "cannot create files in it: " + error.message());
}

}  // namespace einet::io
