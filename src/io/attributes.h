#pragma once

#include <filesystem>

namespace einet::io {

/// Gives `to` the permissions, owner, group and extended attributes (access control lists among them) of `from`, as far
/// as this user may. Where the group cannot be kept, it gets no right that others do not have. Neither is a link.
void copy_attributes(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace einet::io
