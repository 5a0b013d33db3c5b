#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace einet::cli {

/// Makes those of `names` (of bundles, without ".einet") that are missing in `bundles` and have a recipe, and fits the
/// predictors of those that have none but are to have some. Damaged bundles are left alone. Runs this program's own
/// commands one after the other; checkpoints and weights are kept in `work`/NAME, from where an interrupted run
/// continues. Each command is printed on stderr, and so is its output. A command ends with this process, however that
/// ends.
///
/// Throws before the first command, if there is one to run: kUnsupported in a build without training, kNotFound for a
/// data set that is not in `data_directory`, kIo for a folder that cannot be written. Throws kInvalidData naming the
/// command that failed.
void train_missing(const std::vector<std::string>& names, const std::filesystem::path& bundles,
                   const std::filesystem::path& work, const std::string& data_directory);

}  // namespace einet::cli
