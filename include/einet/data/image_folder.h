#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "einet/data/dataset.h"

namespace einet::data {

/// Images of one's own: FOLDER/train/CLASS/*.png and FOLDER/test/CLASS/*.png (or jpg, webp, bmp, pgm, ppm).
///
/// Without test/, the first of val/, valid/ and validation/ that exists holds the test images.
/// Instead of the folder, a CSV file may list path,label[,split] of each image (docs/formats.md).
/// The classes are the folders below train/, in order of their names; test/ may have some of them only. Each image is
/// brought to the size asked for (data::fitted()). The order of the images is mixed, always in the same way, so that
/// the first so many are of all classes. Hidden files are passed over.
struct ImageFolderOptions {
  int channels = 3;
  int height = 32;
  int width = 32;
  bool stop_at_unreadable = false;  ///< Else what cannot be read is left out and listed.
  /// Nothing: mean and standard deviation of the training images, which are read for it whichever split is asked for.
  std::optional<Normalization> normalization = {};
};

/// A file that was left out.
struct Unreadable {
  std::string file;
  std::string why;
};

struct ImageFolder {
  Dataset dataset;                     ///< Its name is the folder.
  std::vector<Unreadable> unreadable;  ///< In this split.
  std::string taken;                   ///< Name of the folder the split was read from, such as "val".
};

/// Reads one split. Throws kNotFound (no such folder, no train/, no folder of test images, a class folder without
/// images), kInvalidData (one class only, a class of test/ that train/ has not, a class of which no image can be read;
/// an unreadable image, if asked to stop there), naming folder or file.
ImageFolder load_image_folder(const std::filesystem::path& folder, Split split, const ImageFolderOptions& options);

}  // namespace einet::data
