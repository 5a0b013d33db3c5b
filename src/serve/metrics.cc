#include "serve/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>

namespace einet::serve {
namespace {

/// By Refusal. kNotFound has no model to count it for, and kNoAnswer its own metric.
constexpr std::array kReasons = {"invalid",    "not_found", "timeout_too_short", "no_answer",
                                 "queue_full", "draining",  "cancelled",         "failed"};

prometheus::Histogram::BucketBoundaries boundaries() {
  return {50e-6, 100e-6, 200e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3, 0.1, 0.2, 0.5, 1.0};
}

}  // namespace

struct Metrics::Impl {
  struct OfModel {
    std::vector<prometheus::Counter*> answers;  ///< By exit.
    std::array<prometheus::Counter*, kReasons.size()> refusals{};
    prometheus::Histogram* latency = nullptr;
    prometheus::Histogram* lateness = nullptr;
  };

  prometheus::Registry registry;
  std::vector<OfModel> models;
  prometheus::Gauge* busy = nullptr;
  prometheus::Gauge* waiting = nullptr;
};

Metrics::Metrics(const std::vector<ModelInfo>& models) : impl_(std::make_unique<Impl>()) {
  auto& registry = impl_->registry;
  auto& answers = prometheus::BuildCounter()
                      .Name("einet_answers_total")
                      .Help("Requests answered, by the exit of the answer")
                      .Register(registry);
  auto& none = prometheus::BuildCounter()
                   .Name("einet_no_answer_total")
                   .Help("Requests cut off before their first answer")
                   .Register(registry);
  auto& rejected = prometheus::BuildCounter()
                       .Name("einet_rejected_total")
                       .Help("Requests that got no answer for another reason")
                       .Register(registry);
  auto& latency = prometheus::BuildHistogram()
                      .Name("einet_latency_seconds")
                      .Help("From the arrival of a request to its answer")
                      .Register(registry);
  auto& lateness = prometheus::BuildHistogram()
                       .Name("einet_lateness_seconds")
                       .Help("From the cut-off of a run to its answer")
                       .Register(registry);
  for (const ModelInfo& model : models) {
    Impl::OfModel& of_model = impl_->models.emplace_back();
    for (int exit = 0; exit < model.exits; ++exit) {
      of_model.answers.push_back(&answers.Add({{"model", model.name}, {"exit", std::to_string(exit + 1)}}));
    }
    for (std::size_t i = 0; i < kReasons.size(); ++i) {
      const auto refusal = static_cast<Refusal>(i);
      if (refusal == Refusal::kNotFound) continue;
      of_model.refusals[i] = refusal == Refusal::kNoAnswer
                                 ? &none.Add({{"model", model.name}})
                                 : &rejected.Add({{"model", model.name}, {"reason", kReasons[i]}});
    }
    of_model.latency = &latency.Add({{"model", model.name}}, boundaries());
    of_model.lateness = &lateness.Add({{"model", model.name}}, boundaries());
  }
  impl_->busy =
      &prometheus::BuildGauge().Name("einet_sessions_busy").Help("Sessions in use").Register(registry).Add({});
  impl_->waiting = &prometheus::BuildGauge()
                        .Name("einet_queue_length")
                        .Help("Requests waiting for a session")
                        .Register(registry)
                        .Add({});
}

Metrics::~Metrics() = default;

void Metrics::answered(std::size_t model, int exit, Seconds latency, std::optional<Seconds> lateness) {
  Impl::OfModel& of_model = impl_->models[model];
  of_model.answers[static_cast<std::size_t>(exit)]->Increment();
  of_model.latency->Observe(latency.count());
  if (lateness) of_model.lateness->Observe(lateness->count());
}

void Metrics::refused(std::size_t model, Refusal refusal) {
  if (auto* const counter = impl_->models[model].refusals[static_cast<std::size_t>(refusal)]) counter->Increment();
}

std::string Metrics::text(std::size_t busy, std::size_t waiting) {
  impl_->busy->Set(static_cast<double>(busy));
  impl_->waiting->Set(static_cast<double>(waiting));
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace einet::serve
