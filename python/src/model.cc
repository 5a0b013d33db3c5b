#include "einet/model.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "arguments.h"
#include "bindings.h"

namespace einet::python {

namespace py = pybind11;

namespace {

constexpr std::array<std::pair<std::string_view, Precision>, 2> kPrecisions = {
    {{"f32", Precision::kFloat32}, {"bf16", Precision::kBfloat16}}};

std::shared_ptr<const Model> load(const std::filesystem::path& bundle, const std::string& distribution,
                                  const std::string& planner, bool decision_table, const std::string& precision,
                                  int threads, bool branch_lane, bool tune, bool measure,
                                  const std::optional<std::filesystem::path>& cache) {
  ModelOptions options{.distribution = distribution,
                       .planner = planner,
                       .decision_table = decision_table,
                       .precision = choice("precision", precision, kPrecisions),
                       .threads = threads,
                       .branch_lane = branch_lane,
                       .tune = tune,
                       .measure = measure};
  if (cache) options.cache = *cache;
  const py::gil_scoped_release released;
  return Model::load(bundle, options);
}

}  // namespace

void bind_model(py::module_& module) {
  py::class_<Model, std::shared_ptr<Model>>(module, "Model",
                                            "A bundle prepared for this machine: compiled network, block times and "
                                            "planner. Immutable; any number of sessions "
                                            "share it.")
      .def(py::init([](const std::filesystem::path& bundle, const std::string& distribution, const std::string& planner,
                       bool decision_table, const std::string& precision, int threads, bool branch_lane, bool tune,
                       bool measure, const std::optional<std::filesystem::path>& cache) {
             return std::const_pointer_cast<Model>(load(bundle, distribution, planner, decision_table, precision,
                                                        threads, branch_lane, tune, measure, cache));
           }),
           py::arg("bundle"), py::kw_only(), py::arg("distribution") = "uniform", py::arg("planner") = "exact",
           py::arg("decision_table") = true, py::arg("precision") = "f32", py::arg("threads") = 1,
           py::arg("branch_lane") = false, py::arg("tune") = true, py::arg("measure") = false,
           py::arg("cache") = py::none(),
           "Loads, verifies and compiles a bundle (a folder or a path to one). Without usable times of this machine in "
           "the bundle or the cache, they are measured, which takes about two seconds. `branch_lane` prepares for "
           "sessions that run branches on a second thread.")
      .def_property_readonly("exits", &Model::exits)
      .def_property_readonly("digest", &Model::digest, "SHA-256 of the network's file.")
      .def_property_readonly("labels", &Model::labels, "Names of the classes; may be empty.")
      .def("label_name", &Model::label_name, py::arg("label"), "Name of a class, or its number.")
      .def_property_readonly(
          "input_shape", [](const Model& m) { return py::tuple(py::cast(m.input_shape())); }, "(1, C, H, W)")
      .def_property_readonly("times", &Model::times, "Block times on this machine, in seconds.")
      .def_property_readonly(
          "horizon", [](const Model& m) { return m.horizon().count(); },
          "T in seconds: the time of every conv part and branch.")
      .def_property_readonly("notes", &Model::notes, "Notes for the user: where times come from, for example.")
      .def_property_readonly(
          "publish", [](const Model& m) { return name_in(m.publish(), kPublish); },
          "Which answers sessions publish by default.")
      .def("__repr__", [](const Model& m) {
        return "<einet.Model: " + std::to_string(m.exits()) + " exits, horizon " + std::to_string(m.horizon().count()) +
               " s>";
      });
}

}  // namespace einet::python
