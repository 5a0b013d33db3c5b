#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <nlohmann/json.hpp>

#include "arguments.h"
#include "bindings.h"
#include "io/file.h"
#include "progress.h"
#include "reproduce/context.h"
#include "reproduce/item.h"
#include "reproduce/report.h"

namespace einet::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

py::object reproduce_items(const std::vector<std::string>& names, const fs::path& output, const fs::path& bundles,
                           const std::string& distribution, std::uint64_t seed, const std::string& platform,
                           const std::string& directory, const py::object& callback) {
  PythonProgress progress(callback);
  nlohmann::json json;
  {
    const py::gil_scoped_release released;
    const std::vector<reproduce::Item> items = reproduce::items(names);
    io::check_output_folder(output.string());
    reproduce::ContextOptions options{
        .bundles = bundles, .data_directory = directory, .distribution = distribution, .seed = seed};
    options.timing.platform = platform;
    reproduce::Context context(options, progress);
    context.check_platform();
    const std::vector<reproduce::Outcome> outcomes = reproduce::run_items(items, context);
    const reproduce::About about = reproduce::about(context, "einet.reproduce()", EINET_VERSION);
    reproduce::write_report(outcomes, about, output);
    json = reproduce::to_json(outcomes, about);
    json["errors"] = context.errors();
  }
  return from_json(json);
}

}  // namespace

void bind_reproduction(py::module_& module) {
  module.def(
      "reproduce", &reproduce_items, py::arg("names") = std::vector<std::string>{}, py::kw_only(),
      py::arg("output") = "report", py::arg("bundles") = "bundles", py::arg("distribution") = "uniform",
      py::arg("seed") = 1, py::arg("platform") = "", py::arg("directory") = "", py::arg("progress") = py::none(),
      "The paper's tables and figures from the bundles in a folder, as `einet reproduce` makes them: writes a page "
      "with CSV and SVG files to `output` and returns the values. Without names, all.");
  module.def(
      "reproducible",
      [] {
        std::vector<std::string> names;
        for (const reproduce::Item& item : reproduce::items()) names.push_back(item.name);
        return names;
      },
      "The names that reproduce() takes.");
}

}  // namespace einet::python
