#include <algorithm>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "core/nearest_name.h"
#include "einet/error.h"
#include "graph/cost.h"
#include "zoo/zoo.h"

namespace einet::cli {
namespace {

struct ListArguments {
  std::string name, input = "3x32x32";
  int classes = 10;
  bool json = false;
};

nlohmann::json summarize(const zoo::NamedNetwork& network, const ListArguments& o) {
  const auto size = parse_sizes(o.input, 3);
  const graph::Graph graph = zoo::build(network.name, {size[0], size[1], size[2], o.classes, std::nullopt, {}});
  const nlohmann::json d = describe(graph);
  return {{"name", network.name},
          {"summary", network.summary},
          {"family", network.family},
          {"preset", network.preset},
          {"exits", d["exits"]},
          {"macs_to_first_exit", d["blocks"].front()["macs_to_exit"]},
          {"macs_of_whole_layers_to_first_exit", graph::macs_as_built(graph, graph.outputs.front())},
          {"macs_to_last_exit", d["macs"]},
          {"branch_macs", d["branch_macs"]},
          {"branch_share", d["branch_share"]},
          {"parameters", d["parameters"]},
          {"branch_parameters", d["branch_parameters"]}};
}

nlohmann::json parameters_of(const zoo::NamedNetwork& network) {
  const auto family = std::ranges::find(zoo::families(), network.family, &zoo::Family::name);
  nlohmann::json parameters = nlohmann::json::array();
  for (const zoo::Parameter& p : family->parameters) {
    const auto preset = network.preset.find(p.name);
    parameters.push_back({{"name", p.name},
                          {"default", preset == network.preset.end() ? p.default_value : preset->second},
                          {"help", p.help}});
  }
  return parameters;
}

/// 605886 -> "605,886".
std::string with_commas(std::int64_t count) {
  std::string text = std::to_string(count);
  for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(at, 1, ',');
  return text;
}

void print(const nlohmann::json& list) {
  std::cout << "network                    exits    MACs to exit 1      to the last  in branches   parameters\n";
  bool layers_differ = false;
  for (const auto& n : list) {
    const auto first = n["macs_to_first_exit"].get<double>();
    const bool differs = n["macs_of_whole_layers_to_first_exit"] != n["macs_to_first_exit"] && n["exits"] > 1;
    layers_differ = layers_differ || differs;
    const std::string whole =
        differs ? " (" + format_count(n["macs_of_whole_layers_to_first_exit"].get<double>()) + ")" : "";
    std::cout << std::left << std::setw(27) << n["name"].get<std::string>() << std::right << std::setw(5)
              << n["exits"].get<int>() << std::setw(18) << format_count(first) + whole << std::setw(17)
              << format_count(n["macs_to_last_exit"]) << std::setw(11)
              << std::lround(100 * n["branch_share"].get<double>()) << " %" << std::setw(13)
              << with_commas(n["parameters"]) << '\n';
  }
  std::cout << "\nTo the last exit: everything, all branches executed; in branches: those before the last exit.";
  if (layers_differ) {
    std::cout
        << "\nIn parentheses: whole layers, as counted in papers; the first exit does not need all of its last layer.";
  }
  std::cout << '\n';
}

void print_parameters(const nlohmann::json& network) {
  std::cout << '\n' << network["name"].get<std::string>() << ": " << network["summary"].get<std::string>() << '\n';
  for (const auto& p : network["settings"]) {
    std::cout << "    --set " << std::left << std::setw(26)
              << p["name"].get<std::string>() + "=" + p["default"].get<std::string>() << std::right
              << p["help"].get<std::string>() << '\n';
  }
}

void list(const ListArguments& o) {
  nlohmann::json all = nlohmann::json::array();
  std::vector<std::string> names;
  for (const zoo::NamedNetwork& network : zoo::networks()) {
    names.push_back(network.name);
    if (!o.name.empty() && network.name != o.name) continue;
    all.push_back(summarize(network, o));
    all.back()["settings"] = parameters_of(network);
  }
  if (all.empty()) {
    const std::string nearest = nearest_name(o.name, names);
    throw Error(ErrorKind::kUsage, "network '" + o.name + "'",
                "unknown" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
  }
  if (o.json) {
    print_json(all);
    return;
  }
  print(all);
  if (!o.name.empty()) {
    print_parameters(all.front());
  } else {
    for (const auto& n : all) {
      std::cout << "  " << std::left << std::setw(27) << n["name"].get<std::string>() << std::right
                << n["summary"].get<std::string>() << '\n';
    }
    std::cout << "\n`einet model list NAME` shows the parameters of a network.\n";
  }
}

}  // namespace

void add_model_list(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("list", "List the networks of the zoo: exits, MACs, parameters");
  auto o = std::make_shared<ListArguments>();
  sub->add_option("name", o->name, "Only this network, with the parameters for --set");
  sub->add_option("--input", o->input, "Image size, channels x height x width");
  sub->add_option("--classes", o->classes, "Number of classes")->check(CLI::Range(2, 100000));
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { list(*o); });
}

}  // namespace einet::cli
