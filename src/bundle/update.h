#pragma once

#include <filesystem>
#include <functional>

#include "bundle/bundle.h"

namespace einet::bundle {

/// Where the result of a command goes.
struct Destination {
  std::filesystem::path path;
  /// The command started from the bundle at `path`. Then its change is applied to that bundle as it is when saving,
  /// which keeps what other commands added meanwhile.
  bool in_place = false;
  /// Parts of the bundle at `path` may be lost, and a damaged bundle be replaced.
  bool force = false;
};

/// What a command has found out, applied to the bundle that it is given. May be called several times.
using Change = std::function<void(Bundle&)>;

/// Saves the result of a command: `start`, which it started from, with `change`. Other writers of the same bundle wait
/// from the moment at which it is read until it is saved; measure before, not in `change`.
///
/// What is saved is, where the destination holds a bundle of the same network, `change` of that bundle when in place,
/// else `change` of `start` with the times of other platforms that only the destination has; otherwise `change` of
/// `start`. Returns it.
///
/// Throws kUsage, naming the parts, when saving would lose some and not `force`: a bundle of another network, a fit,
/// confidences of another dataset or of more samples, times of a platform. Throws what `change`, load_bundle() and
/// save_bundle() throw. The destination is then as it was.
Bundle update_bundle(const Destination& destination, const Bundle& start, const Change& change);

/// To be called before long work: throws what update_bundle() would throw for such a change. Writes nothing.
void check_update(const Destination& destination, const Bundle& start, const Change& change);

/// Throws kInvalidData, naming `name`, unless a bundle can hold this network: one image input, and exits that are rows
/// of the same number of classes, which is `classes` unless that is 0.
void check_network(const graph::Graph& graph, const std::string& name, int classes = 0);

}  // namespace einet::bundle
