#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "einet/plan.h"

namespace einet::plan {

/// How the answer of an exit compares with the previous answer of the same run.
enum class Agreement : unsigned char { kFirst, kDiffers, kAgrees };

/// A plan that depends on the answers of a run: after each output, (exit, agreement, confidence) selects the next exit
/// to execute. Confidences are divided into buckets, separately for each exit.
struct DecisionTable {
  /// The decisions after the output of one exit.
  struct Row {
    std::vector<float> edges;  ///< Ascending; confidence c lies in the bucket with index |{e : e <= c}|.
    /// [3 agreements, edges.size() + 1 buckets]: the next exit, counted from 0; the number of exits = none.
    std::vector<int> next;

    friend bool operator==(const Row&, const Row&) = default;
  };

  ExitPlan population;    ///< The plan at the start of every run; after a decision, its later exits remain planned.
  std::vector<Row> rows;  ///< One per exit.

  /// A table that always follows `plan`, which must not be empty.
  static DecisionTable of(const ExitPlan& plan);
  /// Whether any decision differs from the population's plan.
  bool deviates() const noexcept;

  int exits() const noexcept { return static_cast<int>(rows.size()); }
  /// The exit to execute after `exit`; exits() = none. 0 <= exit < exits(). NaN is treated as the lowest confidence.
  int next(int exit, Agreement agreement, float confidence) const noexcept {
    const Row& row = rows[exit];
    std::size_t bucket = 0;
    for (const float edge : row.edges) bucket += confidence >= edge ? 1 : 0;
    return row.next[static_cast<std::size_t>(agreement) * (row.edges.size() + 1) + bucket];
  }
  /// Throws kInvalidData naming `name`: no exits, different lengths, edges that are NaN or not ascending, a
  /// decision that is not a later exit.
  void validate(const std::string& name) const;

  friend bool operator==(const DecisionTable&, const DecisionTable&) = default;
};

}  // namespace einet::plan
