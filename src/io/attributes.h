#pragma once

#include <filesystem>

namespace einet::io {

/// Copies the permissions, owner, group and extended attributes (including access control lists) of `from` to `to`, as
/// far as this user may. If the group cannot be kept, the new group gets no right that others do not have. Neither path
/// may be a symbolic link.
void copy_attributes(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace einet::io
