#pragma once

#include <string>

#include "einet/core/progress.h"
#include "einet/core/time.h"

namespace einet::cli {

/// One line on stderr that rewrites itself: stage, share done, rate, time left, note. Silent when stderr is no
/// terminal.
class ProgressLine final : public Progress {
 public:
  ProgressLine();
  ~ProgressLine() override;  ///< Clears the line.
  void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) override;

 private:
  bool terminal_;
  bool shown_ = false;
  std::string stage_;
  std::int64_t first_done_ = 0;
  Clock::time_point stage_begin_, last_drawn_;
};

}  // namespace einet::cli
