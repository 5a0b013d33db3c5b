// The picture of a plan. Two panels share a time axis: above, the score of the answer in force as a step curve; below,
// the executed blocks, drawn to scale. An executed branch hangs below the trunk, with a line up to the step it causes;
// a skipped one is a small ring on the trunk.

#include "plot/timeline.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "einet/error.h"
#include "plan/lanes.h"
#include "plan/survival.h"
#include "plot/axis.h"
#include "plot/palette.h"
#include "plot/svg.h"

namespace einet::plot {
namespace {

using plan::BlockKind;
using plan::BlockTimes;
using plan::ExitPlan;
using plan::next_output;

constexpr const char* kAnswerColor = kGreen;
constexpr const char* kCutOffColor = kFaint;

constexpr double kTimeLeft = 76.0;
constexpr double kTimeRight = 936.0;
constexpr double kWidth = 960.0;
constexpr double kCurveTop = 60.0;
constexpr double kCurveBottom = 220.0;
constexpr double kTrackHeight = 22.0;

struct Output {
  int exit;
  double time;
  double score;
};

/// The blocks that the plan executes, and the times of its outputs.
struct Run {
  std::vector<TimelineSpan> blocks;
  std::vector<Output> outputs;
  std::vector<double> conv_end;  ///< Of every conv part.
  double end = 0.0;              ///< Of the last conv part or branch.
};

/// With two lanes, branches and planning overlap the trunk.
Run walk_lanes(const BlockTimes& times, const ExitPlan& plan, std::span<const double> scores) {
  Run run;
  const auto add = [&run](BlockKind kind, int exit, double begin, double end) {
    if (end > begin) run.blocks.push_back({kind, exit, begin, end});
    run.end = std::max(run.end, end);
  };
  plan::Lanes lanes;
  for (int exit = 0; exit < times.exits(); ++exit) {
    const double before = lanes.trunk;
    plan::pass_part(times, lanes);
    add(BlockKind::kConvPart, exit, before, lanes.trunk);
    run.conv_end.push_back(lanes.trunk);
    if (!plan.contains(exit)) continue;
    const double begin = std::max(lanes.trunk, lanes.free);
    const double output = plan::hand_over(times, lanes, exit);
    add(BlockKind::kBranch, exit, begin, output);
    add(BlockKind::kPlanning, exit, output, lanes.free);
    run.outputs.push_back({exit, output, plan::clean_score(scores[exit])});
  }
  return run;
}

Run walk(const BlockTimes& times, const ExitPlan& plan, std::span<const double> scores) {
  if (times.lanes() == 2) return walk_lanes(times, plan, scores);
  Run run;
  const auto add = [&run](BlockKind kind, int exit, double begin, double end) {
    if (end > begin) run.blocks.push_back({kind, exit, begin, end});
    if (kind == BlockKind::kConvPart) run.conv_end.push_back(end);
  };
  int last = -1;
  for (int exit = plan.next(-1); exit < times.exits(); exit = plan.next(exit)) {
    run.end = next_output(times, last, run.end, exit, add);
    run.outputs.push_back({exit, run.end, plan::clean_score(scores[exit])});
    last = exit;
  }
  for (int exit = last + 1; exit < times.exits(); ++exit) {  // The run ends at the last output; the network does not.
    const double begin = run.end;
    run.end += times.conv[exit];
    add(BlockKind::kConvPart, exit, begin, run.end);
  }
  return run;
}

/// At most 40 bytes of it: a histogram's description can be long.
std::string shortened(const std::string& text) { return escaped(text.size() <= 40 ? text : text.substr(0, 38) + "…"); }

/// "3 of 12 exits: 1, 4, 12".
std::string plan_in_words(const ExitPlan& plan) {
  const int planned = plan.count();
  if (planned == plan.exits()) return "all " + std::to_string(planned) + " exits";
  std::string text = std::to_string(planned) + " of " + std::to_string(plan.exits()) + " exits";
  int listed = 0;
  for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) {
    text += listed == 0 ? ": " : ", ";
    if (++listed > 24) return text + "…";
    text += std::to_string(exit + 1);
  }
  return text;
}

/// Seconds in a unit that suits the whole axis.
struct Unit {
  const char* name;
  double seconds;
};

Unit unit_for(double horizon) {
  constexpr Unit kUnits[] = {{"s", 1.0}, {"ms", 1e-3}, {"µs", 1e-6}, {"ns", 1e-9}};
  for (const Unit& unit : kUnits) {
    if (horizon >= 2.0 * unit.seconds) return unit;
  }
  return kUnits[3];
}

class Picture {
 public:
  Picture(const Run& run, const TimelineOptions& options) : run_(run), options_(options) {
    horizon_ = options.horizon > 0.0 ? options.horizon : run.end;
    for (const TimelineSpan& span : options.measured) horizon_ = std::max(horizon_, span.end);
    if (!(horizon_ > 0.0)) horizon_ = 1.0;
    track_ = kCurveBottom + 26.0;
    bottom_ = track_ + 2.0 * kTrackHeight + 14.0;
    if (!options.measured.empty()) bottom_ += 2.0 * kTrackHeight + 22.0;
  }

  std::string draw(const ExitPlan& plan) {
    begin(options_.title.empty() ? plan_in_words(plan) : options_.title);
    axis();
    still_going();
    curve();
    connectors();
    track_label(track_, "plan");
    skipped(plan);
    for (const TimelineSpan& block : run_.blocks) bar(block.kind, block.exit, block.begin, block.end, track_);
    if (!options_.measured.empty()) {
      const double top = track_ + 2.0 * kTrackHeight + 22.0;
      track_label(top, "measured");
      for (const TimelineSpan& span : options_.measured) bar(span.kind, span.exit, span.begin, span.end, top);
    }
    legend();
    svg_ += "</svg>\n";
    return std::move(svg_);
  }

 private:
  /// More outputs than there is room for a line each.
  bool crowded() const { return run_.outputs.size() > 60; }
  double x(double time) const { return kTimeLeft + std::clamp(time / horizon_, 0.0, 1.0) * (kTimeRight - kTimeLeft); }
  static double y(double score) { return kCurveBottom - score * (kCurveBottom - kCurveTop); }

  void begin(const std::string& title) {
    svg_ = svg_head(kWidth, bottom_ + 74.0, title);
    const std::string safe = escaped(title);
    put(svg_, "<text x=\"%g\" y=\"28\" font-size=\"15\" font-weight=\"600\" fill=\"%s\">", kTimeLeft, kInk);
    svg_ += safe + "</text>\n";
    if (options_.expectation) {
      put(svg_, "<text x=\"%g\" y=\"28\" text-anchor=\"end\" fill=\"%s\">accuracy expectation %.2f %%</text>\n",
          kTimeRight, kInk, 100.0 * *options_.expectation);
    }
  }

  void axis() {
    const Unit unit = unit_for(horizon_);
    for (int percent = 0; percent <= 100; percent += 25) {
      const double level = y(percent / 100.0);
      put(svg_, "<line x1=\"%g\" x2=\"%g\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"%s\"/>\n", kTimeLeft, kTimeRight, level,
          level, kGrid);
      put(svg_, "<text x=\"%g\" y=\"%.2f\" text-anchor=\"end\" fill=\"%s\">%d %%</text>\n", kTimeLeft - 8.0,
          level + 4.0, kFaint, percent);
    }
    put(svg_, "<text x=\"%g\" y=\"%g\" fill=\"%s\">score of the answer in force</text>\n", kTimeLeft, kCurveTop - 10.0,
        kFaint);
    const double step = tick_step(horizon_ / unit.seconds);
    const int ticks = static_cast<int>(std::floor(horizon_ / unit.seconds / step * (1.0 + 1e-9)));
    for (int tick = 0; tick <= ticks; ++tick) {
      const double at = x(tick * step * unit.seconds);
      put(svg_, "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%g\" y2=\"%g\" stroke=\"%s\"/>\n", at, at, kCurveTop, bottom_,
          kGrid);
      put(svg_, "<text x=\"%.2f\" y=\"%g\" text-anchor=\"middle\" fill=\"%s\">%g</text>\n", at, bottom_ + 18.0, kInk,
          tick * step);
    }
    put(svg_, "<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\" stroke=\"%s\"/>\n", kTimeLeft, kTimeRight, bottom_,
        bottom_, kInk);
    put(svg_, "<text x=\"%g\" y=\"%g\" text-anchor=\"end\" fill=\"%s\">time in %s</text>\n", kTimeRight, bottom_ + 36.0,
        kInk, unit.name);
  }

  /// The share of runs that are not cut off yet: 1 - F.
  void still_going() {
    if (options_.distribution == nullptr) return;
    constexpr int kPoints = 430;  // One for every other unit of the picture's width: steps look vertical.
    std::string path;
    for (int k = 0; k <= kPoints; ++k) {
      const double time = horizon_ * k / kPoints;
      put(path, "%s%.2f %.2f", k == 0 ? "M" : "L", x(time), y(1.0 - options_.distribution->cdf(time)));
    }
    put(svg_, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"6 3\" d=\"", kCutOffColor);
    svg_ += path + "\"><title>cut-off " + escaped(options_.distribution->description()) + "</title></path>\n";
  }

  /// The step curve, with the area under it: that area is the expectation where the cut-off is uniform.
  void curve() {
    std::string path;
    double level = y(0.0);
    put(path, "M%.2f %.2f", x(0.0), level);
    for (const Output& output : run_.outputs) {
      if (output.time > horizon_) break;
      level = y(output.score);
      put(path, "H%.2fV%.2f", x(output.time), level);
    }
    put(path, "H%.2f", kTimeRight);
    put(svg_, "<path fill=\"%s\" fill-opacity=\"0.12\" d=\"", kAnswerColor);
    svg_ += path;
    put(svg_, "V%.2fH%.2fZ\"/>\n", y(0.0), kTimeLeft);
    put(svg_, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-linejoin=\"round\" d=\"", kAnswerColor);
    svg_ += path + "\"/>\n";

    double free_from = 0.0;  // Labels must not overlap.
    const double radius = crowded() ? 2.0 : 3.5;
    for (const Output& output : run_.outputs) {
      if (output.time > horizon_) break;
      put(svg_, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%g\" fill=\"%s\"><title>exit %d: score %.3f</title></circle>\n",
          x(output.time), y(output.score), radius, kAnswerColor, output.exit + 1, output.score);
      const bool at_end = x(output.time) > kTimeRight - 40.0;
      const double label = x(output.time) + (at_end ? -22.0 : 5.0);
      if (label < free_from) continue;
      put(svg_, "<text x=\"%.2f\" y=\"%.2f\" fill=\"%s\">%d</text>\n", label, y(output.score) - 7.0, kInk,
          output.exit + 1);
      free_from = label + 28.0;
    }
  }

  /// From the end of each branch up to the step it causes.
  void connectors() {
    if (crowded()) return;
    for (const Output& output : run_.outputs) {
      if (output.time > horizon_) break;
      put(svg_,
          "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.2f\" y2=\"%g\" stroke=\"%s\" stroke-opacity=\"0.6\" "
          "stroke-dasharray=\"2 3\"/>\n",
          x(output.time), x(output.time), y(output.score), track_ + kTrackHeight, kAnswerColor);
    }
  }

  void track_label(double top, const char* text) {
    put(svg_, "<text x=\"%g\" y=\"%g\" text-anchor=\"end\" fill=\"%s\">%s</text>\n", kTimeLeft - 8.0,
        top + kTrackHeight / 2.0 + 4.0, kFaint, text);
  }

  /// Conv parts on the trunk's line, branches and planning hanging below it.
  void bar(BlockKind kind, int exit, double begin, double end, double top) {
    if (begin >= horizon_) return;
    const double left = x(begin);
    const double width = std::max(0.6, x(end) - left);
    const double gap = width > 4.0 ? 1.0 : 0.0;  // Separates neighbours if there is room.
    const bool trunk = kind == BlockKind::kConvPart;
    const char* color = trunk ? kConvColor : kind == BlockKind::kBranch ? kBranchColor : kPlanningColor;
    const char* name = trunk ? "conv part" : kind == BlockKind::kBranch ? "branch" : "planning after exit";
    const double row = trunk ? top : top + kTrackHeight + 2.0;
    put(svg_,
        "<rect x=\"%.2f\" y=\"%g\" width=\"%.2f\" height=\"%g\" rx=\"%g\" fill=\"%s\"><title>%s %d: %.4g to %.4g "
        "s</title>"
        "</rect>\n",
        left, row, width - gap, kTrackHeight, width > 6.0 ? 2.0 : 0.0, color, name, exit + 1, begin, end);
    if (kind == BlockKind::kPlanning || width < 16.0) return;
    put(svg_,
        "<text x=\"%.2f\" y=\"%g\" text-anchor=\"middle\" font-size=\"11\" fill=\"%s\" "
        "pointer-events=\"none\">%d</text>\n",
        left + (width - gap) / 2.0, row + 15.0, trunk ? "#ffffff" : kInk, exit + 1);
  }

  /// A ring below the end of each conv part whose branch is skipped.
  void skipped(const ExitPlan& plan) {
    double free_from = 0.0;
    for (int exit = 0; exit < plan.exits(); ++exit) {
      const double end = run_.conv_end[exit];
      if (plan.contains(exit) || end > horizon_ || x(end) < free_from) continue;
      put(svg_,
          "<circle cx=\"%.2f\" cy=\"%g\" r=\"3\" fill=\"none\" stroke=\"%s\"><title>branch %d is "
          "skipped</title></circle>\n",
          x(end), track_ + kTrackHeight + 9.0, kFaint, exit + 1);
      free_from = x(end) + 7.0;
    }
  }

  void legend() {
    double left = kTimeLeft;
    const double line = bottom_ + 58.0;
    const auto entry = [&](const char* color, const char* text, double width) {
      put(svg_, "<rect x=\"%g\" y=\"%g\" width=\"12\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n", left, line - 10.0,
          color);
      put(svg_, "<text x=\"%g\" y=\"%g\" fill=\"%s\">%s</text>\n", left + 18.0, line, kInk, text);
      left += width;
    };
    entry(kConvColor, "conv part", 92.0);
    entry(kBranchColor, "branch run", 98.0);
    put(svg_, "<circle cx=\"%g\" cy=\"%g\" r=\"3.5\" fill=\"none\" stroke=\"%s\"/>\n", left + 6.0, line - 4.0, kFaint);
    put(svg_, "<text x=\"%g\" y=\"%g\" fill=\"%s\">branch skipped</text>\n", left + 18.0, line, kInk);
    left += 122.0;
    const auto is_planning = [](const auto& span) { return span.kind == BlockKind::kPlanning; };
    if (std::any_of(run_.blocks.begin(), run_.blocks.end(), is_planning) ||
        std::any_of(options_.measured.begin(), options_.measured.end(), is_planning)) {
      entry(kPlanningColor, "planning", 86.0);
    }
    entry(kAnswerColor, "answer in force (exit)", 160.0);
    if (options_.distribution != nullptr) {
      put(svg_,
          "<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\" stroke=\"%s\" stroke-width=\"1.5\" stroke-dasharray=\"6 "
          "3\"/>\n",
          left, left + 20.0, line - 4.0, line - 4.0, kCutOffColor);
      put(svg_, "<text x=\"%g\" y=\"%g\" fill=\"%s\">", left + 26.0, line, kInk);
      svg_ += "runs not cut off yet: " + shortened(options_.distribution->description()) + "</text>\n";
    }
  }

  const Run& run_;
  const TimelineOptions& options_;
  double horizon_ = 1.0;
  double track_ = 0.0;   ///< Top of the trunk's bars.
  double bottom_ = 0.0;  ///< The axis of time.
  std::string svg_;
};

}  // namespace

std::string timeline_svg(const BlockTimes& times, const ExitPlan& plan, std::span<const double> scores,
                         const TimelineOptions& options) {
  times.validate();
  if (plan.exits() != times.exits() || scores.size() != times.conv.size()) {
    throw Error(ErrorKind::kInvalidData, "timeline",
                std::to_string(times.exits()) + " blocks, a plan of " + std::to_string(plan.exits()) + " exits and " +
                    std::to_string(scores.size()) + " scores");
  }
  const Run run = walk(times, plan, scores);
  return Picture(run, options).draw(plan);
}

}  // namespace einet::plot
