#pragma once

#include <string>

#include "core/progress.h"
#include "einet/time.h"

namespace einet::cli {

/// Progress on stderr: stage, share done, rate, time left, note. On a terminal it is a single line that is rewritten.
/// In a file or pipe it is a plain line per interval, and one at the end of a stage that took longer; short stages
/// print nothing.
class ProgressLine final : public Progress {
 public:
  ProgressLine();
  explicit ProgressLine(bool terminal, Seconds interval = Seconds(10));
  ~ProgressLine() override;  ///< Clears the line of a terminal.
  void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) override;

 private:
  bool is_due(bool new_stage, bool ended, Clock::time_point now) const;

  bool terminal_;
  Seconds interval_;
  bool shown_ = false;  ///< Whether a line was shown: at all on a terminal, otherwise in this stage.
  std::string stage_;
  std::int64_t first_done_ = 0;
  Clock::time_point stage_begin_, last_drawn_;
};

}  // namespace einet::cli
