#pragma once

// Colours of all pictures: Okabe and Ito's palette, distinguishable with colour blindness and in grey.
namespace einet::plot {

inline constexpr const char* kInk = "#24292f";
inline constexpr const char* kFaint = "#6e7781";
inline constexpr const char* kGrid = "#e4e8ec";
inline constexpr const char* kBlue = "#0072b2";
inline constexpr const char* kOrange = "#e69f00";
inline constexpr const char* kGreen = "#009e73";
inline constexpr const char* kPink = "#cc79a7";
inline constexpr const char* kRed = "#d55e00";
inline constexpr const char* kSky = "#56b4e9";
inline constexpr const char* kGrey = "#8c959f";

/// Of series s; repeats after seven.
inline const char* series_color(int s) {
  constexpr const char* kColors[] = {kBlue, kOrange, kGreen, kPink, kRed, kSky, kGrey};
  return kColors[s % 7];
}

}  // namespace einet::plot
