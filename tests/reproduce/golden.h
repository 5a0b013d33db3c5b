#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/example.h"
#include "io/temporary_directory.h"
#include "reproduce/context.h"
#include "reproduce/item.h"

// A bundle small enough to compute every table by hand, and that computation.
namespace einet::reproduce::testing {

inline constexpr const char* kPlatform = "a-cpu-1t-f32";

/// Two exits with conv parts of 1 ms and branches of 1 and 2 ms: T = 5 ms.
inline constexpr double kConv = 1e-3, kBranch1 = 1e-3, kBranch2 = 2e-3, kHorizon = 5e-3;

/// Whether exits 1 and 2 are right, sample by sample. Even samples are half 0.
inline const std::vector<std::vector<int>>& right() {
  static const std::vector<std::vector<int>> all = {{1, 1}, {0, 1}, {0, 1}, {1, 0}, {1, 1}, {0, 0}, {0, 1}, {1, 1}};
  return all;
}

inline bundle::Bundle golden_bundle(const std::string& dataset) {
  bundle::Bundle bundle = bundle::example_bundle();
  bundle.dataset = dataset;
  profile::EtProfile& timing = bundle.timing.at(kPlatform);
  timing.conv = {{kConv, kConv, kConv, kConv, kConv}, {kConv, kConv, kConv, kConv, kConv}};
  timing.branch = {{kBranch1, kBranch1, kBranch1, kBranch1, kBranch1},
                   {kBranch2, kBranch2, kBranch2, kBranch2, kBranch2}};
  profile::CsProfile profile;
  profile.exits = 2;
  for (const auto& row : right()) {
    profile.labels.push_back(1);
    for (const int r : row) {
      profile.predicted.push_back(r ? 1 : 2);
      profile.confidence.push_back(r ? 0.9f : 0.4f);
    }
  }
  bundle.confidences = profile;
  return bundle;
}

/// The overall accuracy of one sample under a plan, with a uniform cut-off: by hand.
inline double by_hand(const std::vector<int>& row, bool first, bool second) {
  const double t1 = kConv + kBranch1;                                   // The first output …
  const double t2 = 2.0 * kConv + kBranch2 + (first ? kBranch1 : 0.0);  // … and the second.
  double score = 0.0;
  if (first) score += row[0] * ((second ? t2 : kHorizon) - t1) / kHorizon;
  if (second) score += row[1] * (kHorizon - t2) / kHorizon;
  return score;
}

struct Mean {
  double mean, error;
};

inline Mean mean_of(const std::vector<double>& values) {
  double sum = 0.0, squares = 0.0;
  for (const double value : values) sum += value;
  const double n = static_cast<double>(values.size()), mean = sum / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n - 1.0) / n)};
}

/// by_hand() of every sample.
inline std::vector<double> scores(bool first, bool second) {
  std::vector<double> all;
  for (const auto& row : right()) all.push_back(by_hand(row, first, second));
  return all;
}

/// Each half under the plan that is best on the other one.
inline std::vector<double> static_optimal(bool held_out) {
  const bool plans[3][2] = {{true, false}, {false, true}, {true, true}};
  std::vector<double> result(right().size());
  for (std::size_t half = 0; half < 2; ++half) {
    double most = -1.0;
    const bool* best = nullptr;
    for (const auto& plan : plans) {
      double sum = 0.0;
      for (std::size_t s = 0; s < right().size(); ++s) {
        if (!held_out || s % 2 != half) sum += by_hand(right()[s], plan[0], plan[1]);
      }
      if (sum > most + 1e-12) {
        most = sum;
        best = plan;
      }
    }
    for (std::size_t s = half; s < right().size(); s += 2) result[s] = by_hand(right()[s], best[0], best[1]);
  }
  return result;
}

/// A folder with the golden bundle under the names of some rows of the paper.
class Golden {
 public:
  Golden() {
    bundle::save_bundle(golden_bundle("cifar10"), folder_ / "cifar10-vgg16-small.einet");
    bundle::save_bundle(golden_bundle("cifar100"), folder_ / "cifar100-msdnet40-small.einet");
  }

  const std::filesystem::path& folder() const { return folder_.path(); }
  ContextOptions options() const {
    ContextOptions options;
    options.bundles = folder();
    options.data_directory = "/nonexistent";
    options.timing.platform = kPlatform;
    return options;
  }

 private:
  TemporaryDirectory folder_;
};

/// The row whose cells begin with these texts; null where there is none.
inline const Row* find_row(const Table& table, const std::vector<std::string>& texts) {
  for (const Row& row : table.rows) {
    bool same = true;
    for (std::size_t c = 0; c < texts.size(); ++c) same = same && row.cells[c].text == texts[c];
    if (same) return &row;
  }
  return nullptr;
}

/// The cell of a row in the named column.
inline Cell cell(const Table& table, const Row& row, const std::string& column) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].name == column && c < row.cells.size()) return row.cells[c];
  }
  return {};
}

}  // namespace einet::reproduce::testing
