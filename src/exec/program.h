#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/precision.h"
#include "exec/stop_signal.h"
#include "exec/tuning.h"
#include "graph/graph.h"
#include "graph/partition.h"

namespace einet::exec {

/// How the execution of a part ended.
enum class PartEnd {
  kDone,
  kStopped,  ///< Its signal was raised.
  kFailed,   ///< A primitive reported an error; what the part computes is undefined.
};

/// Throws kInternal unless `end` is kDone.
void require_done(PartEnd end);

/// One run's worth of activations of a Program: the only mutable state of the executor.
///
/// Used by one thread at a time. All methods are noexcept, take no lock and allocate nothing; memory is taken by
/// Program::new_execution(). The program must outlive it.
///
/// One reservation: oneDNN itself takes eight or nine small blocks in every call of a primitive, and returns them. A
/// program that must not touch the heap at all links einet::pool_new (CMake), which replaces operator new so that
/// these blocks come from a fixed pool of the execution.
class Execution {
 public:
  virtual ~Execution() = default;

  /// Copies the network input, [N,C,H,W] (or the graph's own input shape), normalised floats. Must have
  /// Program::input_size() elements.
  virtual void set_input(std::span<const float> input) noexcept = 0;

  /// Runs conv part i / branch i (from 0). Order of a run: set_input(), then for every i conv part i and, unless it is
  /// skipped, branch i. What a part reads may be overwritten once the next conv part has begun, so no part runs twice.
  /// `stop` is looked at before every primitive.
  virtual PartEnd run_conv_part(int i, StopSignal stop) noexcept = 0;
  virtual PartEnd run_branch(int i, StopSignal stop) noexcept = 0;

  /// Output of exit i as the graph defines it, [N, outputs] in C order. Valid after run_branch(i) until the next
  /// set_input().
  virtual std::span<const float> output(int i) const noexcept = 0;
};

using einet::Precision;

/// "f32", "bf16".
std::string_view name(Precision precision) noexcept;
/// By that name. Throws kUsage.
Precision parse_precision(std::string_view name);
/// Whether this processor and this build of the library have instructions for it.
bool supports(Precision precision) noexcept;

/// A network compiled for one machine and one batch size. Immutable; shared by any number of Executions.
class Program {
 public:
  virtual ~Program() = default;
  virtual std::unique_ptr<Execution> new_execution() const = 0;

  int exits() const { return static_cast<int>(blocks_.size()); }
  const std::vector<graph::Block>& blocks() const { return blocks_; }
  const graph::Shape& input_shape() const { return input_shape_; }  ///< With the batch size.
  std::int64_t input_size() const { return graph::element_count(input_shape_); }
  std::int64_t batch() const { return input_shape_.front(); }
  Precision precision() const { return precision_; }
  int threads() const { return threads_; }
  const Tuning& tuning() const { return tuning_; }                 ///< As given to compile().
  std::int64_t outputs(int exit) const { return outputs_[exit]; }  ///< Floats per sample at this exit.

  /// One line per primitive, for `model inspect` and for tests that look for slow fallbacks:
  /// "<node>: <implementation>".
  virtual std::vector<std::string> implementations() const = 0;

  /// Memory for the activations of one Execution, planned once; 0 where nothing is planned.
  std::int64_t arena_bytes() const { return arena_bytes_; }

 protected:
  std::vector<graph::Block> blocks_;
  graph::Shape input_shape_;
  std::vector<std::int64_t> outputs_;
  std::int64_t arena_bytes_ = 0;
  Precision precision_ = Precision::kFloat32;
  int threads_ = 1;
  Tuning tuning_;
};

struct CompileOptions {
  /// Images per run. A larger batch has a better throughput, a batch of 1 the shortest time to each answer.
  std::int64_t batch = 1;
  /// kBfloat16 throws kUnsupported where the processor has no instructions for it.
  Precision precision = Precision::kFloat32;
  /// Threads that one execution uses, by OpenMP; at most available_processors() (core/processors.h),
  /// whatever is requested. Program::threads() is what is used. More than one: set OMP_WAIT_POLICY=passive before the
  /// program starts, unless nothing else runs on the machine; see docs of `einet --threads` in ARCHITECTURE.md.
  int threads = 1;
  /// Implementations chosen by tune(), or none: the default everywhere.
  Tuning tuning = {};
  /// Off: every concatenation copies all its inputs. Only for measuring what it saves; only compile() reads it.
  bool concat_in_place = true;
  /// On: all nodes in conv part 0, as if the network had no blocks; the other parts are empty. Only for measuring what
  /// running block by block costs.
  bool one_block = false;
};

/// Compiles with oneDNN: batch norm folded, activations and sums fused, weights reordered once, channels-last
/// throughout, concatenations in place where the memory plan allows. Throws kUnsupported (operator, node) or
/// kInvalidData.
std::shared_ptr<const Program> compile(const graph::Graph& graph, const CompileOptions& options = {});

/// Plain loops, operator by operator in f32, nothing fused: slow and obviously right. The oracle of the tests.
std::shared_ptr<const Program> compile_reference(const graph::Graph& graph, const CompileOptions& options = {});

/// Name and version of the library behind compile(): "oneDNN 2.6.3".
std::string library();

/// Sets OpenMP, if that is what oneDNN uses, to one thread for whatever the calling thread runs: with another process
/// on the core, two spinning threads were measured at 176 ms instead of 2 ms. compile() and executions call it
/// themselves. On a new thread OpenMP takes a little memory for this, once; a thread that must not do so later calls it
/// at its start.
void use_one_thread() noexcept;

}  // namespace einet::exec
