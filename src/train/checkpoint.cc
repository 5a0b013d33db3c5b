#include "train/checkpoint.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "einet/error.h"
#include "io/file.h"
#include "io/npz.h"
#include "io/sha256.h"

namespace einet::train {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kFile = "checkpoint.npz";
constexpr const char* kOldFile = "checkpoint.old.npz";
constexpr const char* kWeight = "weight/";
constexpr int kVersion = 1;

/// Appends the raw bytes of plain values, for hashing only.
template <class T>
void append(std::string& bytes, const std::vector<T>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  bytes += '\n';
}

void append(std::string& bytes, const std::string& text) { (bytes += text) += '\n'; }

void append(std::string& bytes, const graph::Tensor& tensor) {
  append(bytes, tensor.shape);
  std::visit([&](const auto& values) { append(bytes, values); }, tensor.data);
}

void append(std::string& bytes, std::int64_t value) { append(bytes, std::vector{value}); }
void append(std::string& bytes, float value) { append(bytes, std::vector{value}); }

std::string fingerprint(const graph::Graph& graph) {
  std::string bytes;
  for (const graph::Input& input : graph.inputs) {
    append(bytes, input.name);
    append(bytes, input.shape);
  }
  for (const std::string& output : graph.outputs) append(bytes, output);
  for (const graph::Node& node : graph.nodes) {
    append(bytes, node.op);
    for (const std::string& input : node.inputs) append(bytes, input);
    for (const std::string& output : node.outputs) append(bytes, output);
    for (const auto& [key, attribute] : node.attributes) {
      append(bytes, key);
      std::visit([&](const auto& value) { append(bytes, value); }, attribute);
    }
  }
  const std::map<std::string, graph::Tensor> sorted(graph.initializers.begin(), graph.initializers.end());
  for (const auto& [name, tensor] : sorted) {
    append(bytes, name);
    append(bytes, tensor);
  }
  return io::sha256(bytes);
}

/// JSON has no NaN; nlohmann writes it as null.
std::vector<double> with_nan(const json& array) {
  std::vector<double> values;
  for (const json& value : array) values.push_back(value.is_null() ? std::nan("") : value.get<double>());
  return values;
}

EpochReport report_from(const json& object) {
  return {.epoch = object.at("epoch"),
          .loss = object.at("loss"),
          .accuracy = object.at("accuracy"),
          .seconds = object.at("seconds"),
          .waiting_seconds = object.value("waiting_seconds", 0.0),
          .exit_losses = with_nan(object.value("exit_losses", json::array())),
          .expectation = object.value("expectation", 0.0),
          .elasticity = object.value("elasticity", 0.0),
          .learning_rate = object.value("learning_rate", 0.0),
          .seconds_left = object.value("seconds_left", 0.0)};
}

io::NpyArray to_array(const std::vector<float>& values) {
  return io::NpyArray::from(values, {static_cast<std::int64_t>(values.size())});
}

void check_identity(const json& saved, const json& wanted, const std::string& file) {
  const std::string key = first_difference(saved, wanted);
  if (key.empty()) return;
  const auto text = [&](const json& identity) {
    return identity.contains(key) ? identity[key].dump() : std::string("the default");
  };
  throw Error(ErrorKind::kInvalidData, file,
              key == "network"
                  ? "a checkpoint of another network"
                  : "a checkpoint of another training: " + key + " was " + text(saved) + ", is " + text(wanted));
}

}  // namespace

std::string first_difference(const json& identity, const json& other) {
  json keys = identity;
  keys.update(other);
  for (const auto& [key, unused] : keys.items()) {
    if (identity.value(key, json()) != other.value(key, json())) return key;
  }
  return "";
}

json to_json(const EpochReport& report) {
  return {{"epoch", report.epoch},
          {"loss", report.loss},
          {"accuracy", report.accuracy},
          {"seconds", report.seconds},
          {"waiting_seconds", report.waiting_seconds},
          {"exit_losses", report.exit_losses},
          {"expectation", report.expectation},
          {"elasticity", report.elasticity},
          {"learning_rate", report.learning_rate},
          {"seconds_left", report.seconds_left}};
}

json identity_of(const graph::Graph& graph, const data::Dataset& training, const TrainOptions& options) {
  json identity = {{"network", fingerprint(graph)},
                   {"data", training.name},
                   {"samples", training.size()},
                   {"epochs", options.epochs},
                   {"batch", options.batch},
                   {"learning rate", options.learning_rate},
                   {"momentum", options.momentum},
                   {"weight decay", options.weight_decay},
                   {"clip norm", options.clip_norm},
                   {"exit weights", options.exit_weights},
                   {"label smoothing", options.label_smoothing},
                   {"augment", options.augment},
                   {"seed", options.seed},
                   {"precision", options.precision}};
  const TrainOptions ours;
  const auto add = [&](const char* key, const auto& value, const auto& otherwise) {
    if (value != otherwise) identity[key] = value;
  };
  add("mode", options.mode, ours.mode);
  add("only", options.only, ours.only);
  add("optimizer", options.optimizer, ours.optimizer);
  add("schedule", options.schedule, ours.schedule);
  add("distillation", options.distillation, ours.distillation);
  add("budget", options.budget.count(), ours.budget.count());
  if (options.ranks != nullptr && options.ranks->size() > 1 && !options.synchronized_statistics) {
    identity["local statistics of"] = options.ranks->size();
  }
  if (options.mode == "branches") add("feature memory", options.feature_memory_bytes, ours.feature_memory_bytes);
  // As read from a checkpoint: folder names that are not UTF-8 are changed by writing.
  return json::parse(identity.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string write_state(const Checkpoint& checkpoint) {
  json epochs = json::array();
  for (const EpochReport& report : checkpoint.epochs) epochs.push_back(to_json(report));
  return json{{"identity", checkpoint.identity},
              {"version", kVersion},
              {"step", checkpoint.step},
              {"steps", checkpoint.steps},
              {"epoch_loss", checkpoint.epoch_loss},
              {"epoch_exit_losses", checkpoint.epoch_exit_losses},
              {"epoch_seconds", checkpoint.epoch_seconds},
              {"epoch_waiting_seconds", checkpoint.epoch_waiting_seconds},
              {"epochs", epochs}}
      .dump();
}

Checkpoint read_state(const std::string& text, const std::string& name) {
  const json state = json::parse(text);
  if (const int version = state.value("version", 1); version > kVersion) {
    throw Error(ErrorKind::kInvalidData, name,
                "a checkpoint of version " + std::to_string(version) + ", but this program supports at most " +
                    std::to_string(kVersion));
  }
  Checkpoint checkpoint;
  checkpoint.identity = state.at("identity");
  checkpoint.step = state.at("step");
  checkpoint.steps = state.value("steps", std::int64_t{0});  // 0 in checkpoints from before --budget.
  checkpoint.epoch_waiting_seconds = state.value("epoch_waiting_seconds", 0.0);
  checkpoint.epoch_loss = state.at("epoch_loss");
  checkpoint.epoch_exit_losses = with_nan(state.value("epoch_exit_losses", json::array()));
  checkpoint.epoch_seconds = state.at("epoch_seconds");
  for (const json& report : state.at("epochs")) checkpoint.epochs.push_back(report_from(report));
  return checkpoint;
}

void write_checkpoint(const Checkpoint& checkpoint, const fs::path& directory) {
  const std::string state = write_state(checkpoint);
  std::map<std::string, io::NpyArray> arrays;
  arrays["state"] = io::NpyArray::from(std::vector<std::uint8_t>(state.begin(), state.end()),
                                       {static_cast<std::int64_t>(state.size())});
  for (const auto& [name, values] : checkpoint.weights) arrays[kWeight + name] = to_array(values);
  for (const auto& [name, values] : checkpoint.optimizer) arrays[name] = to_array(values);
  io::create_folders(directory);
  io::write_npz(directory / kFile, arrays);
}

void set_aside_checkpoint(const fs::path& directory) {
  if (fs::exists(directory / kFile)) fs::rename(directory / kFile, directory / kOldFile);
}

std::optional<Checkpoint> read_checkpoint(const fs::path& directory, const json& identity) {
  const fs::path path = directory / kFile;
  if (!fs::exists(path)) return std::nullopt;
  const std::map<std::string, io::NpyArray> arrays = io::read_npz(path);
  Checkpoint checkpoint;
  try {
    checkpoint = read_state(arrays.at("state").data, path.string());
  } catch (const json::exception& fault) {
    throw Error(ErrorKind::kInvalidData, path.string(), std::string("not a checkpoint of EINet: ") + fault.what());
  } catch (const std::out_of_range&) {
    throw Error(ErrorKind::kInvalidData, path.string(), "not a checkpoint of EINet: it has no state");
  }
  check_identity(checkpoint.identity, identity, path.string());
  for (const auto& [key, array] : arrays) {
    if (key.starts_with(kWeight)) {
      checkpoint.weights[key.substr(std::strlen(kWeight))] = array.as_floats(key);
    } else if (key != "state") {
      checkpoint.optimizer[key] = array.as_floats(key);
    }
  }
  return checkpoint;
}

}  // namespace einet::train
