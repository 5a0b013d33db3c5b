// The shipped network on all 10,000 test images: the labels of the trainer's interpreter for the saved graph, those
// of the executor, and those recorded in the bundle must be equal at every exit.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "bundle/bundle.h"
#include "data/dataset.h"
#include "exec/scores.h"
#include "graph/onnx_file.h"
#include "measure/confidences.h"
#include "profile/cs_profile.h"
#include "train/trainer.h"

namespace einet::train {
namespace {

constexpr int kChunk = 500;

TEST(ShippedNetwork, TrainerFileAndExecutorAgreeOnEveryLabel) {
  const bundle::Bundle bundle =
      bundle::load_bundle(std::filesystem::path(EINET_SOURCE_DIR) / "bundles/fashion-mnist-msdnet.einet");
  const data::Dataset test = data::load_dataset(bundle.dataset, data::Split::kTest);
  const profile::CsProfile now = measure::measure_confidences(
      bundle.graph, test.labels,
      [&](int i, std::span<float> out) { data::normalize(test.image(i), test.channels, bundle.normalization, out); });
  ASSERT_TRUE(bundle.confidences);
  ASSERT_EQ(now.samples(), bundle.confidences->samples());

  // With another order of summation, a near tie may have a different result: labels may differ only if the two best
  // outputs are equal up to rounding.
  const graph::Graph saved = graph::parse_onnx(graph::format_onnx(bundle.graph), "saved again");
  std::vector<float> input(std::size_t(kChunk) * test.image_size());
  int ties = 0;
  for (int from = 0; from < test.size(); from += kChunk) {
    for (int i = 0; i < kChunk; ++i) {
      data::normalize(test.image(from + i), test.channels, bundle.normalization,
                      std::span(input).subspan(std::size_t(i) * test.image_size(), test.image_size()));
    }
    const auto outputs = evaluate(saved, input, kChunk);
    for (int exit = 0; exit < now.exits; ++exit) {
      for (int i = 0; i < kChunk; ++i) {
        const std::span<const float> row(outputs[exit].data() + std::size_t(i) * test.classes(), test.classes());
        const int label = exec::top_one(row, graph::Head::kLogits).label;
        const std::size_t at = std::size_t(from + i) * now.exits + exit;
        for (const int other : {now.predicted[at], bundle.confidences->predicted[at]}) {
          if (other == label) continue;
          ++ties;
          EXPECT_NEAR(row[other], row[label], 1e-4) << "image " << from + i << ", exit " << exit + 1;
        }
      }
    }
  }
  EXPECT_LE(ties, 4);
}

}  // namespace
}  // namespace einet::train
