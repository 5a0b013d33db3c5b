#include "cli/progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace einet::cli {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

std::string clock_text(double seconds) {
  const long s = std::max(0L, std::lround(seconds));
  char text[32];
  if (s >= 3600) {
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld:%02ld", s / 60, s % 60);
  }
  return text;
}

}  // namespace

ProgressLine::ProgressLine() : ProgressLine(isatty(STDERR_FILENO) != 0) {}

ProgressLine::ProgressLine(bool terminal, Seconds interval)
    : terminal_(terminal), interval_(interval), last_drawn_(Clock::now()) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && shown_) std::fputs("\r\033[K", stderr);
}

bool ProgressLine::is_due(bool new_stage, bool ended, Clock::time_point now) const {
  if (terminal_) return new_stage || ended || now - last_drawn_ >= kRedraw;
  return (ended && shown_) || now - last_drawn_ >= interval_;
}

void ProgressLine::update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) {
  const auto now = Clock::now();
  const bool new_stage = stage != stage_;
  if (new_stage) {
    stage_ = stage;
    first_done_ = done;  // Work done before a stage was resumed does not count in its rate.
    stage_begin_ = now;
    if (!terminal_) shown_ = false;
  }
  const bool ended = done >= total;
  if (!is_due(new_stage, ended, now)) return;
  last_drawn_ = now;
  shown_ = terminal_ || !ended;  // The end is printed only once.
  const double elapsed = Seconds(now - stage_begin_).count();
  const double rate = elapsed > 0 ? static_cast<double>(done - first_done_) / elapsed : 0.0;
  const double percent = total > 0 ? 100.0 * static_cast<double>(done) / static_cast<double>(total) : 0.0;
  std::fprintf(stderr, "%s%s %5.1f %%", terminal_ ? "\r\033[K" : "", stage_.c_str(), percent);
  if (rate > 0) {
    std::fprintf(stderr, "  %.*f/s  %s left", rate < 10 ? 1 : 0, rate,
                 clock_text(static_cast<double>(total - done) / rate).c_str());
  }
  if (!note.empty()) std::fprintf(stderr, "  %.*s", static_cast<int>(note.size()), note.data());
  if (!terminal_) std::fputc('\n', stderr);
  std::fflush(stderr);
}

}  // namespace einet::cli
