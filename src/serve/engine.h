#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "einet/answer.h"
#include "einet/model.h"
#include "einet/session.h"
#include "serve/cancellation.h"
#include "serve/metrics.h"
#include "serve/session_pool.h"
#include "serve/tensors.h"

namespace einet::serve {

/// A model and the name under which clients ask for it.
struct ServedModel {
  std::string name;
  std::shared_ptr<const Model> model;
  std::size_t index = 0;     ///< In Engine::models().
  Seconds first_answer{0};   ///< The shortest time from the start of a run to an answer, from the block times.
  std::int64_t classes = 0;  ///< Of the last exit.
};

/// One answer to a request.
struct Reply {
  Answer answer;                     ///< Answer::elapsed is counted from the arrival of the request.
  std::vector<float> probabilities;  ///< Of all classes.
  bool interrupted = false;          ///< Whether the run was cut off before the end of its plan.
};

struct EngineOptions {
  std::vector<int> processors;  ///< One session of each model is pinned to each of these.
  std::size_t queue = 64;       ///< Requests that may wait for a session.
  std::optional<Publish> publish = std::nullopt;
  bool log_requests = false;  ///< Whether to log every request.
};

/// Answers requests, whatever protocol they arrive by: the best answer at the cut-off, which is the arrival of the
/// request plus its timeout. Any thread.
class Engine {
 public:
  using OnAnswer = std::function<void(const Reply&)>;

  /// Creates the sessions. Throws kUsage for no models or two with one name, and what the constructor of Session
  /// throws.
  Engine(const std::vector<std::pair<std::string, std::shared_ptr<const Model>>>& models, const EngineOptions& options);

  const std::vector<ServedModel>& models() const { return models_; }
  /// Throws RequestError kNotFound.
  const ServedModel& model(std::string_view name, std::string_view version = {}) const;

  /// Runs the model on `request`, whose image must have the right size, and waits for the end. Calls `on_answer`, if
  /// there is one, for every answer as soon as it is published, in order. Throws RequestError if there is no answer.
  ///
  /// A request whose timeout ends before the earliest possible answer is rejected at once; one that waits for a session
  /// is rejected when its remaining time becomes too short.
  Reply infer(const ServedModel& model, const InferRequest& request, Clock::time_point arrival,
              Cancellation& cancellation, const OnAnswer& on_answer = {});
  /// Counts a request for this model that was refused before infer().
  void count_refusal(const ServedModel& model, Refusal refusal) { metrics_.refused(model.index, refusal); }

  /// Whether clients should send requests.
  bool ready() const { return !ending_.load(std::memory_order_relaxed) && !pool_.closed(); }
  /// From now on the engine is not ready, but still accepts requests.
  void announce_end() { ending_.store(true, std::memory_order_relaxed); }
  /// From now on new requests are refused with kDraining.
  void close() { pool_.close(); }
  /// Waits until every accepted request has its reply. Call close() first.
  void wait_until_idle() { pool_.wait_until_idle(); }

  /// The most requests that can be running or waiting.
  std::size_t most_requests() const { return pool_.size() + options_.queue; }
  std::string metrics_text() { return metrics_.text(pool_.busy(), pool_.waiting()); }

 private:
  Reply run(const ServedModel& model, const InferRequest& request, Clock::time_point arrival,
            Cancellation& cancellation, const OnAnswer& on_answer);

  std::vector<ServedModel> models_;
  const EngineOptions options_;
  SessionPool pool_;
  Metrics metrics_;
  std::atomic<bool> ending_{false};
};

}  // namespace einet::serve
