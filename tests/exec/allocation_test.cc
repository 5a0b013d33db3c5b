// With einet::pool_new linked, a running network does not use the heap.

#include <gtest/gtest.h>

#include <cstdlib>
#include <dnnl.hpp>
#include <thread>

#include "exec/block_pool.h"
#include "exec/heap_calls.h"
#include "exec/networks.h"
#include "exec/runs.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

// Counts the calls of this thread during its lifetime.
class HeapCounter {
 public:
  std::int64_t count() const { return heap_calls().value() - before_; }

 private:
  std::int64_t before_ = heap_calls().value();
};

// Keeps the optimiser from removing a pair of malloc and free, or of new and delete.
template <class T>
T* used(T* pointer) {
  asm volatile("" : : "r"(pointer) : "memory");
  return pointer;
}

TEST(HeapCounter, CountsEveryFunction) {
  const HeapCounter counter;
  std::free(used(std::malloc(10)));
  std::free(used(std::calloc(2, 10)));
  std::free(used(std::realloc(used(std::malloc(10)), 1000)));
  std::free(used(std::aligned_alloc(64, 64)));
  void* block = nullptr;
  ASSERT_EQ(posix_memalign(&block, 64, 64), 0);
  std::free(used(block));
  delete used(new int);
  delete[] used(new (std::align_val_t{256}) float[10]);
  EXPECT_EQ(counter.count(), 8);
}

std::int64_t heap_use_of_runs(const Program& program, Execution& execution, int runs) {
  const std::vector<float> input = random_input(program, 1);
  const HeapCounter counter;
  for (int round = 0; round < runs; ++round) {
    execution.set_input(input);
    for (int i = 0; i < program.exits(); ++i) {
      execution.run_conv_part(i, kNeverStop);
      if ((i + round) % 3 != 0) execution.run_branch(i, kNeverStop);
    }
  }
  return counter.count();
}

void expect_no_heap_use(const graph::Graph& graph, std::int64_t batch, const Tuning& tuning = {}) {
  const auto program = compile(graph, {.batch = batch, .tuning = tuning});
  const auto execution = program->new_execution();
  const std::int64_t refusals = BlockPool::refusals();
  EXPECT_EQ(heap_use_of_runs(*program, *execution, 1), 0) << "in the first run";
  EXPECT_EQ(heap_use_of_runs(*program, *execution, 100), 0);
  std::int64_t elsewhere = -1;
  std::thread([&] {
    use_one_thread();
    elsewhere = heap_use_of_runs(*program, *execution, 10);
  }).join();
  EXPECT_EQ(elsewhere, 0) << "on another thread";
  EXPECT_EQ(BlockPool::refusals(), refusals);
}

graph::Graph zoo_network(const std::string& name, int channels, int side,
                         std::map<std::string, std::string> parameters) {
  zoo::NetworkOptions options;
  options.channels = channels;
  options.height = options.width = side;
  options.parameters = std::move(parameters);
  return zoo::build(name, options);
}

TEST(Allocation, NoneWhileMsdNetRuns) {
  const graph::Graph graph =
      zoo_network("msdnet", 1, 28, {{"blocks", "5"}, {"base", "2"}, {"step", "1"}, {"channels", "8"}, {"growth", "5"}});
  expect_no_heap_use(graph, 1);
  expect_no_heap_use(graph, 8);
}

TEST(Allocation, NoneWhileBAlexNetRuns) {
  const graph::Graph graph = zoo_network("b-alexnet", 3, 32, {});
  expect_no_heap_use(graph, 1);
  expect_no_heap_use(graph, 8);
}

TEST(Allocation, NoneWhileRandomNetworksRun) {
  if (dnnl::get_effective_cpu_isa() < dnnl::cpu_isa::avx512_core) {
    GTEST_SKIP() << "without AVX-512, oneDNN runs grouped convolutions as a matrix product that allocates";
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("network " + std::to_string(seed));
    expect_no_heap_use(random_network(seed), 1);
  }
}

TEST(Allocation, NoneWhileXnnpackRuns) {
  const graph::Graph graph = zoo_network("b-alexnet", 3, 32, {});
  expect_no_heap_use(graph, 1, wherever_possible(graph, {Form::kPlain, Algorithm::kXnnpack}));
}

}  // namespace
}  // namespace einet::exec
