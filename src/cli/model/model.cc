#include "cli/model/model.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "graph/onnx_file.h"
#include "io/file.h"
#include "zoo/zoo.h"

namespace einet::cli {
namespace {

struct BuildOptions {
  std::string name, output, input = "3x32x32";
  int classes = 10;
  std::uint64_t seed = 1;
  std::vector<std::string> settings;
  bool json = false;
};

void add_build(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("build", "Build a network with fresh weights");
  auto o = std::make_shared<BuildOptions>();
  sub->add_option("name", o->name, "Network of the zoo (einet model list)")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write")->required();
  sub->add_option("--input", o->input, "Image size, channels x height x width");
  sub->add_option("--classes", o->classes, "Number of classes")->check(CLI::Range(2, 100000));
  sub->add_option("--seed", o->seed, "Seed of the initial weights");
  sub->add_option("--set", o->settings, "Parameter of the network, NAME=VALUE; repeatable");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    io::check_output(o->output);
    const auto size = parse_sizes(o->input, 3);
    const graph::Graph graph =
        zoo::build(o->name, {size[0], size[1], size[2], o->classes, o->seed, parse_settings(o->settings)});
    graph::save_onnx(graph, o->output);
    const auto d = describe(graph);
    if (o->json) {
      print_json(d);
    } else {
      print_description(d);
    }
  });
}

}  // namespace

void add_model(CLI::App& app) {
  CLI::App* model = app.add_subcommand("model", "List, build, inspect and run networks; insert and choose exits");
  model->require_subcommand(1);
  add_model_list(*model);
  add_build(*model);
  add_model_inspect(*model);
  add_model_run(*model);
  add_model_insert_exits(*model);
  add_model_choose_exits(*model);
}

}  // namespace einet::cli
