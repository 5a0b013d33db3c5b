#include "data/augment.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "data/pixel_table.h"
#include "data/random.h"
#include "einet/error.h"

namespace einet::data {
namespace {

/// The item number of the stream that shuffles an epoch; no sample has this number.
constexpr std::uint64_t kOrderStream = std::numeric_limits<std::uint64_t>::max();

/// The window of an image that becomes network input: shifted by (dx, dy) pixels, then mirrored.
struct View {
  int dx = 0;
  int dy = 0;
  bool mirrored = false;
};

void fill_row(std::span<const std::uint8_t> from, const View& view, const PixelTable& table, float* out) {
  const int width = static_cast<int>(from.size());
  for (int x = 0; x < width; ++x) {
    const int source = (view.mirrored ? width - 1 - x : x) + view.dx;
    out[x] = table[source >= 0 && source < width ? from[source] : 0];
  }
}

void fill_image(const Dataset& dataset, int sample, const View& view, std::span<const PixelTable> tables, float* out) {
  const std::span<const std::uint8_t> image = dataset.image(sample);
  for (int channel = 0; channel < dataset.channels; ++channel) {
    for (int y = 0; y < dataset.height; ++y, out += dataset.width) {
      const int source = y + view.dy;
      if (source < 0 || source >= dataset.height) {
        std::fill_n(out, dataset.width, tables[channel][0]);
      } else {
        const auto row = static_cast<std::size_t>(channel * dataset.height + source) * dataset.width;
        fill_row(image.subspan(row, dataset.width), view, tables[channel], out);
      }
    }
  }
}

/// `view_of(sample)` gives the shift and flip of each sample.
template <class ViewOf>
void fill(const Dataset& dataset, std::span<const int> samples, std::span<float> out, ViewOf view_of) {
  if (out.size() != samples.size() * dataset.image_size()) {
    throw Error(
        ErrorKind::kInternal, "batch",
        "a buffer of " + std::to_string(out.size()) + " values for " + std::to_string(samples.size()) + " images");
  }
  const std::vector<PixelTable> tables = pixel_tables(dataset.channels, dataset.normalization);
  float* next = out.data();
  for (const int sample : samples) {
    fill_image(dataset, sample, view_of(sample), tables, next);
    next += dataset.image_size();
  }
}

}  // namespace

Augmentation Augmentation::for_dataset(std::string_view name) { return {.padding = 4, .flip = name != "mnist"}; }

void fill_batch(const Dataset& dataset, std::span<const int> samples, std::span<float> out) {
  fill(dataset, samples, out, [](int) { return View{}; });
}

void fill_augmented_batch(const Dataset& dataset, std::span<const int> samples, const Augmentation& augmentation,
                          std::uint64_t seed, int epoch, std::span<float> out) {
  fill(dataset, samples, out, [&](int sample) {
    SplitMix64 random(seed, epoch, sample);
    const auto shift = [&] {
      return static_cast<int>(random.below(2 * augmentation.padding + 1)) - augmentation.padding;
    };
    View view;
    view.dx = shift();
    view.dy = shift();
    view.mirrored = augmentation.flip && random.below(2) == 1;
    return view;
  });
}

std::vector<int> epoch_order(int size, std::uint64_t seed, int epoch) {
  std::vector<int> order(size);
  std::iota(order.begin(), order.end(), 0);
  SplitMix64 random(seed, epoch, kOrderStream);
  for (int i = size - 1; i > 0; --i) std::swap(order[i], order[random.below(i + 1)]);
  return order;
}

}  // namespace einet::data
