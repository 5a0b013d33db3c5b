#pragma once

#include <functional>
#include <optional>
#include <string>

namespace einet {

/// The text of a file, or nothing where it cannot be read.
using ReadFile = std::function<std::optional<std::string>(const std::string& path)>;

/// The processor time that the control groups of this process allow, in processors: the least of its own group and all
/// above it, versions 1 and 2. Infinite without a quota.
double cpu_quota(const ReadFile& read);

}  // namespace einet
