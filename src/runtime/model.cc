#include <string>
#include <utility>

#include "bundle/bundle.h"
#include "einet/error.h"
#include "exec/tuning_cache.h"
#include "runtime/model_parts.h"

namespace einet {

std::filesystem::path cache_directory() { return exec::cache_directory(); }

std::shared_ptr<const Model> Model::make(ModelParts parts) {
  const auto invalid = [](const std::string& why) { throw Error(ErrorKind::kInvalidData, "model", why); };
  if (!parts.program || !parts.policy) invalid("has no program or no policy");
  parts.times.validate();
  const int exits = parts.program->exits();
  if (parts.times.exits() != exits) {
    invalid("the network has " + std::to_string(exits) + " exits, but block times for " +
            std::to_string(parts.times.exits()));
  }
  if (parts.combination) {
    parts.combination->validate("combination");
    if (parts.combination->exits() != exits) {
      invalid("the network has " + std::to_string(exits) + " exits, but weights of combined answers for " +
              std::to_string(parts.combination->exits()));
    }
    for (int exit = 1; exit < exits; ++exit) {
      if (parts.program->outputs(exit) != parts.program->outputs(0))
        invalid("combines exits with different numbers of classes");
    }
  }
  const graph::Shape& shape = parts.program->input_shape();
  if (parts.program->batch() != 1)
    invalid("was compiled for batches of " + std::to_string(parts.program->batch()) + "; runs need a batch size of 1");
  const auto channels = static_cast<std::size_t>(shape.size() > 1 ? shape[1] : 1);
  for (const auto* values : {&parts.normalization.mean, &parts.normalization.stddev}) {
    if (!values->empty() && values->size() != channels) {
      invalid("normalises " + std::to_string(values->size()) + " channels, but the input has " +
              std::to_string(channels));
    }
  }
  for (const float deviation : parts.normalization.stddev) {
    if (!(deviation > 0.0f)) invalid("a standard deviation of the normalisation is not above 0");
  }
  return std::shared_ptr<const Model>(new Model(std::move(parts)));
}

Model::Model(ModelParts parts) : parts_(std::make_unique<const ModelParts>(std::move(parts))) {}

Model::~Model() = default;

int Model::exits() const noexcept { return parts_->program->exits(); }
const std::string& Model::digest() const noexcept { return parts_->digest; }
const std::vector<std::string>& Model::labels() const noexcept { return parts_->labels; }
const std::vector<std::int64_t>& Model::input_shape() const noexcept { return parts_->program->input_shape(); }
std::size_t Model::input_size() const noexcept { return static_cast<std::size_t>(parts_->program->input_size()); }
const Preprocessing& Model::preprocessing() const noexcept { return parts_->preprocessing; }
const Normalization& Model::normalization() const noexcept { return parts_->normalization; }
const plan::BlockTimes& Model::times() const noexcept { return parts_->times; }
Seconds Model::horizon() const { return Seconds(parts_->times.total()); }
const std::vector<std::string>& Model::notes() const noexcept { return parts_->notes; }
Publish Model::publish() const noexcept {
  return parts_->combination && parts_->combination->pays() ? Publish::kCombined : Publish::kLatest;
}
std::unique_ptr<Policy> Model::new_policy() const { return parts_->policy(); }

std::string Model::label_name(int label) const { return bundle::label_name(labels(), label); }

}  // namespace einet
