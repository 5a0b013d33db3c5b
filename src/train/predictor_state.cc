#include "train/predictor_state.h"

#include <sstream>
#include <stdexcept>

#include "einet/error.h"
#include "io/file.h"
#include "io/npz.h"
#include "io/sha256.h"

namespace einet::train {
namespace fs = std::filesystem;

namespace {

constexpr const char* kFloats = "floats/";

template <class T>
void append_values(std::string& bytes, const std::vector<T>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

io::NpyArray text_array(const std::string& text) {
  return io::NpyArray::from(std::vector<std::uint8_t>(text.begin(), text.end()),
                            {static_cast<std::int64_t>(text.size())});
}

}  // namespace

fs::path predictor_state_file(const fs::path& directory, const profile::CsProfile& samples,
                              const PredictorOptions& options) {
  std::ostringstream text;
  text << std::hexfloat << samples.exits << ' ' << options.target << ' ' << options.epochs << ' ' << options.batch
       << ' ' << options.learning_rate << ' ' << options.schedule << ' ' << options.clip_norm << ' '
       << options.weight_decay << ' ' << options.seed << '\n';
  std::string bytes = text.str();
  append_values(bytes, samples.labels);
  append_values(bytes, samples.predicted);
  append_values(bytes, samples.confidence);
  return directory / ("predictor-" + io::sha256(bytes).substr(0, 16) + ".npz");
}

void write_predictor_state(const PredictorState& state, const fs::path& file) {
  std::ostringstream progress;
  progress << state.epoch << ' ' << std::hexfloat << state.sum << std::defaultfloat << ' ' << state.random;
  std::map<std::string, io::NpyArray> arrays;
  arrays["progress"] = text_array(progress.str());
  arrays["order"] = io::NpyArray::from(state.order, {static_cast<std::int64_t>(state.order.size())});
  for (const auto& [name, values] : state.floats) {
    arrays[kFloats + name] = io::NpyArray::from(values, {static_cast<std::int64_t>(values.size())});
  }
  io::create_folders(file.parent_path());
  io::write_npz(file, arrays);
}

std::optional<PredictorState> read_predictor_state(const fs::path& file) {
  if (!fs::exists(file)) return std::nullopt;
  const auto arrays = io::read_npz(file);
  const auto fault = [&](const std::string& what) { return Error(ErrorKind::kInvalidData, file.string(), what); };
  PredictorState state;
  const auto progress = arrays.find("progress");
  const auto order = arrays.find("order");
  if (progress == arrays.end() || order == arrays.end()) throw fault("no checkpoint of a predictor");
  std::istringstream text(progress->second.data);
  std::string sum;  // Streams do not read hexadecimal floating point.
  text >> state.epoch >> sum >> state.random;
  if (!text) throw fault("no checkpoint of a predictor: its progress cannot be read");
  try {
    state.sum = std::stod(sum);
  } catch (const std::logic_error&) {
    throw fault("no checkpoint of a predictor: its loss cannot be read");
  }
  state.order = order->second.as_ints("order");
  const std::string prefix = kFloats;
  for (const auto& [name, array] : arrays) {
    if (name.starts_with(prefix)) state.floats[name.substr(prefix.size())] = array.as_floats(name);
  }
  return state;
}

}  // namespace einet::train
