#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "bundle/bundle.h"
#include "cli/executor_options.h"
#include "einet/model.h"

namespace einet::cli {

/// The model of a bundle from `path`, for serving. Without `options.measure`, the bundle must have times of this
/// machine; throws kNotFound, naming the command that adds them.
std::shared_ptr<const Model> load_model(bundle::Bundle bundle, const std::filesystem::path& path, ModelOptions options,
                                        const ExecutorOptions& executor);

/// The processors of this many sessions; 0 = all that this process may use. Throws kUsage if there are too few.
std::vector<int> processors_for(int sessions);

}  // namespace einet::cli
