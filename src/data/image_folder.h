#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "data/dataset.h"

namespace einet::data {

/// Images of one's own: FOLDER/train/CLASS/*.png and FOLDER/test/CLASS/*.png (or jpg, webp, bmp, pgm, ppm).
///
/// Where test/ is missing or has no class folders, the first of val/, valid/ and validation/ that has some holds the
/// test images. With `hold_out` a part of the images below train/ is held out instead, or of those of
/// FOLDER/CLASS/*.png. Instead of the folder, a CSV file may list path,label[,split] of each image (docs/formats.md).
/// The classes are the folders below train/, in order of their names; test/ may have some of them only. Each image is
/// brought to the size asked for (data::prepared()). The order of the images is mixed, always in the same way, so that
/// the first so many are of all classes. Hidden files are passed over.
struct ImageFolderOptions {
  int channels = 3;
  int height = 32;
  int width = 32;
  bool stop_at_unreadable = false;  ///< Else what cannot be read is left out and listed.
  /// Nothing: mean and standard deviation of the training images, which are read for it whichever split is asked for.
  std::optional<Normalization> normalization = {};
  Preprocessing preprocessing = {};
  std::optional<HoldOut> hold_out = {};
};

/// A file that was left out.
struct Unreadable {
  std::string file;
  std::string why;
};

struct ImageFolder {
  Dataset dataset;                     ///< Its name is the folder.
  std::vector<Unreadable> unreadable;  ///< In this split.
  std::string taken;       ///< Name of the folder the split was read from, such as "val"; "" with `hold_out`.
  std::string unlabelled;  ///< A folder of test images that was passed over, as it has no class folders.
};

/// Reads one split. Throws kNotFound (no such folder, no train/, no folder of test images, a class folder without
/// images), kInvalidData (one class only, a class of test/ that train/ has not, a class of which no image can be read,
/// or with only one image to divide; an unreadable image, if asked to stop there), naming folder or file; kUsage for
/// `hold_out` where there are test images already, and for a list.
ImageFolder load_image_folder(const std::filesystem::path& folder, Split split, const ImageFolderOptions& options);

}  // namespace einet::data
