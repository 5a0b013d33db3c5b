#include "data/augment.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "expect_error.h"

namespace einet::data {
namespace {

Dataset random_images(int count, int channels, int height, int width) {
  Dataset dataset{.name = "random",
                  .channels = channels,
                  .height = height,
                  .width = width,
                  .label_names = {"a", "b"},
                  .normalization = {},
                  .pixels = {},
                  .labels = {}};
  std::mt19937 random(7);
  for (int i = 0; i < count * channels * height * width; ++i) dataset.pixels.push_back(random() % 255 + 1);
  for (int i = 0; i < count; ++i) dataset.labels.push_back(i % 2);
  dataset.normalization.mean.assign(channels, 0.25f);
  dataset.normalization.stddev.assign(channels, 0.5f);
  return dataset;
}

/// The oracle: pads with black, crops, mirrors, normalises, pixel by pixel.
std::vector<float> window(const Dataset& data, int sample, int dx, int dy, bool mirrored) {
  std::vector<float> out;
  for (int c = 0; c < data.channels; ++c) {
    for (int y = 0; y < data.height; ++y) {
      for (int x = 0; x < data.width; ++x) {
        const int from_x = (mirrored ? data.width - 1 - x : x) + dx;
        const int from_y = y + dy;
        const bool inside = from_x >= 0 && from_x < data.width && from_y >= 0 && from_y < data.height;
        const int pixel = inside ? data.image(sample)[(c * data.height + from_y) * data.width + from_x] : 0;
        out.push_back((static_cast<float>(pixel) / 255.0f - data.normalization.mean[c]) / data.normalization.stddev[c]);
      }
    }
  }
  return out;
}

std::vector<float> augmented(const Dataset& data, int sample, const Augmentation& how, std::uint64_t seed, int epoch) {
  std::vector<float> out(data.image_size());
  fill_augmented_batch(data, std::vector{sample}, how, seed, epoch, out);
  return out;
}

TEST(Augment, ProducesExactlyTheExpectedWindows) {
  const Dataset data = random_images(2, 2, 5, 4);
  const Augmentation how{.padding = 2, .flip = true};
  std::set<std::vector<float>> expected;
  for (int dx = -2; dx <= 2; ++dx) {
    for (int dy = -2; dy <= 2; ++dy) {
      for (const bool mirrored : {false, true}) expected.insert(window(data, 1, dx, dy, mirrored));
    }
  }
  ASSERT_EQ(expected.size(), 50u);
  std::set<std::vector<float>> seen;
  for (int epoch = 0; epoch < 1000; ++epoch) seen.insert(augmented(data, 1, how, 3, epoch));
  EXPECT_EQ(seen, expected);
}

TEST(Augment, MirrorsOnlyWithFlip) {
  const Dataset data = random_images(1, 1, 4, 4);
  std::set<std::vector<float>> seen;
  for (int epoch = 0; epoch < 200; ++epoch) seen.insert(augmented(data, 0, {.padding = 0, .flip = false}, 3, epoch));
  EXPECT_EQ(seen, std::set<std::vector<float>>{window(data, 0, 0, 0, false)});
}

TEST(Augment, DependsOnSeedEpochAndSampleOnly) {
  const Dataset data = random_images(40, 1, 9, 9);
  const Augmentation how{.padding = 4, .flip = true};
  std::vector<float> batch(3 * data.image_size());
  fill_augmented_batch(data, std::vector{30, 7, 12}, how, 5, 2, batch);
  const auto second = batch.begin() + data.image_size();
  EXPECT_EQ(std::vector<float>(second, second + data.image_size()), augmented(data, 7, how, 5, 2));
  int differ = 0;
  for (int sample = 0; sample < 40; ++sample) {
    differ += augmented(data, sample, how, 5, 2) != augmented(data, sample, how, 6, 2);
    differ += augmented(data, sample, how, 5, 2) != augmented(data, sample, how, 5, 3);
  }
  EXPECT_GT(differ, 70);
}

TEST(Augment, DigitsAreNotMirrored) {
  EXPECT_FALSE(Augmentation::for_dataset("mnist").flip);
  EXPECT_TRUE(Augmentation::for_dataset("fashion-mnist").flip);
  EXPECT_TRUE(Augmentation::for_dataset("cifar10").flip);
}

TEST(Batch, EqualsNormalize) {
  const Dataset data = random_images(3, 3, 4, 5);
  std::vector<float> expected(data.image_size());
  normalize(data.image(2), 3, data.normalization, expected);
  std::vector<float> batch(2 * data.image_size());
  fill_batch(data, std::vector{2, 0}, batch);
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), batch.begin()));
  EXPECT_EQ(expected, window(data, 2, 0, 0, false));
}

TEST(Normalize, RejectsMismatchedSizes) {
  const std::vector<std::uint8_t> pixels(6);
  std::vector<float> out(6);
  expect_error(ErrorKind::kInvalidData, "2 values for 3 channels", [&] { normalize(pixels, 3, {{1, 2}, {}}, out); });
  expect_error(ErrorKind::kInvalidData, "standard deviation 0", [&] { normalize(pixels, 1, {{}, {0}}, out); });
  expect_error(ErrorKind::kInvalidData, "4 channels", [&] { normalize(pixels, 4, {}, out); });
  normalize(pixels, 3, {}, out);
  EXPECT_EQ(out, std::vector<float>(6, 0.0f));
}

TEST(EpochOrder, IsADifferentPermutationInEveryEpoch) {
  std::set<std::vector<int>> orders;
  for (int epoch = 0; epoch < 20; ++epoch) {
    std::vector<int> order = epoch_order(100, 1, epoch);
    EXPECT_EQ(order, epoch_order(100, 1, epoch));
    orders.insert(order);
    std::sort(order.begin(), order.end());
    for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
  }
  EXPECT_EQ(orders.size(), 20u);
  EXPECT_NE(epoch_order(100, 1, 0), epoch_order(100, 2, 0));
}

// Each of the 24 orders of four items is equally likely: 24,000 draws, expected 1000 +- 31.
TEST(EpochOrder, IsUniform) {
  std::map<std::vector<int>, int> counts;
  for (int epoch = 0; epoch < 24000; ++epoch) ++counts[epoch_order(4, 9, epoch)];
  ASSERT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 160);
}

}  // namespace
}  // namespace einet::data
