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
  kStopped,  ///< Stopped by its signal.
  kFailed,   ///< A primitive reported an error; the part's results are undefined.
};

/// Throws kInternal unless `end` is kDone.
void require_done(PartEnd end);

/// The activations of one run of a Program: the only mutable state of the executor.
///
/// Used by one thread at a time, or by two if the program was compiled with CompileOptions::branch_lane. All methods
/// are noexcept, take no lock and allocate nothing; all memory is allocated by Program::new_execution(). The program
/// must outlive it.
///
/// One exception: oneDNN itself allocates and frees six to nine small blocks in every call of a primitive. In programs
/// whose operator new is that of pool_new.cc, as libeinet's is, these blocks come from a fixed pool of the execution.
class Execution {
 public:
  virtual ~Execution() = default;

  /// Copies the network input, [N,C,H,W] (or the graph's own input shape), normalised floats. Must have
  /// Program::input_size() elements.
  virtual void set_input(std::span<const float> input) noexcept = 0;

  /// Runs conv part i / branch i (from 0). Order of a run: set_input(), then for every i conv part i and, unless it is
  /// skipped, branch i. The inputs of a part may be overwritten once the next conv part has begun, so no part can run
  /// twice. `stop` is checked before every primitive.
  ///
  /// With CompileOptions::branch_lane, another thread may run the branches, each after its conv part and in order,
  /// while this one runs later conv parts: the inputs of branches then stay valid until the next set_input(). A branch
  /// happens after its conv part by whatever tells the other thread to run it.
  virtual PartEnd run_conv_part(int i, StopSignal stop) noexcept = 0;
  virtual PartEnd run_branch(int i, StopSignal stop) noexcept = 0;

  /// Output of exit i as the graph defines it, [N, outputs] in C order. Valid after run_branch(i) until the next
  /// set_input().
  virtual std::span<const float> output(int i) const noexcept = 0;
};

using einet::Precision;

/// "f32", "bf16".
std::string_view name(Precision precision) noexcept;
/// Inverse of name(). Throws kUsage.
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
  bool branch_lane() const { return branch_lane_; }                ///< CompileOptions::branch_lane.
  const Tuning& tuning() const { return tuning_; }                 ///< As given to compile().
  std::int64_t outputs(int exit) const { return outputs_[exit]; }  ///< Floats per sample at this exit.

  /// One line per primitive, for `model inspect` and for tests that detect slow fallbacks: "<node>: <implementation>".
  virtual std::vector<std::string> implementations() const = 0;

  /// Memory for the activations of one Execution, planned at compilation; 0 if there is no memory plan.
  std::int64_t arena_bytes() const { return arena_bytes_; }

 protected:
  std::vector<graph::Block> blocks_;
  graph::Shape input_shape_;
  std::vector<std::int64_t> outputs_;
  std::int64_t arena_bytes_ = 0;
  Precision precision_ = Precision::kFloat32;
  int threads_ = 1;
  bool branch_lane_ = false;
  Tuning tuning_;
};

struct CompileOptions {
  /// Images per run. Larger batches increase throughput; a batch of 1 minimises the time to each answer.
  std::int64_t batch = 1;
  /// kBfloat16 throws kUnsupported if the processor has no instructions for it.
  Precision precision = Precision::kFloat32;
  /// OpenMP threads per execution, limited to available_processors() (core/processors.h); Program::threads() is the
  /// actual number. With more than one, set OMP_WAIT_POLICY=passive before the program starts, unless nothing else runs
  /// on the machine (docs/deployment.md).
  int threads = 1;
  /// If true, branches may run on a second thread (Execution::run_branch()). Takes more memory: the values that
  /// branches read are kept until the end of a run, and each lane has a scratchpad. Only with one thread per lane.
  bool branch_lane = false;
  /// Implementations chosen by tune(); by default none, which selects the default of every layer.
  Tuning tuning = {};
  /// If false, every concatenation copies all its inputs. Only for measuring the difference; only compile() reads it.
  bool concat_in_place = true;
  /// If true, all nodes are in conv part 0, as if the network had no blocks; the other parts are empty. Only for
  /// measuring the overhead of running block by block.
  bool one_block = false;
};

/// Compiles with oneDNN: batch norm folded, activations and sums fused, weights reordered once, channels-last
/// throughout, concatenations in place where the memory plan allows. Throws kUnsupported (operator, node) or
/// kInvalidData.
std::shared_ptr<const Program> compile(const graph::Graph& graph, const CompileOptions& options = {});

/// Plain loops in f32, operator by operator without fusion: slow, but simple enough to be evidently correct. Used as
/// the reference in tests.
std::shared_ptr<const Program> compile_reference(const graph::Graph& graph, const CompileOptions& options = {});

/// Seconds of every primitive and kernel of a program made by compile(), in order: the fastest of `runs`, so without
/// disturbances. A run can only stop between two of them. Empty for other programs.
std::vector<double> step_seconds(const Program& program, int runs);

/// Name and version of the library behind compile(): "oneDNN 2.6.3"; followed by ", XNNPACK" where that is the default
/// for convolutions.
std::string library();

/// Limits OpenMP, if oneDNN uses it, to one thread in regions started by the calling thread: with another process on
/// the core, two spinning threads took 176 ms instead of 2 ms. compile() and executions call it themselves. The first
/// call in a thread makes OpenMP allocate a little memory; a thread that must not allocate later calls it at its start.
void use_one_thread() noexcept;

}  // namespace einet::exec
