#include "fit/observe.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "exec/program.h"

namespace einet::fit {
namespace {

// The network with every observed value as an exit.
class Observer {
 public:
  Observer(graph::Graph graph, const std::set<std::string>& values, const Images& images)
      : images_(images), input_(graph.inputs.front().name) {
    graph.outputs.clear();
    for (const std::string& value : values) {
      if (value == input_) reads_input_ = true;
      if (value != input_) graph.outputs.push_back(value);
      distributions_[value];
    }
    if (graph.outputs.empty()) graph.outputs.push_back(graph.nodes.back().outputs.front());
    const std::int64_t fixed = graph.inputs.front().shape.front();
    program_ = exec::compile(graph, {.batch = fixed > 0 ? fixed : std::min(images.count, kBatch)});
    execution_ = program_->new_execution();
  }

  std::map<std::string, Distribution> run(Progress& progress) && {
    pass(&Distribution::find_range, 0, progress);
    pass(&Distribution::count, 1, progress);
    return std::move(distributions_);
  }

 private:
  static constexpr int kBatch = 16;
  using Method = void (Distribution::*)(std::span<const float>);

  void pass(Method method, int before, Progress& progress) {
    const auto batch = static_cast<int>(program_->batch());
    std::vector<float> input(static_cast<std::size_t>(program_->input_size()));
    const std::size_t size = input.size() / static_cast<std::size_t>(batch);
    for (int first = 0; first < images_.count; first += batch) {
      const int count = std::min(batch, images_.count - first);
      for (int i = 0; i < count; ++i) {
        images_.image(first + i, std::span(input).subspan(static_cast<std::size_t>(i) * size, size));
      }
      run_batch(input, static_cast<std::size_t>(count), method);
      progress.update("calibration", before * images_.count + first + count, 2 * images_.count, "");
    }
  }

  void run_batch(const std::vector<float>& input, std::size_t count, Method method) {
    const auto part = [&](std::span<const float> values) {
      return values.first(values.size() / static_cast<std::size_t>(program_->batch()) * count);
    };
    if (reads_input_) (distributions_.at(input_).*method)(part(input));
    execution_->set_input(input);
    for (int exit = 0; exit < program_->exits(); ++exit) {
      exec::require_done(execution_->run_conv_part(exit, exec::kNeverStop));
      exec::require_done(execution_->run_branch(exit, exec::kNeverStop));
      const auto found = distributions_.find(program_->blocks()[static_cast<std::size_t>(exit)].output);
      if (found != distributions_.end()) (found->second.*method)(part(execution_->output(exit)));
    }
  }

  const Images& images_;
  std::string input_;
  bool reads_input_ = false;
  std::map<std::string, Distribution> distributions_;
  std::shared_ptr<const exec::Program> program_;
  std::unique_ptr<exec::Execution> execution_;
};

}  // namespace

std::map<std::string, Distribution> observe(const graph::Graph& graph, const std::set<std::string>& values,
                                            const Images& images, Progress& progress) {
  return Observer(graph, values, images).run(progress);
}

}  // namespace einet::fit
