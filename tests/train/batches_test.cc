#include "train/batches.h"

#include <gtest/gtest.h>

#include <set>

#include "train/toy.h"

namespace einet::train {
namespace {

TEST(Batches, DependOnSeedAndStepOnly) {
  const data::Dataset data = toy_images(70, 1);
  const data::Augmentation augmentation{.padding = 2, .flip = true};
  const Ranks alone;
  Batches straight(data, augmentation, 3, 16, alone), jumping(data, augmentation, 3, 16, alone);
  EXPECT_EQ(straight.steps_per_epoch(), 4);
  std::vector<Batch> batches;
  std::set<int> first_epoch;
  for (int step = 0; step < 8; ++step) {
    batches.push_back(straight.take(step));
    if (step < 4) first_epoch.insert(batches.back().samples.begin(), batches.back().samples.end());
  }
  EXPECT_EQ(first_epoch.size(), 64u) << "no image occurs twice";
  for (const int step : {5, 0, 1, 7}) {
    const Batch batch = jumping.take(step);
    EXPECT_EQ(batch.samples, batches[step].samples);
    EXPECT_EQ(batch.labels, batches[step].labels);
    EXPECT_EQ(batch.pixels, batches[step].pixels);
    std::vector<float> expected(batch.pixels.size());
    data::fill_augmented_batch(data, batch.samples, augmentation, 3, step / 4, expected);
    EXPECT_EQ(batch.pixels, expected);
  }
  EXPECT_GT(straight.waited().count(), 0);
}

}  // namespace
}  // namespace einet::train
