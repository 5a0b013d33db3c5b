#include "plot/chart.h"

#include <algorithm>
#include <cmath>

#include "plot/axis.h"
#include "plot/frame.h"
#include "plot/palette.h"
#include "plot/svg.h"

namespace einet::plot {
namespace {

constexpr double kHeight = 230.0;

struct Limits {
  double from = std::numeric_limits<double>::infinity();
  double to = -std::numeric_limits<double>::infinity();

  void include(double value) {
    if (!std::isfinite(value)) return;
    from = std::min(from, value);
    to = std::max(to, value);
  }
};

bool drawable(const Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

/// The range of an axis: as given, else of the values, rounded outwards.
Limits limits_of(const Axis& axis, Limits values) {
  if (!(values.from <= values.to)) values = axis.logarithmic ? Limits{1.0, 10.0} : Limits{0.0, 1.0};
  if (axis.from) values.from = *axis.from;
  if (axis.to) values.to = *axis.to;
  if (axis.logarithmic) {
    if (!axis.from) values.from = std::pow(10.0, std::floor(std::log10(values.from)));
    if (!axis.to) values.to = std::pow(10.0, std::ceil(std::log10(values.to)));
    return values;
  }
  double from = values.from, to = values.to;
  round_limits(from, to);
  return {axis.from.value_or(from), axis.to.value_or(to)};
}

class Drawing {
 public:
  explicit Drawing(const Chart& chart)
      : chart_(chart),
        top_(title_height(chart.title) + 26.0),
        bottom_(top_ + kHeight),
        y_(scale(chart.y, false, bottom_, top_)),
        left_(label_width() + 18.0),
        x_(scale(chart.x, true, left_, kChartRight)) {}

  double height() const { return legend_top() + put_legend(nullptr, legend(), 14.0, legend_top()) + 6.0; }

  std::string draw() {
    svg_ = svg_head(kChartWidth, height(), chart_.title, kChartFont);
    put_title(svg_, chart_.title);
    axes();
    for (std::size_t s = 0; s < chart_.series.size(); ++s) series(chart_.series[s], series_color(static_cast<int>(s)));
    put_legend(&svg_, legend(), 14.0, legend_top());
    svg_ += "</svg>\n";
    return std::move(svg_);
  }

 private:
  double legend_top() const { return bottom_ + 46.0; }

  std::vector<LegendEntry> legend() const {
    std::vector<LegendEntry> entries;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      const Series& series = chart_.series[s];
      if (series.name.empty()) continue;
      entries.push_back({series.name, series_color(static_cast<int>(s)), series.mark == Mark::kDashed});
    }
    return entries;
  }

  Scale scale(const Axis& axis, bool horizontal, double low, double high) const {
    Limits values;
    for (const Series& series : chart_.series) {
      for (const Point& point : series.points) {
        if (!drawable(point)) continue;
        values.include(horizontal ? point.x : point.y);
        if (horizontal || axis.logarithmic) continue;
        values.include(point.y - point.error);
        values.include(point.y + point.error);
        if (series.mark == Mark::kHistogram) values.include(0.0);
      }
    }
    const Limits limits = limits_of(axis, values);
    return {limits.from, limits.to, axis.logarithmic, low, high};
  }

  double label_width() const {
    double width = 30.0;
    for (const double tick : y_.ticks()) width = std::max(width, text_width(tick_label(tick), kChartFont));
    return width;
  }

  void axes() {
    for (const double tick : y_.ticks()) {
      put_line(svg_, left_, y_(tick), kChartRight, y_(tick), kGrid);
      put_text(svg_, left_ - 7.0, y_(tick) + 4.5, tick_label(tick), {.anchor = Anchor::kEnd, .color = kInk});
    }
    for (const double tick : x_.ticks()) {
      put_line(svg_, x_(tick), bottom_, x_(tick), bottom_ + 5.0, kInk);
      put_text(svg_, x_(tick), bottom_ + 19.0, tick_label(tick), {.anchor = Anchor::kMiddle, .color = kInk});
    }
    put_line(svg_, left_, bottom_, kChartRight, bottom_, kInk);
    put_text(svg_, 14.0, top_ - 9.0, chart_.y.title, {.color = kFaint});
    put_text(svg_, kChartRight, bottom_ + 37.0, chart_.x.title, {.anchor = Anchor::kEnd, .color = kFaint});
  }

  void series(const Series& series, const char* color) {
    if (series.mark == Mark::kHistogram) return histogram(series, color);
    if (series.mark != Mark::kPoints) line(series, color);
    if (series.mark != Mark::kDashed) points(series, color);
  }

  void line(const Series& series, const char* color) {
    std::string path;
    bool pen_down = false;
    for (const Point& point : series.points) {
      if (drawable(point)) put(path, "%s%.2f %.2f", pen_down ? "L" : "M", x_(point.x), y_(point.y));
      pen_down = drawable(point);
    }
    put(svg_, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-linejoin=\"round\"%s d=\"", color,
        series.mark == Mark::kDashed ? " stroke-dasharray=\"6 4\"" : "");
    svg_ += path + "\"/>\n";
  }

  void points(const Series& series, const char* color) {
    const double radius = series.points.size() > 40 ? 2.0 : 3.5;
    for (const Point& point : series.points) {
      if (!drawable(point)) continue;
      if (point.error > 0.0) {
        put_line(svg_, x_(point.x), y_(point.y - point.error), x_(point.x), y_(point.y + point.error), color, 1.5);
      }
      put(svg_, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%g\" fill=\"%s\"><title>", x_(point.x), y_(point.y), radius,
          color);
      svg_ += escaped(series.name);
      put(svg_, "%s%.6g: %.6g", series.name.empty() ? "" : ", ", point.x, point.y);
      if (point.error > 0.0) put(svg_, " ± %.2g", point.error);
      svg_ += "</title></circle>\n";
    }
  }

  void histogram(const Series& series, const char* color) {
    for (std::size_t k = 0; k + 1 < series.points.size(); ++k) {
      const Point& point = series.points[k];
      const double next = series.points[k + 1].x;
      if (!drawable(point) || !(point.y > 0.0)) continue;
      const double left = x_(point.x), width = std::max(0.5, x_(next) - left);
      put(svg_, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" fill-opacity=\"0.55\"><title>",
          left, y_(point.y), width, bottom_ - y_(point.y), color);
      svg_ += escaped(series.name);
      put(svg_, "%s%.6g to %.6g: %.6g</title></rect>\n", series.name.empty() ? "" : ", ", point.x, next, point.y);
    }
  }

  const Chart& chart_;
  double top_, bottom_;
  Scale y_;
  double left_;  ///< Right of the labels of y.
  Scale x_;
  std::string svg_;
};

}  // namespace

std::string chart_svg(const Chart& chart) { return Drawing(chart).draw(); }

std::string charts_svg(const std::string& title, const std::vector<Chart>& charts) {
  std::string pictures;
  double top = 0.0;
  for (const Chart& chart : charts) {
    Drawing drawing(chart);
    const double height = drawing.height();
    put(pictures, "<g transform=\"translate(0 %g)\">\n", top);
    pictures += drawing.draw() + "</g>\n";
    top += height;
  }
  return svg_head(kChartWidth, top, title, kChartFont) + pictures + "</svg>\n";
}

}  // namespace einet::plot
