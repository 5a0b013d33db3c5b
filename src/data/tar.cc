#include "data/tar.h"

#include <cstdint>

#include "einet/error.h"

namespace einet::data {
namespace {

constexpr std::size_t kBlock = 512;

/// Text of a header field, which ends at a NUL or at the end of the field.
std::string_view field(std::string_view header, std::size_t at, std::size_t length) {
  const std::string_view text = header.substr(at, length);
  return text.substr(0, text.find('\0'));
}

std::optional<std::uint64_t> octal(std::string_view text) {
  std::uint64_t value = 0;
  bool any = false;
  for (const char c : text) {
    if (c == ' ') continue;
    if (c < '0' || c > '7') return std::nullopt;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
    any = true;
  }
  return any ? std::optional(value) : std::nullopt;
}

std::string_view without_dot(std::string_view path) { return path.starts_with("./") ? path.substr(2) : path; }

}  // namespace

std::optional<std::string> read_tar_file(std::string_view archive, std::string_view path, const std::string& name) {
  const auto damaged = [&](const char* why) { throw Error(ErrorKind::kInvalidData, name, why); };
  for (std::size_t at = 0; at + kBlock <= archive.size();) {
    const std::string_view header = archive.substr(at, kBlock);
    if (header[0] == '\0') return std::nullopt;
    if (header.substr(257, 5) != "ustar") damaged("not a tar archive");
    const std::optional<std::uint64_t> bytes = octal(field(header, 124, 12));
    if (!bytes) damaged("damaged tar archive: an entry has no size");
    at += kBlock;
    if (*bytes > archive.size() - at) damaged("truncated tar archive");
    const char type = header[156];
    if ((type == '0' || type == '\0') && without_dot(field(header, 0, 100)) == path) {
      return std::string(archive.substr(at, *bytes));
    }
    at += (*bytes + kBlock - 1) / kBlock * kBlock;
  }
  damaged("truncated tar archive");
  return std::nullopt;
}

}  // namespace einet::data
