#pragma once

#include <memory>
#include <vector>

#include "einet/model.h"

namespace einet::eval {

/// Quantiles of a measured time in seconds.
struct TimeQuantiles {
  int samples = 0;
  double median = 0.0, p99 = 0.0, p999 = 0.0, most = 0.0;
};

/// All 0 for no values.
TimeQuantiles time_quantiles(std::vector<double> seconds);

/// Publishing and reading an answer within one process.
struct SlotTimes {
  TimeQuantiles publish;
  TimeQuantiles read_warm;                     ///< Again by the thread that has just read.
  TimeQuantiles read_cold;                     ///< First read after a thread on another processor has published.
  double mutex_write = 0.0, mutex_read = 0.0;  ///< The same with an uncontended mutex.
};

/// Publications and warm reads are timed in groups of 64, because a reading of the clock takes as long as one. The
/// readings of the clock are subtracted.
SlotTimes measure_slot(int samples = 20000);

/// Runs that were cut off at random moments within 1.1 times the horizon: half of them by interrupts, half by
/// deadlines.
struct CutOffTimes {
  TimeQuantiles interrupt_to_idle;  ///< From the call of interrupt() to the return of wait().
  TimeQuantiles deadline_to_idle;   ///< From the deadline to the return of wait().
  double longest_step = 0.0;        ///< Seconds of the longest primitive, undisturbed; a run can only stop between two.
  int interrupts = 0, deadlines = 0;
  int changed = 0;    ///< Answers that changed after interrupt() had returned.
  int late = 0;       ///< Answers whose publication was at the deadline or later.
  int wrong_run = 0;  ///< Answers of another run.

  int faults() const { return changed + late + wrong_run; }
};

/// Only runs that had not ended before count in the times; all count in the faults.
CutOffTimes measure_cut_offs(const std::shared_ptr<const Model>& model, int cut_offs, unsigned seed = 1);

}  // namespace einet::eval
