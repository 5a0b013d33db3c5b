#include "fit/exit_choice.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <nlohmann/json.hpp>

#include "arguments.h"
#include "bindings.h"
#include "bundle/timing.h"
#include "bundle/update.h"
#include "einet/error.h"
#include "io/staged_directory.h"

namespace einet::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

/// The figures of a choice, and its picture.
struct ChosenExits {
  nlohmann::json figures;
  std::string svg;
};

ChosenExits choose(const fs::path& path, const fs::path& output, const std::string& distribution,
                   const std::optional<double>& horizon, std::vector<std::string> platforms,
                   std::int64_t max_parameters, int max_exits, bool keep_last, bool measure, bool force) {
  if (horizon && !(*horizon > 0)) throw Error(ErrorKind::kUsage, "horizon", "must be above 0 seconds");
  if (max_exits < 1) throw Error(ErrorKind::kUsage, "max_exits", "must be at least 1");
  const bundle::Destination place = bundle::destination(path, output, force, "pass output='NAME.einet'");
  const py::gil_scoped_release released;
  const bundle::Bundle before = bundle::load_bundle(path);
  if (platforms.empty()) platforms.emplace_back();  // This machine.
  std::vector<profile::EtProfile> timings;
  for (const std::string& platform : platforms) {
    timings.push_back(
        bundle::select_timing(before, {.measure = measure, .platform = platform, .distribution = distribution})
            .profile);
  }
  fit::ExitChoice choice;
  try {
    choice = fit::choose_exits(before, timings,
                               {.distribution = distribution,
                                .horizon = horizon.value_or(0.0),
                                .max_parameters = max_parameters,
                                .max_exits = std::min(max_exits, plan::kMaxExits),
                                .keep_last = keep_last});
  } catch (const Error& error) {
    throw Error(error.kind(), path.string(), error.what());
  }
  choice.after.name = io::directory_place(output).stem().string();
  bundle::update_bundle(place, choice.after, [](bundle::Bundle&) {});
  return {fit::to_json(before, choice), fit::timeline_svg(choice)};
}

}  // namespace

void bind_exit_choice(py::module_& module) {
  py::class_<ChosenExits>(module, "ChosenExits", "The exits that a network kept. Notebooks show them as a timeline.")
      .def_property_readonly(
          "data", [](const ChosenExits& c) { return from_json(c.figures); },
          "As `einet model choose-exits --json` prints it; exits count from 1, times are in seconds.")
      .def(
          "svg", [](const ChosenExits& c) { return c.svg; }, "A timeline as a standalone SVG.")
      .def("_repr_svg_", [](const ChosenExits& c) { return c.svg; })
      .def("__repr__", [](const ChosenExits& c) {
        return "<einet.ChosenExits: " + std::to_string(c.figures["after"]["exits"].get<int>()) + " of " +
               std::to_string(c.figures["before"]["exits"].get<int>()) + " exits, expectation " +
               std::to_string(c.figures["after"]["expectation"].get<double>()) + ">";
      });
  module.def("choose_exits", &choose, py::arg("bundle"), py::arg("output"), py::kw_only(),
             py::arg("distribution") = "uniform", py::arg("horizon") = py::none(),
             py::arg("platforms") = std::vector<std::string>{}, py::arg("max_parameters") = 0,
             py::arg("max_exits") = plan::kMaxExits, py::arg("keep_last") = false, py::arg("measure") = false,
             py::arg("force") = false,
             "Keeps the set of exits of a profiled bundle with the greatest accuracy expectation on this machine or on "
             "`platforms`, and writes the smaller network to the bundle `output`. `horizon` is the latest cut-off in "
             "seconds; the other options are those of `einet model choose-exits`.");
}

}  // namespace einet::python
