#include "data/source.h"

#include "data/gzip.h"
#include "io/file.h"

namespace einet::data {
namespace fs = std::filesystem;

std::optional<std::string> read_plain_or_gzip(const fs::path& path, std::uint64_t expected_bytes) {
  if (fs::exists(path)) return io::read_file(path);
  const fs::path compressed = path.string() + ".gz";
  if (fs::exists(compressed)) return gunzip(io::read_file(compressed), compressed.string(), expected_bytes + 1);
  return std::nullopt;
}

fs::path packaged_folder(const Specification& spec) {
  return spec.name == "fashion-mnist" ? "/usr/share/datasets/fashion-mnist" : "";
}

}  // namespace einet::data
