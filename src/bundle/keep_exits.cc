// The times of a network with fewer exits are derived from those measured with all exits: every remaining node of the
// old network belongs to one part of the new one. An old part almost always becomes part of a single new one. Otherwise
// (for example if a scale of MSDNet that only removed exits need is gone), its time is divided in proportion to
// multiply-accumulates, and the share of the removed nodes is subtracted.

#include "bundle/keep_exits.h"

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/cost.h"
#include "graph/insertion/exit_names.h"
#include "graph/keep_exits.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::bundle {
namespace {

/// Parts are numbered in execution order: conv part i is 2 i, branch i is 2 i + 1.
using Parts = std::vector<std::vector<int>>;

Parts parts_of(const graph::Graph& graph) {
  Parts parts;
  for (graph::Block& block : graph::partition(graph)) {
    parts.push_back(std::move(block.conv_part));
    parts.push_back(std::move(block.branch));
  }
  return parts;
}

/// shares[old][new]: how much of an old part's time belongs to a new part.
std::vector<std::vector<double>> shares_of(const graph::Graph& before, const graph::Graph& after) {
  const Parts old_parts = parts_of(before), new_parts = parts_of(after);
  std::unordered_map<std::string, std::size_t> part_of;  // By value.
  for (std::size_t part = 0; part < new_parts.size(); ++part) {
    for (const int node : new_parts[part]) part_of[after.nodes[node].outputs.front()] = part;
  }
  const graph::Shapes shapes = graph::infer_shapes(before, 1);
  std::vector<std::vector<double>> shares;
  for (const std::vector<int>& part : old_parts) {
    std::vector<double> weights(new_parts.size(), 0.0);
    double total = 0;
    for (const int index : part) {
      const graph::Node& node = before.nodes[index];
      const double weight = 1.0 + static_cast<double>(graph::macs(node, shapes));  // 1: for parts without any.
      total += weight;
      if (const auto found = part_of.find(node.outputs.front()); found != part_of.end())
        weights[found->second] += weight;
    }
    for (double& weight : weights) weight = total > 0 ? weight / total : 0.0;
    shares.push_back(std::move(weights));
  }
  return shares;
}

void add(profile::TimeStat& to, const profile::TimeStat& from, double share) {
  to.mean += share * from.mean;
  to.p10 += share * from.p10;
  to.p50 += share * from.p50;
  to.p90 += share * from.p90;
  to.p99 += share * from.p99;
}

/// The times of the new parts.
profile::EtProfile joined(profile::EtProfile timing, const std::vector<std::vector<double>>& shares) {
  const std::vector<profile::TimeStat> conv = std::exchange(timing.conv, {}), branch = std::exchange(timing.branch, {});
  timing.conv.resize(shares.front().size() / 2);
  timing.branch.resize(shares.front().size() / 2);
  double before = 0, after = 0;
  for (std::size_t old_part = 0; old_part < shares.size(); ++old_part) {
    const profile::TimeStat& time = (old_part % 2 == 0 ? conv : branch)[old_part / 2];
    before += time.p50;
    for (std::size_t part = 0; part < shares[old_part].size(); ++part) {
      const double share = shares[old_part][part];
      add((part % 2 == 0 ? timing.conv : timing.branch)[part / 2], time, share);
      after += share * time.p50;
    }
  }
  if (timing.quality && before > 0) {
    profile::TimeStat total;
    add(total, timing.quality->total, after / before);
    timing.quality->total = total;
  }
  timing.planning.clear();
  timing.decisions.reset();
  timing.lanes.reset();  // Of other branches: they determine when the branch lane is busy.
  return timing;
}

}  // namespace

Bundle keep_exits(const Bundle& bundle, const plan::ExitPlan& kept) {
  const std::vector<graph::Block> blocks = graph::partition(bundle.graph);
  std::vector<int> exits;
  std::vector<std::string> outputs;
  for (int exit = kept.next(-1); exit < kept.exits(); exit = kept.next(exit)) {
    exits.push_back(exit);
    outputs.push_back(blocks.at(exit).output);
  }
  Bundle result = bundle;
  result.graph = graph::keep_exits(bundle.graph, outputs);
  const std::vector<std::vector<double>> shares = shares_of(bundle.graph, result.graph);
  const graph::ExitRenumbering renumbered(outputs);
  renumbered.apply(result.graph);
  if (bundle.confidences) result.confidences = bundle.confidences->columns(exits);
  for (auto& [platform, timing] : result.timing) {
    timing = joined(std::move(timing), shares);
    std::map<std::string, std::string> choices;
    for (const auto& [node, choice] : timing.tuning.choices) choices[renumbered(node)] = choice;
    timing.tuning.choices = std::move(choices);
  }
  result.fit.reset();
  result.folds = {};
  result.combination.reset();
  result.fold_combinations = {};
  return result;
}

}  // namespace einet::bundle
