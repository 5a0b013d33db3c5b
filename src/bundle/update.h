#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "bundle/bundle.h"

namespace einet::bundle {

/// Where the result of a command goes.
struct Destination {
  std::filesystem::path path;
  /// Whether the command started from the bundle at `path`. Its change is then applied to that bundle as it is at the
  /// time of saving, which keeps what other commands have added in the meantime.
  bool in_place = false;
  /// Whether parts of the bundle at `path` may be lost and a damaged bundle may be replaced.
  bool force = false;
};

/// The destination of a command that read the model or bundle `input`: `output`, or without it the bundle that was
/// read. Throws kUsage, with `advice`, if the path of a new bundle does not end in .einet.
Destination destination(const std::filesystem::path& input, const std::filesystem::path& output, bool force,
                        std::string_view advice);

/// Applies the result of a command to the given bundle. May be called several times.
using Change = std::function<void(Bundle&)>;

/// Saves the result of a command: `start`, the bundle it started from, with `change` applied. Other writers of the same
/// bundle wait from the moment it is read until it is saved; measure before, not in `change`.
///
/// If the destination has a bundle of the same network: with `in_place`, `change` is applied to that bundle, otherwise
/// to `start` plus the times of platforms that only the destination has. In all other cases it is applied to `start`.
/// Returns the bundle saved.
///
/// Without `force`, throws kUsage, naming the parts, if saving would lose any: a bundle of another network, a fit,
/// confidences of another dataset or of more samples, times of a platform. Throws what `change`, load_bundle() and
/// save_bundle() throw. The destination is then unchanged.
Bundle update_bundle(const Destination& destination, const Bundle& start, const Change& change);

/// To be called before long work: throws what update_bundle() would throw for this change, without writing anything.
void check_update(const Destination& destination, const Bundle& start, const Change& change);

/// Throws kInvalidData, naming `name`, unless a bundle can contain this network: it needs a single image input, and
/// exits that are rows of the same number of classes, which must be `classes` unless that is 0.
void check_network(const graph::Graph& graph, const std::string& name, int classes = 0);

}  // namespace einet::bundle
