#include "plot/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace einet::plot {

double tick_step(double span, int most) {
  const double raw = span / most;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= raw) return factor * power;
  }
  return 10.0 * power;
}

Scale::Scale(double from, double to, bool logarithmic, double low, double high)
    : from_(from), to_(to), logarithmic_(logarithmic && from > 0.0), low_(low), high_(high) {
  if (!(to_ > from_)) to_ = logarithmic_ ? from_ * 10.0 : from_ + 1.0;
}

double Scale::operator()(double value) const {
  const double share = logarithmic_ ? std::log(std::max(value, from_ * 1e-9) / from_) / std::log(to_ / from_)
                                    : (value - from_) / (to_ - from_);
  return low_ + std::clamp(share, 0.0, 1.0) * (high_ - low_);
}

std::vector<double> Scale::ticks(int most) const {
  std::vector<double> ticks;
  if (!logarithmic_) {
    const double step = tick_step(to_ - from_, most);
    for (double k = std::ceil(from_ / step - 1e-9); k * step <= to_ + 1e-9 * step; ++k) {
      ticks.push_back(std::abs(k) < 0.5 ? 0.0 : k * step);
    }
    return ticks;
  }
  const double decades = std::log10(to_ / from_);
  const int skip = std::max(1, static_cast<int>(std::ceil(decades / most)));
  const bool finer = decades < 2.5;
  for (int power = static_cast<int>(std::floor(std::log10(from_))); power <= std::log10(to_) + 1e-9; power += skip) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor > 1.0 && !finer) break;
      const double tick = factor * std::pow(10.0, power);
      if (tick >= from_ * (1.0 - 1e-9) && tick <= to_ * (1.0 + 1e-9)) ticks.push_back(tick);
    }
  }
  return ticks;
}

void round_limits(double& from, double& to, int most) {
  if (!(to > from)) {
    const double room = from == 0.0 ? 1.0 : 0.1 * std::abs(from);
    from -= room;
    to += room;
  }
  const double step = tick_step(to - from, most);
  from = step * std::floor(from / step + 1e-9);
  to = step * std::ceil(to / step - 1e-9);
}

std::string tick_label(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.6g", value);
  std::string label = text.data();
  if (label.starts_with('-')) label.replace(0, 1, "−");
  return label;
}

}  // namespace einet::plot
