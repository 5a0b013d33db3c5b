#include "train/accuracy.h"

#include <algorithm>
#include <numeric>

#include "data/augment.h"
#include "graph/cost.h"
#include "graph/partition.h"
#include "plan/exit_choice.h"

namespace einet::train {

int evaluation_batch(const data::Dataset& data) {
  constexpr std::int64_t kMostPixels = std::int64_t{1} << 21;
  return static_cast<int>(std::clamp<std::int64_t>(kMostPixels / data.image_size(), 1, 500));
}

at::Tensor Placement::images(const data::Dataset& data, std::vector<float>& pixels) const {
  const auto count = static_cast<std::int64_t>(pixels.size()) / data.image_size();
  return at::from_blob(pixels.data(), {count, data.channels, data.height, data.width}, at::kFloat)
      .to(device, at::kFloat, false, true, layout);
}

std::vector<double> accuracy(const Logits& logits, const data::Dataset& data, int count,
                             const std::vector<std::size_t>& exits, const Ranks& ranks) {
  const at::NoGradGuard no_gradients;
  std::vector<double> right(exits.size(), 0.0);
  std::vector<std::string> outputs;
  for (const std::size_t exit : exits) outputs.push_back(logits.graph.outputs[exit]);
  const Route way = logits.network.route({logits.graph.inputs[0].name}, outputs, {});
  const int batch = evaluation_batch(data);
  for (int from = ranks.rank() * batch; from < count; from += ranks.size() * batch) {
    std::vector<int> samples(std::min(batch, count - from));
    std::iota(samples.begin(), samples.end(), from);
    std::vector<float> pixels(samples.size() * data.image_size());
    data::fill_batch(data, samples, pixels);
    const auto first = data.labels.begin() + from;
    const at::Tensor labels =
        at::tensor(std::vector<std::int64_t>(first, first + samples.size())).to(logits.placement.device);
    const std::vector<at::Tensor> values = logits.network.forward(way, {logits.placement.images(data, pixels)});
    for (std::size_t i = 0; i < exits.size(); ++i) {
      right[i] += logits.exits[exits[i]].logits(values[i]).argmax(1).eq(labels).sum().item<double>();
    }
  }
  at::Tensor sums = at::from_blob(right.data(), {static_cast<std::int64_t>(right.size())}, at::kDouble);
  ranks.add(sums);
  for (double& share : right) share /= count;
  return right;
}

double best_expectation(const graph::Graph& graph, const std::vector<double>& accuracies) {
  const std::vector<graph::Block> blocks = graph::partition(graph);
  const std::vector<graph::BlockCost> costs = graph::block_costs(graph, blocks);
  plan::ExitCandidates candidates;
  plan::BlockTimes times;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    times.conv.push_back(static_cast<double>(costs[i].conv_macs));
    times.branch.push_back(static_cast<double>(costs[i].branch_macs));
    const auto output = std::find(graph.outputs.begin(), graph.outputs.end(), blocks[i].output);
    candidates.scores.push_back(accuracies.at(output - graph.outputs.begin()));
  }
  const double total = times.total();
  if (total <= 0) return *std::max_element(accuracies.begin(), accuracies.end());
  candidates.devices.push_back({std::move(times), plan::uniform_distribution(total)});
  return plan::expectation_among(candidates, plan::ExitPlan::all(static_cast<int>(blocks.size())));
}

}  // namespace einet::train
