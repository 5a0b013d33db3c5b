#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "command.h"
#include "einet/graph/cost.h"
#include "einet/graph/onnx_file.h"
#include "einet/graph/partition.h"
#include "einet/zoo/zoo.h"
#include "parse.h"

namespace einet::cli {
namespace {

nlohmann::json describe(const graph::Graph& graph) {
  const auto blocks = graph::partition(graph);
  const auto costs = graph::block_costs(graph, blocks);
  nlohmann::json list = nlohmann::json::array();
  std::int64_t trunk = 0, branches = 0, parameters = 0, branch_parameters = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const graph::BlockCost& cost = costs[i];
    trunk += cost.conv_macs;
    branches += cost.branch_macs;
    parameters += cost.conv_parameters + cost.branch_parameters;
    branch_parameters += cost.branch_parameters;
    list.push_back({{"exit", i + 1},
                    {"output", blocks[i].output},
                    {"conv_nodes", blocks[i].conv_part.size()},
                    {"branch_nodes", blocks[i].branch.size()},
                    {"conv_macs", cost.conv_macs},
                    {"branch_macs", cost.branch_macs},
                    {"macs_to_exit", trunk + cost.branch_macs},
                    {"conv_parameters", cost.conv_parameters},
                    {"branch_parameters", cost.branch_parameters}});
  }
  return {{"name", graph.name},
          {"input", graph.inputs.at(0).shape},
          {"exits", blocks.size()},
          {"nodes", graph.nodes.size()},
          {"macs", trunk + branches},
          {"branch_macs", branches},
          {"parameters", parameters},
          {"branch_parameters", branch_parameters},
          {"blocks", list}};
}

void print_description(const nlohmann::json& d) {
  std::cout << d["name"].get<std::string>() << ": " << d["exits"] << " exits, " << d["nodes"] << " nodes, "
            << format_count(d["parameters"]) << " parameters, " << format_count(d["macs"]) << " MACs (" << std::fixed
            << std::setprecision(0) << 100.0 * d["branch_macs"].get<double>() / std::max(1.0, d["macs"].get<double>())
            << " % in branches)\n"
            << "exit  output            conv MACs  branch MACs  MACs to exit  parameters\n";
  for (const auto& b : d["blocks"]) {
    std::cout << std::setw(4) << b["exit"].get<int>() << "  " << std::left << std::setw(16)
              << b["output"].get<std::string>() << std::right << std::setw(11) << format_count(b["conv_macs"])
              << std::setw(13) << format_count(b["branch_macs"]) << std::setw(14) << format_count(b["macs_to_exit"])
              << std::setw(12)
              << format_count(b["conv_parameters"].get<double>() + b["branch_parameters"].get<double>()) << '\n';
  }
}

void add_list(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("list", "The networks of the zoo and their parameters");
  auto json = std::make_shared<bool>(false);
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([json] {
    nlohmann::json list = nlohmann::json::array();
    for (const zoo::Family& family : zoo::families()) {
      nlohmann::json parameters = nlohmann::json::array();
      for (const zoo::Parameter& p : family.parameters) {
        parameters.push_back({{"name", p.name}, {"default", p.default_value}, {"help", p.help}});
      }
      const auto d = describe(family.build({}));
      list.push_back({{"name", family.name},
                      {"summary", family.summary},
                      {"parameters", parameters},
                      {"exits", d["exits"]},
                      {"macs_to_first_exit", d["blocks"].front()["macs_to_exit"]},
                      {"macs_to_last_exit", d["blocks"].back()["macs_to_exit"]},
                      {"branch_macs", d["branch_macs"]},
                      {"macs", d["macs"]},
                      {"weights", d["parameters"]}});
    }
    if (*json) {
      std::cout << list.dump(2) << '\n';
      return;
    }
    for (const auto& f : list) {
      std::cout << f["name"].get<std::string>() << "  " << f["summary"].get<std::string>()
                << "\n    at 3x32x32: " << f["exits"] << " exits, " << format_count(f["macs_to_first_exit"]) << " to "
                << format_count(f["macs_to_last_exit"]) << " MACs, " << format_count(f["weights"]) << " parameters\n";
      for (const auto& p : f["parameters"]) {
        std::cout << "    --set " << std::left << std::setw(24)
                  << p["name"].get<std::string>() + "=" + p["default"].get<std::string>() << std::right
                  << p["help"].get<std::string>() << '\n';
      }
    }
  });
}

struct BuildOptions {
  std::string name, output, input = "3x32x32";
  int classes = 10;
  std::uint64_t seed = 1;
  std::vector<std::string> settings;
  bool json = false;
};

void add_build(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("build", "Build one network with fresh weights");
  auto o = std::make_shared<BuildOptions>();
  sub->add_option("name", o->name, "Network of the zoo (einet model list)")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write")->required();
  sub->add_option("--input", o->input, "Image size, channels x height x width");
  sub->add_option("--classes", o->classes, "Number of classes")->check(CLI::Range(2, 100000));
  sub->add_option("--seed", o->seed, "Of the initial weights");
  sub->add_option("--set", o->settings, "Parameter of the network, NAME=VALUE; repeatable");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    const auto size = parse_sizes(o->input, 3);
    const graph::Graph graph =
        zoo::build(o->name, {size[0], size[1], size[2], o->classes, o->seed, parse_settings(o->settings)});
    graph::save_onnx(graph, o->output);
    const auto d = describe(graph);
    if (o->json) {
      std::cout << d.dump(2) << '\n';
    } else {
      print_description(d);
    }
  });
}

void add_inspect(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("inspect", "Blocks, MACs and parameters of any multi-exit ONNX file");
  auto file = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  sub->add_option("file", *file, "ONNX file")->required();
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([file, json] {
    const auto d = describe(graph::load_onnx(*file));
    if (*json) {
      std::cout << d.dump(2) << '\n';
    } else {
      print_description(d);
    }
  });
}

}  // namespace

void add_model(CLI::App& app) {
  CLI::App* model = app.add_subcommand("model", "Networks: list, build, inspect");
  model->require_subcommand(1);
  add_list(*model);
  add_build(*model);
  add_inspect(*model);
}

}  // namespace einet::cli
