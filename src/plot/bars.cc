#include "plot/bars.h"

#include <algorithm>
#include <cmath>

#include "plot/axis.h"
#include "plot/frame.h"
#include "plot/palette.h"
#include "plot/svg.h"

namespace einet::plot {
namespace {

constexpr double kBarHeight = 14.0, kGap = 12.0, kValueFont = 11.0;

class BarDrawing {
 public:
  explicit BarDrawing(const BarChart& chart)
      : chart_(chart),
        group_(kBarHeight * static_cast<double>(chart.series.size()) + kGap),
        left_(label_width() + 22.0),
        top_(title_height(chart.title) + 6.0),
        bottom_(top_ + group_ * static_cast<double>(chart.categories.size())),
        x_(scale()) {}

  std::string draw() {
    std::vector<LegendEntry> entries;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      if (!chart_.series[s].name.empty()) entries.push_back({chart_.series[s].name, series_color(static_cast<int>(s))});
    }
    const double legend_top = bottom_ + 44.0;
    const double height = legend_top + put_legend(nullptr, entries, 14.0, legend_top) + 6.0;
    svg_ = svg_head(kChartWidth, height, chart_.title, kChartFont);
    put_title(svg_, chart_.title);
    axis();
    for (std::size_t c = 0; c < chart_.categories.size(); ++c) category(c);
    put_legend(&svg_, entries, 14.0, legend_top);
    svg_ += "</svg>\n";
    return std::move(svg_);
  }

 private:
  double label_width() const {
    double width = 40.0;
    for (const std::string& name : chart_.categories) width = std::max(width, text_width(name, kChartFont));
    return std::min(width, 170.0);
  }

  std::string value_text(const Bar& bar) const {
    std::string text;
    put(text, "%.*f", chart_.decimals, bar.value);
    if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-')) text.erase(0, 1);
    if (text.starts_with('-')) text.replace(0, 1, "−");
    return text;
  }

  Scale scale() const {
    double from = std::numeric_limits<double>::infinity(), to = -from;
    for (const BarSeries& series : chart_.series) {
      for (const Bar& bar : series.bars) {
        if (!std::isfinite(bar.value)) continue;
        const double reach = std::isfinite(bar.error) ? bar.error : 0.0;
        from = std::min(from, bar.value - reach);
        to = std::max(to, bar.value + reach);
      }
    }
    if (!(from <= to)) from = 0.0, to = 1.0;
    if (!chart_.value.from) from = std::min(from, 0.0);
    if (!chart_.value.to) to = std::max(to, 0.0);
    from = chart_.value.from.value_or(from);
    to = chart_.value.to.value_or(to);
    double low = from, high = to;
    round_limits(low, high);
    // Room for the values that are printed beyond the longest bars.
    const double room = text_width("−00.00", kValueFont) + 6.0;
    const double low_room = low < 0.0 ? room : 0.0;
    return {chart_.value.from.value_or(low), chart_.value.to.value_or(high), false, left_ + low_room,
            kChartRight - room};
  }

  bool bars() const { return x_.from() <= 0.0 && x_.to() >= 0.0; }

  void axis() {
    double free_from = 0.0;
    for (const double tick : x_.ticks()) {
      put_line(svg_, x_(tick), top_, x_(tick), bottom_, tick == 0.0 ? kGrey : kGrid);
      const std::string label = tick_label(tick);
      const double half = text_width(label, kChartFont) / 2.0;
      if (x_(tick) - half < free_from) continue;
      put_text(svg_, x_(tick), bottom_ + 17.0, label, {.anchor = Anchor::kMiddle});
      free_from = x_(tick) + half + 6.0;
    }
    put_text(svg_, kChartRight, bottom_ + 35.0, chart_.value.title, {.anchor = Anchor::kEnd, .color = kFaint});
  }

  void category(std::size_t c) {
    const double begin = top_ + group_ * static_cast<double>(c) + kGap / 2.0;
    const double middle = begin + (group_ - kGap) / 2.0;
    const auto lines = wrapped(chart_.categories[c], left_ - 22.0, kChartFont);
    double y = middle + 4.5 - 7.5 * (static_cast<double>(lines.size()) - 1.0);
    for (const std::string& line : lines) {
      put_text(svg_, left_ - 10.0, y, line, {.anchor = Anchor::kEnd});
      y += 15.0;
    }
    bool any = false;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) {
      if (c >= chart_.series[s].bars.size() || !std::isfinite(chart_.series[s].bars[c].value)) continue;
      any = true;
      one(chart_.series[s].bars[c], chart_.series[s].name, begin + kBarHeight * static_cast<double>(s),
          series_color(static_cast<int>(s)));
    }
    if (!any) put_text(svg_, left_ + 8.0, middle + 4.5, "not available", {.color = kFaint});
  }

  void one(const Bar& bar, const std::string& name, double top, const char* color) {
    const double middle = top + kBarHeight / 2.0, zero = x_(0.0), at = x_(bar.value);
    const std::string value = value_text(bar);
    const std::string tooltip = escaped(name + (name.empty() ? "" : ": ") + value);
    if (bars()) {
      put(svg_, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"><title>", std::min(zero, at),
          top + 1.0, std::max(0.8, std::abs(at - zero)), kBarHeight - 2.0, color);
      svg_ += tooltip + "</title></rect>\n";
    } else {
      put(svg_, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"4.5\" fill=\"%s\"><title>", at, middle, color);
      svg_ += tooltip + "</title></circle>\n";
    }
    double low = std::min(at, bars() ? zero : at - 4.0), high = std::max(at, bars() ? zero : at + 4.0);
    if (bar.error > 0.0) {
      const double from = x_(bar.value - bar.error), to = x_(bar.value + bar.error);
      put_line(svg_, from, middle, to, middle, kInk, 1.2);
      low = std::min(low, from);
      high = std::max(high, to);
    }
    const bool negative = bar.value < 0.0;
    put_text(svg_, negative ? low - 4.0 : high + 4.0, middle + 4.0, value,
             {.anchor = negative ? Anchor::kEnd : Anchor::kStart, .color = kInk, .size = kValueFont});
  }

  const BarChart& chart_;
  double group_, left_, top_, bottom_;
  Scale x_;
  std::string svg_;
};

}  // namespace

std::string bars_svg(const BarChart& chart) { return BarDrawing(chart).draw(); }

}  // namespace einet::plot
