#include <functional>
#include <limits>

#include "bundle/example.h"
#include "expect_error.h"

namespace einet::bundle {
namespace {

TEST_F(BundleTest, DoesNotSaveInvalidBundles) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<std::pair<std::string, std::function<void(Bundle&)>>> faults = {
      {"model.onnx: has 2 inputs, expected one",
       [](Bundle& b) {
         b.graph.inputs.push_back({"more", {-1, 1, 1, 1}});
       }},
      {"manifest.json: has 1 labels", [](Bundle& b) { b.labels = {"one"}; }},
      {"manifest.json: a channel deviation", [](Bundle& b) { b.normalization.stddev = {0.0f}; }},
      {"manifest.json: has 2 channel deviations",
       [](Bundle& b) {
         b.normalization.stddev = {1.0f, 1.0f};
       }},
      {"confidence.npz: sample 0, exit 1: confidence nan", [&](Bundle& b) { b.confidences->confidence[0] = nan; }},
      {"confidence.npz: has 1 exits",
       [](Bundle& b) {
         b.confidences = profile::CsProfile{1, {0}, {0}, {0.5f}};
       }},
      {"timing/../x.json: the platform name is not safe", [](Bundle& b) { b.timing["../x"] = example_timing("../x"); }},
      {"timing/x.json: contains the timing of platform 'y'", [](Bundle& b) { b.timing["x"] = example_timing("y"); }},
      {"timing/a-cpu-1t-f32.json: time branch[1][0] is nan",
       [&](Bundle& b) { b.timing["a-cpu-1t-f32"].branch[1].mean = nan; }},
      {"fold1/predictor.onnx: has 5 exits", [](Bundle& b) { b.folds[1]->predictor = example_predictor(5, 1.0f); }},
      {"fold0/calibration.json: shrinkage is 2", [](Bundle& b) { b.folds[0]->beliefs.shrinkage = 2.0; }},
      {"calibration.json: knot 1 of a curve is out of order",
       [](Bundle& b) {
         b.fit->beliefs.seen[0].score = {0.9, 0.3};
       }},
  };
  check_bundle(example_bundle(), path_);
  for (const auto& [expected, spoil] : faults) {
    Bundle bundle = example_bundle();
    spoil(bundle);
    expect_error(ErrorKind::kInvalidData, (path_ / expected).string(), [&] { save_bundle(bundle, path_); });
    EXPECT_TRUE(std::filesystem::is_empty(folder_)) << expected;
  }
}

TEST_F(BundleTest, ExitsMustHaveTheSameClasses) {
  graph::Builder builder("odd", 1, 4, 4, 1);
  const std::string x = builder.flatten(builder.input(), "f");
  builder.exit(builder.linear(x, 3, "a"));
  builder.exit(builder.linear(x, 4, "b"));
  Bundle bundle;
  bundle.graph = std::move(builder).build();
  expect_error(ErrorKind::kInvalidData, "model.onnx: exit exit2 has 4 classes, but earlier exits have 3",
               [&] { save_bundle(bundle, path_); });
}

}  // namespace
}  // namespace einet::bundle
