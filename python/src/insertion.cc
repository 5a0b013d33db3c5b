#include "graph/insertion.h"

#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "bindings.h"
#include "einet/error.h"
#include "graph/onnx_file.h"
#include "io/file.h"

namespace einet::python {

namespace py = pybind11;

namespace {

py::list describe(const std::vector<graph::NewExit>& exits, const std::vector<int>& numbers) {
  py::list list;
  for (std::size_t i = 0; i < exits.size(); ++i) {
    py::dict exit;
    exit["exit"] = numbers[i] - 1;
    exit["after"] = exits[i].place.node;
    exit["macs_before"] = exits[i].place.macs_before;
    exit["branch_macs"] = exits[i].branch_macs;
    exit["branch_parameters"] = exits[i].branch_parameters;
    list.append(exit);
  }
  return list;
}

py::list insert_exits(const std::filesystem::path& input, const std::filesystem::path& output, int exits,
                      const std::vector<std::string>& after, const std::optional<int>& input_exits, int candidates,
                      int classes, std::uint64_t seed) {
  std::vector<graph::NewExit> chosen;
  std::vector<int> numbers;
  {
    const py::gil_scoped_release released;
    io::check_output(output);
    graph::Graph graph = graph::load_onnx(input, {.channels_first = true});
    try {
      if (classes > 0) graph = graph::with_new_classes(std::move(graph), classes, seed);
      graph::InsertionOptions options;
      options.exits = exits;
      options.after = after;
      options.input_exits = input_exits;
      options.candidates = candidates;
      chosen = graph::plan_exits(graph, options);
      numbers = graph::exit_numbers(graph, chosen);
      graph = graph::insert_exits(std::move(graph), chosen, seed);
    } catch (const Error& error) {
      throw Error(error.kind(), input.string(), error.what());
    }
    graph::save_onnx(graph, output);
  }
  return describe(chosen, numbers);
}

}  // namespace

void bind_insertion(py::module_& module) {
  module.def("insert_exits", &insert_exits, py::arg("input"), py::arg("output"), py::kw_only(), py::arg("exits") = 0,
             py::arg("after") = std::vector<std::string>{}, py::arg("input_exits") = py::none(),
             py::arg("candidates") = 0, py::arg("classes") = 0, py::arg("seed") = 1,
             "Gives the classifier of an ONNX file exits with fresh weights and writes the result; the options are "
             "those of `einet model insert-exits`. Returns the new exits as dictionaries.");
}

}  // namespace einet::python
