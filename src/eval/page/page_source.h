#pragma once

#include <string_view>

namespace einet::eval {

/// The page with the placeholders /*{{style}}*/, {{data}} and /*{{script}}*/, and what replaces two of them.
extern const std::string_view kDemoHtml;
extern const std::string_view kDemoStyle;
extern const std::string_view kDemoScript;

}  // namespace einet::eval
