#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace einet::data {

/// One official file, uncompressed, in the dataset's folder.
struct OfficialFile {
  std::string name;
  std::uint64_t bytes;
  std::string sha256;  ///< Empty if only the records of the whole split are checked.
};

/// The properties of a dataset that are known before it is read.
struct Specification {
  std::string name;
  std::string folder;   ///< Below the data directory.
  std::string archive;  ///< Official .tar.gz containing `folder`; empty: each file is published alone, as NAME.gz.
  int channels;
  int height;
  int width;
  int label_bytes;  ///< CIFAR: of each record. 0: IDX, images and labels in two files.
  std::vector<std::string> label_names;
  Normalization normalization;
  std::array<std::vector<OfficialFile>, 2> files;  ///< By Split. IDX: images, labels.
  /// By Split; CIFAR only: SHA-256 of the concatenated sorted SHA-256 (hexadecimal) of all records. It does not
  /// depend on the order of the records, so a copy in another order is accepted as the same dataset.
  std::array<std::string, 2> records_sha256;

  const std::vector<OfficialFile>& of(Split split) const { return files[static_cast<int>(split)]; }
};

/// Throws kUsage for an unknown name, suggesting the nearest.
const Specification& specification(std::string_view name);

/// Throws kInvalidData naming the first file of wrong size, or the split if its records are not the published ones.
/// `files` are the contents of spec.of(split), in that order; `where` is the folder named in errors.
void verify_split(const Specification& spec, Split split, const std::vector<std::string>& files,
                  const std::string& where);

}  // namespace einet::data
