#include "io/attributes.h"

#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace einet::io {
namespace {

void copy_extended(const char* from, const char* to) {
  std::vector<char> names(static_cast<std::size_t>(std::max<ssize_t>(0, ::llistxattr(from, nullptr, 0))));
  const ssize_t length = names.empty() ? 0 : ::llistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < length;) {
    const char* name = names.data() + at;
    at += static_cast<ssize_t>(std::strlen(name)) + 1;
    std::vector<char> value(static_cast<std::size_t>(std::max<ssize_t>(0, ::lgetxattr(from, name, nullptr, 0))));
    const ssize_t size = value.empty() ? 0 : ::lgetxattr(from, name, value.data(), value.size());
    if (size >= 0) ::lsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0);
  }
}

}  // namespace

void copy_attributes(const std::filesystem::path& from, const std::filesystem::path& to) {
  struct stat wanted {
  }, present{};
  if (::lstat(from.c_str(), &wanted) != 0 || ::lstat(to.c_str(), &present) != 0) return;
  mode_t mode = wanted.st_mode & 07777;
  const auto same_owner = [&] { return wanted.st_uid == present.st_uid && wanted.st_gid == present.st_gid; };
  if (!same_owner() && ::lchown(to.c_str(), wanted.st_uid, wanted.st_gid) != 0 &&
      ::lchown(to.c_str(), static_cast<uid_t>(-1), wanted.st_gid) != 0 && wanted.st_gid != present.st_gid) {
    mode &= ~static_cast<mode_t>(S_IRWXG) | ((mode & S_IRWXO) << 3);
  }
  ::chmod(to.c_str(), mode);  // After the owner, whose change takes set-user-ID bits away.
  copy_extended(from.c_str(), to.c_str());
}

}  // namespace einet::io
