#pragma once

#include <string_view>

namespace einet::eval {

/// The page with the placeholders /*{{style}}*/, {{data}} and /*{{script}}*/; style and script.
extern const std::string_view kDemoHtml;
extern const std::string_view kDemoStyle;
extern const std::string_view kDemoScript;

}  // namespace einet::eval
