#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "data/dataset.h"
#include "einet/preprocessing.h"
#include "graph/graph.h"

namespace einet::data {

/// Where labelled images for a network come from, and how they are converted to its input.
struct SampleSource {
  std::string data;                  ///< A dataset's name, an image folder, or a CSV list of images.
  std::string directory;             ///< Where datasets are stored.
  int limit = 0;                     ///< Only the first `limit` of a split; 0 = all.
  bool stop_at_unreadable = false;   ///< Otherwise images of a folder that cannot be read are skipped.
  std::optional<HoldOut> hold_out;   ///< Divides a folder that has no separate test images.
  Preprocessing preprocessing = {};  ///< For pictures in folders and lists; datasets are used unchanged.
  Normalization normalization = {};  ///< That of the network's training; empty = that of the training images.

  /// Whether `data` is a folder or list of pictures, not the name of a dataset.
  bool has_pictures() const;
};

/// Receives notes for the user about the images read: one line each, without a full stop.
using NoteHandler = std::function<void(const std::string&)>;

/// One split, converted to the network's `input` [N,C,H,W]; for an input of bytes, pixels keep their values from 0 to
/// 255. `note` is called for images that cannot be read, and if other images are used because test images are missing.
/// Throws what load_dataset() and load_image_folder() throw, and kUsage for options that do not apply to the images.
Dataset load_samples(const SampleSource& source, Split split, const graph::Input& input, const NoteHandler& note);

/// A function that writes image i of `set` as network input. `set` must outlive it.
std::function<void(int, std::span<float>)> normalized_images(const Dataset& set);

/// Throws kInvalidData, naming `model`, unless the images match the input of its network.
void check_samples(const Dataset& set, const graph::Graph& graph, const std::string& model);

}  // namespace einet::data
