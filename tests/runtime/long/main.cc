// runtime_long restarts|out-of-memory|real-time|first-runs|soak BUNDLE [COUNT or SECONDS]
//
// The exit status is 1 if the contract of docs/runtime.md was violated.

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "einet/error.h"
#include "eval/answer_benchmark.h"
#include "runtime/long/long.h"

namespace einet::testing {

std::string in_microseconds(std::vector<double> seconds) {
  const eval::TimeQuantiles times = eval::time_quantiles(std::move(seconds));
  char text[100];
  std::snprintf(text, sizeof text, "median %.1f, 99 %% %.1f, most %.1f us", 1e6 * times.median, 1e6 * times.p99,
                1e6 * times.most);
  return text;
}

namespace {

struct Test {
  std::function<int(const std::string&, int)> run;
  int usual;  ///< Count or seconds.
};

int run(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (argc == 4 && mode == "--growing-worker") return growing_worker(argv[2], argv[3]);
  if (argc == 3 && mode == "--first-run") return first_run_of_process(argv[2]);
  const std::map<std::string, Test> tests{{"restarts", {restarts, 200}},
                                          {"out-of-memory", {out_of_memory, 10}},
                                          {"real-time", {real_time, 2000}},
                                          {"first-runs", {first_runs, 50}},
                                          {"soak", {soak, 600}}};
  const auto test = tests.find(mode);
  if (test == tests.end() || argc < 3 || argc > 4) {
    std::fprintf(stderr,
                 "usage: runtime_long restarts|out-of-memory|real-time|first-runs|soak BUNDLE [COUNT or SECONDS]\n");
    return 2;
  }
  const int faults = test->second.run(argv[2], argc > 3 ? std::atoi(argv[3]) : test->second.usual);
  std::printf("%d faults\n", faults);
  return faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace einet::testing

int main(int argc, char** argv) try { return einet::testing::run(argc, argv); } catch (const einet::Error& error) {
  std::fprintf(stderr, "runtime_long: %s\n", error.what());
  return 1;
}
