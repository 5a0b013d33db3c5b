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

/// Where labelled images for a network come from, and how they become its input.
struct SampleSource {
  std::string data;                  ///< A dataset's name, an image folder, or a CSV list of images.
  std::string directory;             ///< Where datasets are kept.
  int limit = 0;                     ///< Only the first so many of a split; 0 = all.
  bool stop_at_unreadable = false;   ///< Else images of a folder that cannot be read are left out.
  std::optional<HoldOut> hold_out;   ///< Divides a folder that has no test images of its own.
  Preprocessing preprocessing = {};  ///< Of the pictures of folders and lists; datasets are taken as they are.
  Normalization normalization = {};  ///< What the network was trained with; empty = that of the training images.

  /// Whether `data` is a folder or list of pictures, not the name of a dataset.
  bool has_pictures() const;
};

/// Receives what a user should learn about images that were read: one line, without a full stop.
using NoteHandler = std::function<void(const std::string&)>;

/// One split, brought to the network's `input` [N,C,H,W]; for an input of bytes, pixels keep their values from 0 to
/// 255. `note` is called for images that cannot be read, and where other images stand in for missing test images.
/// Throws what load_dataset() and load_image_folder() throw, and kUsage for a source that does not fit the images.
Dataset load_samples(const SampleSource& source, Split split, const graph::Input& input, const NoteHandler& note);

/// Writes image i of `set`, which must outlive this, as a network takes it.
std::function<void(int, std::span<float>)> normalized_images(const Dataset& set);

/// Throws kInvalidData, naming `model`, unless the images fit the input of its network.
void check_samples(const Dataset& set, const graph::Graph& graph, const std::string& model);

}  // namespace einet::data
