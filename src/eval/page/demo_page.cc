#include "eval/page/demo_page.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "eval/page/page_source.h"
#include "io/file.h"
#include "plot/palette.h"

namespace einet::eval {
namespace {

using nlohmann::json;

constexpr int kBins = 20;

double seconds(std::chrono::nanoseconds duration) { return Seconds(duration).count(); }

/// Live accuracy of one method in equal bins of the cut-off, each with its 95 % interval (Wilson's, which stays
/// within [0,1] and does not collapse to a point if all runs agree).
json live_points(const std::vector<LiveRun>& runs, int method) {
  struct Bin {
    int count = 0, right = 0;
    double cut = 0.0;
  };
  std::vector<Bin> bins(kBins);
  for (const LiveRun& run : runs) {
    if (run.method != method || run.cut > 1.0) continue;
    Bin& bin = bins[std::min(kBins - 1, static_cast<int>(run.cut * kBins))];
    ++bin.count;
    bin.right += run.right;
    bin.cut += run.cut;
  }
  json points = json::array();
  for (const Bin& bin : bins) {
    if (bin.count == 0) continue;
    const double n = bin.count, p = bin.right / n, z = 1.96;
    const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double reach = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    points.push_back({{"cut", bin.cut / n}, {"accuracy", p}, {"low", centre - reach}, {"high", centre + reach}});
  }
  return points;
}

json timeline_json(const Timeline& line) {
  json trace = json::array();
  for (const TraceEvent& event : line.trace) {
    trace.push_back({static_cast<int>(event.kind), event.exit, seconds(event.begin), seconds(event.end)});
  }
  json answers = json::array();
  for (const Answer& answer : line.answers) {
    answers.push_back({answer.label, answer.exit, answer.confidence, seconds(answer.elapsed), answer.sequence > 0});
  }
  const json shown = {{"label", line.shown.label}, {"exit", line.shown.exit}, {"confidence", line.shown.confidence}};
  return {{"method", line.method}, {"cut", line.cut}, {"trace", trace}, {"answers", answers}, {"shown", shown}};
}

json image_json(const Timeline& line) {
  json pixels = json::array();
  for (const float pixel : line.pixels) {
    pixels.push_back(static_cast<int>(std::lround(255.0f * std::clamp(pixel, 0.0f, 1.0f))));
  }
  return {{"sample", line.sample},   {"label", line.label}, {"shape", line.image_shape},
          {"horizon", line.horizon}, {"cut", line.cut},     {"pixels", pixels}};
}

json page_data(const LiveResult& result, const std::vector<std::string>& labels, const DemoRun& run) {
  json data;
  data["run"] = {{"date", run.date}, {"version", run.version}, {"command", run.command}, {"seed", run.seed}};
  data["report"] = to_json(result.report);
  data["points"] = json::array();
  for (std::size_t m = 0; m < result.report.methods.size(); ++m) {
    const MethodResult& method = result.report.methods[m];
    data["report"]["methods"][m]["curve"] = method.curve;
    data["report"]["methods"][m]["summary"] = method.summary;
    data["points"].push_back(live_points(result.runs, static_cast<int>(m)));
  }
  data["cuts"] = result.report.cuts;
  data["cutoffs"] = result.runs.size();
  data["images"] = result.images;
  data["horizons"] = result.horizons;
  data["labels"] = labels;
  data["timelines"] = json::array();
  for (const Timeline& line : result.timelines) data["timelines"].push_back(timeline_json(line));
  if (!result.timelines.empty()) data["image"] = image_json(result.timelines.front());
  return data;
}

void replace(std::string& text, std::string_view placeholder, std::string_view by) {
  text.replace(text.find(placeholder), placeholder.size(), by);
}

}  // namespace

std::string demo_page(const LiveResult& result, const std::vector<std::string>& labels, const DemoRun& run) {
  // Labels come from a file: "</script>" in a label must not end the data, and invalid UTF-8 must not break the page.
  std::string data = page_data(result, labels, run).dump(-1, ' ', false, json::error_handler_t::replace);
  for (std::size_t at = 0; (at = data.find('<', at)) != std::string::npos; at += 6) data.replace(at, 1, "\\u003c");

  std::string page(kDemoHtml);
  replace(page, "/*{{style}}*/", plot::palette_css(true) + std::string(kDemoStyle));
  replace(page, "/*{{script}}*/", kDemoScript);
  replace(page, "{{data}}", data);
  return page;
}

void write_demo_page(const LiveResult& result, const std::vector<std::string>& labels, const DemoRun& run,
                     const std::filesystem::path& path) {
  io::write_file(path, demo_page(result, labels, run));
}

}  // namespace einet::eval
