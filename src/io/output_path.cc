#include "io/output_path.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>

#include "io/posix.h"
#include "io/staged_directory.h"

namespace einet::io {
namespace fs = std::filesystem;
namespace {

constexpr int kMostLinks = 40;  // Linux' own limit.

Error failure(const fs::path& path, std::string_view action, int number) {
  errno = number;
  return io_error(path, action);
}

bool is_link(const fs::path& path) {
  std::error_code error;
  return fs::symlink_status(path, error).type() == fs::file_type::symlink;
}

// Links in /proc lead to open files, which need not have a name; the text of such a link need not be a path.
bool in_proc(const fs::path& link) {
  struct statfs system {};
  return ::statfs(folder_of(link).c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC;
}

// N of /proc/self/fd/N, else -1.
int own_descriptor(const fs::path& link) {
  std::error_code error;
  const fs::path own = fs::canonical("/proc/self/fd", error);
  if (error || fs::canonical(folder_of(link), error) != own || error) return -1;
  const std::string name = link.filename().string();
  int number = -1;
  const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
  return parsed.ptr == name.data() + name.size() && ::fcntl(number, F_GETFD) >= 0 ? number : -1;
}

fs::path without_trailing_slashes(const fs::path& path) {
  std::string text = path.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

/// Stops at links in /proc.
fs::path follow_links(const fs::path& path) {
  fs::path at = path;
  for (int links = 0; is_link(at) && !in_proc(at); ++links) {
    if (links == kMostLinks) throw failure(path, "follow its links", ELOOP);
    std::error_code error;
    const fs::path target = fs::read_symlink(at, error);
    if (error) throw failure(path, "follow its links", error.value());
    at = without_trailing_slashes(target.is_absolute() ? target : folder_of(at) / target);
  }
  return at;
}

bool may(const fs::path& path, int mode) { return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0; }

void check_regular(const fs::path& given, const OutputPath& output, const struct stat& status) {
  if (status.st_nlink > 1) {
    throw Error(ErrorKind::kIo, given.string(),
                "has " + std::to_string(status.st_nlink) +
                    " hard links, which replacing it would separate; remove it first, or write to another path");
  }
  if (!may(output.path, W_OK)) throw io_error(given, "replace");
  if (!may(folder_of(output.path), W_OK | X_OK)) throw io_error(given, "create files in its folder");
}

}  // namespace

OutputPath output_path(const fs::path& path) {
  using Kind = OutputPath::Kind;
  if (path.empty()) throw failure(path, "create", ENOENT);
  OutputPath output{Kind::kNew, follow_links(path), -1};
  if (is_link(output.path)) {  // In /proc.
    output.descriptor = own_descriptor(output.path);
    output.kind = output.descriptor >= 0 ? Kind::kDescriptor : Kind::kWriteInto;
    if (output.descriptor < 0 && !may(output.path, W_OK)) throw io_error(path, "write");
    return output;
  }
  struct stat status {};
  if (::stat(output.path.c_str(), &status) != 0) {
    if (errno != ENOENT) throw io_error(path, "create");
    if (!output.path.has_filename()) throw failure(path, "create", EISDIR);
    if (in_proc(output.path)) throw failure(path, "create", ENOENT);
    if (!may(folder_of(output.path), W_OK | X_OK)) throw io_error(path, "create");
    return output;
  }
  if (S_ISDIR(status.st_mode)) throw failure(path, "replace", EISDIR);
  if (S_ISBLK(status.st_mode)) throw Error(ErrorKind::kIo, path.string(), "is a block device; not overwritten");
  if (S_ISSOCK(status.st_mode)) throw Error(ErrorKind::kIo, path.string(), "is a socket, which cannot be written");
  if (S_ISREG(status.st_mode)) {
    output.kind = Kind::kReplace;
    check_regular(path, output, status);
    return output;
  }
  output.kind = Kind::kWriteInto;
  if (!may(output.path, W_OK)) throw io_error(path, "write");
  return output;
}

fs::path directory_place(const fs::path& path) {
  fs::path place = follow_links(without_trailing_slashes(path));
  const fs::path name = place.filename();
  if (name.empty() || name == "." || name == "..") {
    std::error_code error;
    place = fs::canonical(place, error);
    if (error) throw failure(path, "be found", error.value());
  }
  if (!place.has_filename()) throw Error(ErrorKind::kIo, path.string(), "cannot be replaced");
  return place;
}

}  // namespace einet::io
