#include <iomanip>
#include <iostream>
#include <memory>
#include <string>

#include "bundle/network_file.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "cli/progress_line.h"
#include "exec/passes.h"
#include "exec/tuning_cache.h"
#include "graph/onnx_file.h"

namespace einet::cli {
namespace {

struct InspectOptions {
  std::string file, shape, precision = "f32";
  bool passes = false, tune = false, json = false;
};

void inspect(const InspectOptions& o) {
  graph::PassNotes notes;
  graph::LoadOptions options;
  options.notes = &notes;
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  const graph::Graph graph = graph::load_onnx(bundle::onnx_file(o.file), options);
  nlohmann::json d = describe(graph);
  if (o.passes) {
    exec::CompileOptions compile;
    compile.precision = exec::parse_precision(o.precision);
    if (graph.inputs.front().shape.front() > 0) compile.batch = graph.inputs.front().shape.front();
    if (o.tune) {
      ProgressLine progress;
      compile.tuning = exec::cached_tuning(graph, compile, exec::cache_directory(), progress);
    }
    for (const graph::PassNote& note : exec::explain_passes(graph, compile)) notes.push_back(note);
    for (const graph::PassNote& note : notes) d["passes"].push_back({{"pass", note.pass}, {"did", note.did}});
  }
  if (o.json) {
    print_json(d);
    return;
  }
  print_description(d);
  if (o.passes) std::cout << "passes\n";
  for (const auto& note : d.value("passes", nlohmann::json::array())) {
    std::cout << "  " << std::left << std::setw(24) << note["pass"].get<std::string>() << std::right
              << note["did"].get<std::string>() << '\n';
  }
}

}  // namespace

void add_model_inspect(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("inspect", "Print blocks, MACs and parameters of any ONNX network");
  auto o = std::make_shared<InspectOptions>();
  sub->add_option("file", o->file, "ONNX file or bundle")->required();
  sub->add_option("--shape", o->shape, "Shape of the input if the file leaves it open, such as 3x224x224");
  auto* passes = sub->add_flag("--passes", o->passes, "Also print the effect of each loading and compilation pass");
  sub->add_flag("--tune", o->tune, "Compile with the fastest implementations on this machine, as for runs")
      ->needs(passes);
  add_precision_option(*sub, o->precision)->needs(passes);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { inspect(*o); });
}

}  // namespace einet::cli
