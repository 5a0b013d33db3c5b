#pragma once

#include <string>
#include <string_view>

namespace einet::serve {

/// The page with the placeholder /*{{colors}}*/.
extern const std::string_view kPageSource;

/// The page at "/": models, answers by exit over time, and a picture to try. It uses no other resources.
const std::string& web_page();

}  // namespace einet::serve
