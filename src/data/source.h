#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "data/specification.h"

namespace einet::data {

/// Contents of `path`, or of `path`.gz decompressed; empty if neither exists. A decompressed file may be up to one byte
/// larger than `expected_bytes`, so that callers can detect a wrong size while the amount read stays limited. Throws
/// kInvalidData, kIo.
std::optional<std::string> read_plain_or_gzip(const std::filesystem::path& path, std::uint64_t expected_bytes);

/// Where the distribution's package installs this dataset (Debian's dataset-fashion-mnist); empty if there is none.
std::filesystem::path packaged_folder(const Specification& spec);

/// Contents of a URL (http, https, file); empty if the server reports that there is no such file. Throws kIo for every
/// other failure, kInvalidData for more than `max_bytes`.
std::optional<std::string> download(const std::string& url, std::uint64_t max_bytes);

}  // namespace einet::data
