#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace einet::data {

struct ImageFile {
  std::filesystem::path path;
  std::int32_t label;
};

/// The images of one split.
struct Listing {
  std::vector<std::string> classes;
  std::vector<ImageFile> files;
  std::string taken;                  ///< Where the split was found: a folder's name, or a value of the column split.
  std::string unlabelled = {};        ///< A folder with the name of a split but without class folders.
  std::filesystem::path folder = {};  ///< The parent of the class folders; empty for a list.
};

/// Reads the rows path,label[,split] of a CSV file that belong to `split`. Throws kNotFound or kInvalidData, naming
/// file and line. Rows without a split are divided by a hash of their path; about four of five are for training.
Listing read_image_list(const std::filesystem::path& file, Split split);

}  // namespace einet::data
