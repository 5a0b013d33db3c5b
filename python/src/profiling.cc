#include "fit/profiling.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <nlohmann/json.hpp>

#include "arguments.h"
#include "bindings.h"
#include "bundle/network.h"
#include "bundle/network_file.h"
#include "bundle/update.h"
#include "core/normalize.h"
#include "core/processors.h"
#include "data/samples.h"
#include "einet/error.h"
#include "exec/tuning_cache.h"
#include "io/staged_directory.h"
#include "progress.h"

namespace einet::python {

namespace py = pybind11;
namespace fs = std::filesystem;

namespace {

/// Images and labels of the caller, valid as long as the arrays.
struct LabelledArrays {
  py::array images, labels;  ///< Empty if there are none.

  explicit operator bool() const { return images.size() > 0; }
};

bool is_bundle(const fs::path& model) { return fs::is_directory(model); }

bundle::Bundle open(const fs::path& model, const std::string& weights) {
  if (is_bundle(model)) return bundle::load_bundle(model);
  const auto storage = graph::parse_weight_storage(weights);
  if (!storage) throw Error(ErrorKind::kUsage, "weights", "is '" + weights + "', must be float16, float32 or none");
  return bundle::new_bundle(graph::load_onnx(model, {.channels_first = true}), *storage, model.string());
}

LabelledArrays arrays(const py::object& images, const py::object& labels) {
  if (images.is_none() != labels.is_none())
    throw Error(ErrorKind::kUsage, "images", "and labels must be given together");
  if (images.is_none()) return {};
  LabelledArrays all{py::array::ensure(images), py::array::ensure(labels)};
  if (!all.images || all.images.ndim() < 2) throw Error(ErrorKind::kInvalidData, "images", "is not an array [N,C,H,W]");
  if (!all.labels || all.labels.ndim() != 1 || all.labels.size() != all.images.shape(0)) {
    throw Error(ErrorKind::kInvalidData, "labels", "must be an array with one number for each image");
  }
  if (all.images.shape(0) == 0) throw Error(ErrorKind::kInvalidData, "images", "is empty");
  if (all.labels.dtype().kind() != 'i' && all.labels.dtype().kind() != 'u') {
    throw Error(ErrorKind::kInvalidData, "labels", "must be integers");
  }
  all.labels = all.labels.cast<py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>>();
  return all;
}

fit::ProfileSamples from_arrays(const bundle::Bundle& start, const LabelledArrays& arrays,
                                const std::vector<std::string>& label_names) {
  const py::gil_scoped_acquire held;
  std::vector<std::int64_t> shape = start.graph.inputs.at(0).shape;
  shape[0] = arrays.images.shape(0);
  py::array holder;
  const std::span<const float> all = pixels(arrays.images, shape, holder);
  fit::ProfileSamples samples{.dataset = "",
                              .hold_out = {},
                              .normalization = start.normalization,
                              .preprocessing = start.preprocessing,
                              .label_names = label_names.empty() ? start.labels : label_names,
                              .classes = bundle::network_facts(start.graph, "model").classes,
                              .labels = {},
                              .image = {}};
  const std::span labels(static_cast<const std::int64_t*>(arrays.labels.data()),
                         static_cast<std::size_t>(arrays.labels.size()));
  for (const std::int64_t label : labels) {
    if (label < 0 || label >= samples.classes) {
      throw Error(ErrorKind::kInvalidData, "labels",
                  std::to_string(label) + " is not one of the classes 0 to " + std::to_string(samples.classes - 1));
    }
    samples.labels.push_back(static_cast<std::int32_t>(label));
  }
  const std::size_t size = all.size() / samples.labels.size(), channels = shape.size() > 1 ? shape[1] : 1;
  samples.image = [all, size, channels, &start](int i, std::span<float> input) {
    normalize(all.subspan(size * static_cast<std::size_t>(i), size), channels, start.normalization, input);
  };
  return samples;
}

/// The test images of a data set, folder or list, prepared as the bundle says. `set` must outlive the result.
fit::ProfileSamples from_dataset(const bundle::Bundle& start, const std::string& model, data::SampleSource source,
                                 data::Dataset& set) {
  if (source.data == start.dataset) source.hold_out = start.hold_out;
  source.preprocessing = start.preprocessing;
  source.normalization = start.normalization;
  set = data::load_samples(source, data::Split::kTest, start.graph.inputs.at(0), [](const std::string&) {});
  data::check_samples(set, start.graph, model);
  return fit::profile_samples(set, source.hold_out, source.preprocessing);
}

exec::CompileOptions compile_options(const graph::Graph& graph, const std::string& precision, int threads, bool tune,
                                     Progress& progress) {
  exec::CompileOptions options;
  options.precision = exec::parse_precision(precision);
  options.threads = usable_threads(threads);
  if (tune) options.tuning = exec::cached_tuning(graph, options, exec::cache_directory(), progress);
  return options;
}

py::object profile(const fs::path& model, const std::optional<fs::path>& output, const std::string& data,
                   const std::string& directory, int limit, const py::object& images, const py::object& labels,
                   const std::vector<std::string>& label_names, double budget, const std::string& weights,
                   const std::string& log_probabilities, const std::string& precision, int threads, int lanes,
                   bool tune, bool force, const py::object& callback) {
  const LabelledArrays given = arrays(images, labels);
  if (given && !data.empty()) throw Error(ErrorKind::kUsage, "profile", "takes either data or images and labels");
  if (lanes != 1 && lanes != 2) throw Error(ErrorKind::kUsage, "lanes", "must be 1 or 2");
  if (!(budget > 0)) throw Error(ErrorKind::kUsage, "budget", "must be above 0 seconds");
  const bundle::Destination place = bundle::destination(model, output.value_or(""), force, "pass output='NAME.einet'");
  const fit::LogProbabilities use = fit::parse_log_probabilities(log_probabilities);
  PythonProgress progress(callback);
  nlohmann::json summary;
  {
    const py::gil_scoped_release released;
    io::check_output_directory(place.path);
    bundle::Bundle start = open(model, weights);
    if (start.name.empty()) start.name = io::directory_place(place.path).stem().string();
    if (is_bundle(model) && (given || !data.empty())) start.require_weights();
    data::Dataset set;
    std::optional<fit::ProfileSamples> samples;
    if (given) samples = from_arrays(start, given, label_names);
    if (!data.empty()) {
      data::SampleSource source;
      source.data = data;
      source.directory = directory;
      source.limit = limit;
      samples = from_dataset(start, model.string(), source, set);
    }
    fit::Profiling profiling(start, std::move(samples), use, model.string());
    const auto add = [&](bundle::Bundle& b) { profiling.add_to(b); };
    bundle::check_update(place, start, add);
    profiling.measure(compile_options(start.graph, precision, threads, tune, progress), {.budget = Seconds(budget)},
                      lanes, progress);
    const bundle::Bundle saved = bundle::update_bundle(place, start, add);
    summary = fit::profile_summary(saved, profiling.timing());
    summary["bundle"] = place.path.string();
    summary["busy"] = profiling.timing().busy();
  }
  return from_json(summary);
}

}  // namespace

void bind_profiling(py::module_& module) {
  module.def(
      "profile", &profile, py::arg("model"), py::arg("output") = py::none(), py::kw_only(), py::arg("data") = "",
      py::arg("directory") = "", py::arg("limit") = 0, py::arg("images") = py::none(), py::arg("labels") = py::none(),
      py::arg("label_names") = std::vector<std::string>{}, py::arg("budget") = 2.0, py::arg("weights") = "float16",
      py::arg("log_probabilities") = "auto", py::arg("precision") = "f32", py::arg("threads") = 1, py::arg("lanes") = 1,
      py::arg("tune") = true, py::arg("force") = false, py::arg("progress") = py::none(),
      "Measures a trained multi-exit network (an ONNX file, or a bundle to measure again) and saves the bundle "
      "`output`; by default the bundle that was given. Confidences are those of the held-out samples: either `data`, a "
      "data set, image folder or list as `einet profile --data` takes it, or `images`, float32 [N,C,H,W] with pixels "
      "in "
      "[0,1], and `labels`, N integers. Without samples, only the times of this machine are added to a bundle. "
      "`budget` "
      "is the time in seconds to measure times; with `lanes` 2, those of runs with branches on a second thread are "
      "measured too. Other parts of an existing bundle that saving would lose are an error "
      "unless `force`. `progress` is called with stage, done, total and a note. Returns what `einet profile --json` "
      "prints.");
}

}  // namespace einet::python
