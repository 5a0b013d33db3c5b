#include "plot/palette.h"

namespace einet::plot {
namespace {

struct Named {
  const char* name;
  const char* light;
  const char* dark;
};

constexpr Named kColors[] = {{"ink", kInk, "#eceef2"},   {"faint", kFaint, "#a0a6b3"},   {"grid", kGrid, "#2c313a"},
                             {"blue", kBlue, "#6cb6f0"}, {"orange", kOrange, "#f2b840"}, {"green", kGreen, "#3fcf9f"},
                             {"pink", kPink, "#e3a1c6"}, {"red", kRed, "#ff8a4c"},       {"sky", kSky, "#a6dbff"},
                             {"grey", kGrey, "#9aa1ad"}};

std::string rule(const char* Named::*color) {
  std::string css = ":root {";
  for (const Named& named : kColors) css += std::string(" --") + named.name + ": " + named.*color + ";";
  return css + " }\n";
}

}  // namespace

std::string palette_css(bool dark) {
  std::string css = rule(&Named::light);
  if (dark) css += "@media (prefers-color-scheme: dark) {\n" + rule(&Named::dark) + "}\n";
  // As kConvColor, kBranchColor and kPlanningColor.
  return css + ":root { --conv: var(--blue); --branch: var(--orange); --planning: var(--pink); }\n";
}

}  // namespace einet::plot
