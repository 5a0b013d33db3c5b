#pragma once

#include <string>
#include <vector>

namespace einet::plot {

/// 1, 2 or 5 times a power of ten, so that at most `most` steps fit into `span` > 0.
double tick_step(double span, int most = 8);

/// Maps values to a position in the picture.
class Scale {
 public:
  /// `from` < `to` after widening; logarithmic needs from > 0. low and high are the positions of both.
  Scale(double from, double to, bool logarithmic, double low, double high);

  double operator()(double value) const;
  double from() const { return from_; }
  double to() const { return to_; }
  /// Round values within the axis: at most `most` intervals; powers of ten (with 2 and 5 where there are few) on a
  /// logarithmic axis.
  std::vector<double> ticks(int most = 6) const;

 private:
  double from_, to_;
  bool logarithmic_;
  double low_, high_;
};

/// Widens [from, to] to round limits; where both are equal, to a range around the value.
void round_limits(double& from, double& to, int most = 6);

/// A tick's label: "0.5", "1e-05".
std::string tick_label(double value);

}  // namespace einet::plot
