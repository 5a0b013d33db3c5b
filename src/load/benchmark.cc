#include "load/benchmark.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "einet/policy.h"
#include "load/arrivals.h"
#include "load/grpc_load.h"
#include "load/rest_load.h"

namespace einet::load {
namespace {

/// What the rows of a round have in common.
struct Round {
  std::vector<Seconds> arrivals;
  std::vector<int> samples;
  std::vector<std::vector<float>> pixels;  ///< Of each request.
};

Round make_round(const Model& model, int samples, int requests, const Images& images, double rate, std::uint64_t seed) {
  Round round{.arrivals = poisson_arrivals(rate, requests, seed), .samples = {}, .pixels = {}};
  std::mt19937_64 random(seed);
  for (int i = 0; i < requests; ++i) {
    round.samples.push_back(static_cast<int>(random() % static_cast<std::uint64_t>(samples)));
    images(round.samples.back(), round.pixels.emplace_back(model.input_size()));
  }
  return round;
}

/// The requests of a row in all rounds.
struct Results {
  std::vector<Outcome> outcomes;
  std::vector<int> samples, labels;
};

void load(const Network& network, const Row& row, const Ports& ports, const Round& round, Results& results) {
  std::vector<Planned> planned;
  for (std::size_t i = 0; i < round.arrivals.size(); ++i) {
    planned.push_back({.due = round.arrivals[i], .pixels = round.pixels[i], .timeout = row.timeout});
    results.samples.push_back(round.samples[i]);
    results.labels.push_back(network.profile.labels[static_cast<std::size_t>(round.samples[i])]);
  }
  const bool rest = row.protocol == Protocol::kRest;
  const Target target{.host = ports.host,
                      .port = rest ? ports.rest : ports.grpc,
                      .model = network.served,
                      .shape = network.model->input_shape()};
  const std::vector<Outcome> outcomes = rest ? run_rest(target, planned) : run_grpc(target, planned);
  results.outcomes.insert(results.outcomes.end(), outcomes.begin(), outcomes.end());
}

std::vector<Row> make_rows(const std::vector<Network>& networks, const Ports& ports, const BenchmarkOptions& options) {
  std::vector<Row> rows;
  for (const auto& timeout : options.timeouts) {
    for (std::size_t n = 0; n < networks.size(); ++n) {
      for (const Protocol protocol : {Protocol::kRest, Protocol::kGrpc}) {
        if ((protocol == Protocol::kRest ? ports.rest : ports.grpc) == 0) continue;
        rows.push_back({.network = n, .protocol = protocol, .timeout = timeout, .summary = {}, .prediction = {}});
      }
    }
  }
  return rows;
}

std::optional<Prediction> prediction_of(const Network& network, std::optional<std::chrono::microseconds> timeout,
                                        std::span<const int> samples) {
  const Publish publish = network.model->publish();
  if (publish == Publish::kCombined && !network.profile.has_log_probabilities()) return std::nullopt;
  const double deadline = timeout ? Seconds(*timeout).count() : plan::kNoDeadline;
  return predict(*network.model, publish, network.profile, samples, deadline);
}

}  // namespace

std::string_view name(Protocol protocol) { return protocol == Protocol::kRest ? "REST" : "gRPC"; }

std::vector<Row> benchmark(const std::vector<Network>& networks, const Ports& ports, const Images& images,
                           const BenchmarkOptions& options, Progress& progress) {
  std::vector<Row> rows = make_rows(networks, ports, options);
  std::vector<Results> results(rows.size());
  const double of_round = options.rate * options.duration.count() / options.rounds;
  const int count = std::max(1, static_cast<int>(std::lround(of_round)));
  const auto total = static_cast<std::int64_t>(rows.size()) * options.rounds;
  for (int r = 0; r < options.rounds; ++r) {
    const Network& any = networks.front();
    const std::uint64_t seed = options.seed * 1'000'003 + static_cast<std::uint64_t>(r);
    const Round round = make_round(*any.model, any.profile.samples(), count, images, options.rate, seed);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int64_t done = r * static_cast<std::int64_t>(rows.size()) + static_cast<std::int64_t>(i);
      progress.update("load", done, total, "");
      load(networks[rows[i].network], rows[i], ports, round, results[i]);
    }
  }
  progress.update("load", total, total, "");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].summary = summarize(results[i].outcomes, results[i].labels, rows[i].timeout);
    rows[i].prediction = prediction_of(networks[rows[i].network], rows[i].timeout, results[i].samples);
  }
  return rows;
}

}  // namespace einet::load
