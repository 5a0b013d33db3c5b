// Runs one network with EINet or libtorch, on request: `einet_peer MODEL THREADS PRECISION INPUT OUTPUTS`.
//
// INPUT and OUTPUTS are files of float32: the program writes the input, for the other engine to read, and EINet's
// outputs, in the order of the model, for comparison. It then answers each line of standard input with one line: the
// wall-clock time and the processor time of one run, in seconds. The requests are
//
//   einet    everything, block by block
//   torch    libtorch; "-" if it cannot run the network

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <iostream>
#include <random>
#include <string>

#include "einet/error.h"
#include "einet/time.h"
#include "exec/tuning_cache.h"
#include "graph/onnx_file.h"
#include "io/file.h"
#include "torch_peer.h"

namespace {

using namespace einet;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string bytes_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

template <class Run>
void answer(Run run) {
  const double processor = processor_seconds();
  const auto begin = Clock::now();
  run();
  const double wall = Seconds(Clock::now() - begin).count();
  std::cout << wall << ' ' << processor_seconds() - processor << std::endl;
}

int serve(const std::vector<std::string>& arguments) {
  const graph::Graph graph = graph::load_onnx(arguments[0]);
  exec::CompileOptions options;
  options.threads = std::stoi(arguments[1]);
  options.precision = exec::parse_precision(arguments[2]);
  const auto program = exec::compile_tuned(graph, options);
  const auto execution = program->new_execution();

  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> input(static_cast<std::size_t>(program->input_size()));
  std::generate(input.begin(), input.end(), [&] { return normal(random); });
  const auto run_einet = [&] {
    execution->set_input(input);
    for (int i = 0; i < program->exits(); ++i) {
      execution->run_conv_part(i, exec::kNeverStop);
      execution->run_branch(i, exec::kNeverStop);
    }
  };
  run_einet();
  std::vector<float> outputs;
  for (const std::string& name : graph.outputs) {
    for (int i = 0; i < program->exits(); ++i) {
      if (program->blocks()[static_cast<std::size_t>(i)].output != name) continue;
      const auto output = execution->output(i);
      outputs.insert(outputs.end(), output.begin(), output.end());
    }
  }
  io::write_file(arguments[3], bytes_of(input));
  io::write_file(arguments[4], bytes_of(outputs));

  std::unique_ptr<peers::TorchPeer> torch;
  try {
    torch = std::make_unique<peers::TorchPeer>(graph, options.threads);
    std::vector<float> theirs;
    for (const auto& output : torch->run(input)) theirs.insert(theirs.end(), output.begin(), output.end());
    double difference = theirs.size() == outputs.size() ? 0.0 : INFINITY, largest = 0.0;
    for (std::size_t i = 0; i < std::min(theirs.size(), outputs.size()); ++i) {
      difference = std::max(difference, std::abs(double{theirs[i]} - outputs[i]));
      largest = std::max(largest, std::abs(double{theirs[i]}));
    }
    std::cerr << "libtorch differs by " << difference / largest << " of the largest output\n";
  } catch (const std::exception& error) {
    std::cerr << "libtorch cannot run it: " << error.what() << '\n';
  }

  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "einet") {
      answer(run_einet);
    } else if (line == "torch" && torch) {
      answer([&] { torch->run_only(input); });
    } else {
      std::cout << '-' << std::endl;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: einet_peer MODEL THREADS PRECISION INPUT OUTPUTS\n";
    return 2;
  }
  try {
    return serve({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "einet_peer: " << error.what() << '\n';
    return 1;
  }
}
