#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "einet/plan.h"
#include "exec/platform.h"
#include "exec/tuning.h"
#include "plan/decision_table.h"
#include "profile/statistics.h"

namespace einet::profile {

/// How much other processes disturbed a measurement. docs/formats.md has the measurements behind the limits.
struct TimingQuality {
  static constexpr double kLargestSpread = 1.5, kLargestExcess = 1.1, kLongestWait = 0.1;

  TimeStat total;      ///< Whole runs: the sum of all their parts.
  double excess = 1;   ///< total.p50 / the sum of the parts' medians.
  double waiting = 0;  ///< Share of the time in which the measuring threads were ready to run but another process ran.

  /// Whether the times may be off by more than measurements on an idle machine differ.
  bool busy() const { return total.spread() > kLargestSpread || excess > kLargestExcess || waiting > kLongestWait; }
  /// "p90/p10 = 3.1, waited 45 % of the time".
  std::string text() const;
};

/// The times of runs with a branch lane (plan::LaneTimes) on the same platform.
struct LaneProfile {
  std::int64_t samples = 0;    ///< Runs measured.
  double waiting = 0;          ///< As TimingQuality::waiting, of both threads.
  std::vector<TimeStat> conv;  ///< Conv parts while the branch lane is idle, one per exit.
  std::vector<double> busy;    ///< Median seconds of conv parts while it is busy.
  std::vector<TimeStat> branch;
  // As those of EtProfile, for these times.
  std::vector<double> planning;
  std::optional<plan::DecisionTable> decisions;

  bool is_busy() const { return waiting > TimingQuality::kLongestWait; }
};

/// ET-profile (paper IV-B): the measured time of every conv part and branch on one platform.
struct EtProfile {
  exec::Platform platform;
  exec::Tuning tuning;                 ///< The implementations that the timed program was compiled with.
  std::int64_t samples = 0;            ///< Runs measured.
  std::vector<TimeStat> conv, branch;  ///< One per exit; branches up to label and confidence.
  /// r_i, median seconds of predictor and planner after exit i, of the bundle's own policy under a uniform cut-off with
  /// the exact planner; empty if it was not measured or nothing is re-planned.
  std::vector<double> planning;
  /// The bundle's decision table for these times, its confidences, and a uniform cut-off; empty if none was fitted.
  std::optional<plan::DecisionTable> decisions;
  std::optional<LaneProfile> lanes;      ///< Empty if it was not measured.
  std::optional<TimingQuality> quality;  ///< Empty in files by earlier versions of EINet.
  std::string date;                      ///< Of the measurement, UTC: "2026-11-26T06:24:36Z"; "" when unknown.
  std::string version;                   ///< Of EINet, at the measurement; "" when unknown.

  int exits() const { return static_cast<int>(conv.size()); }
  /// Medians, which planners and simulation use: unlike means, they are not affected by a few disturbed runs.
  plan::BlockTimes times() const;
  /// The same for runs with 1 or 2 lanes. Two need `lanes`.
  plan::BlockTimes times(int lane_count) const;
  /// Median seconds of a whole run; the sum of the parts' medians in files by earlier versions of EINet.
  double run_seconds() const;
  bool busy() const { return quality && quality->busy(); }
  /// Throws kInvalidData naming `name`: no exits, different lengths, NaN, negative or infinite times.
  void validate(const std::string& name) const;
};

nlohmann::json to_json(const EtProfile& profile);
/// Throws kInvalidData naming `name`: missing fields, different lengths, NaN, negative or infinite times.
EtProfile et_profile_from_json(const nlohmann::json& json, const std::string& name);

}  // namespace einet::profile
