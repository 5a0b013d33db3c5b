#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace einet::data {

/// The binary format of CIFAR (Krizhevsky 2009): records of one (CIFAR-10) or two (CIFAR-100: coarse, fine) label
/// bytes and 3072 pixels, [3,32,32] in C order. Appends all records to `pixels` and `labels` (the last label byte of
/// each). Throws kInvalidData naming `name` unless there is a whole number of records and all labels are below
/// `classes`.
void parse_cifar(std::string_view bytes, int label_bytes, int classes, const std::string& name,
                 std::vector<std::uint8_t>& pixels, std::vector<std::int32_t>& labels);

}  // namespace einet::data
