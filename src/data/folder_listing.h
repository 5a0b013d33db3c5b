#pragma once

#include <filesystem>
#include <optional>

#include "core/hold_out.h"
#include "data/image_list.h"

namespace einet::data {

/// The images of one split: those below train/ or below the folder of test images; with `hold_out`, a part of those
/// below train/ or, if there is no train/, of those below `folder` itself. Throws what load_image_folder() throws.
Listing list_folder(const std::filesystem::path& folder, Split split, const std::optional<HoldOut>& hold_out);

}  // namespace einet::data
