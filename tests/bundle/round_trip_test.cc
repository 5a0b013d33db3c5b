#include <fstream>
#include <nlohmann/json.hpp>

#include "bundle/example.h"
#include "core/half.h"
#include "expect_error.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;

TEST_F(BundleTest, HasTheFilesOfTheFormat) {
  save_bundle(example_bundle(), path_);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : contents(path_)) names.push_back(name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"calibration.json", "confidence.npz", "fold0/calibration.json",
                                      "fold0/predictor.onnx", "fold1/calibration.json", "fold1/predictor.onnx",
                                      "manifest.json", "model.onnx", "predictor.onnx", "timing/a-cpu-1t-f32.json"}));
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path(), path_) << "nothing is left beside the bundle";
  }
}

TEST_F(BundleTest, SavesAndLoadsEveryPart) {
  const Bundle before = example_bundle();
  save_bundle(before, path_);
  const Bundle after = load_bundle(path_);
  EXPECT_EQ(after.name, before.name);
  EXPECT_EQ(after.dataset, before.dataset);
  EXPECT_EQ(after.normalization.mean, before.normalization.mean);
  EXPECT_EQ(after.normalization.stddev, before.normalization.stddev);
  EXPECT_EQ(after.labels, before.labels);
  EXPECT_EQ(after.exits(), 2);
  EXPECT_EQ(after.graph.outputs, before.graph.outputs);
  EXPECT_EQ(after.graph.initializers.size(), before.graph.initializers.size());
  ASSERT_TRUE(after.confidences);
  EXPECT_EQ(after.confidences->labels, before.confidences->labels);
  EXPECT_EQ(after.confidences->predicted, before.confidences->predicted);
  EXPECT_EQ(after.confidences->confidence, before.confidences->confidence);
  ASSERT_EQ(after.timing.count("a-cpu-1t-f32"), 1u);
  EXPECT_EQ(to_json(after.timing.at("a-cpu-1t-f32")), to_json(before.timing.at("a-cpu-1t-f32")));
  ASSERT_TRUE(after.fit && after.folds[0] && after.folds[1]);
  EXPECT_EQ(to_json(after.fit->beliefs), to_json(before.fit->beliefs));
  const auto weight = [](const Fit& fit) { return fit.predictor.initializers.at("w").floats().front(); };
  EXPECT_EQ(weight(*after.fit), half_to_float(float_to_half(0.1f)));
  EXPECT_EQ(weight(*after.folds[0]), half_to_float(float_to_half(0.2f)));
  EXPECT_EQ(weight(*after.folds[1]), half_to_float(float_to_half(0.3f)));
}

TEST_F(BundleTest, SavingALoadedBundleGivesTheSameBytes) {
  using graph::WeightStorage;
  for (const auto storage : {WeightStorage::kFloat16, WeightStorage::kFloat32, WeightStorage::kNone}) {
    save_bundle(example_bundle(), path_, storage);
    const auto before = contents(path_);
    const Bundle loaded = load_bundle(path_);
    EXPECT_EQ(loaded.weights, storage);
    save_bundle(loaded, path_);
    EXPECT_EQ(contents(path_), before);
  }
}

TEST_F(BundleTest, WithoutWeightsKeepsTheProfiles) {
  save_bundle(example_bundle(), path_, graph::WeightStorage::kNone);
  const Bundle loaded = load_bundle(path_);
  EXPECT_EQ(loaded.confidences->confidence, example_bundle().confidences->confidence);
  EXPECT_EQ(loaded.fit->predictor.initializers.at("w").floats().front(), half_to_float(float_to_half(0.1f)));
  expect_error(ErrorKind::kNotFound, "contains profiles but no weights", [&] { loaded.require_weights(); });
  EXPECT_NO_THROW(example_bundle().require_weights());
}

TEST_F(BundleTest, AddingATimingChangesNothingElse) {
  save_bundle(example_bundle(), path_);
  auto before = contents(path_);
  Bundle bundle = load_bundle(path_);
  bundle.timing["b-cpu-1t-f32"] = example_timing("b-cpu-1t-f32");
  save_bundle(bundle, path_);
  auto after = contents(path_);
  EXPECT_EQ(after.erase("timing/b-cpu-1t-f32.json"), 1u);
  EXPECT_EQ(after.erase("manifest.json"), before.erase("manifest.json"));
  EXPECT_EQ(after, before);
}

TEST_F(BundleTest, NeedsOnlyTheNetwork) {
  Bundle bundle;
  bundle.graph = example_network();
  save_bundle(bundle, path_ / "");  // A trailing slash names the same bundle.
  const Bundle after = load_bundle(path_ / "");
  EXPECT_EQ(after.name, "tiny") << "the folder's name if the bundle has none";
  EXPECT_FALSE(after.confidences || after.fit || after.folds[0] || after.folds[1]);
  EXPECT_TRUE(after.timing.empty() && after.labels.empty() && after.normalization.mean.empty());
}

TEST_F(BundleTest, DropsRemovedParts) {
  save_bundle(example_bundle(), path_);
  Bundle bundle = load_bundle(path_);
  bundle.fit.reset();
  bundle.folds = {};
  save_bundle(bundle, path_);
  EXPECT_EQ(contents(path_).count("predictor.onnx"), 0u);
  EXPECT_FALSE(load_bundle(path_).fit);
}

TEST_F(BundleTest, RoundedWeightsEqualLoadedWeights) {
  const Bundle before = example_bundle();
  save_bundle(before, path_);
  const graph::Graph loaded = load_bundle(path_).graph;
  const graph::Graph stored = with_rounded_weights(before.graph);
  ASSERT_EQ(stored.initializers.size(), loaded.initializers.size());
  bool rounded = false;
  for (const auto& [name, tensor] : loaded.initializers) {
    if (!tensor.is_float()) continue;
    EXPECT_EQ(stored.initializers.at(name).floats(), tensor.floats());
    rounded = rounded || before.graph.initializers.at(name).floats() != tensor.floats();
  }
  EXPECT_TRUE(rounded) << "the example has weights that float16 cannot hold";
}

TEST_F(BundleTest, ReplacesOnlyBundles) {
  fs::create_directories(path_);
  save_bundle(example_bundle(), path_);  // An empty folder may be replaced.
  const fs::path diary = folder_ / "diary";
  fs::create_directories(diary);
  std::ofstream(diary / "today.txt") << "dear diary";
  expect_error(ErrorKind::kUsage, "diary: exists and is not a bundle", [&] { save_bundle(example_bundle(), diary); });
  EXPECT_EQ(contents(diary).size(), 1u);
  std::ofstream(folder_ / "file") << "x";
  expect_error(ErrorKind::kUsage, "exists and is not a bundle",
               [&] { save_bundle(example_bundle(), folder_ / "file"); });
}

}  // namespace
}  // namespace einet::bundle
