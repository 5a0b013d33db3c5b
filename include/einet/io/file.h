#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace einet::io {

/// Reads a whole file. Throws kNotFound when absent, kInvalidData when it is no regular file or larger
/// than `max_bytes`, kIo when reading fails.
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes = std::uint64_t{4} << 30);

/// Writes `bytes` beside `path` and renames: after a crash either the old file or the new one is there, whole.
/// Throws kIo and leaves nothing behind when writing fails.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// A directory that appears whole or not at all: files are written into path(), beside the final place;
/// commit() renames it into place (replacing a directory that was there). Without commit() it is removed.
class StagedDirectory {
 public:
  explicit StagedDirectory(std::filesystem::path final_path);
  ~StagedDirectory();
  StagedDirectory(const StagedDirectory&) = delete;
  StagedDirectory& operator=(const StagedDirectory&) = delete;

  const std::filesystem::path& path() const { return staging_; }
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path staging_;
  bool committed_ = false;
};

}  // namespace einet::io
