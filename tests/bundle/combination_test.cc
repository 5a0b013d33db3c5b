#include "bundle/example.h"
#include "bundle/update.h"
#include "core/half.h"
#include "expect_error.h"

namespace einet::bundle {
namespace {

/// With log-probabilities and the weights of combined answers.
Bundle combining_bundle() {
  Bundle bundle = example_bundle();
  bundle.confidences->classes = 3;
  bundle.confidences->log_probability.assign(bundle.confidences->confidence.size() * 3, float_to_half(-1.5f));
  bundle.combination = {.keep = {0.5, 0.25}, .add = {1.0, 0.75}, .gain = 0.01, .gain_stderr = 0.002};
  for (auto& weights : bundle.fold_combinations) weights = {.keep = {0.5, 0.5}, .add = {1.0, 1.0}};
  return bundle;
}

TEST_F(BundleTest, SavesAndLoadsCombinationWeights) {
  const Bundle before = combining_bundle();
  save_bundle(before, path_);
  for (const char* file :
       {"log_probabilities.npz", "combination.json", "fold0/combination.json", "fold1/combination.json"}) {
    EXPECT_TRUE(std::filesystem::exists(path_ / file)) << file;
  }
  const Bundle after = load_bundle(path_);
  EXPECT_EQ(after.confidences->classes, 3);
  EXPECT_EQ(after.confidences->log_probability, before.confidences->log_probability);
  ASSERT_TRUE(after.combination && after.fold_combinations[0] && after.fold_combinations[1]);
  EXPECT_EQ(after.combination->add, before.combination->add);
  EXPECT_EQ(after.combination->gain, 0.01);
  EXPECT_EQ(after.fold_combinations[1]->keep, (std::vector<double>{0.5, 0.5}));
}

TEST_F(BundleTest, KeepsWeightsWithoutLogProbabilities) {
  Bundle bundle = combining_bundle();
  bundle.confidences->drop_log_probabilities();
  save_bundle(bundle, path_);
  EXPECT_FALSE(std::filesystem::exists(path_ / "log_probabilities.npz"));
  EXPECT_TRUE(load_bundle(path_).combination);
}

TEST_F(BundleTest, RejectsCombinationWeightsOfOtherNetworks) {
  const auto expect_fault = [&](const std::string& fault, const auto& spoil) {
    Bundle bundle = combining_bundle();
    spoil(bundle);
    expect_error(ErrorKind::kInvalidData, (path_ / fault).string(), [&] { save_bundle(bundle, path_); });
    EXPECT_TRUE(std::filesystem::is_empty(folder_)) << fault;
  };
  expect_fault("combination.json: has 1 exits", [](Bundle& b) { b.combination = {.keep = {0.5}, .add = {1.0}}; });
  expect_fault("fold1/combination.json: has 1 exits",
               [](Bundle& b) { b.fold_combinations[1] = {.keep = {0.5}, .add = {1.0}}; });
  expect_fault("log_probabilities.npz: has 2 classes", [](Bundle& b) {
    b.confidences->classes = 2;
    b.confidences->log_probability.assign(b.confidences->confidence.size() * 2, 0);
  });
  expect_fault("log_probabilities.npz: sample 0, exit 1: log-probability nan",
               [](Bundle& b) { b.confidences->log_probability[1] = 0x7e00; });
}

TEST_F(BundleTest, LosesLogProbabilitiesOnlyWithForce) {
  save_bundle(combining_bundle(), path_);
  const Destination destination{.path = path_, .in_place = true};
  const Change drop = [](Bundle& b) { b.confidences->drop_log_probabilities(); };
  expect_error(ErrorKind::kUsage, "the log-probabilities",
               [&] { update_bundle(destination, load_bundle(path_), drop); });
}

}  // namespace
}  // namespace einet::bundle
