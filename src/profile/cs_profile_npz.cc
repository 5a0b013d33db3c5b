#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "einet/error.h"
#include "io/file.h"
#include "io/npz.h"
#include "profile/cs_profile.h"

namespace einet::profile {
namespace {

const io::NpyArray& array(const std::map<std::string, io::NpyArray>& arrays, const std::string& key, std::size_t rank,
                          const std::string& name) {
  const auto found = arrays.find(key);
  if (found == arrays.end()) throw Error(ErrorKind::kInvalidData, name, "array '" + key + "' is missing");
  if (found->second.shape.size() != rank) {
    throw Error(ErrorKind::kInvalidData, name,
                "array '" + key + "' has " + std::to_string(found->second.shape.size()) + " dimensions, expected " +
                    std::to_string(rank));
  }
  return found->second;
}

io::NpyArray compact(const std::vector<std::int32_t>& predicted, std::vector<std::int64_t> shape) {
  const auto fits = [](std::int32_t label) { return label <= std::numeric_limits<std::uint8_t>::max(); };
  if (!std::all_of(predicted.begin(), predicted.end(), fits)) return io::NpyArray::from(predicted, std::move(shape));
  return io::NpyArray::from(std::vector<std::uint8_t>(predicted.begin(), predicted.end()), std::move(shape));
}

}  // namespace

std::string format_cs_profile(const CsProfile& profile, const std::string& name) {
  profile.validate(name);
  const std::int64_t samples = profile.samples();
  return io::format_npz({{"labels", io::NpyArray::from(profile.labels, {samples})},
                         {"predicted", compact(profile.predicted, {samples, profile.exits})},
                         {"confidence", io::NpyArray::from(profile.confidence, {samples, profile.exits})}},
                        name);
}

CsProfile parse_cs_profile(std::string_view bytes, const std::string& name) {
  const auto arrays = io::parse_npz(bytes, name);
  const io::NpyArray& labels = array(arrays, "labels", 1, name);
  const io::NpyArray& predicted = array(arrays, "predicted", 2, name);
  const io::NpyArray& confidence = array(arrays, "confidence", 2, name);
  if (predicted.shape != confidence.shape || predicted.shape[0] != labels.shape[0]) {
    throw Error(ErrorKind::kInvalidData, name, "arrays 'labels', 'predicted' and 'confidence' disagree in shape");
  }
  if (predicted.shape[1] > std::numeric_limits<int>::max())
    throw Error(ErrorKind::kInvalidData, name, "too many exits");

  CsProfile profile;
  profile.exits = static_cast<int>(predicted.shape[1]);
  profile.labels = labels.as_ints(name + ": labels");
  profile.predicted = predicted.as_ints(name + ": predicted");
  profile.confidence = confidence.as_floats(name + ": confidence");
  profile.validate(name);
  return profile;
}

std::string format_log_probabilities(const CsProfile& profile, const std::string& name) {
  profile.validate_log_probabilities(name);
  io::NpyArray array{.dtype = "<f2", .shape = {profile.samples(), profile.exits, profile.classes}, .data = {}};
  array.data.resize(profile.log_probability.size() * sizeof(std::uint16_t));
  std::memcpy(array.data.data(), profile.log_probability.data(), array.data.size());
  return io::format_npz({{"log_probability", std::move(array)}}, name);
}

void parse_log_probabilities(std::string_view bytes, const std::string& name, CsProfile& profile) {
  const auto arrays = io::parse_npz(bytes, name);
  const io::NpyArray& values = array(arrays, "log_probability", 3, name);
  if (values.dtype != "<f2") {
    throw Error(ErrorKind::kInvalidData, name, "array 'log_probability' is " + values.dtype + ", expected <f2");
  }
  if (values.shape[0] != profile.samples() || values.shape[1] != profile.exits || values.shape[2] < 1 ||
      values.shape[2] > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::kInvalidData, name,
                "holds " + std::to_string(values.shape[0]) + " samples, " + std::to_string(values.shape[1]) +
                    " exits and " + std::to_string(values.shape[2]) + " classes; confidence.npz has " +
                    std::to_string(profile.samples()) + " samples and " + std::to_string(profile.exits) + " exits");
  }
  profile.classes = static_cast<int>(values.shape[2]);
  profile.log_probability.resize(values.data.size() / sizeof(std::uint16_t));
  std::memcpy(profile.log_probability.data(), values.data.data(), values.data.size());
  profile.validate_log_probabilities(name);
}

void write_cs_profile(const CsProfile& profile, const std::filesystem::path& path) {
  io::write_file(path, format_cs_profile(profile, path.string()));
}

CsProfile read_cs_profile(const std::filesystem::path& path) {
  return parse_cs_profile(io::read_file(path), path.string());
}

}  // namespace einet::profile
