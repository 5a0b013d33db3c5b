#pragma once

#include <string_view>

namespace einet::reproduce {

/// page.css, compiled in.
extern const std::string_view kPageStyle;

}  // namespace einet::reproduce
