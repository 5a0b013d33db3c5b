// A network with an opened batch gives the same answer for each image of a batch as the original network for that
// image.

#include "graph/open_batch.h"

#include <gtest/gtest.h>

#include "exec/runs.h"
#include "graph/networks.h"

namespace einet::exec {
namespace {

/// [1,3,16,16] with a constant token before the 16 of the image, another after them, and attention between all.
graph::Graph with_tokens() {
  graph::Transformer t;
  const std::string map = t.node("Reshape", "map", {t.patches(), t.ints({1, 8, 16})});
  t.graph.inputs[0].shape[0] = 1;
  const std::string tokens = t.transpose(map, "tokens", {0, 2, 1});
  const std::string joined =
      t.node("Concat", "joined", {t.weight({1, 1, 8}), tokens, t.weight({1, 2, 8})}, {{"axis", std::int64_t{1}}});
  return t.classifier(t.attention(joined, "block"), {1}, "tokens");
}

TEST(OpenBatch, RepeatsConstantsForEachImage) {
  constexpr int kImages = 3;
  const graph::Graph fixed = with_tokens(), opened = graph::open_batch(fixed);
  for (const auto compile_one : {compile_reference, compile}) {
    const auto single = compile_one(fixed, {});
    const auto batch = compile_one(opened, {.batch = kImages});
    const std::vector<float> images = random_input(*batch, 7);
    const std::vector<float> answers = run(*batch, images).back();
    const std::size_t pixels = images.size() / kImages, classes = answers.size() / kImages;
    for (std::size_t i = 0; i < kImages; ++i) {
      const std::vector<float> image(images.begin() + i * pixels, images.begin() + (i + 1) * pixels);
      const std::vector<float> answer(answers.begin() + i * classes, answers.begin() + (i + 1) * classes);
      EXPECT_LT(relative_difference(run(*single, image).back(), answer), 1e-5) << i;
    }
  }
}

}  // namespace
}  // namespace einet::exec
