#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace einet::data {

/// Contents of the regular file `path` in an uncompressed tar archive (POSIX.1-1988 ustar, the format of the published
/// archives); empty if the archive has no such file. Throws kInvalidData naming `name` if it is not a tar archive or
/// truncated.
std::optional<std::string> read_tar_file(std::string_view archive, std::string_view path, const std::string& name);

}  // namespace einet::data
