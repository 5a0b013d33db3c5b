#include <algorithm>
#include <iomanip>
#include <iostream>

#include "cli/model/model.h"
#include "cli/parse.h"
#include "graph/cost.h"
#include "graph/partition.h"

namespace einet::cli {

nlohmann::json describe(const graph::Graph& graph) {
  const auto blocks = graph::partition(graph);
  const auto costs = graph::block_costs(graph, blocks);
  nlohmann::json list = nlohmann::json::array();
  std::int64_t trunk = 0, branches = 0, branch_parameters = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const graph::BlockCost& cost = costs[i];
    trunk += cost.conv_macs;
    branches += cost.branch_macs;
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
  // The last branch belongs to the network without early exits.
  const auto early = static_cast<double>(branches - costs.back().branch_macs);
  return {{"name", graph.name},
          {"input", graph.inputs.at(0).shape},
          {"exits", blocks.size()},
          {"nodes", graph.nodes.size()},
          {"macs", trunk + branches},
          {"branch_macs", branches},
          {"branch_share", trunk + branches > 0 ? early / static_cast<double>(trunk + branches) : 0.0},
          {"parameters", graph::total_parameters(costs)},
          {"branch_parameters", branch_parameters},
          {"blocks", list}};
}

void print_description(const nlohmann::json& d) {
  std::cout << d["name"].get<std::string>() << ": " << d["exits"] << " exits, " << d["nodes"] << " nodes, "
            << format_count(d["parameters"]) << " parameters, " << format_count(d["macs"]) << " MACs (" << std::fixed
            << std::setprecision(0) << 100.0 * d["branch_share"].get<double>() << " % in branches before the last)\n"
            << "exit  output            conv MACs  branch MACs  MACs to exit  parameters\n";
  for (const auto& b : d["blocks"]) {
    std::cout << std::setw(4) << b["exit"].get<int>() << "  " << std::left << std::setw(16)
              << b["output"].get<std::string>() << std::right << std::setw(11) << format_count(b["conv_macs"])
              << std::setw(13) << format_count(b["branch_macs"]) << std::setw(14) << format_count(b["macs_to_exit"])
              << std::setw(12)
              << format_count(b["conv_parameters"].get<double>() + b["branch_parameters"].get<double>()) << '\n';
  }
}

}  // namespace einet::cli
