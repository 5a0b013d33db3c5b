// How long a run continues after it was told to stop: `einet_terminate BUNDLE [CUT_OFFS]`.
//
// EINet: from the call of Session::interrupt() to the return of wait(). ONNX Runtime: from the call of
// RunOptionsSetTerminate() on another thread to the return of Run(), with the bundle's own network, one thread and all
// optimisations. Both are stopped at random moments within the time that their whole network takes. Prints quantiles
// and how many answers there were: ONNX Runtime's runs end with an error.

#include <onnxruntime_c_api.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "einet/model.h"
#include "eval/answer_benchmark.h"

namespace {

using namespace einet;

const OrtApi& ort() {
  static const OrtApi* const api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  if (api == nullptr) throw std::runtime_error("this ONNX Runtime is older than the header that was compiled");
  return *api;
}

/// Whether the call succeeded.
bool ended(OrtStatus* status) {
  if (status == nullptr) return true;
  ort().ReleaseStatus(status);
  return false;
}

void check(OrtStatus* status) {
  if (status == nullptr) return;
  const std::string message = ort().GetErrorMessage(status);
  ort().ReleaseStatus(status);
  throw std::runtime_error("ONNX Runtime: " + message);
}

/// One network in ONNX Runtime. Its objects live as long as the process.
class OrtNetwork {
 public:
  OrtNetwork(const std::filesystem::path& file, std::vector<std::int64_t> shape, std::size_t size)
      : input_(size, 0.5f) {
    OrtEnv* env = nullptr;
    OrtSessionOptions* options = nullptr;
    check(
        ort().CreateEnv(ORT_LOGGING_LEVEL_FATAL, "terminate", &env));  // It logs each run that is stopped as an error.
    check(ort().CreateSessionOptions(&options));
    check(ort().SetIntraOpNumThreads(options, 1));
    check(ort().SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL));
    check(ort().CreateSession(env, file.c_str(), options, &session_));
    check(ort().CreateRunOptions(&run_options_));
    OrtMemoryInfo* memory = nullptr;
    check(ort().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
    check(ort().CreateTensorWithDataAsOrtValue(memory, input_.data(), input_.size() * sizeof(float), shape.data(),
                                               shape.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value_));
    OrtAllocator* allocator = nullptr;
    check(ort().GetAllocatorWithDefaultOptions(&allocator));
    char* name = nullptr;
    check(ort().SessionGetInputName(session_, 0, allocator, &name));
    input_name_ = name;
    std::size_t outputs = 0;
    check(ort().SessionGetOutputCount(session_, &outputs));
    for (std::size_t i = 0; i < outputs; ++i) {
      check(ort().SessionGetOutputName(session_, i, allocator, &name));
      output_names_.push_back(name);
    }
  }

  /// Whether the run computed everything.
  bool run() {
    std::vector<OrtValue*> outputs(output_names_.size(), nullptr);
    const OrtValue* const inputs[] = {value_};
    const bool whole = ended(ort().Run(session_, run_options_, &input_name_, inputs, 1, output_names_.data(),
                                       output_names_.size(), outputs.data()));
    for (OrtValue* const output : outputs) {
      if (output != nullptr) ort().ReleaseValue(output);
    }
    return whole;
  }
  void stop() { check(ort().RunOptionsSetTerminate(run_options_)); }
  void allow() { check(ort().RunOptionsUnsetTerminate(run_options_)); }

 private:
  OrtSession* session_ = nullptr;
  OrtRunOptions* run_options_ = nullptr;
  OrtValue* value_ = nullptr;
  std::vector<float> input_;
  const char* input_name_ = nullptr;
  std::vector<const char*> output_names_;
};

double whole_run(OrtNetwork& network) {
  std::vector<double> seconds;
  for (int i = 0; i < 60; ++i) {
    const auto begin = Clock::now();
    if (!network.run()) throw std::runtime_error("ONNX Runtime cannot run this network");
    seconds.push_back(Seconds(Clock::now() - begin).count());
  }
  return eval::time_quantiles({seconds.begin() + 10, seconds.end()}).median;
}

/// From SetTerminate to the end of the run, in seconds, of the runs that had not ended before.
std::vector<double> terminations(OrtNetwork& network, double horizon, int count) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> moments(0.0, 1.1 * horizon);
  std::vector<double> seconds;
  std::atomic<int> started{0}, returned{0};
  std::atomic<bool> whole{false};
  std::atomic<Clock::time_point> idle{};
  std::thread worker([&] {
    for (int k = 1; k <= count; ++k) {
      while (started.load() < k) std::this_thread::yield();
      whole = network.run();
      idle = Clock::now();
      returned = k;
    }
  });
  for (int k = 1; k <= count; ++k) {
    const auto moment = Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds(moments(random)));
    started = k;
    while (Clock::now() < moment) {
    }
    const auto called = Clock::now();
    network.stop();
    while (returned.load() < k) {
    }
    if (!whole) seconds.push_back(Seconds(idle.load() - called).count());
    network.allow();
  }
  worker.join();
  return seconds;
}

void print(const char* what, const eval::TimeQuantiles& times, const char* rest) {
  std::printf("%-44s median %8.1f us, 99 %% %8.1f us, longest %8.1f us, %d runs stopped%s\n", what, 1e6 * times.median,
              1e6 * times.p99, 1e6 * times.most, times.samples, rest);
}

int run(int argc, char** argv) {
  const int count = argc == 3 ? std::atoi(argv[2]) : 2000;
  if (argc < 2 || argc > 3 || count < 1) {
    std::fputs("usage: einet_terminate BUNDLE [CUT_OFFS]\n", stderr);
    return 2;
  }
  const std::filesystem::path bundle = argv[1];
  const auto model = Model::load(bundle);
  OrtNetwork network(bundle / "model.onnx", model->input_shape(), model->input_size());
  const double horizon = whole_run(network);
  std::printf("whole network: EINet %.0f us, ONNX Runtime %.0f us\n", 1e6 * model->horizon().count(), 1e6 * horizon);
  constexpr int kRounds = 4;  // Alternately, since the machine may be busy with other things.
  for (int round = 0; round < kRounds; ++round) {
    print("EINet, interrupt() to idle:",
          eval::measure_cut_offs(model, count, static_cast<unsigned>(round) + 1).interrupt_to_idle,
          ", with the last answer");
    print("ONNX Runtime, SetTerminate to return:", eval::time_quantiles(terminations(network, horizon, count / 2)),
          ", without outputs");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try { return run(argc, argv); } catch (const std::exception& error) {
  std::fprintf(stderr, "einet_terminate: %s\n", error.what());
  return 1;
}
