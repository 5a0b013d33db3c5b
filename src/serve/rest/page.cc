#include "serve/rest/page.h"

#include "plot/palette.h"

namespace einet::serve {

const std::string& web_page() {
  static const std::string page = [] {
    constexpr std::string_view kPlaceholder = "/*{{colors}}*/";
    std::string text(kPageSource);
    return text.replace(text.find(kPlaceholder), kPlaceholder.size(), plot::palette_css(true));
  }();
  return page;
}

}  // namespace einet::serve
