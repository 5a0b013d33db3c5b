#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace einet::io {

/// A NumPy array in C order. `data` holds exactly the product of `shape` elements.
struct NpyArray {
  std::string dtype;                ///< NumPy's code, little-endian: "<f4", "<f2", "<i4", "<i8", "|u1", "|b1".
  std::vector<std::int64_t> shape;  ///< May be empty (a scalar).
  std::string data;                 ///< Raw bytes.

  static NpyArray from(const std::vector<float>& values, std::vector<std::int64_t> shape);
  static NpyArray from(const std::vector<std::int32_t>& values, std::vector<std::int64_t> shape);
  static NpyArray from(const std::vector<std::uint8_t>& values, std::vector<std::int64_t> shape);

  std::int64_t elements() const;
  /// Converts from any of the listed dtypes. `name` is used in errors (kInvalidData for another dtype).
  std::vector<float> as_floats(std::string_view name) const;
  std::vector<std::int32_t> as_ints(std::string_view name) const;
};

/// NumPy's .npy format, version 1.0 to 3.0, C order only. Throws kInvalidData naming `name` and the fault.
NpyArray parse_npy(std::string_view bytes, std::string_view name);
std::string format_npy(const NpyArray& array);

/// NumPy's .npz: a zip of .npy files (stored or deflated; written deflated). Keys are without ".npy". Equal arrays give
/// equal bytes. Throws kInvalidData naming `name` and the fault.
std::map<std::string, NpyArray> parse_npz(std::string_view bytes, const std::string& name);
std::string format_npz(const std::map<std::string, NpyArray>& arrays, const std::string& name);

/// The same from and to a file.
std::map<std::string, NpyArray> read_npz(const std::filesystem::path& path);
void write_npz(const std::filesystem::path& path, const std::map<std::string, NpyArray>& arrays);

}  // namespace einet::io
