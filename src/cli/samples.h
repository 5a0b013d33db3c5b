#pragma once

#include <string>

#include "einet/data/dataset.h"

namespace einet::cli {

/// data::load_dataset(), then only the first `limit` images (0 = all), for trial runs.
inline data::Dataset load_samples(const std::string& name, data::Split split, const std::string& directory, int limit) {
  data::Dataset set = data::load_dataset(name, split, directory);
  if (limit > 0 && limit < set.size()) {
    set.labels.resize(limit);
    set.pixels.resize(static_cast<std::size_t>(limit) * set.image_size());
  }
  return set;
}

}  // namespace einet::cli
