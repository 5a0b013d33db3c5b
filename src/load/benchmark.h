#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/progress.h"
#include "einet/model.h"
#include "load/outcome.h"
#include "load/prediction.h"
#include "load/summary.h"
#include "profile/cs_profile.h"

namespace einet::load {

enum class Protocol { kRest, kGrpc };
std::string_view name(Protocol protocol);  ///< "REST", "gRPC".

/// A network under test.
struct Network {
  std::string name;    ///< In reports.
  std::string served;  ///< The name of the model at the server.
  std::shared_ptr<const Model> model;
  profile::CsProfile profile;  ///< Of the images.
};

/// Where the networks are served; a port of 0 = not by this protocol.
struct Ports {
  std::string host = "127.0.0.1";
  std::uint16_t rest = 0, grpc = 0;
};

/// Writes the pixels [C,H,W] in [0,1] of the image of row `sample` of the profiles.
using Images = std::function<void(int sample, std::span<float> pixels)>;

struct BenchmarkOptions {
  std::vector<std::optional<std::chrono::microseconds>> timeouts;
  double rate = 100.0;  ///< Requests per second.
  Seconds duration{5};  ///< Of the load for each row, in all rounds together.
  int rounds = 5;       ///< In each of which every row gets its share of the load.
  std::uint64_t seed = 1;
};

/// One network, protocol and timeout.
struct Row {
  std::size_t network = 0;  ///< Index of the network.
  Protocol protocol = Protocol::kRest;
  std::optional<std::chrono::microseconds> timeout;
  Summary summary;
  std::optional<Prediction> prediction;  ///< Empty if the profile does not suffice for it.
};

/// Loads a server with Poisson arrivals (docs/serve.md), one row at a time. The rows of a round get the same images at
/// the same times, and rounds alternate between rows, so that changes of the machine's speed affect all alike. Throws
/// kIo if the server cannot be reached.
std::vector<Row> benchmark(const std::vector<Network>& networks, const Ports& ports, const Images& images,
                           const BenchmarkOptions& options, Progress& progress = Progress::none());

}  // namespace einet::load
