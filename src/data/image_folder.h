#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "data/dataset.h"

namespace einet::data {

/// The user's own images: FOLDER/train/CLASS/*.png and FOLDER/test/CLASS/*.png (or jpg, webp, bmp, pgm, ppm).
///
/// If test/ is missing or has no class folders, the test images are those of the first of val/, valid/ and validation/
/// that has some. With `hold_out`, a part of the images below train/, or of those in FOLDER/CLASS/*.png, is held out
/// instead. Instead of a folder, a CSV file may list path,label[,split] of each image (docs/formats.md). The classes
/// are the folders below train/, sorted by name; test/ need not have all of them. Each image is converted to the
/// requested size (data::prepared()). The images are shuffled in a fixed way, so that any first part of them covers all
/// classes. Hidden files are ignored.
struct ImageFolderOptions {
  int channels = 3;
  int height = 32;
  int width = 32;
  bool stop_at_unreadable = false;  ///< Otherwise images that cannot be read are skipped and listed.
  /// Empty: mean and standard deviation of the training images, which are then read even for the test split.
  std::optional<Normalization> normalization = {};
  Preprocessing preprocessing = {};
  std::optional<HoldOut> hold_out = {};
};

/// A file that was skipped.
struct Unreadable {
  std::string file;
  std::string why;
};

struct ImageFolder {
  Dataset dataset;                     ///< Its name is the folder.
  std::vector<Unreadable> unreadable;  ///< In this split.
  std::string taken;       ///< Name of the folder the split was read from, such as "val"; "" with `hold_out`.
  std::string unlabelled;  ///< A folder of test images that was skipped because it has no class folders.
};

/// Reads one split. Throws kNotFound (no such folder, no train/, no folder of test images, a class folder without
/// images), kInvalidData (only one class, a class in test/ that is not in train/, a class without readable images, or
/// with only one image to divide; with `stop_at_unreadable`, an unreadable image), naming folder or file; kUsage if
/// `hold_out` is given although there are test images, or for a list.
ImageFolder load_image_folder(const std::filesystem::path& folder, Split split, const ImageFolderOptions& options);

}  // namespace einet::data
