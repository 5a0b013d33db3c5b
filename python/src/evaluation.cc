#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <nlohmann/json.hpp>

#include "arguments.h"
#include "bindings.h"
#include "bundle/timing.h"
#include "eval/compare.h"
#include "eval/pictures.h"
#include "eval/report.h"
#include "eval/subject.h"

namespace einet::python {

namespace py = pybind11;

namespace {

/// Figures as Python values, as text and as a picture.
struct Figures {
  nlohmann::json json;
  std::string table, svg;
};

bundle::TimingOptions timing_options(const std::string& platform, bool measure, const std::string& distribution,
                                     const std::string& planner, int lanes) {
  bundle::TimingOptions options;
  options.lanes = lanes;
  options.platform = platform;
  options.measure = measure;
  options.distribution = distribution;
  options.planner = planner;
  return options;
}

Figures evaluate(const std::filesystem::path& path, const std::string& distribution, const std::string& planner,
                 bool same_samples, const std::optional<double>& horizon, const std::string& platform, bool measure,
                 int lanes) {
  const py::gil_scoped_release released;
  const eval::Report report =
      eval::evaluate(eval::load_subject(path, timing_options(platform, measure, distribution, planner, lanes)),
                     {.distribution = distribution,
                      .planner = planner,
                      .protocol = same_samples ? eval::Protocol::kSameSamples : eval::Protocol::kHeldOut,
                      .horizon = horizon.value_or(0.0)});
  return {eval::to_json(report), eval::to_table(report) + '\n' + eval::to_metrics_table(report),
          eval::curves_svg(report)};
}

Figures compare(const std::vector<std::filesystem::path>& paths, const std::string& distribution, bool same_samples,
                const std::optional<double>& horizon, const std::string& platform, bool measure, int lanes) {
  const py::gil_scoped_release released;
  const std::vector<eval::Subject> subjects =
      eval::load_subjects(paths, timing_options(platform, measure, distribution, "exact", lanes));
  std::vector<eval::Candidate> candidates;
  for (const eval::Subject& subject : subjects) candidates.push_back(subject.candidate());
  const eval::Comparison comparison =
      eval::compare(candidates, {.distribution = distribution,
                                 .horizon = horizon.value_or(0.0),
                                 .protocol = same_samples ? eval::Protocol::kSameSamples : eval::Protocol::kHeldOut});
  return {eval::to_json(comparison), eval::to_table(comparison), eval::accuracies_svg(comparison)};
}

}  // namespace

void bind_evaluation(py::module_& module) {
  py::class_<Figures>(module, "Figures",
                      "Results of an evaluation: `data` for programs, str() for people. Notebooks "
                      "show the picture.")
      .def_property_readonly(
          "data", [](const Figures& f) { return from_json(f.json); },
          "As `einet eval --json` and `einet compare --json` print it; accuracies in [0,1], times in "
          "seconds.")
      .def(
          "svg", [](const Figures& f) { return f.svg; }, "The picture as a standalone SVG.")
      .def("_repr_svg_", [](const Figures& f) { return f.svg; })
      .def("__str__", [](const Figures& f) { return f.table; })
      .def("__repr__", [](const Figures& f) { return f.table; });
  module.def("evaluate", &evaluate, py::arg("bundle"), py::kw_only(), py::arg("distribution") = "uniform",
             py::arg("planner") = "exact", py::arg("same_samples") = false, py::arg("horizon") = py::none(),
             py::arg("platform") = "", py::arg("measure") = false, py::arg("lanes") = 1,
             "All methods by exact simulation on the bundle's profiles.");
  module.def("compare", &compare, py::arg("bundles"), py::kw_only(), py::arg("distribution") = "uniform",
             py::arg("same_samples") = false, py::arg("horizon") = py::none(), py::arg("platform") = "",
             py::arg("measure") = false, py::arg("lanes") = 1,
             "Bundles on a common horizon in seconds; default: that of the first.");
}

}  // namespace einet::python
