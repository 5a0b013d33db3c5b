#include "io/directory_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace einet::io {

DirectoryIdentity::DirectoryIdentity(const std::filesystem::path& path)
    : path_(path), descriptor_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

DirectoryIdentity::~DirectoryIdentity() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool DirectoryIdentity::changed() const {
  struct stat before {
  }, now{};
  return descriptor_ < 0 || ::fstat(descriptor_, &before) != 0 || ::stat(path_.c_str(), &now) != 0 ||
         before.st_dev != now.st_dev || before.st_ino != now.st_ino;
}

}  // namespace einet::io
