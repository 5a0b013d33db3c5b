#include <pybind11/stl.h>

#include <cstdio>

#include "bindings.h"
#include "einet/answer.h"

namespace einet::python {

namespace py = pybind11;

namespace {

std::optional<int> from_zero(std::int32_t number) { return number < 0 ? std::nullopt : std::optional<int>(number); }

std::vector<std::pair<int, float>> others(const Answer& answer) {
  std::vector<std::pair<int, float>> all;
  for (const Guess& guess : answer.others) {
    if (guess.label >= 0) all.emplace_back(guess.label, guess.confidence);
  }
  return all;
}

double in_seconds(std::chrono::nanoseconds duration) { return Seconds(duration).count(); }

std::string describe(const Answer& answer) {
  if (answer.label < 0) return "<einet.Answer: none yet>";
  char text[160];
  if (answer.exists()) {
    std::snprintf(text, sizeof text, "<einet.Answer: class %d, confidence %.4f, exit %d, %.6f s>", answer.label,
                  static_cast<double>(answer.confidence), answer.exit, in_seconds(answer.elapsed));
  } else {
    std::snprintf(text, sizeof text, "<einet.Answer: class %d, initial>", answer.label);
  }
  return text;
}

}  // namespace

void bind_answers(py::module_& module) {
  py::class_<Answer>(module, "Answer", "The best answer so far. True if an exit of the network has computed it.")
      .def_property_readonly(
          "label", [](const Answer& a) { return from_zero(a.label); }, "Class, from 0; None while there is none.")
      .def_property_readonly(
          "exit", [](const Answer& a) { return from_zero(a.exit); },
          "Exit that computed it, from 0 (the last one of a combined answer); None while there is none.")
      .def_readonly("confidence", &Answer::confidence,
                    "Largest softmax of the exit or of the combined scores, in [0,1].")
      .def_readonly("sequence", &Answer::sequence, "Increases with every publication.")
      .def_readonly("run", &Answer::run, "Number of its run, as Session.start() returned it.")
      .def_readonly("frame", &Answer::frame, "The caller's tag for the image.")
      .def_property_readonly(
          "elapsed", [](const Answer& a) { return in_seconds(a.elapsed); },
          "Seconds from the start of the run to the publication.")
      .def_property_readonly(
          "time", [](const Answer& a) { return in_seconds(a.time.time_since_epoch()); },
          "Of the publication, on the clock of time.monotonic().")
      .def_property_readonly("others", &others,
                             "The next most likely classes as (label, confidence), in descending order.")
      .def_property_readonly("exists", &Answer::exists, "Whether an exit has computed it.")
      .def_property_readonly("is_initial", &Answer::is_initial,
                             "Whether it stands in until the first exit has answered.")
      .def("__bool__", &Answer::exists)
      .def(
          "__eq__", [](const Answer& a, const Answer& b) { return a == b; }, py::is_operator())
      .def("__repr__", &describe);
}

}  // namespace einet::python
