#include "progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace einet::cli {
namespace {

std::string clock_text(double seconds) {
  const long s = std::max(0L, static_cast<long>(seconds + 0.5));
  char text[32];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void ProgressLine::update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) {
  if (!terminal_) return;
  const auto now = Clock::now();
  if (stage != stage_) {
    stage_ = stage;
    first_done_ = done;  // A resumed stage did not earn what was done before.
    stage_begin_ = now;
  } else if (done < total && now - last_drawn_ < std::chrono::milliseconds(100)) {
    return;
  }
  last_drawn_ = now;
  shown_ = true;
  const double elapsed = Seconds(now - stage_begin_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done - first_done_) / elapsed : 0.0;
  const double percent = total > 0 ? 100.0 * static_cast<double>(done) / static_cast<double>(total) : 0.0;
  std::fprintf(stderr, "\r\033[K%s %5.1f %%", stage_.c_str(), percent);
  if (rate > 0) {
    std::fprintf(stderr, "  %.*f/s  %s left", rate < 10 ? 1 : 0, rate,
                 clock_text(static_cast<double>(total - done) / rate).c_str());
  }
  if (!note.empty()) std::fprintf(stderr, "  %.*s", static_cast<int>(note.size()), note.data());
  std::fflush(stderr);
}

}  // namespace einet::cli
