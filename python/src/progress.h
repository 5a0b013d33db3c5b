#pragma once

#include <pybind11/pybind11.h>

#include <chrono>

#include "core/progress.h"

namespace einet::python {

/// Progress of long work that runs without the GIL: lets Python handle signals, so that Ctrl-C ends the work with
/// KeyboardInterrupt, and calls `callback(stage, done, total, note)` unless that is None. What these throw ends the
/// work.
class PythonProgress final : public Progress {
 public:
  explicit PythonProgress(pybind11::object callback) : callback_(std::move(callback)) {}

  void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) override {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ && done < total) return;
    next_ = now + kInterval;
    const pybind11::gil_scoped_acquire held;
    if (PyErr_CheckSignals() != 0) throw pybind11::error_already_set();
    if (!callback_.is_none()) callback_(pybind11::str(stage), done, total, pybind11::str(note));
  }

 private:
  static constexpr std::chrono::milliseconds kInterval{100};

  pybind11::object callback_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace einet::python
