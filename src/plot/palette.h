#pragma once

#include <string>

// Colours of all pictures and pages: Okabe and Ito's palette, distinguishable with colour blindness and in grey.
namespace einet::plot {

inline constexpr const char* kInk = "#24292f";
inline constexpr const char* kFaint = "#59636e";
inline constexpr const char* kGrid = "#e4e8ec";
inline constexpr const char* kBlue = "#0072b2";
inline constexpr const char* kOrange = "#e69f00";
inline constexpr const char* kGreen = "#009e73";
inline constexpr const char* kPink = "#cc79a7";
inline constexpr const char* kRed = "#d55e00";
inline constexpr const char* kSky = "#56b4e9";
inline constexpr const char* kGrey = "#8c959f";

/// Parts of a run, in timelines.
inline constexpr const char* kConvColor = kBlue;
inline constexpr const char* kBranchColor = kOrange;
inline constexpr const char* kPlanningColor = kPink;

/// Of series s; repeats after seven.
inline const char* series_color(int s) {
  constexpr const char* kColors[] = {kBlue, kOrange, kGreen, kPink, kRed, kSky, kGrey};
  return kColors[s % 7];
}

/// The same colours for the style sheet of a page, as custom properties --ink, --faint, --grid, --blue, --orange,
/// --green, --pink, --red, --sky, --grey, and --conv, --branch and --planning for the parts of a run. With `dark`,
/// there are others for readers that prefer a dark page; pictures of this module are always on white.
std::string palette_css(bool dark);

}  // namespace einet::plot
