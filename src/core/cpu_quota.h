#pragma once

#include <functional>
#include <optional>
#include <string>

namespace einet {

/// The text of a file, or nothing if it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// The number of processors whose time the control groups (versions 1 and 2) of this process allow: the minimum over
/// its own group and all parents. Infinite without a quota.
double cpu_quota(const ReadFile& read);

}  // namespace einet
