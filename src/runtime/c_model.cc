#include <algorithm>
#include <chrono>
#include <iterator>

#include "exec/scores.h"
#include "runtime/c_handles.h"
#include "runtime/c_options.h"
#include "runtime/c_status.h"
#include "runtime/model_parts.h"

using einet::give;
using einet::guarded;
using einet::required;

namespace {

/// {height, width}; {n,0} for the shorter side, {0,0} for none.
void copy_sides(const std::vector<int>& from, int32_t (&to)[2]) { std::copy(from.begin(), from.end(), to); }

}  // namespace

einet_model::einet_model(std::shared_ptr<const einet::Model> made) : model(std::move(made)) {
  const einet::exec::Program& program = *model->parts().program;
  int classes = 0;
  for (int exit = 0; exit < program.exits(); ++exit) {
    classes = std::max(classes, einet::exec::class_count(program.outputs(exit), program.blocks()[exit].head));
  }
  for (int label = 0; label < classes; ++label) class_names.push_back(model->label_name(label));
}

einet_status einet_model_load(const char* bundle, const einet_model_options* options, einet_model** model) {
  return guarded([&] {
    einet_model*& out = required(model, "model");
    out = new einet_model(einet::Model::load(&required(bundle, "bundle"), einet::model_options(options)));
  });
}

void einet_model_free(einet_model* model) { delete model; }

int32_t einet_model_exits(const einet_model* model) { return model == nullptr ? 0 : model->model->exits(); }

size_t einet_model_input_size(const einet_model* model) { return model == nullptr ? 0 : model->model->input_size(); }

einet_status einet_model_input(const einet_model* model, einet_input* input) {
  return give(input, "input", [&] {
    const einet::Model& loaded = *required(model, "model").model;
    einet_input out = EINET_INPUT_INIT;
    const std::vector<std::int64_t>& shape = loaded.input_shape();  // With the batch.
    if (shape.size() > 1 + std::size(out.shape)) {
      throw einet::Error(einet::ErrorKind::kUnsupported, "input", "has more dimensions than einet_input");
    }
    out.dimensions = static_cast<int32_t>(shape.size()) - 1;
    std::copy(shape.begin() + 1, shape.end(), out.shape);
    const einet::Preprocessing& preprocessing = loaded.preprocessing();
    copy_sides(preprocessing.resize, out.resize);
    copy_sides(preprocessing.crop, out.crop);
    out.interpolation = static_cast<int32_t>(preprocessing.interpolation);
    return out;
  });
}

int64_t einet_model_horizon_ns(const einet_model* model) {
  return model == nullptr ? 0 : std::chrono::round<std::chrono::nanoseconds>(model->model->horizon()).count();
}

const char* einet_model_label(const einet_model* model, int32_t label) {
  if (model == nullptr || label < 0 || static_cast<std::size_t>(label) >= model->class_names.size()) return nullptr;
  return model->class_names[static_cast<std::size_t>(label)].c_str();
}

const char* einet_model_digest(const einet_model* model) {
  return model == nullptr ? "" : model->model->digest().c_str();
}

const char* einet_model_note(const einet_model* model, size_t index) {
  if (model == nullptr || index >= model->model->notes().size()) return nullptr;
  return model->model->notes()[index].c_str();
}
